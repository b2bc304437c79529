#!/usr/bin/env bash
# Tests the image with the intended restrictions: `make test-image`, which builds it first.
#
# A read-only root file system, a user other than root, no capabilities, one writable folder. The container must become
# healthy, score and explain a history, contain a bill of materials, and exit with 0 on SIGTERM.
# IMAGE and ENGINE are as in build.sh. With buildah alone it needs root, and the container shares the machine's network.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/.." && pwd)"
# shellcheck source=docker/engine.sh
. "$here/engine.sh"

image="${IMAGE:-microseg:latest}"
engine="$(find_engine)"
program=/opt/microseg/bin/microseg
user=10001
# Seconds. A cold start reads 450 MB; the server's grace period is 30.
patience=120
# Reachable from this machine only, so it needs neither keys nor certificates.
settings=(MICROSEG_ALLOW_NO_KEYS=true MICROSEG_ALLOW_NO_TLS=true)

fail() {
    [ ! -s "$work/log" ] || cat "$work/log" >&2
    echo "error: $1" >&2
    exit 1
}

say() { echo "ok: $1"; }

work="$(mktemp --directory)"
trap 'set +e; remove; rm -rf "$work"' EXIT

case "$engine" in
    buildah)
        # shellcheck source=docker/chroot.sh
        . "$here/chroot.sh"
        ;;
    *)
        # shellcheck source=docker/container.sh
        . "$here/container.sh"
        ;;
esac

start
deadline=$((SECONDS + patience))
until inside health >"$work/health" 2>&1; do
    running || { logs; fail "the container ended before it was healthy"; }
    [ "$SECONDS" -lt "$deadline" ] || { logs; fail "not healthy after $patience s: $(cat "$work/health")"; }
    sleep 0.2
done
say "healthy"

post() {
    curl --silent --show-error --noproxy '*' --max-time "$patience" --output "$work/answer" --write-out '%{http_code}' \
        --header 'content-type: application/json' --data-binary "@$root/examples/history.json" "http://$(address)$1"
}
status="$(post /v1/score)"
[ "$status" = 200 ] || { logs; fail "/v1/score answers $status: $(cat "$work/answer")"; }
grep --quiet '"traits":{"openness":' "$work/answer" || fail "no traits in $(cat "$work/answer")"
say "scored"
# An explanation is recorded before it is answered, so an answer proves that the store is writable.
status="$(post /v1/explain)"
[ "$status" = 201 ] || { logs; fail "/v1/explain answers $status: $(cat "$work/answer")"; }
say "explained and recorded"

check_confinement

copy_out /usr/share/doc/microseg/sbom.cdx.json "$work/sbom.json"
for part in pkg:cargo/microseg@ pkg:cargo/axum@ libtorch@ pkg:pypi/torch@; do
    grep --quiet --fixed-strings "\"$part" "$work/sbom.json" || fail "the bill of materials lacks $part"
done
say "bill of materials: $(grep --count '"purl": "pkg:cargo/' "$work/sbom.json") crates, $(grep --count '"purl": "pkg:deb/' "$work/sbom.json") Debian packages, libtorch"

code=
stop
[ "$code" = 0 ] || { logs; fail "SIGTERM ended it with $code"; }
say "SIGTERM ended it with 0"

echo "$image: $(size) MB"
