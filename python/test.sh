#!/usr/bin/env bash
# Tests of the Python client as a wheel, against the real server; `make test` runs them after the Rust tests.
#
# MICROSEG names the program; without it, it is this repository's debug build. Arguments are pytest's.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/.." && pwd)"
tools="$here/.venv-client"
requirements="$here/requirements-client.txt"
export MICROSEG="${MICROSEG:-${CARGO_TARGET_DIR:-$root/target}/debug/microseg}"
export PIP_DISABLE_PIP_VERSION_CHECK=1

[ -x "$MICROSEG" ] || { echo "error: $MICROSEG is missing: cargo build" >&2; exit 1; }

# The list of what is installed is written last: an interrupted installation is repeated.
if ! cmp -s "$requirements" "$tools/installed.txt"; then
    echo "installing what the Python client is tested with into python/.venv-client (once)" >&2
    [ -x "$tools/bin/python" ] || "${PYTHON:-python3}" -m venv "$tools"
    "$tools/bin/python" -m pip install --quiet --requirement "$requirements" >&2
    mkdir -p "$tools/wheels"
    "$tools/bin/python" -m pip download --quiet --no-deps --dest "$tools/wheels" \
        $(grep -E '^(h11|tzdata)==' "$requirements") >&2
    cp "$requirements" "$tools/installed.txt"
fi

fresh="$(mktemp -d)"
trap 'rm -rf "$fresh"' EXIT

# A copy, since setuptools leaves its folders beside the sources.
mkdir "$fresh/package"
cp -R "$here/pyproject.toml" "$here/README.md" "$here/src" "$fresh/package"
find "$fresh/package" -name '*.egg-info' -prune -exec rm -rf {} +
"$tools/bin/python" -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir "$fresh" "$fresh/package"

"$tools/bin/python" -m venv --without-pip "$fresh/venv"
"$tools/bin/python" -m pip --python "$fresh/venv/bin/python" install --quiet --no-index --find-links "$tools/wheels" \
    "$fresh"/microseg-*.whl
"$fresh/venv/bin/python" "$here/tests/bare.py"

# The same wheel beside pandas and the others, which it finds in the environment of the tools.
"$tools/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))' \
    >"$("$fresh/venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/tools.pth"
cd "$here"
"$tools/bin/python" -m ruff check --quiet .
"$tools/bin/python" -m ruff format --quiet --check .
"$fresh/venv/bin/python" -m pytest --quiet tests/tables tests/http tests/service "$@"
