//! The native Gemini API: how a request is spelled, what an answer says, what a failure means.

pub mod answer;
pub mod bounds;
pub mod failure;
pub mod listing;
pub mod request;
pub mod response;
