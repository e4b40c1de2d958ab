//! Refuses, before anything is sent, what a model is known not to take.

use super::Capability;
use super::tuning::check_tools;
use crate::domain::{AspectRatio, Mime, Reference, Request, Size};
use crate::error::{Error, Kind, Result};

impl Capability {
    /// Refuses what the model does not list, naming what it accepts. Of a model that the table does not know only
    /// references that no model takes are refused, and of a request that is to go out unchecked only what is no
    /// picture at all.
    pub fn check(&self, request: &Request) -> Result<()> {
        let unchecked = request.tuning.unchecked;
        if self.verified && !unchecked {
            if let Some(ratio) = &request.aspect_ratio {
                self.check_ratio(ratio)?;
            }
            if let Some(size) = &request.size {
                self.check_size(size)?;
            }
            self.check_tuning(&request.tuning)?;
        }
        check_tools(request.tuning.tools.as_deref())?;
        self.check_references(&request.references, unchecked)
    }

    pub(super) fn refuse(&self, what: &str, next: String) -> Error {
        let message = format!("{} at {} {what}", self.name, self.provider);
        Error::new(Kind::BadInput, message).hint(next)
    }

    fn check_ratio(&self, ratio: &AspectRatio) -> Result<()> {
        if self.ratios.contains(ratio) {
            return Ok(());
        }
        let listed = list(self.ratios.iter().map(AspectRatio::as_str));
        Err(self.refuse(
            &format!("does not take the ratio {ratio}"),
            format!("Choose one of {listed}, or leave the ratio out"),
        ))
    }

    fn check_size(&self, size: &Size) -> Result<()> {
        if self.sizes.contains(size) {
            return Ok(());
        }
        let next = match self.sizes.as_slice() {
            [] => {
                let (width, height) = self.pixels(None, None);
                format!("Leave the size out: its pictures have about {width}\u{d7}{height} pixels")
            }
            [only] => format!("Its only size is {only}: choose that, or leave the size out"),
            sizes => format!(
                "Choose one of {}, or leave the size out",
                list(sizes.iter().map(Size::as_str))
            ),
        };
        let what = if self.sizes.is_empty() {
            format!("takes no size, and {size} was asked for")
        } else {
            format!("does not take the size {size}")
        };
        Err(self.refuse(&what, next))
    }

    /// The kinds of picture that it takes, as the end of a sentence: `PNG, JPEG or WebP`.
    pub fn reference_kinds(&self) -> String {
        let names: Vec<_> = self.references.mimes.iter().map(|mime| mime.name()).collect();
        any_of(&names)
    }

    fn check_references(&self, references: &[Reference], unchecked: bool) -> Result<()> {
        let most = self.references.max.filter(|_| !unchecked);
        if let Some(max) = most.filter(|max| references.len() > *max) {
            let given = references.len();
            return Err(self.refuse(
                &format!("takes at most {max} reference pictures, and {given} were given"),
                "Leave some of them out".to_owned(),
            ));
        }
        for reference in references {
            let path = reference.path.display();
            if reference.bytes == 0 {
                return Err(Error::new(Kind::BadInput, format!("{path} is empty"))
                    .hint("Give a picture, or leave it out"));
            }
            let insisted = unchecked && reference.mime != Mime::Unknown;
            if !insisted && !self.references.mimes.contains(&reference.mime) {
                let kinds = self.reference_kinds();
                let what = match reference.mime {
                    Mime::Unknown => format!("{path} is not a picture"),
                    mime => format!(
                        "{path} is {}, which {} at {} does not take",
                        mime.name(),
                        self.name,
                        self.provider
                    ),
                };
                return Err(Error::new(Kind::BadInput, what).hint(format!("Give it as {kinds}")));
            }
        }
        Ok(())
    }
}

/// `PNG, JPEG or WebP`.
pub(super) fn any_of(names: &[&str]) -> String {
    match names {
        [others @ .., last] if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        names => names.concat(),
    }
}

pub(super) fn list<'a>(items: impl Iterator<Item = &'a str>) -> String {
    items.collect::<Vec<_>>().join(", ")
}
