#!/bin/sh
# Fetches PgBouncer for the tests into .postgres where the machine has none; `make test` runs this before the tests.
#
# It is unpacked from the packages of Debian or Ubuntu, which needs no root; apt checks their signatures.
set -eu

here="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$here/../.." && pwd)"
"$here/pgbouncer.sh" --find >/dev/null 2>&1 && exit

echo 'fetching PgBouncer into .postgres for the tests (1 MB, once)' >&2
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
# Of its libraries, a system that runs PostgreSQL's own clients may lack these.
packages='pgbouncer libc-ares2 libevent-2.1-7'
(cd "$work" && apt-get download $packages >/dev/null) || {
    echo 'error: no PgBouncer for the tests: install it (on Debian and Ubuntu: pgbouncer), or say with PGBOUNCER=... which program it is' >&2
    exit 1
}
mkdir -p "$work/program" "$root/.postgres"
for package in "$work"/*.deb; do
    dpkg-deb --extract "$package" "$work/program"
done
rm -rf "$root/.postgres/pgbouncer"
mv "$work/program" "$root/.postgres/pgbouncer"
