#!/bin/sh
# fuzz.sh TARGET SECONDS [OPTIONS OF LIBFUZZER]: fuzzes one target of Cargo.toml for a while. What is new and
# harmless goes into fuzz/found, what breaks the target into fuzz/artifacts; the corpus stays as it is.
set -eu
cd "$(dirname "$0")/.."
target=$1 seconds=$2
shift 2
mkdir -p "fuzz/found/$target"

# libtorch's C++ knows nothing of the sanitizer: what it never frees, and how it fills its vectors, is not ours to judge.
export ASAN_OPTIONS="detect_leaks=0:detect_container_overflow=0:detect_odr_violation=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
# The sanitizer and the instrumentation are options that a stable Rust takes only when it is told so.
export RUSTC_BOOTSTRAP=1
# Without the crates' own settings for fuzzing: what runs is what is served. An allocation of 64 MB follows from no body
# of 8 kB, and neither do ten seconds.
exec cargo fuzz run --no-cfg-fuzzing --codegen-units 16 "$target" "fuzz/found/$target" "fuzz/corpus/$target" -- \
	-max_total_time="$seconds" -max_len=8192 -timeout=10 -malloc_limit_mb=64 -rss_limit_mb=2048 "$@"
