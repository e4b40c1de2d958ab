//! What a terminal's name and version tell of it, where the terminal itself cannot be asked: by its own word, or by
//! tmux's word of it. It asks nothing.

/// The terminals that are known by more than their answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Alacritty,
    Contour,
    Foot,
    Ghostty,
    Iterm2,
    Kitty,
    Konsole,
    Mlterm,
    Nobody,
    Vte,
    WezTerm,
    XTerm,
}

/// How each begins the name that it gives itself.
const NAMES: [(&str, Family); 11] = [
    ("alacritty", Family::Alacritty),
    ("contour", Family::Contour),
    ("foot", Family::Foot),
    ("ghostty", Family::Ghostty),
    ("iterm2", Family::Iterm2),
    ("kitty", Family::Kitty),
    ("konsole", Family::Konsole),
    ("mlterm", Family::Mlterm),
    ("vte", Family::Vte),
    ("wezterm", Family::WezTerm),
    ("xterm", Family::XTerm),
];

/// Returns whether this can be the beginning of a name and version, of a terminal that is known or of tmux.
pub(in crate::tty) fn may_be_a_name(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let of_version = |rest: &str| {
        rest.chars()
            .all(|character| character.is_ascii_alphanumeric() || " .-()+".contains(character))
    };
    let names = NAMES.iter().map(|(start, _)| *start);
    names.chain(["tmux"]).any(|name| {
        let rest = lower.strip_prefix(name);
        let goes_on = |rest: &str| rest.is_empty() || rest.starts_with([' ', '(']) && of_version(rest);
        name.starts_with(&lower) || rest.is_some_and(goes_on)
    })
}

/// A terminal that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) family: Family,
    version: [u32; 3],
}

impl Known {
    /// A terminal of another name.
    pub(super) const NOBODY: Self = Self {
        family: Family::Nobody,
        version: [0; 3],
    };

    /// By a name such as `kitty(0.48.2)`, `Konsole 26.08.2` or `WezTerm 20240203-110809-5046fc22`.
    pub(super) fn by(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        let (start, family) = NAMES.iter().find(|(start, _)| lower.starts_with(start))?;
        let mut numbers = lower[start.len()..]
            .split(|character: char| !character.is_ascii_digit())
            .filter(|digits| !digits.is_empty())
            .map(|digits| digits.parse().unwrap_or(0));
        let mut next = || numbers.next().unwrap_or(0);
        Some(Self {
            family: *family,
            version: [next(), next(), next()],
        })
    }

    /// Pictures that are text cells: kitty 0.28 and later, and Ghostty.
    pub(super) fn has_placeholders(self) -> bool {
        match self.family {
            Family::Ghostty => true,
            Family::Kitty => self.version >= [0, 28, 0],
            _ => false,
        }
    }

    /// Pictures by iTerm2's own protocol: both answer kitty's question as well, and show nothing of use then.
    pub(super) fn prefers_iterm2(self) -> bool {
        matches!(self.family, Family::Iterm2 | Family::WezTerm)
    }

    /// Files for the machine of the terminal (OSC 1337).
    pub(super) fn downloads(self) -> bool {
        self.family == Family::Iterm2
    }

    /// A file in parts.
    pub(super) fn takes_parts(self) -> bool {
        self.family == Family::Iterm2 && self.version >= [3, 5, 0]
    }

    /// 16 million colours.
    pub(super) fn has_truecolour(self) -> bool {
        match self.family {
            Family::Nobody => false,
            Family::Vte => self.version >= [3600, 0, 0],
            _ => true,
        }
    }

    /// Text for the clipboard by OSC 52, as they are when installed.
    pub(super) fn takes_clipboard(self) -> bool {
        match self.family {
            Family::Konsole => self.version >= [24, 12, 0],
            Family::Alacritty
            | Family::Contour
            | Family::Foot
            | Family::Ghostty
            | Family::Kitty
            | Family::WezTerm => true,
            // Both ask their user to allow it first, or never do it; VTE has it not at all.
            Family::Iterm2 | Family::Mlterm | Family::Nobody | Family::Vte | Family::XTerm => false,
        }
    }

    /// Links in text (OSC 8).
    pub(super) fn has_links(self) -> bool {
        match self.family {
            Family::Konsole => self.version >= [20, 12, 0],
            Family::Mlterm | Family::Nobody | Family::XTerm => false,
            _ => true,
        }
    }

    /// Joined emoji take the room of one. kitty has it from 0.42 on; foot says so itself.
    pub(super) fn joins_emoji(self) -> bool {
        match self.family {
            Family::Kitty => self.version >= [0, 42, 0],
            Family::Ghostty | Family::Iterm2 | Family::Konsole | Family::WezTerm => true,
            _ => false,
        }
    }

    /// The sequence that shows a notification there; others show it as text of another kind, or not at all.
    pub(super) fn notifier(self) -> Option<Notifier> {
        match self.family {
            Family::Kitty => Some(Notifier::Osc99),
            Family::Ghostty | Family::Iterm2 | Family::WezTerm => Some(Notifier::Osc9),
            Family::Foot | Family::Contour => Some(Notifier::Osc777),
            _ => None,
        }
    }

    /// Progress by OSC 9;4, which kitty before 0.39, iTerm2 before 3.6.6 and WezTerm of 2024 show as a notification.
    pub(super) fn has_progress(self) -> bool {
        match self.family {
            Family::Kitty => self.version >= [0, 39, 0],
            Family::Ghostty => self.version >= [1, 2, 0],
            Family::Iterm2 => self.version >= [3, 6, 6],
            Family::WezTerm => self.version >= [20_250_301, 0, 0],
            Family::Vte => self.version >= [8000, 0, 0],
            _ => false,
        }
    }
}

/// How a terminal is told of something that the user may want to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notifier {
    Osc9,
    Osc99,
    Osc777,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_versions_are_read_as_they_are_spelt() {
        for (name, family, version) in [
            ("kitty(0.48.2)", Family::Kitty, [0, 48, 2]),
            ("Konsole 26.08.2", Family::Konsole, [26, 8, 2]),
            ("XTerm(412)", Family::XTerm, [412, 0, 0]),
            ("ghostty 1.3.1", Family::Ghostty, [1, 3, 1]),
            ("iTerm2 3.5.14", Family::Iterm2, [3, 5, 14]),
            (
                "WezTerm 20240203-110809-5046fc22",
                Family::WezTerm,
                [20_240_203, 110_809, 5046],
            ),
            ("mlterm(3.9.4)", Family::Mlterm, [3, 9, 4]),
            ("VTE(7803)", Family::Vte, [7803, 0, 0]),
        ] {
            assert_eq!(Known::by(name), Some(Known { family, version }), "{name}");
        }
        assert_eq!(Known::by("Somebody 1.0"), None);
        assert_eq!(Known::by(""), None);
    }

    #[test]
    fn progress_is_not_sent_where_it_pops_up_as_a_notification() {
        let has = |name| Known::by(name).is_some_and(Known::has_progress);
        for yes in ["kitty(0.39.0)", "ghostty 1.2.0", "iTerm2 3.6.6", "VTE(8001)"] {
            assert!(has(yes), "{yes}");
        }
        for no in [
            "kitty(0.38.1)",
            "ghostty 1.1.3",
            "iTerm2 3.6.5",
            "WezTerm 20240203-110809-5046fc22",
            "foot(1.28.0)",
            "Konsole 26.08.2",
        ] {
            assert!(!has(no), "{no}");
        }
    }
}
