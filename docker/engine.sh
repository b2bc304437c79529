# Finds a program that builds and runs images; sourced by build.sh and test.sh.
# shellcheck shell=bash

# By default buildah builds without namespaces, which not every machine permits.
export BUILDAH_ISOLATION="${BUILDAH_ISOLATION:-chroot}"

# buildah with the storage that STORAGE_DRIVER names, else with its default; if that fails, with plain copies of files,
# which work everywhere but use more disk space.
buildah() {
    if [ -z "${STORAGE_DRIVER:-}" ] && ! command buildah info >/dev/null 2>&1; then
        STORAGE_DRIVER=vfs
    fi
    # As a flag, since not every version reads the variable.
    command buildah ${STORAGE_DRIVER:+--storage-driver "$STORAGE_DRIVER"} "$@"
}

# Whether an engine is installed and answers; buildah needs no daemon.
answers() {
    case "$1" in
        # The program of this name, not the function above.
        buildah) type -P buildah >/dev/null ;;
        *) "$1" info >/dev/null 2>&1 ;;
    esac
}

# Prints the engine: ENGINE, or the first that answers; buildah is installed if none does.
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
