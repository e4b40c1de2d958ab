//! Runs the program, exits with its code.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(tintype::app::main())
}
