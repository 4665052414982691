#!/usr/bin/env bash
# Fuzzes every reader of this package with libFuzzer: Tests/fuzz.sh [RUNS [READER …]]
# Fails at the first crash, hang (10 s), excessive memory (1 GB) or undocumented error, and prints the file of the input.
# RELIEF_READER=READER .build-fuzz/release/fuzz FILE reproduces it. The corpus is kept in .build-fuzz.
set -euo pipefail
cd "$(dirname "$0")/.."
source Examples/install-packages.sh
runs=${1:-1000000}
readers=("${@:2}")
export RELIEF_FUZZ=1
export SWIFT_BACKTRACE=enable=no  # it takes longer than the time limit for hangs, and would hide a crash
build=.build-fuzz
swift build --configuration release --scratch-path "$build" --product fuzz
program=$(swift build --configuration release --scratch-path "$build" --show-bin-path)/fuzz
work=$build/fuzzing
if ((${#readers[@]} == 0)); then mapfile -t readers < <("$program"); fi

# Prints the maximum input size in bytes, slightly above the longest seed; longer inputs are slow and find nothing new.
longest() {
  case $1 in
    architectures) echo 10000 ;;
    torch) echo 8192 ;;
    manifest | safetensors | tiles | training) echo 4500 ;;
    plan) echo 3000 ;;
    checkpoint | huggingFace) echo 2000 ;;
    bands | options | splits | style | tags) echo 512 ;;
    *) echo 1024 ;;
  esac
}

for reader in "${readers[@]}"; do
  seeds=$work/seeds/$reader
  rm -rf "$seeds" && mkdir -p "$seeds" "$work/corpus/$reader"
  RELIEF_READER=$reader RELIEF_SEEDS=$seeds "$program"
  echo "$reader: $runs executions"
  RELIEF_READER=$reader "$program" -runs="$runs" -timeout=10 -rss_limit_mb=1024 -malloc_limit_mb=1024 \
    -max_len="$(longest "$reader")" -print_final_stats=1 -artifact_prefix="$work/$reader-" \
    "$work/corpus/$reader" "$seeds" >"$work/$reader.log" 2>&1 || { tail -40 "$work/$reader.log"; exit 1; }
  grep -E 'INITED|DONE|number_of_executed_units|average_exec_per_sec|peak_rss_mb' "$work/$reader.log"
done
