#!/bin/sh
# PgBouncer in transaction mode for a test, in front of a PostgreSQL on loopback.
#
#   pgbouncer.sh PORT DATABASE_PORT PASSWORD   starts it on a port, prints `done`, and ends with its input
#   pgbouncer.sh --find                        prints its program
set -eu

root="$(cd "$(dirname "$0")/../.." && pwd)"
fetched="$root/.postgres/pgbouncer"

find_program() {
    for program in "${PGBOUNCER:-}" "$(command -v pgbouncer || true)" /usr/sbin/pgbouncer "$fetched/usr/sbin/pgbouncer"; do
        if [ -x "$program" ]; then
            echo "$program"
            return
        fi
    done
    echo 'error: there is no PgBouncer: tests/postgres/fetch_pgbouncer.sh gets one, and so does make test' >&2
    return 1
}

program="$(find_program)"
if [ "$1" = --find ]; then
    echo "$program"
    exit
fi
port="$1"
database_port="$2"
password="$3"

folder="$(mktemp -d "${TMPDIR:-/tmp}/microseg-pgbouncer.XXXXXX")"
server=
end() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$folder"
}
trap end EXIT
trap 'exit 1' HUP INT TERM

# Few sessions of the database for many of microseg's connections: each transaction meets another one.
cat >"$folder/pgbouncer.ini" <<END
[databases]
* = host=127.0.0.1 port=$database_port user=postgres password=$password
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $port
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
END
# It refuses to run as root; that user may have no access to the folder of the project.
as=
if [ "$(id -u)" = 0 ]; then
    as="setpriv --reuid=nobody --regid=$(id -g nobody) --clear-groups"
    cp "$program" "$folder/pgbouncer"
    program="$folder/pgbouncer"
    [ ! -d "$fetched" ] || cp -R "$fetched/usr/lib" "$folder/lib"
    chown -R nobody "$folder"
    libraries="$folder/lib"
else
    libraries="$fetched/usr/lib"
fi
: >"$folder/log"
LD_LIBRARY_PATH="$(echo "$libraries"/*-linux-gnu | tr ' ' ':')${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" \
    $as "$program" "$folder/pgbouncer.ini" >"$folder/log" 2>&1 &
server="$!"
until grep -q 'process up' "$folder/log"; do
    kill -0 "$server" 2>/dev/null || { cat "$folder/log" >&2; exit 1; }
    sleep 0.05
done
echo 'done'
cat >/dev/null
