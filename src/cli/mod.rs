//! The command line: one file per command. It prints through [`output`] only, and never touches a terminal's modes.

pub mod args;
pub mod config;
mod consent;
pub mod costs;
mod delivery;
pub mod demo_server;
pub mod doctor;
mod events;
mod follow;
pub mod generate;
pub mod inherited;
mod input;
mod interrupt;
pub mod keys;
pub mod models;
pub mod output;
mod prose;
pub mod providers;
pub mod recovered;
mod report;
pub mod rescue;
pub mod sessions;
pub mod show;
mod told;
pub mod tuning;
pub mod usage;
