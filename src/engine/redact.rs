//! Takes keys and tokens out of whatever a server says: some echo them in their errors. Nothing else is changed. The body of
//! an answer has been through the decoder, which knows no more than a fragment at a time.

use std::borrow::Cow;

use crate::domain::{HeldBack, Part, Secrets, Signature, Spellings, Turn};
use crate::error::Error;

/// The turn as it may be stored and shown.
pub(super) fn turn(turn: &mut Turn, secrets: &Secrets) {
    let Some(spellings) = &Spellings::of(secrets) else {
        return;
    };
    parts(&mut turn.parts, spellings);
    let optional = [
        &mut turn.finish_reason,
        &mut turn.finish_message,
        &mut turn.model_version,
        &mut turn.response_id,
    ];
    let labels = turn.images.iter_mut().map(|image| &mut image.declared_mime);
    let labels = labels.chain(turn.links.iter_mut().map(|link| &mut link.mime));
    let told = [&mut turn.thoughts, &mut turn.text].into_iter();
    for text in told
        .chain(&mut turn.warnings)
        .chain(optional.into_iter().flatten())
        .chain(labels.flatten())
    {
        redact(text, spellings);
    }
    for url in turn.links.iter_mut().map(|link| &mut link.url) {
        redact(url, spellings);
    }
    for source in &mut turn.sources {
        redact(&mut source.url, spellings);
        source.title.iter_mut().for_each(|title| redact(title, spellings));
    }
    if let Some(failed) = &mut turn.error {
        error_with(failed, spellings);
    }
}

/// The parts, in which a text goes on from one to the next. A signature that holds the key is of no use any more.
fn parts(parts: &mut [Part], spellings: &Spellings) {
    let mut tail = HeldBack::default();
    for part in parts {
        let signature = match part {
            Part::Text { text, signature } => {
                let mut clean = Vec::with_capacity(text.len());
                spellings.push(&mut tail, text.as_bytes(), &mut clean);
                spellings.end_fragment(&mut tail, &mut clean);
                let clean = spellings.redacted(&clean).unwrap_or(clean);
                *text = String::from_utf8_lossy(&clean).into_owned();
                signature
            }
            Part::Image { signature, .. } => signature,
        };
        if let Some(Signature::Inline(signature)) = signature
            && let Some(clean) = spellings.redacted_where_whole(signature.as_bytes())
        {
            *signature = String::from_utf8_lossy(&clean).into_owned();
        }
    }
}

/// An error as it may be stored and shown.
pub(super) fn error(error: &mut Error, secrets: &Secrets) {
    if let Some(spellings) = Spellings::of(secrets) {
        error_with(error, &spellings);
    }
}

fn error_with(error: &mut Error, spellings: &Spellings) {
    let Error {
        message,
        hint,
        server,
        request_id,
        body,
        ..
    } = error;
    let optional = server.iter_mut().chain(request_id).chain(body);
    for text in [message, hint].into_iter().chain(optional) {
        redact(text, spellings);
    }
}

fn redact(text: &mut String, spellings: &Spellings) {
    if let Cow::Owned(clean) = spellings.redact(text) {
        *text = clean;
    }
}
