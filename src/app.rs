//! The composition root: settings, store, engine, demo, then the command line or the terminal UI. It decides nothing.
