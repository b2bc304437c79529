//! Program of microseg.

use std::process::ExitCode;

fn main() -> ExitCode {
    microseg_cli::run()
}
