//! Tells the linker where libtorch lies: what the server's own build says holds for the server's programs only.

use std::env;
use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=LIBTORCH");
    // Without it the server's own build has failed already, and said why.
    if let Some(libtorch) = env::var_os("LIBTORCH") {
        let libraries = Path::new(&libtorch).join("lib");
        println!("cargo::rustc-link-arg=-Wl,-rpath,{}", libraries.display());
    }
}
