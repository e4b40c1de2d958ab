//! `contents`: the turns so far, and whether what the model is said to have answered is what it answered.

use super::super::Style;
use super::super::failure::Failure;
use super::super::models::{Model, Thinking};
use super::super::signature::{self, Verdict};
use super::{Content, Inline, Part, decode};
use crate::domain::Mime;

/// What `contents` says.
pub(super) struct History {
    /// The text of each user turn, oldest first.
    pub(super) prompts: Vec<String>,
    /// The last picture, whoever it is from.
    pub(super) picture: Option<Vec<u8>>,
    /// How many pictures there are.
    pub(super) pictures: u64,
    /// How many of them the last turn of the user has.
    pub(super) references: usize,
    /// Every picture is this server's own, by its signature.
    pub(super) own: bool,
}

impl History {
    pub(super) fn read(contents: &[Content<'_>], model: &Model, style: Style) -> Result<Self, Failure> {
        let mut history = Self {
            prompts: Vec::new(),
            picture: None,
            pictures: 0,
            references: 0,
            own: true,
        };
        for (position, content) in contents.iter().enumerate() {
            match content.role.as_deref() {
                None | Some("user" | "") => history.user(position, content, model)?,
                Some("model") => history.model(position, content, model, style)?,
                Some(_) => return Err(Failure::invalid("Please use a valid role: user, model.")),
            }
        }
        if contents
            .last()
            .is_some_and(|content| content.role.as_deref() == Some("model"))
        {
            return Err(Failure::invalid(
                "Please ensure that multiturn requests end with a user turn.",
            ));
        }
        if history.prompts.iter().all(|prompt| prompt.trim().is_empty()) && history.picture.is_none() {
            let message = "* GenerateContentRequest.contents: contents.parts must not be empty.\n";
            return Err(Failure::field("contents", message));
        }
        if model.references.is_some_and(|most| history.references > most) {
            let most = model.references.unwrap_or_default();
            let message = format!(
                "Please use at most {most} images in your request to models/{}.",
                model.name
            );
            return Err(Failure::invalid(message));
        }
        Ok(history)
    }

    fn user(&mut self, position: usize, content: &Content<'_>, model: &Model) -> Result<(), Failure> {
        let mut prompt = String::new();
        self.references = 0;
        for (index, part) in content.parts.iter().flatten().enumerate() {
            if let Some(text) = &part.text {
                if !prompt.is_empty() {
                    prompt.push('\n');
                }
                prompt.push_str(&text.0);
            }
            if let Some(inline) = &part.inline_data {
                let bytes = picture(inline, position, index)?;
                accepts(model, inline.mime_type.as_ref().map(|mime| &*mime.0), &bytes)?;
                self.picture = Some(bytes);
                self.pictures += 1;
                self.references += 1;
                self.own = false;
            }
        }
        self.prompts.push(prompt);
        Ok(())
    }

    fn model(
        &mut self,
        position: usize,
        content: &Content<'_>,
        model: &Model,
        style: Style,
    ) -> Result<(), Failure> {
        let asked = self.prompts.last().map_or("", String::as_str).to_owned();
        let strict = style == Style::Google && model.thinking != Thinking::Never;
        let answered = |part: &&Part<'_>| part.thought != Some(true);
        let parts = content.parts.iter().flatten().enumerate();
        let mut first = true;
        for (index, part) in parts.filter(|(_, part)| answered(part)) {
            let bytes = match &part.inline_data {
                Some(inline) => Some(picture(inline, position, index)?),
                None => None,
            };
            let words = part.text.as_ref().map_or("", |text| &text.0);
            let signature = part.thought_signature.as_ref().map(|signature| &*signature.0);
            let verdict = match signature.filter(|signature| !signature.is_empty()) {
                Some(signature) => {
                    let answered = bytes.as_deref().unwrap_or(words.as_bytes());
                    Some(signature::verify(signature, &asked, answered))
                }
                None if strict && (first || bytes.is_some()) => {
                    let kind = if bytes.is_some() { "Image" } else { "Text" };
                    return Err(Failure::invalid(format!(
                        "{kind} part is missing a thought_signature in content position {}, part position {}.",
                        position + 1,
                        index + 1
                    )));
                }
                None => None,
            };
            if verdict == Some(Verdict::Wrong) {
                return Err(Failure::invalid(match style {
                    Style::Google => "Thought signature is not valid.",
                    Style::Relay => "Corrupted thought signature.",
                }));
            }
            if bytes.is_some() {
                self.own &= verdict == Some(Verdict::Genuine);
                self.pictures += 1;
                self.picture = bytes;
            }
            first = false;
        }
        Ok(())
    }
}

/// Whether the model takes a reference, by its label and by its bytes.
fn accepts(model: &Model, label: Option<&str>, bytes: &[u8]) -> Result<(), Failure> {
    let takes = |label: &str| {
        let heic = matches!(label, "image/heic" | "image/heif") && model.mimes.contains(&Mime::Heic);
        heic || model.mimes.iter().any(|mime| mime.as_str() == label)
    };
    if let Some(label) = label.filter(|label| !takes(label)) {
        return Err(Failure::invalid(format!("Unsupported MIME type: {label}")));
    }
    if model.mimes.contains(&Mime::sniff(bytes)) {
        Ok(())
    } else {
        Err(Failure::unreadable_reference())
    }
}

fn picture(inline: &Inline<'_>, position: usize, index: usize) -> Result<Vec<u8>, Failure> {
    let data = inline.data.as_ref().map_or("", |data| &data.0);
    if data.is_empty() {
        return Err(Failure::invalid(format!(
            "* GenerateContentRequest.contents[{position}].parts[{index}]: empty inlineData parameter\n"
        )));
    }
    decode(data).ok_or_else(|| {
        let path = format!("contents[{position}].parts[{index}].inline_data.data");
        Failure::field(
            &path,
            format!("Invalid value at '{path}' (TYPE_BYTES), Base64 decoding failed."),
        )
    })
}
