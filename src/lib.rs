//! tintype: a terminal darkroom for Gemini image models.
//!
//! ```text
//!  terminal bytes ─▶ tty::lexer ─keys, mouse, paste─▶ tui::update(&mut Model, Msg) ─▶ Vec<Effect> ─▶ tui::shell
//!                                                          │ &Model, &Pixels                      │
//!                                                          ▼                                      ▼
//!                    tty::writer ◀─ frames, uploads ── tui::view ─▶ Placements        graphics (workers), engine
//!                                                                                                 │
//!  cli::generate ─────────────────────────────────────────────────────────────────▶ engine: one task per
//!                                                                                   generation owns http,
//!                                                                                   spool, journal and store
//! ```
//!
//! Two front ends, the terminal UI ([`tui`]) and the command line ([`cli`]), share one [`engine`] that has no
//! screen. A generation belongs to its own task: it reads at network speed and saves what it reads, whoever
//! listens. [`provider`] knows what vendors say and is pure but for its `http` file; [`demo`] is a provider that
//! runs inside the process; [`store`] keeps sessions and pictures; [`graphics`] turns pictures into what a terminal
//! can show; [`tty`] is the only room that touches the terminal; [`config`] the only one that reads the environment;
//! [`logs`] what a maintainer reads afterwards.
//!
//! Invariants, kept by `tests/rooms.rs` and the lints: rooms name only the rooms they may; `update` computes and
//! `view` reads; received bytes are stored as they came; text from the network is cleaned where it is shown; an idle
//! program draws nothing and wakes for nothing.

pub mod app;
pub mod cli;
pub mod config;
pub mod demo;
pub mod domain;
pub mod engine;
pub mod error;
pub mod graphics;
pub mod keys;
pub mod logs;
pub mod provider;
pub mod store;
pub mod tty;
pub mod tui;
