//! The terminal UI: `update` computes, `view` reads, `shell` performs.

pub mod closer;
pub mod compare;
pub mod consent;
pub mod contexts;
pub mod details;
pub mod editor;
pub mod effect;
pub mod files;
pub mod jobs;
pub mod layout;
pub mod lists;
pub mod looking;
pub mod markdown;
pub mod model;
pub mod money;
pub mod msg;
pub mod nodes;
pub mod paths;
pub mod pixels;
mod run;
pub mod scene;
pub mod search;
pub mod sending;
pub mod settings;
pub mod sheet;
mod shell;
pub mod text;
pub mod theme;
pub mod update;
pub mod view;
pub mod wants;
pub mod words;

pub use crate::domain::tree;
pub use run::{House, run};
pub use shell::{Limits, Route, Routes};
