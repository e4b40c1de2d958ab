//! Sessions and turns in SQLite, pictures as files beside it. Synchronous; it knows no provider and no screen.
