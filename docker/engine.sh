# Finds what builds and runs images; sourced by build.sh and test.sh.
# shellcheck shell=bash

# buildah builds without namespaces, which not every machine lends, unless it is told otherwise.
export BUILDAH_ISOLATION="${BUILDAH_ISOLATION:-chroot}"

# buildah with the storage that STORAGE_DRIVER names, else with its own choice; where that fails, plain copies of files
# work everywhere and cost disk.
buildah() {
    if [ -z "${STORAGE_DRIVER:-}" ] && ! command buildah info >/dev/null 2>&1; then
        STORAGE_DRIVER=vfs
    fi
    # The flag: not every version minds the variable.
    command buildah ${STORAGE_DRIVER:+--storage-driver "$STORAGE_DRIVER"} "$@"
}

# Whether an engine is there and answers; buildah needs no other program to answer.
answers() {
    case "$1" in
        # A program of this name, not the function above.
        buildah) type -P buildah >/dev/null ;;
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
