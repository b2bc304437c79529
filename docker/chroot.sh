# Runs the image's files in new namespaces, where no container engine is available; sourced by test.sh.
# shellcheck shell=bash disable=SC2034,SC2154

[ "$(id -u)" = 0 ] || { echo "error: without docker and podman this needs root" >&2; exit 1; }

container=
files=
outside=
process=
environment=()

# Prints a member of the image's configuration by its name.
configured() { buildah inspect --type image --format "{{.Docker.Config.$1}}" "$image"; }

start() {
    local port
    container="$(buildah from --pull-never "$image")"
    files="$(buildah mount "$container")"
    [ "$(configured User)" = "$user:$user" ] || fail "the image's user is $(configured User)"
    [ "$(configured Entrypoint) $(configured Cmd)" = "[$program] [serve]" ] \
        || fail "the image runs $(configured Entrypoint) $(configured Cmd)"
    [ "$(configured Healthcheck)" != "<nil>" ] || fail "the image has no health check"

    # The network is the machine's: a free port, on loopback only.
    port="$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
    mapfile -t environment < <(
        buildah inspect --type image --format '{{range .Docker.Config.Env}}{{println .}}{{end}}' "$image" | sed '/^$/d'
    )
    environment+=("${settings[@]}" "MICROSEG_ADDR=127.0.0.1:$port")

    # In place of a volume: a copy of the image's folder, its owner included.
    cp --archive "$files/var/lib/microseg" "$work/state"
    # No process of the machine is visible, and only the one folder is writable.
    # shellcheck disable=SC2016
    unshare --mount --pid --fork --kill-child --propagation private -- /bin/bash -euc '
        files="$1" state="$2"; shift 2
        mount --bind "$files" "$files"
        mount --bind "$state" "$files/var/lib/microseg"
        mount --rbind /dev "$files/dev"
        mount -t proc proc "$files/proc"
        mount -o remount,ro,bind "$files"
        exec "$@"
    ' - "$files" "$work/state" "${as_user[@]}" "${environment[@]}" "${into[@]}" "$files" "$program" serve >"$work/log" 2>&1 &
    outside=$!
    until process="$(cat "/proc/$outside/task/$outside/children" 2>/dev/null)" && [ -n "$process" ]; do
        running || fail "it did not start"
        sleep 0.1
    done
    process="${process// /}"
}

as_user=("$(command -v setpriv)" --no-new-privs "$(command -v env)" --ignore-environment)
into=("$(command -v chroot)" "--userspec=$user:$user" "--groups=$user")

running() { kill -0 "$outside" 2>/dev/null; }

inside() {
    nsenter --target "$process" --mount -- \
        "${as_user[@]}" "${environment[@]}" "${into[@]}" "$files" "$program" "$@"
}

address() { printf '%s\n' "${environment[@]}" | sed -n 's/^MICROSEG_ADDR=//p' | tail -n 1; }

# Nothing to do: the log is already written to the expected place.
logs() { :; }

check_confinement() {
    local found
    found="$(awk '/^(Uid|Gid|CapEff|NoNewPrivs):/ { printf "%s ", $2 }' "/proc/$process/status")"
    [ "$found" = "$user $user 0000000000000000 1 " ] || fail "user, group, capabilities, no new privileges: $found"
    ! nsenter --target "$process" --mount -- touch "$files/written" 2>/dev/null || fail "its root can be written to"
    say "runs as $user without capabilities, its root cannot be written to"
}

copy_out() { cp "$files$1" "$2"; }

stop() {
    kill -TERM "$process"
    code=0
    wait "$outside" || code=$?
    outside=
    process=
}

size() { du --summarize --bytes "$files" | awk '{ printf "%.0f", $1 / 1e6 }'; }

remove() {
    # The server itself: it runs as another user, and does not end with the process outside.
    [ -z "$process" ] || kill -KILL "$process" 2>/dev/null
    [ -z "$outside" ] || { kill -KILL "$outside"; wait "$outside"; } 2>/dev/null
    [ -z "$container" ] || buildah rm "$container" >/dev/null
}
