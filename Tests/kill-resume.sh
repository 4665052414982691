#!/usr/bin/env bash
# Kills runs with -9 at random times, resumes each with the same command, and compares the outputs byte for byte with
# those of an undisturbed run: kill-resume.sh RELIEF [N] [SEED] [OPTION…]. Only kills that hit an active run count
# toward N. SIGINT and SIGTERM are tested with one run each. RELIEF_MODEL selects another bundle, such as one that
# refines. The options are those of infer, such as --confidence --ensemble 4; every raster is then compared.
set -euo pipefail
relief=$(realpath "$1")
kills=${2:-50}
RANDOM=${3:-42}
options=("${@:4}")
scene=$(realpath "$(dirname "$0")/../SampleData/ridges_rgbn.tif")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

run() {  # run DEM: about 110 tiles and an overview
  exec "$relief" infer "$scene" "$1" --window 0,0,496,496 --tile 64 --overlap 16 --threads 2 --progress json \
    "${options[@]}"
}
# If the plan lacks a stage, the folder of that stage does not exist.
tiles() { find "$1" | grep -cE '/(coarse|overview|refined)/r[^/]*\.(tile|skipped)$' || true; }
fail() { echo "kill-resume: $*" >&2; exit 1; }
# Checks that every existing raster has the bytes of the undisturbed run.
same() { for file in dem*.tif; do if [ -e "$file" ]; then cmp "$file" "whole${file#dem}" || return 1; fi; done; }

# Prints how many tiles were finished when a run started: the share in the first event of each stage, times its total.
found() {
  local total overview refined
  total=$(grep -o '"tiles":[0-9]*' "$1" | head -1 | cut -d: -f2)
  overview=$(grep -o '"overviewTiles":[0-9]*' "$1" | head -1 | cut -d: -f2)
  refined=$(grep -o '"refinedTiles":[0-9]*' "$1" | head -1 | cut -d: -f2)
  for stage in "coarse $total" "overview $overview" "refined $refined"; do
    { grep "\"part\":\"${stage% *}\"" "$1" || true; } | head -1 | sed 's/.*"share":\([0-9.e+-]*\).*/\1/' |
      awk -v n="${stage#* }" '{ printf "%d\n", $1 * n + 0.5 }'
  done | awk '{ sum += $1 } END { print sum + 0 }'
}

start=$(date +%s%N)
(run whole.tif) >whole.log 2>&1 || fail "the undisturbed run failed: $(cat whole.log)"
milliseconds=$((($(date +%s%N) - start) / 1000000))
total=$(grep -o '"tilesDone":[0-9]*' whole.log | cut -d: -f2)
[ "$total" -ge 100 ] || fail "$total tiles, expected at least 100"
expected=$(find . -name "whole*" -not -name "*.log" | sed 's|/whole|/dem|' | sort | tr '\n' ' ')
echo "undisturbed: $total tiles in $milliseconds ms"

resumed=0 finished=0 early=0 lost=0 halves=0
for ((trial = 1; resumed < kills; trial++)); do
  # Every other kill falls into the last quarter, when the output is written and renamed and the folder is removed.
  moment=$((RANDOM * milliseconds / 32768))
  if ((trial % 2 == 0)); then moment=$((milliseconds * 3 / 4 + moment / 3)); fi
  (run dem.tif) >killed.log 2>&1 &
  process=$!
  sleep "$(printf '%d.%03d' $((moment / 1000)) $((moment % 1000)))"
  kill -9 "$process" 2>/dev/null || true
  wait "$process" 2>/dev/null && code=0 || code=$?
  before=0
  if [ -e dem.relief/plan.json ]; then before=$(tiles dem.relief); fi
  same || fail "trial $trial: a raster appeared before it was whole"
  if [ "$code" -eq 0 ] || { [ -e dem.tif ] && [ ! -e dem.relief/plan.json ]; }; then
    ((++finished)) # the kill came too late: the output exists and its folder is no longer needed
    milliseconds=$((milliseconds * 19 / 20))
    before=$(stat -c %i dem.tif)
    (run dem.tif) >again.log 2>&1 || fail "trial $trial: a finished run was not done: $(tail -3 again.log)"
    [ "$(stat -c %i dem.tif)" = "$before" ] || fail "trial $trial: a finished output was replaced"
  else
    [ -e dem.relief/plan.json ] || ((++early))
    if [ -e dem.tif ]; then ((++halves)); fi
    (run dem.tif) >resumed.log 2>&1 || fail "trial $trial, killed after $moment ms: $(tail -3 resumed.log)"
    if ! grep -q '"wasAlreadyDone":true' resumed.log; then
      after=$(found resumed.log)
      [ "$after" -ge "$before" ] || fail "trial $trial: $before tiles had ended, $after were found"
      lost=$((lost + before - after))
    fi
    ((++resumed))
  fi
  same || fail "trial $trial, killed after $moment ms: the output differs"
  left=$(find . -mindepth 1 -not -name "whole*" -not -name "*.log" | sort | tr '\n' ' ')
  [ "$left" = "$expected" ] || fail "trial $trial left $left, expected $expected"
  rm -f dem*
done
echo "$resumed kills with -9 at work, all resumed ($early before the plan, $halves after the output), besides, $finished too late; $lost ended tiles lost"

for signal in INT TERM; do
  rm -f killed.log # the previous log contains the event that the loop waits for
  (run dem.tif) >killed.log 2>&1 &
  process=$!
  until grep -qs '"part":"coarse"' killed.log; do sleep 0.05; done
  kill -$signal "$process"
  wait "$process" && code=0 || code=$?
  [ "$code" -eq 75 ] || fail "SIG$signal ended with $code, expected 75"
  (run dem.tif) >resumed.log 2>&1 || fail "after SIG$signal: $(tail -3 resumed.log)"
  same || fail "after SIG$signal the output differs"
  rm -f dem*
  echo "SIG$signal: exit code 75, resumed, the same bytes"
done
