//! Checks the certificate of a server against those that are trusted here. It accepts what curl accepts: a server may
//! also present, as its own, a certificate that stands in the trusted set itself, be it an authority's.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme};

#[derive(Debug)]
pub(super) struct Verifier {
    chains: Arc<WebPkiServerVerifier>,
    trusted: Vec<CertificateDer<'static>>,
}

impl Verifier {
    /// A verifier that trusts these certificates; `None` where not one of them can be used.
    pub(super) fn new(trusted: Vec<CertificateDer<'static>>, provider: Arc<CryptoProvider>) -> Option<Self> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(trusted.iter().cloned());
        let chains = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
        let chains = chains.build().ok()?;
        Some(Self { chains, trusted })
    }

    /// Accepts a certificate that is trusted by itself, for the name that was asked for. `why` says what is wrong with it
    /// as a link of a chain; its dates are checked before any of these reasons is given.
    fn accept_own(
        &self,
        certificate: &CertificateDer<'_>,
        name: &ServerName<'_>,
        why: Error,
    ) -> Result<ServerCertVerified, Error> {
        if !is_about_chain(&why) || !self.trusted.contains(certificate) {
            return Err(why);
        }
        let parsed = ParsedCertificate::try_from(certificate)?;
        match verify_server_name(&parsed, name) {
            Err(_) if names_it_in_subject(certificate, name) => {}
            checked => checked?,
        }
        Ok(ServerCertVerified::assertion())
    }
}

/// Returns whether a complaint leaves room for a certificate that needs no chain. It is about who signed the certificate,
/// what kind it is of, or which names it holds, and never about its dates.
fn is_about_chain(error: &Error) -> bool {
    use CertificateError as Bad;
    match error {
        Error::InvalidCertificate(Bad::Other(other)) => is_authority_complaint(other),
        Error::InvalidCertificate(
            Bad::UnknownIssuer
            | Bad::BadSignature
            | Bad::UnsupportedSignatureAlgorithmContext { .. }
            | Bad::UnsupportedSignatureAlgorithmForPublicKeyContext { .. }
            | Bad::NotValidForName
            | Bad::NotValidForNameContext { .. },
        ) => true,
        _ => false,
    }
}

/// Returns whether the complaint is that a server has an authority's certificate.
pub(super) fn is_authority_complaint(error: &OtherError) -> bool {
    matches!(
        error.0.downcast_ref(),
        Some(webpki::Error::CaUsedAsEndEntity | webpki::Error::EndEntityUsedAsCa)
    )
}

/// Returns whether a certificate without any alternative name has this one as its subject's common name. Authorities
/// stopped issuing such certificates; what people make by hand often is one, and curl accepts it.
fn names_it_in_subject(certificate: &CertificateDer<'_>, name: &ServerName<'_>) -> bool {
    let Ok(parsed) = webpki::EndEntityCert::try_from(certificate) else {
        return false;
    };
    let names_another = matches!(
        parsed.verify_is_valid_for_subject_name(name),
        Err(webpki::Error::CertNotValidForName(context)) if !context.presented.is_empty()
    );
    let Some(common) = common_name(parsed.subject()).filter(|_| !names_another) else {
        return false;
    };
    match name {
        ServerName::DnsName(host) => {
            let host = host.as_ref();
            let below = common.strip_prefix("*.").zip(host.split_once('.'));
            common.eq_ignore_ascii_case(host)
                || below.is_some_and(|(domain, (_, parent))| domain.eq_ignore_ascii_case(parent))
        }
        ServerName::IpAddress(address) => {
            let address = std::net::IpAddr::from(*address);
            common.parse() == Ok(address)
        }
        _ => false,
    }
}

/// The last common name of a subject in DER: a sequence of sets of pairs of a type and a string.
fn common_name(subject: &[u8]) -> Option<&str> {
    const SEQUENCE: u8 = 0x30;
    const SET: u8 = 0x31;
    /// The type 2.5.4.3, encoded.
    const COMMON_NAME: &[u8] = &[0x55, 4, 3];
    /// `UTF8String`, `PrintableString`, `IA5String`.
    const STRINGS: [u8; 3] = [0x0c, 0x13, 0x16];
    let (mut found, mut sets) = (None, subject);
    while let Some((SET, mut pairs, after)) = element(sets) {
        sets = after;
        while let Some((SEQUENCE, pair, next)) = element(pairs) {
            pairs = next;
            if let Some((_, COMMON_NAME, rest)) = element(pair)
                && let Some((kind, text, _)) = element(rest)
                && STRINGS.contains(&kind)
            {
                found = std::str::from_utf8(text).ok();
            }
        }
    }
    found
}

/// The first element of some DER: its tag, its content, and what follows it.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81 => (usize::from(*rest.first()?), &rest[1..]),
        0x82 => {
            let (high, low) = (*rest.first()?, *rest.get(1)?);
            (usize::from(u16::from_be_bytes([high, low])), &rest[2..])
        }
        _ => return None,
    };
    let (content, after) = rest.split_at_checked(length)?;
    Some((tag, content, after))
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.chains
            .verify_server_cert(certificate, others, name, ocsp_response, now)
            .or_else(|why| self.accept_own(certificate, name, why))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chains.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chains.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chains.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_common_name_of_a_subject_is_read_and_nothing_else_is() {
        // O=x, CN=localhost, as OpenSSL encodes it.
        let subject = b"\x31\x0a\x30\x08\x06\x03\x55\x04\x0a\x0c\x01x\x31\x12\x30\x10\x06\x03\x55\x04\x03\x0c\x09localhost";
        assert_eq!(common_name(subject), Some("localhost"));
        for length in 0..subject.len() {
            assert_eq!(common_name(&subject[..length]), None, "{length}");
        }
        assert_eq!(common_name(b"\x31\x84\xff\xff\xff\xff"), None);
    }
}
