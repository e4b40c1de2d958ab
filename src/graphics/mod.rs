//! Pictures for terminals: decode, scale, encode per protocol. CPU only; no files, no tasks, no terminal.
