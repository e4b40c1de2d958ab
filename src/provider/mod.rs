//! Everything that knows that a vendor exists: capabilities, requests, answers, failures. Pure functions, but for `http`.

pub mod base_address;
pub mod blob;
mod builtin;
pub mod capability;
pub mod endpoint;
pub mod gemini;
pub mod http;
pub(crate) mod lenient;
pub mod network;
pub mod sse;
pub mod stream;
