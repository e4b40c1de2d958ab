//! How pictures are put on a terminal, and why: the one decision that is made of everything that is known. Pure.

use super::name::Known;
use super::{Facts, Hints};
use crate::graphics::Protocol;
use crate::graphics::kitty::Wrap;

/// What tmux' users have to set for a terminal outside to be reached.
const PASSTHROUGH: &str = "set -g allow-passthrough on";

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    pub protocol: Protocol,
    /// What pictures are to be wrapped in on their way; sixel that tmux shows itself is not.
    pub wrap: Wrap,
    /// One sentence, for the user.
    pub why: String,
}

impl Way {
    fn new(protocol: Protocol, wrap: Wrap, why: impl Into<String>) -> Self {
        Self {
            protocol,
            wrap,
            why: why.into(),
        }
    }

    fn blocks(why: impl Into<String>) -> Self {
        Self::new(Protocol::HalfBlocks, Wrap::None, why)
    }
}

impl Facts {
    /// How to put pictures on this terminal, as far as it is known by now.
    pub fn way(&self, hints: &Hints) -> Way {
        if let Some(chosen) = hints.chosen {
            return self.forced(chosen);
        }
        if self.tmux {
            return self.through_tmux();
        }
        let direct = |protocol, why| Way::new(protocol, Wrap::None, why);
        let name = self.name().unwrap_or("The terminal");
        let known = self.known();
        if hints.passes_no_pictures() {
            let why = format!("TERM is {}, which passes no pictures on.", hints.term);
            return Way::blocks(why);
        }
        if known.is_some_and(Known::has_placeholders) {
            let why = format!("{name} knows kitty's Unicode placeholders.");
            return direct(Protocol::KittyPlaceholders, why);
        }
        if known.is_some_and(Known::prefers_iterm2) {
            return direct(Protocol::Iterm2, format!("{name} has iTerm2's pictures."));
        }
        if self.answers_graphics() {
            let why =
                format!("{name} answers kitty's graphics question, but is not known to have placeholders.");
            return direct(Protocol::KittyClassic, why);
        }
        if self.attributes.contains(&4) {
            return direct(Protocol::Sixel, format!("{name} says that it has sixel."));
        }
        if self.says_iterm2(hints) {
            return direct(Protocol::Iterm2, format!("{name} answers as iTerm2 does."));
        }
        Way::blocks(
            match (&self.outer.graphics, self.name().is_some() || self.complete()) {
                (Some(message), _) => format!("{name} refuses kitty's graphics: {message}."),
                (None, true) => {
                    format!("{name} has neither kitty's pictures nor iTerm2's nor sixel, by its own word.")
                }
                (None, false) => "The terminal has not answered.".to_owned(),
            },
        )
    }

    /// By iTerm2's own capabilities, by the variable that its users' ssh hands on, or by a cell size that only iTerm2
    /// and its kin tell in this way.
    fn says_iterm2(&self, hints: &Hints) -> bool {
        self.can('F') || hints.lc_terminal.eq_ignore_ascii_case("iterm2") || self.outer.cell_report.is_some()
    }

    fn forced(&self, chosen: Protocol) -> Way {
        let protocol = match chosen {
            Protocol::KittyPlaceholders if !self.outside().any(Known::has_placeholders) => {
                Protocol::KittyClassic
            }
            chosen => chosen,
        };
        let wrap = match protocol {
            Protocol::HalfBlocks | Protocol::Off => Wrap::None,
            Protocol::Sixel if self.tmux_shows_sixel() => Wrap::None,
            _ if self.tmux => Wrap::Tmux,
            _ => Wrap::None,
        };
        let why = match (wrap, protocol) {
            (Wrap::Tmux, Protocol::KittyPlaceholders) => {
                format!("The settings say so; tmux needs `{PASSTHROUGH}` for it.")
            }
            (Wrap::Tmux, _) => format!(
                "The settings say so; tmux needs `{PASSTHROUGH}` for it and knows nothing of the picture, which \
                 may stay behind as a ghost over other windows and panes."
            ),
            (Wrap::None, Protocol::KittyClassic) => {
                "The settings say so; the terminal is not known to have placeholders, so pictures are placed."
                    .to_owned()
            }
            (Wrap::None, _) => "The settings say so.".to_owned(),
        };
        Way::new(protocol, wrap, why)
    }

    fn through_tmux(&self) -> Way {
        let name = self.outside_name();
        let answers = self.answers_graphics();
        let placeholders = self.outside().next().is_some() && self.outside().all(Known::has_placeholders);
        let closed = self.client.as_ref().and_then(|client| client.passthrough) == Some(false);
        match name {
            Some(name) if placeholders && answers => Way::new(
                Protocol::KittyPlaceholders,
                Wrap::Tmux,
                format!("tmux passes pictures on to {name}, which knows kitty's Unicode placeholders."),
            ),
            _ if self.tmux_shows_sixel() => Way::new(
                Protocol::Sixel,
                Wrap::None,
                format!(
                    "tmux shows sixel itself on {}.",
                    name.unwrap_or("the terminal outside")
                ),
            ),
            Some(name) if placeholders && closed => Way::blocks(format!(
                "tmux passes nothing on to {name}: `{PASSTHROUGH}` in tmux' settings changes that."
            )),
            Some(name) if placeholders => Way::blocks(format!(
                "{name} has not answered through tmux: pictures need `{PASSTHROUGH}`."
            )),
            Some(name) if answers => Way::blocks(format!(
                "{name} has no Unicode placeholders, and tmux would misplace other pictures."
            )),
            Some(name) => Way::blocks(format!(
                "{name} has no pictures that tmux can keep in their place."
            )),
            None => Way::blocks(format!(
                "Nothing comes through tmux from the terminal outside: \
                 pictures need `{PASSTHROUGH}` and kitty 0.28 or Ghostty, or tmux 3.4 with sixel on both sides."
            )),
        }
    }

    /// tmux 3.4 and later, where it was built so: it says so itself, and only a terminal outside that has sixel as
    /// well shows more than a line of text.
    fn tmux_shows_sixel(&self) -> bool {
        let outside = self.client.as_ref().is_some_and(|client| client.has("sixel"));
        outside && self.attributes.contains(&4)
    }

    fn answers_graphics(&self) -> bool {
        self.outer.graphics.as_deref() == Some("OK")
    }
}
