//! The decode path as the engine drives it: every example exchange and generated large answers, cut everywhere.

#![expect(clippy::disallowed_methods, reason = "fixtures are files")]

#[cfg(test)]
mod examples;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod large;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod shapes;
mod whole;
