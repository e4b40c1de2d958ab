//! Why no secure connection came about, in words: what is wrong with the server's certificate or with the handshake, and
//! what to do about it. No name of a type or of a variant gets into a sentence.

use jiff::Timestamp;
use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error, PeerIncompatible};

use super::Peer;
use crate::domain::clean_line;
use crate::provider::http::verifier::is_authority_complaint;
use crate::provider::network::Trust;

/// The end of a sentence that says what happened, and the next step.
pub(super) struct Complaint {
    pub(super) why: String,
    pub(super) hint: String,
}

const CHECK_PORT: &str = "Check the address and its port";

pub(super) fn complaint(error: &Error, peer: &Peer<'_>) -> Complaint {
    let told = |why: &str, hint: &str| Complaint {
        why: why.to_owned(),
        hint: hint.to_owned(),
    };
    match error {
        Error::InvalidCertificate(error) => certificate(error, peer),
        Error::AlertReceived(alert) => self::alert(*alert),
        Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => too_old(),
        Error::PeerIncompatible(_) => told(
            "the server offers no way to encrypt that is safe enough",
            "Ask whoever runs it to update its TLS settings",
        ),
        Error::InvalidMessage(_) => told(
            "it does not speak TLS on this port",
            "Check the address and its port: another service may listen there, or one of plain http",
        ),
        Error::NoCertificatesPresented => told("the server shows no certificate", CHECK_PORT),
        _ => told("the TLS handshake failed", CHECK_PORT),
    }
}

/// The server hung up in the middle of the handshake.
pub(super) fn hung_up() -> Complaint {
    Complaint {
        why: "it hung up during the TLS handshake".to_owned(),
        hint: "Check the address and its port, and the proxy if you use one".to_owned(),
    }
}

fn too_old() -> Complaint {
    Complaint {
        why: "the server speaks neither TLS 1.2 nor 1.3".to_owned(),
        hint: "Ask whoever runs it to update its TLS settings".to_owned(),
    }
}

fn certificate(error: &CertificateError, peer: &Peer<'_>) -> Complaint {
    use CertificateError as Bad;
    let host = peer.host;
    let renew = format!("Ask whoever runs {host} for a certificate that is right");
    let (why, hint) = match error {
        Bad::UnknownIssuer | Bad::BadSignature => (
            format!(
                "its certificate is not from an authority that {}",
                trusted_by(peer.trust)
            ),
            trust_it(peer.trust),
        ),
        Bad::Other(other) if is_authority_complaint(other) => (
            format!(
                "its certificate is an authority's own, and not one that {}",
                trusted_by(peer.trust)
            ),
            trust_it(peer.trust),
        ),
        Bad::ExpiredContext { time, not_after } => (
            format!(
                "its certificate expired on {}; this machine's clock says {}",
                day(*not_after),
                day(*time)
            ),
            format!("If the clock is right, ask whoever runs {host} to renew the certificate"),
        ),
        Bad::NotValidYetContext { time, not_before } => (
            format!(
                "its certificate is valid from {} on; this machine's clock says {}",
                day(*not_before),
                day(*time)
            ),
            format!("Set the clock of this machine; if it is right, ask whoever runs {host}"),
        ),
        Bad::NotValidForNameContext { presented, .. } => names(presented, host),
        Bad::Revoked => ("its certificate was revoked".to_owned(), renew),
        Bad::InvalidPurpose | Bad::InvalidPurposeContext { .. } => {
            ("its certificate is not made for servers".to_owned(), renew)
        }
        Bad::UnsupportedSignatureAlgorithmContext { .. }
        | Bad::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => (
            "its certificate is signed in a way that is not safe enough, or not known here".to_owned(),
            renew,
        ),
        Bad::UnhandledCriticalExtension => (
            "its certificate makes a condition that is not known here".to_owned(),
            renew,
        ),
        Bad::Other(other) if is_old_version(other) => (
            "its certificate is of X.509 version 1".to_owned(),
            format!(
                "Make one of version 3 that names the host: openssl req -x509 -newkey ec -pkeyopt \
                 ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem -addext subjectAltName=DNS:{}",
                bare(host)
            ),
        ),
        _ => ("its certificate cannot be used".to_owned(), renew),
    };
    Complaint { why, hint }
}

fn is_old_version(other: &rustls::OtherError) -> bool {
    matches!(
        other.0.downcast_ref(),
        Some(webpki::Error::UnsupportedCertVersion)
    )
}

/// Names the party that does not trust the certificate, as the end of a sentence.
fn trusted_by(trust: &Trust) -> &'static str {
    match (&trust.file, trust.folders.is_empty()) {
        (None, true) => "this machine trusts",
        (Some(_), true) => "SSL_CERT_FILE names",
        (None, false) => "SSL_CERT_DIR names",
        (Some(_), false) => "SSL_CERT_FILE or SSL_CERT_DIR names",
    }
}

fn trust_it(trust: &Trust) -> String {
    match &trust.file {
        Some(file) => format!(
            "If you trust it, name a file in SSL_CERT_FILE that holds the authority's certificate, or the server's own, in \
             PEM: {} does not",
            file.display()
        ),
        None => "If you trust it, put the authority's certificate, or the server's own, into a file in PEM and name \
                 that file in SSL_CERT_FILE"
            .to_owned(),
    }
}

/// A certificate for other hosts.
fn names(presented: &[String], host: &str) -> (String, String) {
    /// No more names are told.
    const MOST: usize = 3;
    let names: Vec<String> = presented.iter().filter_map(|name| plain_name(name)).collect();
    let why = match names.as_slice() {
        [] => "its certificate names no host".to_owned(),
        [one] => format!("its certificate is for {one}"),
        [between @ .., last] if names.len() <= MOST => {
            format!("its certificate is for {} and {last}", between.join(", "))
        }
        many => format!(
            "its certificate is for {} and {} more",
            many[..MOST].join(", "),
            many.len() - MOST
        ),
    };
    let hint = match names.first().filter(|name| !name.starts_with("*.")) {
        Some(name) => format!(
            "If {name} is the same server, give that as its address; else check the address, and the network that leads \
             there"
        ),
        None => format!(
            "Ask whoever runs {host} for a certificate that names {}",
            bare(host)
        ),
    };
    (format!("{why}, not for {}", bare(host)), hint)
}

/// A name out of the way in which webpki shows it, such as `DnsName("a.example")`.
fn plain_name(shown: &str) -> Option<String> {
    let inner = shown.split_once('(')?.1.strip_suffix(')')?;
    let name = clean_line(inner.trim_matches('"'));
    let is_host = shown.starts_with("DnsName") || shown.starts_with("IpAddress");
    (is_host && !name.is_empty()).then(|| name.chars().take(100).collect())
}

/// A host without its port.
fn bare(host: &str) -> &str {
    let (name, port) = host.rsplit_once(':').unwrap_or((host, ""));
    let has_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    if has_port { name } else { host }
}

/// The server ended the handshake and said why.
fn alert(alert: AlertDescription) -> Complaint {
    let (why, hint) = match alert {
        AlertDescription::ProtocolVersion => return too_old(),
        AlertDescription::CertificateRequired => (
            "the server wants a certificate of its clients, which tintype cannot give",
            "Use another address of it, or ask whoever runs it",
        ),
        AlertDescription::UnrecognisedName => (
            "the server does not know the name it was called by",
            "Check the address: a server may answer to its name only, not to its number",
        ),
        AlertDescription::AccessDenied => (
            "the server refuses this machine",
            "Ask whoever runs it to let this machine in",
        ),
        AlertDescription::NoApplicationProtocol => (
            "the server speaks neither HTTP/1.1 nor HTTP/2 on this port",
            CHECK_PORT,
        ),
        AlertDescription::InternalError => ("the server failed during the TLS handshake", "Try again later"),
        _ => ("the server broke off the TLS handshake", CHECK_PORT),
    };
    Complaint {
        why: why.to_owned(),
        hint: hint.to_owned(),
    }
}

/// The day of a time, in UTC.
fn day(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    let day = Timestamp::from_second(seconds).map(|time| time.strftime("%Y-%m-%d").to_string());
    day.unwrap_or_else(|_| "a day beyond the calendar".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_a_certificate_are_told_as_names() {
        let shown = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        for (presented, why) in [
            (&[][..], "its certificate names no host, not for relay.test"),
            (
                &["DnsName(\"a.test\")"],
                "its certificate is for a.test, not for relay.test",
            ),
            (
                &[
                    "DnsName(\"a.test\")",
                    "IpAddress(10.0.0.1)",
                    "DnsName(\"*.b.test\")",
                ],
                "its certificate is for a.test, 10.0.0.1 and *.b.test, not for relay.test",
            ),
            (
                &[
                    "DnsName(\"a\")",
                    "DnsName(\"b\")",
                    "DnsName(\"c\")",
                    "DnsName(\"d\")",
                    "DnsName(\"e\")",
                ],
                "its certificate is for a, b, c and 2 more, not for relay.test",
            ),
        ] {
            assert_eq!(names(&shown(presented), "relay.test:8443").0, why);
        }
        assert_eq!(plain_name("DirectoryName"), None);
    }

    #[test]
    fn every_complaint_is_a_sentence_of_words() {
        let trust = Trust::default();
        let peer = Peer {
            host: "relay.test",
            is_plain: false,
            is_local: false,
            speaks_other: false,
            proxy: None,
            refusal: None,
            trust: &trust,
        };
        for error in [
            Error::InvalidCertificate(CertificateError::BadEncoding),
            Error::InvalidCertificate(CertificateError::Revoked),
            Error::InvalidCertificate(CertificateError::InvalidPurpose),
            Error::InvalidCertificate(CertificateError::UnhandledCriticalExtension),
            Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure),
            Error::AlertReceived(AlertDescription::HandshakeFailure),
            Error::AlertReceived(AlertDescription::CertificateRequired),
            Error::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon),
            Error::DecryptError,
        ] {
            let told = complaint(&error, &peer);
            let joined = |text: &str| {
                let mut letters = text.chars().zip(text.chars().skip(1));
                letters.any(|(one, next)| one.is_lowercase() && next.is_uppercase())
            };
            assert!(!joined(&told.why) && !told.why.contains("::"), "{}", told.why);
            assert!(!told.hint.is_empty());
        }
    }
}
