#!/usr/bin/env bash
# Evaluates a bundle on held-out scenes: judge.sh BUNDLE OUTPUT [STEPS]
#
# The scenes are the real pairs of held-out.csv and a rendered scene. Without STEPS, only coarse heights are evaluated. With STEPS
# above 0, refined heights are also compared with the coarse ones and with detail from texture alone (controls.py). Tables (CSV),
# pages and heights are written to OUTPUT.
set -euo pipefail
folder="$(cd "$(dirname "$0")" && pwd)"
relief="${RELIEF:-$folder/../../.build/release/relief}"
python="${PYTHON:-python3}"
data="$folder/../../../shared/data"
bundle="$1" steps="${3:-0}"
mkdir -p "$2"
output="$(cd "$2" && pwd)"
list="$output/held-out.csv"
sed "s|\.\./\.\./\.\./shared/data|$data|g" "$folder/held-out.csv" >"$list"
dem="$data/dems/bigtujunga/bigtujunga.tif"
[ -f "$output/bigtujunga.tif" ] || "$relief" render "$dem" "$output/bigtujunga.tif"
echo "rendered_bigtujunga,$output/bigtujunga.tif,$dem,bigtujunga,test,-,DTM" >>"$list"

judge() { # STEPS, and further options
  local steps="$1"
  shift
  "$relief" evaluate --pairs "$list" --split test --model "$bundle" --steps "$steps" --force-gsd \
    --keep "$output/heights-$steps" --csv "$output/figures-$steps.csv" \
    --html "$output/report-$steps.html" --overwrite "$@" >"$output/report-$steps.txt"
}

judge 0
if [ "$steps" -gt 0 ]; then
  judge "$steps" --no-lpips
  "$python" "$folder/controls.py" "$list" "$output/heights-0" "$output/heights-$steps" "$output/controls-$steps"
  judge "$steps" --against "coarse=$output/heights-0/{name}.tif" \
    --against "coarse with luminance=$output/controls-$steps/{name}_luminance.tif" \
    --against "coarse with random detail=$output/controls-$steps/{name}_random.tif"
fi
cat "$output/report-$steps.txt"
