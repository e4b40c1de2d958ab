//! The certificates that are trusted: those that a user named, read when the first connection needs them, else the
//! system's, else those in the program. What was named and cannot be used is an error, never a reason to trust something
//! else.

use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};

use super::verifier::Verifier;
use crate::error::{Error, Kind, Result, reason};
use crate::provider::network::Trust;

/// Makes the verifier for this trust; `None` where neither the user nor the system has a certificate.
pub(super) fn verifier(
    trust: &Trust,
    provider: Arc<CryptoProvider>,
) -> Result<Option<Arc<dyn ServerCertVerifier>>> {
    if trust.is_the_systems() {
        return Ok(system(provider));
    }
    // `named` gives at least one that can be used.
    let verifier = Verifier::new(named(trust)?, provider);
    Ok(verifier.map(|verifier| Arc::new(verifier) as _))
}

#[cfg(target_vendor = "apple")]
fn system(provider: Arc<CryptoProvider>) -> Option<Arc<dyn ServerCertVerifier>> {
    let verifier = rustls_platform_verifier::Verifier::new(provider).ok()?;
    Some(Arc::new(verifier))
}

#[cfg(not(target_vendor = "apple"))]
fn system(provider: Arc<CryptoProvider>) -> Option<Arc<dyn ServerCertVerifier>> {
    let found = rustls_native_certs::load_native_certs();
    for error in found.errors {
        tracing::debug!(%error, "a certificate of the system cannot be read");
    }
    Some(Arc::new(Verifier::new(found.certs, provider)?))
}

/// The certificates that a user named, one of them usable at least.
fn named(trust: &Trust) -> Result<Vec<CertificateDer<'static>>> {
    let mut found = Vec::new();
    if let Some(file) = &trust.file {
        found = certificates(file).map_err(|why| unusable(file, &why))?;
        if !has_usable(&found) {
            return Err(unusable(file, "it holds no certificate in PEM"));
        }
    }
    for folder in &trust.folders {
        let Ok(entries) = std::fs::read_dir(folder) else {
            continue;
        };
        for entry in entries.flatten() {
            // Such folders hold links by hash, revocation lists and readmes besides.
            found.extend(certificates(&entry.path()).unwrap_or_default());
        }
    }
    if !has_usable(&found) {
        let folders: Vec<_> = trust
            .folders
            .iter()
            .map(|folder| folder.display().to_string())
            .collect();
        return Err(unusable(
            Path::new(&folders.join(":")),
            "there is no certificate in PEM",
        ));
    }
    Ok(found)
}

fn has_usable(certificates: &[CertificateDer<'_>]) -> bool {
    certificates
        .iter()
        .any(|certificate| webpki::anchor_from_trusted_cert(certificate).is_ok())
}

fn certificates(path: &Path) -> std::result::Result<Vec<CertificateDer<'static>>, String> {
    let why = |error: pem::Error| match error {
        pem::Error::Io(error) => reason(&error),
        _ => "it is not in PEM".to_owned(),
    };
    let found = CertificateDer::pem_file_iter(path).map_err(why)?;
    found.collect::<std::result::Result<_, _>>().map_err(why)
}

fn unusable(path: &Path, why: &str) -> Error {
    let message = format!("Cannot use the CA certificates in {}: {why}", path.display());
    Error::new(Kind::Usage, message)
        .hint("Correct SSL_CERT_FILE or SSL_CERT_DIR, or unset them to trust what the system trusts")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "tests write files")]

    use super::*;

    /// A certificate that signed itself and nothing else; its key was thrown away.
    const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----
MIIBhTCCASugAwIBAgIURsbn+3v51ETxGIhxqzrJn5Xr31wwCgYIKoZIzj0EAwIw
FzEVMBMGA1UEAwwMdGludHlwZSB0ZXN0MCAXDTI2MTEyMTAxMzYyNFoYDzIxMjYx
MDI4MDEzNjI0WjAXMRUwEwYDVQQDDAx0aW50eXBlIHRlc3QwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAASZCvUbcjAOGd2CQvX/31ZEPLNnQWg/mXwKjQrpE4DVSIf8
Y9AIPj2yXRW5NUvG8lS9GK4zy8gRJl3tjBnaToz8o1MwUTAdBgNVHQ4EFgQUXVkJ
/tkgsZMAfjGXJcPlnp+SK60wHwYDVR0jBBgwFoAUXVkJ/tkgsZMAfjGXJcPlnp+S
K60wDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEA6lkoRxF1bSTt
acjoLpmnV/xpe0pv3K0UZHodn7Ao/iYCICIIBhZIENqtVXqUtMrAY7D0iUc/pkN7
c2osOVjhptMZ
-----END CERTIFICATE-----
";

    fn file(path: &Path) -> Trust {
        Trust {
            file: Some(path.to_owned()),
            folders: Vec::new(),
        }
    }

    #[test]
    fn certificates_are_read_from_a_file_and_from_folders() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, format!("some words\n{CERTIFICATE}{CERTIFICATE}")).unwrap();
        std::fs::write(folder.path().join("README"), "no certificate").unwrap();
        assert_eq!(named(&file(&path)).unwrap().len(), 2);
        let folders = Trust {
            file: None,
            folders: vec!["/nowhere".into(), folder.path().to_owned()],
        };
        assert_eq!(named(&folders).unwrap().len(), 2);
    }

    #[test]
    fn what_was_named_and_cannot_be_used_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let bad = folder.path().join("bad.pem");
        for (text, why) in [
            ("hello", "it holds no certificate in PEM"),
            (
                "-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n",
                "it is not in PEM",
            ),
            (
                "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n",
                "it holds no certificate in PEM",
            ),
        ] {
            std::fs::write(&bad, text).unwrap();
            let error = named(&file(&bad)).unwrap_err();
            assert_eq!(error.kind, Kind::Usage);
            assert!(error.message.ends_with(why), "{error}");
            assert!(error.message.contains("bad.pem") && error.hint.contains("SSL_CERT_FILE"));
        }
        let error = named(&file(Path::new("/nowhere/ca.pem"))).unwrap_err();
        assert!(error.message.ends_with("it does not exist"), "{error}");
        let folders = Trust {
            file: None,
            folders: vec!["/nowhere".into()],
        };
        assert!(named(&folders).unwrap_err().message.contains("/nowhere"));
    }
}
