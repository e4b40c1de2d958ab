//! Everything that a key can stand for, with the name it has in settings and the words it has in help.

use std::fmt;
use std::str::FromStr;

macro_rules! actions {
    ($($(#[$doc:meta])* $action:ident, $name:literal, $words:literal;)*) => {
        /// A verb of the user interface.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Action {
            $($(#[$doc])* $action,)*
        }

        impl Action {
            /// Every action, in the order that help shows them.
            pub const ALL: &[Self] = &[$(Self::$action,)*];

            /// The name in settings, such as `next-pane`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$action => $name,)*
                }
            }

            /// What it does, in a few words for help and footer.
            pub fn describe(self) -> &'static str {
                match self {
                    $(Self::$action => $words,)*
                }
            }

            /// One or two words for the footer.
            pub fn hint(self) -> &'static str {
                match self {
                    Self::Settings => "settings",
                    Self::FoldThoughts | Self::FoldLeft => "fold",
                    Self::Escape | Self::StopIt => "stop",
                    Self::Send | Self::SendDearer => "send",
                    Self::SendOwn => "your own",
                    Self::Open | Self::OpenHit => "open",
                    Self::Delete | Self::DeleteIt => "delete",
                    Self::Search => "search",
                    Self::SaveAgain => "save again",
                    Self::LeaveUnsaved => "leave",
                    Self::Continue => "continue",
                    Self::Take => "use",
                    Self::Again => "again",
                    Self::Edit => "edit",
                    Self::Attach | Self::AttachThis => "attach",
                    Self::Details => "details",
                    Self::Complete => "complete",
                    Self::FetchLinks | Self::FetchIt => "fetch",
                    Self::FinishInBackground => "finish",
                    Self::ZoomIn => "closer",
                    Self::ZoomFit => "whole",
                    Self::FullScreen => "full screen",
                    Self::Compare => "compare",
                    Self::Blink => "switch",
                    Self::GoThere => "go there",
                    Self::EdgeRight => "move",
                    Self::Copy => "copy",
                    Self::Download => "download",
                    Self::PastePicture => "paste picture",
                    _ => self.describe(),
                }
            }
        }
    };
}

actions! {
    NextPane, "next-pane", "next pane";
    PreviousPane, "previous-pane", "previous pane";
    Sessions, "sessions", "sessions";
    NewSession, "new-session", "new session";
    Settings, "settings", "provider, model, ratio, size, count, thinking, output";
    Attach, "attach", "attach a reference picture";
    Details, "details", "details of the error, else of the turn";
    FoldThoughts, "fold-thoughts", "fold or unfold the thoughts";
    FoldLeft, "fold-left", "fold or unfold the left column";
    Redraw, "redraw", "redraw everything and ask the terminal again";
    Help, "help", "help";
    Escape, "escape", "close the overlay, else dismiss the error, else stop";
    Interrupt, "interrupt", "stop, else clear the prompt; twice on an empty prompt: quit";
    Quit, "quit", "quit";
    Suspend, "suspend", "suspend";
    Send, "send", "send the prompt";
    NewLine, "new-line", "new line";
    RowUp, "row-up", "row up; on the first, an earlier prompt";
    RowDown, "row-down", "row down; on the last, a later prompt";
    Left, "left", "a character left";
    Right, "right", "a character right";
    WordLeft, "word-left", "a word left";
    WordRight, "word-right", "a word right";
    LineStart, "line-start", "start of the line";
    LineEnd, "line-end", "end of the line";
    DeleteLeft, "delete-left", "delete to the left";
    DeleteRight, "delete-right", "delete to the right";
    /// Two meanings of one old key: end of input on an empty line, delete otherwise.
    DeleteRightOrQuit, "delete-right-or-quit", "delete to the right; on an empty prompt, quit";
    KillWordLeft, "kill-word-left", "delete the word to the left";
    KillWordRight, "kill-word-right", "delete the word to the right";
    KillToStart, "kill-to-start", "delete to the start of the line";
    KillToEnd, "kill-to-end", "delete to the end of the line";
    DropReference, "drop-reference", "take the last reference picture off";
    Yank, "yank", "put back what was deleted last";
    Undo, "undo", "undo";
    Up, "up", "up";
    Down, "down", "down";
    First, "first", "first";
    Last, "last", "last";
    HalfPageUp, "half-page-up", "half a page up";
    HalfPageDown, "half-page-down", "half a page down";
    PageUp, "page-up", "a page up";
    PageDown, "page-down", "a page down";
    Open, "open", "open the session";
    Continue, "continue", "continue from here";
    PreviousNode, "previous-node", "previous node";
    NextNode, "next-node", "next node";
    ZoomIn, "zoom-in", "look closer";
    ZoomOut, "zoom-out", "look from further away";
    ZoomFit, "zoom-fit", "the whole picture";
    ActualPixels, "actual-pixels", "actual pixels";
    FullScreen, "full-screen", "the picture alone on the screen, and back";
    PanLeft, "pan-left", "pan left";
    PanRight, "pan-right", "pan right";
    PanUp, "pan-up", "pan up";
    PanDown, "pan-down", "pan down";
    NudgeLeft, "nudge-left", "a little to the left";
    NudgeRight, "nudge-right", "a little to the right";
    NudgeUp, "nudge-up", "a little up";
    NudgeDown, "nudge-down", "a little down";
    Mark, "mark", "mark it to compare others with it, or unmark it";
    Compare, "compare", "compare with the marked node, else with what it grew from";
    SideBySide, "side-by-side", "side by side";
    Blink, "blink", "blink: one in place of the other, and back";
    Wipe, "wipe", "wipe: one left of an edge, the other right of it";
    Difference, "difference", "difference: where they are not the same";
    EdgeLeft, "edge-left", "move the edge to the left";
    EdgeRight, "edge-right", "move the edge to the right";
    Thumbnails, "thumbnails", "show or hide the small pictures in History";
    ContactSheet, "contact-sheet", "contact sheet: all pictures of the session in small";
    GoThere, "go-there", "go to this node";
    Search, "search", "search titles, prompts, thoughts and replies";
    OpenHit, "open-hit", "open it there";
    Delete, "delete", "delete the session, or the node with all that grew from it (asks)";
    DeleteIt, "delete-it", "delete it";
    UndoDelete, "undo-delete", "bring back what was deleted last";
    SendDearer, "send-dearer", "send it at the project's price";
    SendOwn, "send-own", "send it with your own default";
    SaveAgain, "save-again", "save again what could not be saved";
    LeaveUnsaved, "leave-unsaved", "leave; what is not saved is lost";
    Take, "take", "use these for the next prompt";
    PreviousColumn, "previous-column", "previous setting";
    NextColumn, "next-column", "next setting";
    Complete, "complete", "complete the path";
    AttachThis, "attach-this", "attach it, or look into the folder";
    Again, "again", "again with the same request";
    Edit, "edit", "load its prompt and settings into the editor";
    Copy, "copy", "copy the picture to your clipboard, or its path where the terminal takes no pictures";
    Download, "download", "download the picture to the machine of your terminal";
    PastePicture, "paste-picture", "paste the picture on your clipboard, where the terminal hands it over";
    FetchLinks, "fetch-links", "fetch the picture that the answer links to (asks)";
    FetchIt, "fetch-it", "fetch it";
    FinishInBackground, "finish-in-background", "finish in the background";
    StopIt, "stop-it", "stop it";
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Action {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let wanted = name.trim();
        let found = Self::ALL
            .iter()
            .find(|action| action.name().eq_ignore_ascii_case(wanted));
        found
            .copied()
            .ok_or_else(|| format!("there is no action \u{201c}{wanted}\u{201d}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_reads_back_what_it_displays_and_describes_itself() {
        for action in Action::ALL {
            assert_eq!(action.to_string().parse(), Ok(*action));
            assert!(!action.describe().is_empty());
        }
        assert_eq!(
            "fly".parse::<Action>(),
            Err("there is no action \u{201c}fly\u{201d}".to_owned())
        );
    }

    #[test]
    fn no_two_actions_share_a_name() {
        let mut names: Vec<_> = Action::ALL.iter().map(|action| action.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Action::ALL.len());
    }
}
