#!/usr/bin/env bash
# Installs what is missing, builds relief, and computes a first height raster from SampleData.
set -euo pipefail
cd "$(dirname "$0")/.."
source Examples/install-packages.sh
swift build --configuration release --manifest-cache none --product relief
out=${1:-out}
mkdir -p "$out"
.build/release/relief infer SampleData/ridges_rgbn.tif "$out/ridges_relief.tif" --quicklook --overwrite
echo
echo "height raster: $out/ridges_relief.tif   (QGIS styles it with the .qml file next to it)"
echo "picture:       $out/ridges_relief.png"
echo "reference DEM: SampleData/ridges_dem.tif"
