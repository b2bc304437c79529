#!/bin/sh
# Fetches Chromium and its WebDriver for the tests into .browser where the machine has none; `make test` runs this before
# the tests. Where it cannot be had, the tests in a browser say so and the others run.
#
# It is unpacked from the packages of Debian, which needs no root; apt checks their signatures, and names the libraries
# that this machine lacks.
set -eu

root="$(cd "$(dirname "$0")/../.." && pwd)"
if command -v chromedriver >/dev/null || [ -x "$root/.browser/usr/bin/chromedriver" ]; then
    exit
fi

echo 'fetching Chromium into .browser for the tests (110 MB, once)' >&2
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
fetch() {
    missing="$(apt-get --simulate --no-install-recommends install chromium chromium-driver 2>/dev/null \
        | awk '/^Inst / { print $2 }')"
    [ -n "$missing" ] || return 1
    # shellcheck disable=SC2086 # names of packages
    (cd "$work" && apt-get download $missing >/dev/null)
}
fetch || {
    echo 'warning: no browser for the tests, so pages are not tried in one: on Debian, install chromium and chromium-driver' >&2
    exit 0
}
for package in "$work"/*.deb; do
    dpkg-deb --extract "$package" "$work/program"
    rm "$package"
done
rm -rf "$root/.browser"
mv "$work/program" "$root/.browser"
