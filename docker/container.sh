# Runs the image with a container engine; sourced by test.sh.
# shellcheck shell=bash disable=SC2034,SC2154

container=

start() {
    local setting flags=()
    for setting in "${settings[@]}"; do
        flags+=(--env "$setting")
    done
    container="$("$engine" run --detach --read-only --cap-drop ALL --security-opt no-new-privileges \
        --publish 127.0.0.1::8080 "${flags[@]}" "$image")"
}

running() { [ "$("$engine" inspect --format '{{.State.Running}}' "$container")" = true ]; }

inside() { "$engine" exec "$container" "$program" "$@"; }

address() { "$engine" port "$container" 8080/tcp | head -n 1; }

logs() { "$engine" logs "$container" >"$work/log" 2>&1 || true; }

check_confinement() {
    local found
    found="$("$engine" inspect --format '{{.Config.User}} {{.HostConfig.ReadonlyRootfs}}' "$container")"
    [ "$found" = "$user:$user true" ] || fail "user and read-only root are $found"
    say "runs as $user, its root cannot be written to"
}

copy_out() { "$engine" cp "$container:$1" "$2" >/dev/null; }

stop() {
    "$engine" stop --time 40 "$container" >/dev/null
    code="$("$engine" inspect --format '{{.State.ExitCode}}' "$container")"
}

size() { "$engine" image inspect --format '{{.Size}}' "$image" | awk '{ printf "%.0f", $1 / 1e6 }'; }

remove() {
    [ -z "$container" ] || "$engine" rm --force --volumes "$container" >/dev/null 2>&1
}
