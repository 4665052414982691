#!/usr/bin/env bash
# Feeds every reader of ours with what libFuzzer makes up: Tests/fuzz.sh [RUNS [READER …]]
# Fails at the first crash, hang (10 s), leak of memory (2 GB) or error that is not documented, and names the file with the bytes.
set -euo pipefail
cd "$(dirname "$0")/.."
source Examples/install-packages.sh
runs=${1:-1000000}
readers=("${@:2}")
export RELIEF_FUZZ=1
build=.build-fuzz
swift build --scratch-path "$build" --product fuzz
program=$(swift build --scratch-path "$build" --show-bin-path)/fuzz
work=$build/fuzzing
if ((${#readers[@]} == 0)); then
  mapfile -t readers < <(RELIEF_READER= "$program" -help=1 2>&1 | grep -o '"[a-zA-Z]*"' | tr -d '"')
fi

# What each reader reads every day, to begin with.
seeds() {
  local to=$work/seeds/$1
  rm -rf "$to" && mkdir -p "$to"
  local fixtures=Tests/DepthModelsTests/Fixtures
  case $1 in
    safetensors) cp $fixtures/*.safetensors "$to" ;;
    torch) cp $fixtures/*.pth "$to" ;;
    manifest) cp SampleData/bundle/model.json "$to" ;;
    training) cp Examples/train-small/{autoencoder,coarse,training}*.json "$to" ;;
    pairsCSV | pairsTSV) cp Examples/train-small/{held-out,pairs-real}.csv "$to" ;;
    pairsJSON) echo '[{"image": "a.tif", "dem": "b.tif", "window": [0, 0, 9, 9], "fold": 1}]' >"$to/list" ;;
    exclusions) printf 'path\twhy\npairs/zion\theld out\n' >"$to/list" ;;
    tags) printf '512x512 overlap 128\n1400x1200 margin 64\n0,0,1400,1200 of 1400x1200\n1400\n1200' >"$to/tags" ;;
    options)
      local i=0
      for text in percentile:1,99 0,255 minmax auto native 30 1e3 detail-3 refined; do
        printf '%s' "$text" >"$to/$((i++))"
      done
      ;;
    *) ;;
  esac
}

for reader in "${readers[@]}"; do
  seeds "$reader"
  mkdir -p "$work/corpus/$reader"
  echo "$reader: $runs executions"
  RELIEF_READER=$reader "$program" -runs="$runs" -timeout=10 -rss_limit_mb=2048 -malloc_limit_mb=2048 -max_len=65536 \
    -print_final_stats=1 -artifact_prefix="$work/$reader-" "$work/corpus/$reader" "$work/seeds/$reader" \
    >"$work/$reader.log" 2>&1 || { tail -40 "$work/$reader.log"; exit 1; }
  grep -E 'number_of_executed_units|average_exec_per_sec|peak_rss_mb' "$work/$reader.log"
done
