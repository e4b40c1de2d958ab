//! The table: in which context which key does what. Looking up, printing and explaining are queries on it.

use crossterm::event::{KeyCode, KeyModifiers};

use super::{Action, Key};

/// Where a binding holds. Several hold at once; the caller lists them, the nearest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Context {
    /// The question of whether to leave while something runs.
    QuitQuestion,
    /// The question of whether to stop while a picture arrives.
    StopQuestion,
    /// The question of whether to fetch what an answer links to.
    FetchQuestion,
    /// The question of whether to delete.
    DeleteQuestion,
    /// The question of whether to send what a project's file makes dearer.
    SpendQuestion,
    /// The question of whether to leave while something is not saved.
    UnsavedQuestion,
    /// The search over all sessions; characters are typed into it.
    Search,
    /// The settings overlay.
    Settings,
    /// The file picker; characters are typed into its path.
    Files,
    Prompt,
    Sessions,
    /// The contact sheet.
    Sheet,
    /// While two nodes are compared by an edge between them.
    Wiping,
    /// While two nodes are compared.
    Comparing,
    Picture,
    /// History and Picture: whatever shows a turn.
    Turn,
    /// Everything that moves or scrolls by rows.
    List,
    /// Every pane but the prompt.
    OutsidePrompt,
    Anywhere,
}

impl Context {
    /// The heading in help and in `tintype keys`.
    pub fn name(self) -> &'static str {
        match self {
            Self::QuitQuestion => "leaving while it runs",
            Self::StopQuestion => "stopping a picture that arrives",
            Self::FetchQuestion => "fetching a linked picture",
            Self::DeleteQuestion => "deleting",
            Self::SpendQuestion => "sending at a project's price",
            Self::UnsavedQuestion => "leaving what is not saved",
            Self::Search => "searching",
            Self::Settings => "settings",
            Self::Files => "choosing a file",
            Self::Prompt => "prompt",
            Self::Sessions => "sessions",
            Self::Sheet => "contact sheet",
            Self::Wiping => "wiping",
            Self::Comparing => "comparing",
            Self::Picture => "picture",
            Self::Turn => "history, picture",
            Self::List => "lists",
            Self::OutsidePrompt => "outside the prompt",
            Self::Anywhere => "anywhere",
        }
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    pub context: Context,
    pub key: Key,
    pub action: Action,
}

const fn row(context: Context, key: Key, action: Action) -> Binding {
    Binding { context, key, action }
}

const fn plain(code: KeyCode) -> Key {
    Key::plain(code)
}

/// The default keys. The first key of an action is the one that hints show.
#[rustfmt::skip]
static TABLE: &[Binding] = {
    use Action as A;
    use Context::{Anywhere, Comparing, DeleteQuestion, FetchQuestion, Files, List, OutsidePrompt, Picture, Prompt, QuitQuestion,
                  Search, Sessions, Settings, Sheet, SpendQuestion, StopQuestion, Turn, UnsavedQuestion, Wiping};
    use KeyCode::{Backspace, Delete, Down, End, Enter, Esc, F, Home, Left, PageDown, PageUp, Right, Tab, Up};
    &[
        row(Anywhere, plain(Tab), A::NextPane),
        row(Anywhere, Key::with(Tab, KeyModifiers::SHIFT), A::PreviousPane),
        row(Anywhere, Key::ctrl('s'), A::Sessions),
        row(Anywhere, Key::ctrl('n'), A::NewSession),
        row(Anywhere, Key::ctrl('l'), A::Settings),
        row(Anywhere, Key::ctrl('f'), A::Attach),
        row(Anywhere, Key::ctrl('v'), A::PastePicture),
        row(Anywhere, Key::alt('i'), A::Details),
        row(Anywhere, Key::ctrl('t'), A::FoldThoughts),
        row(Anywhere, Key::alt('s'), A::FoldLeft),
        row(Anywhere, Key::alt('w'), A::SaveAgain),
        row(Anywhere, Key::alt('r'), A::Redraw),
        row(Anywhere, plain(F(1)), A::Help),
        row(Anywhere, plain(Esc), A::Escape),
        row(Anywhere, Key::ctrl('c'), A::Interrupt),
        row(Anywhere, Key::ctrl('q'), A::Quit),
        row(Anywhere, Key::ctrl('z'), A::Suspend),

        row(OutsidePrompt, Key::char('?'), A::Help),
        row(OutsidePrompt, Key::ctrl('e'), A::FoldLeft),

        row(Prompt, plain(Enter), A::Send),
        row(Prompt, Key::ctrl('j'), A::NewLine),
        row(Prompt, Key::with(Enter, KeyModifiers::ALT), A::NewLine),
        row(Prompt, Key::with(Enter, KeyModifiers::SHIFT), A::NewLine),
        row(Prompt, plain(Up), A::RowUp),
        row(Prompt, plain(Down), A::RowDown),
        row(Prompt, plain(Left), A::Left),
        row(Prompt, plain(Right), A::Right),
        row(Prompt, Key::alt('b'), A::WordLeft),
        row(Prompt, Key::with(Left, KeyModifiers::CONTROL), A::WordLeft),
        row(Prompt, Key::alt('f'), A::WordRight),
        row(Prompt, Key::with(Right, KeyModifiers::CONTROL), A::WordRight),
        row(Prompt, Key::ctrl('a'), A::LineStart),
        row(Prompt, plain(Home), A::LineStart),
        row(Prompt, Key::ctrl('e'), A::LineEnd),
        row(Prompt, plain(End), A::LineEnd),
        row(Prompt, plain(Backspace), A::DeleteLeft),
        row(Prompt, Key::with(Backspace, KeyModifiers::SHIFT), A::DeleteLeft),
        row(Prompt, Key::ctrl('h'), A::DeleteLeft),
        row(Prompt, plain(Delete), A::DeleteRight),
        row(Prompt, Key::ctrl('d'), A::DeleteRightOrQuit),
        row(Prompt, Key::ctrl('w'), A::KillWordLeft),
        row(Prompt, Key::with(Backspace, KeyModifiers::ALT), A::KillWordLeft),
        row(Prompt, Key::with(Backspace, KeyModifiers::CONTROL), A::KillWordLeft),
        row(Prompt, Key::alt('d'), A::KillWordRight),
        row(Prompt, Key::ctrl('u'), A::KillToStart),
        row(Prompt, Key::ctrl('k'), A::KillToEnd),
        row(Prompt, Key::ctrl('x'), A::DropReference),
        row(Prompt, Key::ctrl('y'), A::Yank),
        row(Prompt, Key::ctrl('_'), A::Undo),
        // The same byte, as other decoders name it.
        row(Prompt, Key::ctrl('7'), A::Undo),
        row(Prompt, Key::ctrl('/'), A::Undo),

        row(List, Key::char('k'), A::Up),
        row(List, plain(Up), A::Up),
        row(List, Key::char('j'), A::Down),
        row(List, plain(Down), A::Down),
        row(List, Key::char('g'), A::First),
        row(List, plain(Home), A::First),
        row(List, Key::char('G'), A::Last),
        row(List, plain(End), A::Last),
        row(List, Key::ctrl('u'), A::HalfPageUp),
        row(List, Key::ctrl('d'), A::HalfPageDown),
        row(List, plain(PageUp), A::PageUp),
        row(List, plain(PageDown), A::PageDown),

        row(Sessions, plain(Enter), A::Open),
        row(Sessions, Key::char('/'), A::Search),
        row(Sessions, Key::char('d'), A::Delete),
        row(Sessions, Key::char('u'), A::UndoDelete),

        row(Turn, plain(Enter), A::Continue),
        row(Turn, Key::char('r'), A::Again),
        row(Turn, Key::char('e'), A::Edit),
        row(Turn, Key::char('i'), A::Details),
        row(Turn, Key::char('y'), A::Copy),
        row(Turn, Key::char('D'), A::Download),
        row(Turn, Key::char('L'), A::FetchLinks),
        row(Turn, Key::char('/'), A::Search),
        row(Turn, Key::char('d'), A::Delete),
        row(Turn, Key::char('u'), A::UndoDelete),
        row(Turn, Key::char('W'), A::SaveAgain),

        row(Turn, Key::char('+'), A::ZoomIn),
        row(Turn, Key::char('-'), A::ZoomOut),
        row(Turn, Key::char('0'), A::ZoomFit),
        row(Turn, Key::char('='), A::ActualPixels),
        row(Turn, Key::char('f'), A::FullScreen),
        row(Turn, Key::char('m'), A::Mark),
        row(Turn, Key::char('c'), A::Compare),
        row(Turn, Key::char('t'), A::Thumbnails),
        row(Turn, Key::char('C'), A::ContactSheet),

        row(Picture, Key::char('h'), A::PanLeft),
        row(Picture, plain(Left), A::PanLeft),
        row(Picture, Key::char('l'), A::PanRight),
        row(Picture, plain(Right), A::PanRight),
        row(Picture, Key::char('k'), A::PanUp),
        row(Picture, plain(Up), A::PanUp),
        row(Picture, Key::char('j'), A::PanDown),
        row(Picture, plain(Down), A::PanDown),
        row(Picture, Key::with(Left, KeyModifiers::SHIFT), A::NudgeLeft),
        row(Picture, Key::with(Right, KeyModifiers::SHIFT), A::NudgeRight),
        row(Picture, Key::with(Up, KeyModifiers::SHIFT), A::NudgeUp),
        row(Picture, Key::with(Down, KeyModifiers::SHIFT), A::NudgeDown),
        row(Picture, Key::char('p'), A::PreviousNode),
        row(Picture, plain(PageUp), A::PreviousNode),
        row(Picture, Key::char('n'), A::NextNode),
        row(Picture, plain(PageDown), A::NextNode),

        row(Comparing, Key::char('s'), A::SideBySide),
        row(Comparing, Key::char('b'), A::Blink),
        row(Comparing, Key::char(' '), A::Blink),
        row(Comparing, Key::char('w'), A::Wipe),
        row(Comparing, Key::char('x'), A::Difference),

        row(Wiping, Key::char('h'), A::EdgeLeft),
        row(Wiping, plain(Left), A::EdgeLeft),
        row(Wiping, Key::char('l'), A::EdgeRight),
        row(Wiping, plain(Right), A::EdgeRight),

        row(Sheet, plain(Enter), A::GoThere),
        row(Sheet, Key::char('h'), A::PreviousNode),
        row(Sheet, plain(Left), A::PreviousNode),
        row(Sheet, Key::char('l'), A::NextNode),
        row(Sheet, plain(Right), A::NextNode),
        row(Sheet, Key::char('m'), A::Mark),
        row(Sheet, Key::char('c'), A::Compare),
        row(Sheet, Key::char('C'), A::ContactSheet),

        row(Settings, Key::char('h'), A::PreviousColumn),
        row(Settings, plain(Left), A::PreviousColumn),
        row(Settings, Key::with(Tab, KeyModifiers::SHIFT), A::PreviousColumn),
        row(Settings, Key::char('l'), A::NextColumn),
        row(Settings, plain(Right), A::NextColumn),
        row(Settings, plain(Tab), A::NextColumn),
        row(Settings, plain(Enter), A::Take),

        row(Files, plain(Enter), A::AttachThis),
        row(Files, plain(Tab), A::Complete),
        row(Files, plain(Up), A::Up),
        row(Files, plain(Down), A::Down),
        row(Files, plain(PageUp), A::PageUp),
        row(Files, plain(PageDown), A::PageDown),
        row(Files, plain(Backspace), A::DeleteLeft),
        row(Files, Key::ctrl('h'), A::DeleteLeft),
        row(Files, Key::ctrl('w'), A::KillWordLeft),
        row(Files, Key::with(Backspace, KeyModifiers::ALT), A::KillWordLeft),
        row(Files, Key::with(Backspace, KeyModifiers::CONTROL), A::KillWordLeft),
        row(Files, Key::ctrl('u'), A::KillToStart),

        row(Search, plain(Enter), A::OpenHit),
        row(Search, plain(Up), A::Up),
        row(Search, plain(Down), A::Down),
        row(Search, plain(PageUp), A::PageUp),
        row(Search, plain(PageDown), A::PageDown),
        row(Search, plain(Backspace), A::DeleteLeft),
        row(Search, Key::ctrl('h'), A::DeleteLeft),
        row(Search, Key::ctrl('w'), A::KillWordLeft),
        row(Search, Key::with(Backspace, KeyModifiers::ALT), A::KillWordLeft),
        row(Search, Key::with(Backspace, KeyModifiers::CONTROL), A::KillWordLeft),
        row(Search, Key::ctrl('u'), A::KillToStart),

        row(DeleteQuestion, Key::char('d'), A::DeleteIt),
        row(DeleteQuestion, plain(Enter), A::DeleteIt),

        // Not Enter: pressed twice in the prompt it would spend.
        row(SpendQuestion, Key::char('s'), A::SendDearer),
        row(SpendQuestion, Key::char('o'), A::SendOwn),

        row(UnsavedQuestion, Key::char('w'), A::SaveAgain),
        row(UnsavedQuestion, Key::char('q'), A::LeaveUnsaved),

        row(QuitQuestion, Key::char('f'), A::FinishInBackground),
        row(QuitQuestion, Key::char('s'), A::StopIt),

        row(StopQuestion, Key::char('s'), A::StopIt),
        row(StopQuestion, plain(Enter), A::StopIt),

        row(FetchQuestion, Key::char('f'), A::FetchIt),
        row(FetchQuestion, plain(Enter), A::FetchIt),
    ]
};

/// The whole table, grouped by context.
pub fn bindings() -> &'static [Binding] {
    TABLE
}

/// What `key` does where these contexts hold, the nearest first.
pub fn action(contexts: &[Context], key: Key) -> Option<Action> {
    let in_context = |context: &Context| {
        let mut rows = TABLE.iter();
        rows.find(|row| row.context == *context && row.key == key)
            .map(|row| row.action)
    };
    contexts.iter().find_map(in_context)
}

/// The keys that do `action` in this context, the main one first.
pub fn keys_for(context: Context, action: Action) -> impl Iterator<Item = Key> {
    TABLE
        .iter()
        .filter(move |row| row.context == context && row.action == action)
        .map(|row| row.key)
}

/// The main key of `action` in the nearest of these contexts that has one.
pub fn key_for(contexts: &[Context], action: Action) -> Option<Key> {
    contexts
        .iter()
        .find_map(|context| keys_for(*context, action).next())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_key_means_two_things_in_one_context() {
        let mut seen = HashSet::new();
        for row in bindings() {
            assert!(
                seen.insert((row.context, row.key)),
                "{} twice in {}",
                row.key,
                row.context.name()
            );
        }
    }

    #[test]
    fn every_action_has_a_key() {
        for action in Action::ALL {
            assert!(
                bindings().iter().any(|row| row.action == *action),
                "{action} has no key"
            );
        }
    }

    #[test]
    fn the_nearest_context_wins() {
        let prompt = [Context::Prompt, Context::Anywhere];
        let history = [
            Context::Turn,
            Context::List,
            Context::OutsidePrompt,
            Context::Anywhere,
        ];
        assert_eq!(action(&prompt, Key::ctrl('e')), Some(Action::LineEnd));
        assert_eq!(action(&history, Key::ctrl('e')), Some(Action::FoldLeft));
        assert_eq!(action(&prompt, Key::char('?')), None);
        assert_eq!(action(&history, Key::char('?')), Some(Action::Help));
        assert_eq!(
            key_for(&prompt, Action::Help).map(Key::short),
            Some("F1".to_owned())
        );
        assert_eq!(
            key_for(&history, Action::Help).map(Key::short),
            Some("?".to_owned())
        );
    }

    #[test]
    fn every_key_is_written_as_it_is_read() {
        for row in bindings() {
            assert_eq!(row.key.to_string().parse(), Ok(row.key), "{}", row.key);
        }
    }
}
