//! Program of microseg.

use std::process::ExitCode;

use tikv_jemallocator::Jemalloc;

/// The allocator of the whole process, libtorch included. glibc's keeps what many connections have freed; this one gives
/// it back to the system within some seconds, on a thread of its own.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    microseg_cli::run()
}
