//! Actions and the keys that stand for them: one table that help, footer, README and `tintype keys` read.
