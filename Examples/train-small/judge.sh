#!/usr/bin/env bash
# Judges a bundle on what no training may see: judge.sh BUNDLE OUTPUT [STEPS of the refiner, 0 for coarse heights]
#
# Real pairs of held-out.csv and a rendered scene; tables (CSV), a page and the heights go to OUTPUT.
set -euo pipefail
folder="$(cd "$(dirname "$0")" && pwd)"
relief="${RELIEF:-$folder/../../.build/release/relief}"
data="$folder/../../../shared/data"
bundle="$1" steps="${3:-}"
mkdir -p "$2"
output="$(cd "$2" && pwd)"
list="$output/held-out.csv"
sed "s|\.\./\.\./\.\./shared/data|$data|g" "$folder/held-out.csv" >"$list"
dem="$data/dems/bigtujunga/bigtujunga.tif"
[ -f "$output/bigtujunga.tif" ] || "$relief" render "$dem" "$output/bigtujunga.tif"
echo "rendered_bigtujunga,$output/bigtujunga.tif,$dem,bigtujunga,test,-,DTM" >>"$list"
"$relief" evaluate --pairs "$list" --split test --model "$bundle" ${steps:+--steps "$steps"} --force-gsd \
  --keep "$output/heights${steps:+-$steps}" --csv "$output/figures${steps:+-$steps}.csv" \
  --html "$output/report${steps:+-$steps}.html" --overwrite
