//! Tells the linker where libtorch lies, so that what is built starts without `LD_LIBRARY_PATH`.

use std::env;
use std::path::Path;
use std::process::exit;

fn main() {
    println!("cargo::rerun-if-env-changed=LIBTORCH");

    let Some(libtorch) = env::var_os("LIBTORCH") else {
        fail("LIBTORCH is not set: run cargo inside the project, where .cargo/config.toml sets it");
    };
    let libtorch = Path::new(&libtorch);
    if !libtorch.is_absolute() {
        // Every build script runs in a folder of its own: a relative path means something else in each.
        fail("LIBTORCH must be an absolute path");
    }
    // Each crate that links libtorch shares this script: the workspace is the crate's folder or lies above it.
    let crate_folder = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    let mut folders = Path::new(&crate_folder).ancestors();
    let is_fetched = folders.any(|folder| folder.join(".libtorch") == libtorch);
    let libraries = libtorch.join("lib");
    // A folder that comes later makes cargo look again.
    println!("cargo::rerun-if-changed={}", libraries.display());
    if !libraries.is_dir() {
        if is_fetched {
            fail("libtorch is missing: run `make libtorch` first");
        }
        fail(&format!(
            "LIBTORCH names no libtorch: there is no {}",
            libraries.display()
        ));
    }

    if is_fetched {
        // First the path from target/release, then from target/debug/deps: a checkout may be moved with what it built.
        println!("cargo::rustc-link-arg=-Wl,-rpath,$ORIGIN/../../.libtorch/lib");
        println!("cargo::rustc-link-arg=-Wl,-rpath,$ORIGIN/../../../.libtorch/lib");
    }
    println!("cargo::rustc-link-arg=-Wl,-rpath,{}", libraries.display());
    // An installed copy, as in a container: the program in bin, libtorch's libraries in lib beside it.
    println!("cargo::rustc-link-arg=-Wl,-rpath,$ORIGIN/../lib");
}

/// Ends the build with one line that says what to do.
fn fail(message: &str) -> ! {
    println!("cargo::error={message}");
    exit(1);
}
