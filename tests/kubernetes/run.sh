#!/usr/bin/env bash
# Tests of the files for Kubernetes with Helm's and kustomize's own code, the schemas of the objects, and the real server;
# `make test` runs them after the Rust tests. They need no cluster.
#
# MICROSEG names the program; without it, it is this repository's debug build. Arguments are unittest's.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
installs='Helm, kubectl and the schemas'
. "$here/../python_tests.sh"
