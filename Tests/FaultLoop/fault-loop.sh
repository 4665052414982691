#!/usr/bin/env bash
# Makes system calls fail, one per complete run, and then repeats the same command without the fault:
#
#   fault-loop.sh RELIEF BUNDLE [STRIDE] [KIND…]
#
# Of the first 50 calls of a kind, every STRIDE-th fails (default 1: all). A kind is a call, an errno and, to count only
# some files, a part of their paths: write:28, write:28:.tile. Without KIND, all kinds are tried. Every run must end with a
# documented exit code and, unless that is 0, with a message; every file under a final name must have the bytes of an
# undisturbed run. The repeated run must end with 0 and leave all files, with the same bytes, and nothing else. SCENE and
# WINDOW select another scene and a window of it.
set -euo pipefail
relief=$(realpath "$1") bundle=$(realpath "$2") stride=${3:-1}
kinds=("${@:4}")
[ ${#kinds[@]} -gt 0 ] ||
  kinds=(write:4 write:5 write:28 short:0 {write:4,write:5,write:28,short:0}:.tile {write:4,write:28,short:0}:.part.tif
    write:5:.scratch.tif {write:28,short:0}:plan.json fsync:4 fsync:5 rename:5 mkdir:28 unlink:13 thread:11)
here=$(realpath "$(dirname "$0")")
scene=${SCENE:-$here/../../SampleData/ridges_rgbn.tif}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc -O1 -Wall -shared -fPIC -o "$work/faults.so" "$here/faults.c" -ldl
cd "$work"
export GDAL_PAM_ENABLED=YES

fault=()
run() { # run in the current folder: nine tiles, refined in two steps, with all additional outputs
  timeout -k 5 120 env "${fault[@]}" "$relief" infer "$scene" dem.tif --model "$bundle" --window "${WINDOW:-300,300,140,140}" --tile 64 \
    --overlap 16 --steps 2 --threads 2 --quicklook --confidence --progress none "$@"
}
failures=0
fail() { echo "FAIL $*"; failures=$((failures + 1)); }

mkdir whole
# Sends the messages through a pipe, because a log would be a file too. Returns the exit code of the run.
heard() { run 2>&1 >/dev/null | cat >../errors; return "${PIPESTATUS[0]}"; }
(cd whole && heard) || { cat errors; exit 1; }
expected=$(ls -A whole)
# Checks that all files under final names have the bytes of the undisturbed run.
same() { for file in dem*; do [ ! -f "$file" ] || cmp -s "$file" "../whole/$file" || return 1; done; }

runs=0
for kind in "${kinds[@]}"; do
  IFS=: read -r call number part <<<"$kind"
  tried=0 codes=""
  for ((n = 1; n <= 50; n += stride)); do
    rm -rf trial && mkdir trial && cd trial
    fault=(FAULT_CALL="$call" FAULT_ERROR="$number" FAULT_PATH="$part" FAULT_NUMBER="$n" FAULT_LOG="$work/faults.log" LD_PRELOAD="$work/faults.so")
    heard && code=0 || code=$?
    fault=()
    if ! grep -q '^hit' "$work/faults.log" 2>/dev/null; then rm -f "$work/faults.log"; cd ..; break; fi
    what="$kind call $n ($(grep '^hit' "$work/faults.log" | head -1 | sed "s|hit $work/||")): exit $code"
    rm -f "$work/faults.log"
    tried=$((tried + 1)) runs=$((runs + 1)) codes+="$code "
    case $code in 0 | 2 | 65 | 66 | 69 | 73 | 74 | 75) ;; *) fail "$what, not documented: $(tail -1 ../errors)" ;; esac
    [ "$code" -eq 0 ] || grep -q '^relief: ' ../errors || fail "$what, without a message"
    same || fail "$what, and a file with other bytes"
    heard && again=0 || again=$?
    [ "$again" -eq 0 ] || fail "$what, and the run after it ends with $again: $(tail -1 ../errors)"
    same || fail "$what, and other bytes after the run after it"
    [ "$(ls -A)" = "$expected" ] || fail "$what, and left: $(ls -A | tr '\n' ' ')"
    cd ..
  done
  echo "$kind: $tried calls failed, exit codes$(tr ' ' '\n' <<<"$codes" | sort | uniq -c | awk 'NF > 1 { printf " %s×%s", $2, $1 }')"
done
echo "$runs faults, $failures failures"
[ "$failures" -eq 0 ]
