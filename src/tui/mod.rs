//! The terminal UI: `update` computes, `view` reads, `shell` performs.

pub mod contexts;
pub mod editor;
pub mod effect;
pub mod layout;
pub mod lists;
pub mod markdown;
pub mod model;
pub mod msg;
pub mod pixels;
mod run;
mod shell;
pub mod text;
pub mod theme;
pub mod tree;
pub mod update;
pub mod view;
pub mod words;

pub use run::{House, run};
pub use shell::Route;
