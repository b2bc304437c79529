//! Memory of a server's process, as Linux counts it.

use std::fs;

use crate::server::Server;

/// What a server holds in memory now, in bytes.
pub fn resident_memory(server: &Server) -> u64 {
    of(server, "VmRSS:")
}

/// The most that a server has held in memory so far, in bytes.
pub fn peak_memory(server: &Server) -> u64 {
    of(server, "VmHWM:")
}

fn of(server: &Server, line: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let mut values = status.lines().filter_map(|one| one.strip_prefix(line));
    let kilobytes = values.next().unwrap().trim().trim_end_matches(" kB");
    1024 * kilobytes.parse::<u64>().unwrap()
}
