#!/usr/bin/env bash
# Builds the DocC documentation of the library products, and fails at a warning: documentation.sh [FOLDER]. Each product
# gets a folder in FOLDER (default: out/documentation), which a static web server can serve under that path.
set -euo pipefail
cd "$(dirname "$0")/.."
source Examples/install-packages.sh
folder=$(realpath -m "${1:-out/documentation}")
export RELIEF_DOCS=1
for target in Rasters Tensors TileModels DepthModels Scenes Pairs PairChecks Evaluation Training Rendering; do
  mkdir -p "$folder"
  swift package --configuration release --scratch-path .build-docs --allow-writing-to-directory "$folder" \
    generate-documentation --target "$target" --output-path "$folder/$target" --warnings-as-errors \
    --transform-for-static-hosting --hosting-base-path "$target"
done
echo "documentation: $folder"
