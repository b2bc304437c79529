# Finds what builds and runs images; sourced by build.sh and test.sh.
# shellcheck shell=bash

# buildah asks these. Its own defaults need namespaces and a file system that not every machine lends; these run wherever
# root does, and cost disk and time.
export BUILDAH_ISOLATION="${BUILDAH_ISOLATION:-chroot}"
export STORAGE_DRIVER="${STORAGE_DRIVER:-vfs}"

# Whether an engine is there and answers; buildah needs no other program to answer.
answers() {
    case "$1" in
        buildah) command -v buildah >/dev/null ;;
        # podman would take the driver above, too, and then not find the images that it has.
        podman) env -u STORAGE_DRIVER podman info >/dev/null 2>&1 ;;
        *) "$1" info >/dev/null 2>&1 ;;
    esac
}

# Prints the engine: ENGINE, or the first that answers; buildah is installed where nothing does.
find_engine() {
    local engine
    if [ -n "${ENGINE:-}" ]; then
        answers "$ENGINE" || { echo "error: ENGINE=$ENGINE does not answer" >&2; return 1; }
        echo "$ENGINE"
        return
    fi
    for engine in docker podman buildah; do
        if answers "$engine"; then
            echo "$engine"
            return
        fi
    done
    if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        echo "neither docker nor podman answers: installing buildah" >&2
        apt-get update --quiet >&2 && apt-get install --yes --quiet --no-install-recommends buildah >&2
        echo buildah
    else
        echo "error: neither docker, podman nor buildah answers: on Debian and Ubuntu, sudo apt-get install buildah" >&2
        return 1
    fi
}
