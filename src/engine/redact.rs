//! Takes the key out of whatever a server says: some echo it in their errors. Nothing else is changed.

use crate::domain::{Part, Secret, Turn};
use crate::error::Error;

/// The turn as it may be stored and shown.
pub(super) fn turn(turn: &mut Turn, key: &Secret) {
    let parts = turn.parts.iter_mut().filter_map(|part| match part {
        Part::Text { text, .. } => Some(text),
        Part::Image { .. } => None,
    });
    let optional = [
        &mut turn.finish_reason,
        &mut turn.finish_message,
        &mut turn.model_version,
        &mut turn.response_id,
    ];
    let told = [&mut turn.thoughts, &mut turn.text].into_iter();
    for text in told
        .chain(parts)
        .chain(&mut turn.warnings)
        .chain(optional.into_iter().flatten())
    {
        redact(text, key);
    }
    for url in turn.links.iter_mut().map(|link| &mut link.url) {
        redact(url, key);
    }
    for source in &mut turn.sources {
        redact(&mut source.url, key);
        source.title.iter_mut().for_each(|title| redact(title, key));
    }
    if let Some(failed) = &mut turn.error {
        error(failed, key);
    }
}

/// An error as it may be stored and shown.
pub(super) fn error(error: &mut Error, key: &Secret) {
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
        redact(text, key);
    }
}

fn redact(text: &mut String, key: &Secret) {
    *text = key.redact(text);
}
