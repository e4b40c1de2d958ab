//! The command line: one file per command. It prints through `output` only.
