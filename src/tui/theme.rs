//! How things look: the terminal's own colours, one accent. Without colours the same differences are made with bold,
//! reverse and dim.

use ratatui::style::{Color, Modifier, Style};

use super::pixels::ColourDepth;

/// The styles of the whole UI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    /// Border and title of the focused pane, the selected row's bar.
    pub accent: Style,
    /// Borders and everything that may be overlooked.
    pub quiet: Style,
    pub text: Style,
    /// Headlines, titles, keys in hints.
    pub strong: Style,
    /// A row that Enter would act on.
    pub selected: Style,
    pub error: Style,
    pub depth: ColourDepth,
}

impl Theme {
    pub fn of(depth: ColourDepth) -> Self {
        let coloured = depth != ColourDepth::None;
        let bold = Style::new().add_modifier(Modifier::BOLD);
        Self {
            accent: if coloured {
                Style::new().fg(Color::Cyan)
            } else {
                bold
            },
            quiet: Style::new().add_modifier(Modifier::DIM),
            text: Style::new(),
            strong: bold,
            selected: bold,
            error: if coloured {
                bold.fg(Color::Red)
            } else {
                bold.add_modifier(Modifier::REVERSED)
            },
            depth,
        }
    }
}
