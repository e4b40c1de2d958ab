//! Which rows of the key table hold where: what has the keys decides.

use super::compare::Mode;
use super::layout;
use super::model::{Focus, Model, Overlay};
use crate::keys::Context;

const WIPING: &[Context] = &[
    Context::Wiping,
    Context::Comparing,
    Context::Picture,
    Context::Turn,
    Context::OutsidePrompt,
    Context::Anywhere,
];
const COMPARING: &[Context] = &[
    Context::Comparing,
    Context::Picture,
    Context::Turn,
    Context::OutsidePrompt,
    Context::Anywhere,
];
const COMPARING_NODES: &[Context] = &[
    Context::Comparing,
    Context::Turn,
    Context::List,
    Context::OutsidePrompt,
    Context::Anywhere,
];

impl Focus {
    /// Where a key is looked up while this pane has the keys, the nearest context first.
    pub fn contexts(self) -> &'static [Context] {
        match self {
            Self::Prompt => &[Context::Prompt, Context::Anywhere],
            Self::Sessions => &[
                Context::Sessions,
                Context::List,
                Context::OutsidePrompt,
                Context::Anywhere,
            ],
            Self::History => &[
                Context::Turn,
                Context::List,
                Context::OutsidePrompt,
                Context::Anywhere,
            ],
            Self::Picture => &[
                Context::Picture,
                Context::Turn,
                Context::OutsidePrompt,
                Context::Anywhere,
            ],
            Self::Thoughts => &[Context::List, Context::OutsidePrompt, Context::Anywhere],
        }
    }

    /// What help tells of: also the keys that hold while two nodes are compared, and on the contact sheet.
    pub fn help(self) -> &'static [Context] {
        match self {
            Self::Picture => &[
                Context::Picture,
                Context::Turn,
                Context::Comparing,
                Context::Wiping,
                Context::Sheet,
                Context::OutsidePrompt,
                Context::Anywhere,
            ],
            Self::History => &[
                Context::Turn,
                Context::List,
                Context::Comparing,
                Context::Sheet,
                Context::OutsidePrompt,
                Context::Anywhere,
            ],
            pane => pane.contexts(),
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Prompt => "Prompt",
            Self::Sessions => "Sessions",
            Self::History => "History",
            Self::Picture => "Picture",
            Self::Thoughts => "Thoughts",
        }
    }
}

impl Model {
    /// Returns whether characters are typed into something now: the prompt, the path of a file, the words of a search.
    pub fn is_typed_into(&self) -> bool {
        let has_field = matches!(self.overlay, Some(Overlay::Files(_) | Overlay::Search(_)));
        self.is_prompt_typed_into() || has_field && !layout::is_too_small(self.size)
    }

    /// Returns whether characters are typed into the prompt now.
    pub fn is_prompt_typed_into(&self) -> bool {
        self.overlay.is_none() && self.focus == Focus::Prompt && !layout::is_too_small(self.size)
    }

    /// Returns whether a question stands there, whose answer spends, deletes, stops or leaves.
    pub fn is_asked(&self) -> bool {
        match &self.overlay {
            None => false,
            Some(overlay) => match overlay {
                Overlay::Help { .. }
                | Overlay::Details { .. }
                | Overlay::Settings(_)
                | Overlay::Files(_)
                | Overlay::Search(_)
                | Overlay::Sheet(_) => false,
                Overlay::Fetch(_)
                | Overlay::Delete(_)
                | Overlay::Dearer
                | Overlay::Unsaved
                | Overlay::Quit
                | Overlay::Stop(_) => true,
            },
        }
    }

    /// Where a key is looked up now, the nearest context first.
    pub fn contexts(&self) -> &'static [Context] {
        match &self.overlay {
            None => match (self.focus, self.compares()) {
                (Focus::Picture, Some(Mode::Wipe)) => WIPING,
                (Focus::Picture, Some(_)) => COMPARING,
                (Focus::History, Some(_)) => COMPARING_NODES,
                (pane, _) => pane.contexts(),
            },
            Some(Overlay::Help { .. }) => &[Context::List, Context::OutsidePrompt, Context::Anywhere],
            // The key that opened them closes them.
            Some(Overlay::Details { .. }) => &[
                Context::List,
                Context::Turn,
                Context::OutsidePrompt,
                Context::Anywhere,
            ],
            Some(Overlay::Settings(_)) => &[Context::Settings, Context::List, Context::Anywhere],
            Some(Overlay::Files(_)) => &[Context::Files, Context::Anywhere],
            Some(Overlay::Fetch(_)) => &[Context::FetchQuestion, Context::Anywhere],
            Some(Overlay::Search(_)) => &[Context::Search, Context::Anywhere],
            Some(Overlay::Sheet(_)) => &[Context::Sheet, Context::List, Context::Anywhere],
            Some(Overlay::Delete(_)) => &[Context::DeleteQuestion, Context::Anywhere],
            Some(Overlay::Dearer) => &[Context::SpendQuestion, Context::Anywhere],
            Some(Overlay::Unsaved) => &[Context::UnsavedQuestion, Context::Anywhere],
            Some(Overlay::Quit) => &[Context::QuitQuestion, Context::Anywhere],
            Some(Overlay::Stop(_)) => &[Context::StopQuestion, Context::Anywhere],
        }
    }
}
