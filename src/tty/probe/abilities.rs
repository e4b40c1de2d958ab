//! What the terminal can do beside pictures: colours, keys, clipboard, notifications. Each has a safe answer where
//! nobody says anything.

use super::name::{Known, Notifier};
use super::{Facts, Hints};
use crate::graphics::kitty::Wrap;
use crate::tty::tmux::Client;

impl Facts {
    /// The name and version that the terminal gives itself, such as `kitty(0.48.2)`.
    pub fn name(&self) -> Option<&str> {
        self.outer.name.as_deref()
    }

    /// The name and version of the tmux in between.
    pub fn multiplexer(&self) -> Option<&str> {
        self.multiplexer.as_deref()
    }

    /// What tmux says of the terminal outside.
    pub fn client(&self) -> Option<&Client> {
        self.client.as_ref()
    }

    /// The terminal outside by the name that it told us, or told tmux.
    pub fn outside_name(&self) -> Option<&str> {
        let kind = self.client.as_ref().map(|client| client.kind.as_str());
        self.name().or(kind.filter(|kind| !kind.is_empty()))
    }

    /// What tmux hands on to the terminal outside; `None` where it has not said, or there is no tmux.
    pub fn passthrough(&self) -> Option<bool> {
        let told = self.client.as_ref().and_then(|client| client.passthrough);
        // Whoever has answered through it has been reached.
        told.or_else(|| (self.tmux && self.name().is_some()).then_some(true))
    }

    /// The terminals that this may be, by each name that is known; one, unless tmux and the terminal disagree.
    pub(super) fn outside(&self) -> impl Iterator<Item = Known> {
        let kind = self.client.as_ref().map(|client| client.kind.as_str());
        let names = [self.name(), kind.filter(|kind| !kind.is_empty())];
        // A name that nobody knows is one that promises nothing, so it must not be passed over.
        names
            .into_iter()
            .flatten()
            .map(|name| Known::by(name).unwrap_or(Known::NOBODY))
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// The terminal that it is, if it is known.
    pub(super) fn known(&self) -> Option<Known> {
        self.outside_name().and_then(Known::by)
    }

    /// Whether iTerm2's list of capabilities has this one.
    pub(super) fn can(&self, capability: char) -> bool {
        // Each is a capital and what small letters follow it.
        let capabilities = self.outer.capabilities.as_deref().unwrap_or_default();
        let mut letters = capabilities.chars().peekable();
        std::iter::from_fn(|| {
            let letter = letters.next()?;
            Some((letter, letters.peek().is_some_and(char::is_ascii_lowercase)))
        })
        .any(|(letter, longer)| letter == capability && !longer)
    }

    /// What reaches the terminal outside has to be wrapped in this; `None` where nothing reaches it.
    pub fn way_out(&self) -> Option<Wrap> {
        match (self.tmux, self.passthrough()) {
            (false, _) => Some(Wrap::None),
            (true, Some(true)) => Some(Wrap::Tmux),
            (true, _) => None,
        }
    }

    /// The background colour, where the terminal told it.
    pub fn background(&self) -> Option<[u8; 3]> {
        self.background
    }

    /// Whether the background is dark, from what the terminal says or from its colour.
    pub fn is_dark(&self) -> Option<bool> {
        let luma = |[red, green, blue]: [u8; 3]| {
            2126 * u32::from(red) + 7152 * u32::from(green) + 722 * u32::from(blue)
        };
        let by_colour = self.background.map(|rgb| luma(rgb) < 10_000 * 128);
        by_colour.or(self.dark)
    }

    /// Whether Shift+Enter, Ctrl+Enter and Ctrl+I can be told apart from their plain forms.
    pub fn tells_keys_apart(&self) -> bool {
        self.keyboard || self.other_keys
    }

    /// Whether the terminal takes text for its clipboard (OSC 52), by its own word or as it is known to. Silence means
    /// nothing: it may take it all the same. tmux does it for every terminal that can.
    pub fn takes_clipboard(&self) -> bool {
        let own = self.attributes.contains(&52) && !self.tmux;
        own || self.known().is_some_and(Known::takes_clipboard)
    }

    /// Whether pictures can be copied to and pasted from the user's own clipboard (OSC 5522).
    pub fn copies_pictures(&self) -> bool {
        self.outer.clipboard
    }

    /// How the user can be told something while they look elsewhere; `None` where the terminal would show it as text
    /// of another kind, or not at all.
    pub fn notifier(&self) -> Option<Notifier> {
        if self.outer.notifies {
            return Some(Notifier::Osc99);
        }
        self.known().and_then(Known::notifier)
    }

    /// Whether the terminal shows progress, and none of it as a notification.
    pub fn shows_progress(&self) -> bool {
        self.can('P') || self.known().is_some_and(Known::has_progress)
    }

    /// Whether files can be sent to the machine of the terminal.
    pub fn downloads(&self, hints: &Hints) -> bool {
        let by_name = self.known().is_some_and(Known::downloads);
        by_name || !self.tmux && self.known().is_none() && hints.lc_terminal.eq_ignore_ascii_case("iterm2")
    }

    /// Whether a file can be sent in parts; a multiplexer takes no other.
    pub fn takes_parts(&self) -> bool {
        self.tmux || self.known().is_some_and(Known::takes_parts)
    }

    /// Whether text can be a link. tmux strips them, or needs a setting that nobody can ask for.
    pub fn has_links(&self) -> bool {
        !self.tmux && self.known().is_some_and(Known::has_links)
    }

    /// Whether the terminal shows a frame at once; `None` where it did not say.
    pub fn synchronizes(&self) -> Option<bool> {
        self.synchronized
    }

    /// Returns whether the terminal gives joined emoji, such as a family, the room of one: by its own word (mode 2027), or as
    /// it was measured. Inside tmux both would have to.
    pub fn joins_emoji(&self) -> bool {
        !self.tmux && (self.clusters || self.known().is_some_and(Known::joins_emoji))
    }

    /// Whether the terminal shows 16 million colours, by its own word, by its name, or by what tmux makes use of: over
    /// SSH `COLORTERM` is lost. `None` where nobody knows.
    pub fn truecolour(&self) -> Option<bool> {
        if self.tmux {
            let client = self.client.as_ref()?;
            return Some(client.has("RGB"));
        }
        if self.is_screen() {
            return Some(false);
        }
        let known = self.truecolour || self.known().is_some_and(Known::has_truecolour);
        known.then_some(true)
    }
}
