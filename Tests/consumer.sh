#!/usr/bin/env bash
# Builds and runs a package that depends on the committed state of this one, as users' packages do: consumer.sh. A
# package that is found by its address, and not by its path, must not use unsafe flags.
set -euo pipefail
cd "$(dirname "$0")/.."
source Examples/install-packages.sh
repository=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/Sources/consumer"
cat >"$work/Package.swift" <<EOF
// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "consumer",
  dependencies: [.package(url: "file://$repository", revision: "$(git rev-parse HEAD)")],
  targets: [
    .executableTarget(
      name: "consumer",
      dependencies: [.product(name: "Relief", package: "$(basename "$repository")")])
  ]
)
EOF
cat >"$work/Sources/consumer/Consumer.swift" <<'EOF'
import Relief

@main struct Consumer {
  static func main() async throws {
    let arguments = CommandLine.arguments
    let scene = try SceneSource(arguments[1])
    let model = try D3RSMDE(ModelBundle.locate(arguments[2]))
    let plan = try await ScenePlan.make(for: scene, model: model, options: SceneOptions())
    let configuration = TrainingPreset.small.configuration
    print(plan.outputTiles.count, "tiles; training tiles of", configuration.card.tileSize, "pixels")
  }
}
EOF
swift run --package-path "$work" --configuration release consumer \
  "$repository/SampleData/ridges_rgbn.tif" "$repository/SampleData/bundle"
