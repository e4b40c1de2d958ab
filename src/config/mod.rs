//! Settings: defaults, the user's file, the environment, the flags; each value knows where it came from.
