#!/bin/sh
# Runs a program and kills it when this script's own input ends: at the latest with the process that holds the pipe.
#
#   run_until_input_ends.sh PROGRAM [ARGUMENT...]
set -eu

"$@" </dev/null &
program=$!
trap 'kill -KILL "$program" 2>/dev/null || true' EXIT
trap 'exit 1' HUP INT TERM
while read -r _; do :; done
