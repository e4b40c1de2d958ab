//! Thought signatures: keyed hashes over what was asked and what was answered, so that they hold across restarts
//! and break when the answer, the question or the signature has been altered on its way back.
//! They guard nothing: the key is in the program. They show whether a client keeps what it must keep.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// The key is public on purpose: a signature of the demo proves only that it came back unaltered.
const KEY: &[u8] = b"tintype demo provider: thought signatures, version 1";

/// The first byte of every signature, so that a later version can tell its own.
const VERSION: u8 = 0x12;

/// Signatures that the Gemini API documents as stand-ins for a history that never had any.
const BYPASSES: [&str; 2] = [
    "skip_thought_signature_validator",
    "context_engineering_is_the_way_to_go",
];

/// What a signature that came back is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The part is this server's own, unaltered, and answers this question.
    Genuine,
    /// A documented stand-in: let through, proving nothing.
    Bypass,
    Wrong,
}

fn digest(asked: &str, answered: &[u8]) -> Option<[u8; 33]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY).ok()?;
    mac.update(&Sha256::digest(asked.as_bytes()));
    mac.update(&Sha256::digest(answered));
    let mut bytes = [VERSION; 33];
    bytes[1..].copy_from_slice(&mac.finalize().into_bytes());
    Some(bytes)
}

/// The signature of a part: `answered` is the text of a text part, the decoded bytes of a picture.
pub(super) fn sign(asked: &str, answered: &[u8]) -> String {
    let bytes = digest(asked, answered).unwrap_or([0; 33]);
    BASE64_STANDARD.encode(bytes)
}

/// Checks a signature that came back; the url-safe alphabet is accepted, since the official Python client uses it.
pub(super) fn verify(signature: &str, asked: &str, answered: &[u8]) -> Verdict {
    if BYPASSES.contains(&signature) {
        return Verdict::Bypass;
    }
    match (super::request::decode(signature), digest(asked, answered)) {
        (Some(given), Some(own)) if given == own => Verdict::Genuine,
        _ => Verdict::Wrong,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_own_turn_and_no_other() {
        let signature = sign("a fox", b"picture");
        assert_eq!(signature, sign("a fox", b"picture"), "it holds across restarts");
        assert_eq!(verify(&signature, "a fox", b"picture"), Verdict::Genuine);
        let url_safe = signature.replace('+', "-").replace('/', "_");
        assert_eq!(verify(&url_safe, "a fox", b"picture"), Verdict::Genuine);
        assert_eq!(verify(&signature, "a cat", b"picture"), Verdict::Wrong);
        assert_eq!(verify(&signature, "a fox", b"another"), Verdict::Wrong);
        assert_eq!(verify(&signature[4..], "a fox", b"picture"), Verdict::Wrong);
        assert_eq!(verify(BYPASSES[0], "a fox", b"picture"), Verdict::Bypass);
    }
}
