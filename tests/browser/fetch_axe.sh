#!/bin/sh
# Fetches axe-core, which finds faults of accessibility, into .axe for the tests in a browser; `make test` runs this before
# the tests. Where it cannot be had, the test that needs it says so and the others run.
#
# It is a package of npm, of one version and with one content, whoever serves it.
set -eu

version=4.14.1
sha512=1477dafa598d8d065f273d6af302aa203c02e83131707b7fa648cd41bd3d6b734f8c22a0dab86ee6a6f64b8afbe804b214d36db85a2826965edfb3a0b9d546b5

root="$(cd "$(dirname "$0")/../.." && pwd)"
folder="$root/.axe/$version"
[ -f "$folder/axe.min.js" ] && exit

echo "fetching axe-core $version into .axe for the tests (0.6 MB, once)" >&2
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
package="$work/axe-core-$version.tgz"
fetch() {
    if command -v npm >/dev/null; then
        (cd "$work" && npm pack --silent "axe-core@$version" >/dev/null)
    else
        curl --fail --silent --show-error --location --output "$package" \
            "https://registry.npmjs.org/axe-core/-/axe-core-$version.tgz"
    fi
}
fetch || {
    echo 'warning: no axe-core for the tests, so the accessibility of pages is not tried: npm or curl must reach registry.npmjs.org' >&2
    exit 0
}
echo "$sha512  $package" | sha512sum --check --status || {
    echo "error: axe-core $version is not what it was when it was chosen" >&2
    exit 1
}
mkdir -p "$folder"
tar -xzf "$package" -C "$work" package/axe.min.js package/LICENSE
mv "$work/package/LICENSE" "$folder/"
mv "$work/package/axe.min.js" "$folder/"
