#!/usr/bin/env bash
# Tests of the server with public clients; `make test` runs them after the Rust tests.
#
# MICROSEG names the program; without it, it is this repository's debug build.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
installs='the clients'
. "$here/../python_tests.sh"
