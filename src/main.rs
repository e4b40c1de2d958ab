//! Parses the arguments, runs the program, exits with its code.

fn main() {}
