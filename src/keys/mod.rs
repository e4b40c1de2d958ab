//! Actions and the keys that stand for them: one table that help, footer, `docs/keys.md` and `tintype keys` read. It knows no
//! state: which contexts hold is the caller's to say.

mod action;
mod key;
mod keymap;

pub use action::Action;
pub use key::Key;
pub use keymap::{Binding, Context, action, bindings, key_for, keys_for};
