#!/usr/bin/env bash
# From nothing to a first height raster: installs what is missing, builds, runs the main job on SampleData.
set -euo pipefail
cd "$(dirname "$0")/.."
source Examples/install-packages.sh
swift build --configuration release --product relief
out=${1:-out}
mkdir -p "$out"
.build/release/relief infer SampleData/ridges_rgbn.tif "$out/ridges_relief.tif" --quicklook --overwrite
echo
echo "height raster: $out/ridges_relief.tif   (QGIS styles it by the .qml beside it)"
echo "picture:       $out/ridges_relief.png"
echo "the truth:     SampleData/ridges_dem.tif"
