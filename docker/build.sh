#!/usr/bin/env bash
# Builds the image: `make image`.
#
#   docker/build.sh [FLAG...]
#
# IMAGE       the image's name [microseg:latest]
# ENGINE      docker, podman or buildah [the first that answers]
# RUST_IMAGE, RUNTIME_IMAGE
#             the bases [the Dockerfile's]
# CERTIFICATES, PIP_CONFIG, CARGO_CONFIG
#             files needed to reach the package registries from your network: certificates (PEM), pip.conf, cargo's
#             config.toml. The build reads them and keeps none of them. PIP_INDEX_URL and PIP_EXTRA_INDEX_URL count, too.
#
# Flags are passed to the engine's build command.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/.." && pwd)"
# shellcheck source=docker/engine.sh
. "$here/engine.sh"

image="${IMAGE:-microseg:latest}"
engine="$(find_engine)"

flags=(--file "$here/Dockerfile" --tag "$image")
for name in RUST_IMAGE RUNTIME_IMAGE PIP_INDEX_URL PIP_EXTRA_INDEX_URL SOURCE_DATE_EPOCH; do
    [ -z "${!name:-}" ] || flags+=(--build-arg "$name=${!name}")
done
for name in CERTIFICATES PIP_CONFIG CARGO_CONFIG; do
    case "$name" in
        CERTIFICATES) secret=certificates ;;
        PIP_CONFIG) secret=pip ;;
        CARGO_CONFIG) secret=cargo ;;
    esac
    [ -z "${!name:-}" ] || flags+=(--secret "id=$secret,src=${!name}")
done

# Labels: the image's version and its sources.
version="$(sed -n 's/^version = "\(.*\)"/\1/p' "$root/Cargo.toml" | head -n 1)"
created="$(date --utc --date="@${SOURCE_DATE_EPOCH:-$(date +%s)}" +%Y-%m-%dT%H:%M:%SZ)"
flags+=(--build-arg "VERSION=$version" --build-arg "CREATED=$created")
if revision="$(git -C "$root" rev-parse HEAD 2>/dev/null)"; then
    [ -z "$(git -C "$root" status --porcelain 2>/dev/null)" ] || revision="$revision-modified"
    flags+=(--build-arg "REVISION=$revision")
fi

echo "building $image with $engine" >&2
case "$engine" in
    # The secrets need BuildKit, which is not the default of old versions.
    docker) DOCKER_BUILDKIT=1 docker build "${flags[@]}" "$@" "$root" ;;
    # podman's default format has no health check.
    podman) podman build --format docker "${flags[@]}" "$@" "$root" ;;
    buildah) buildah bud --format docker "${flags[@]}" "$@" "$root" ;;
    *) "$engine" build "${flags[@]}" "$@" "$root" ;;
esac
