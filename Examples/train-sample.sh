#!/usr/bin/env bash
# Trains a bundle on parts of SampleData: train-sample.sh [FOLDER]. It shows the steps on one scene; a useful bundle needs
# many scenes, larger networks and more epochs (docs/training.md).
set -euo pipefail
cd "$(dirname "$0")/.."
relief=$PWD/.build/release/relief data=$PWD/SampleData
[ -x "$relief" ] || bash Examples/quickstart.sh
folder=$(realpath -m "${1:-out/training}")
mkdir -p "$folder"

# Six parts of the scene, each a column of tiles with a gap to the next.
echo "name,image,dem,split,window" >"$folder/pairs.csv"
for part in 0 1 2 3 4 5; do
  split=$([ "$part" -lt 5 ] && echo train || echo validation)
  echo "part $part,$data/ridges_rgbn.tif,$data/ridges_dem.tif,$split,$((100 + 180 * part));100;150;950"
done >>"$folder/pairs.csv"
"$relief" pairs doctor "$folder/pairs.csv"

# The preset, and what differs from it.
"$relief" train preset small >"$folder/small.json"
cat >"$folder/training.json" <<EOF
{
  "base": "small.json",
  "data": {"pairs": "pairs.csv"},
  "card": {"name": "sample", "tileSize": 128, "overlap": 32},
  "coarse": {
    "architecture": {"positionGrid": 8},
    "optimization": {"epochs": 2, "schedule": {"cosine": null, "constant": {}}}
  },
  "autoencoder": null, "crossFitting": null, "refiner": null
}
EOF
"$relief" train all "$folder/training.json" "$folder/run"
"$relief" infer "$data/ridges_rgbn.tif" "$folder/dem.tif" --model "$folder/run/bundle" --overwrite
