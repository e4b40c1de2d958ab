//! One task per generation: it owns the connection, the spool, the journal and the turn. It has no screen.
