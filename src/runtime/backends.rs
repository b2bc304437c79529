//! Choice of the runtime for a network's file.

use std::path::Path;

use crate::Backend;
use crate::libtorch::Libtorch;

/// The runtimes of this program; the first is the default.
const BACKENDS: [&dyn Backend; 1] = [&Libtorch];

/// The runtime for a bundle with these files: the first whose network file is among them, or else the default.
pub fn backend_for_bundle(has_file: impl Fn(&str) -> bool) -> &'static dyn Backend {
    first(|backend| has_file(backend.network_file()))
}

/// The runtime for a network in a file of any name: the first with this file name extension, or else the default.
#[must_use]
pub fn backend_for_file(file: &Path) -> &'static dyn Backend {
    first(|backend| Path::new(backend.network_file()).extension() == file.extension())
}

fn first(is_chosen: impl Fn(&dyn Backend) -> bool) -> &'static dyn Backend {
    let mut backends = BACKENDS.into_iter();
    backends
        .find(|&backend| is_chosen(backend))
        .unwrap_or(BACKENDS[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_file_names_get_the_default_backend() {
        for file in ["network.pt", "network", "taxonomy.csv"] {
            let backend = backend_for_file(Path::new(file));
            assert_eq!(backend.identity().backend, "libtorch", "{file}");
        }
        assert_eq!(backend_for_bundle(|_| false).network_file(), "model.pt");
    }
}
