# Runs the Python tests of a folder in an environment of its own, which is installed if it is missing or out of date.
# Sourced by a `run.sh`, which sets `here` to its folder and `installs` to what that is in words; it passes its arguments on
# to unittest. MICROSEG names the program; without it, it is this repository's debug build.
root="$(cd "$here/../.." && pwd)"
environment="$here/.venv"
export MICROSEG="${MICROSEG:-${CARGO_TARGET_DIR:-$root/target}/debug/microseg}"

[ -x "$MICROSEG" ] || { echo "error: $MICROSEG is missing: cargo build" >&2; exit 1; }

# The list of what is installed is written last: an interrupted installation is repeated.
if ! cmp -s "$here/requirements.txt" "$environment/installed.txt"; then
    echo "installing $installs into ${here#"$root/"}/.venv (once)" >&2
    [ -x "$environment/bin/python" ] || "${PYTHON:-python3}" -m venv "$environment"
    "$environment/bin/python" -m pip install --disable-pip-version-check --quiet \
        --requirement "$here/requirements.txt" >&2
    cp "$here/requirements.txt" "$environment/installed.txt"
fi

cd "$here"
exec "$environment/bin/python" -m unittest --quiet "$@"
