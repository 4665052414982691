// swift-tools-version: 6.2

import PackageDescription

/// What `relief --version` states; it is not part of a run's identity.
///
/// A cached manifest states an older commit, hence `--manifest-cache none` in scripts that build.
let commit = Context.gitInformation.map {
  "\($0.currentCommit.prefix(10))\($0.hasUncommittedChanges ? "+" : "")"
}

let package = Package(
  name: "relief",
  products: [
    .executable(name: "relief", targets: ["ReliefCommand"]),
    .library(name: "Relief", targets: ["Relief"]),
    .library(name: "Rasters", targets: ["Grids", "Rasters"]),
    .library(name: "DepthModels", targets: ["Tensors", "TileModels", "DepthModels"]),
    .library(name: "Scenes", targets: ["Scenes"]),
    .library(name: "Pairs", targets: ["Pairs", "PairChecks"]),
    .library(name: "Evaluation", targets: ["Evaluation"]),
    .library(name: "Training", targets: ["Training"]),
    .library(name: "Rendering", targets: ["Rendering"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/swiftcsv/SwiftCSV", from: "0.10.0"),
  ],
  targets: [
    // Libraries of the system, found through pkg-config.
    .systemLibrary(name: "CGDAL", pkgConfig: "gdal", providers: [.apt(["libgdal-dev"])]),
    .systemLibrary(name: "CPROJ", pkgConfig: "proj", providers: [.apt(["libproj-dev"])]),
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(
      name: "CKissFFT", pkgConfig: "kissfft-float", providers: [.apt(["libkissfft-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),

    // Whole files and their digests, for both sides.
    .target(name: "Files", dependencies: ["CCrypto"]),

    // The Earth.
    .target(name: "Grids"),
    .target(name: "Rasters", dependencies: ["CGDAL", "CPROJ", "Files", "Grids", "Surfaces"]),
    .target(name: "Surfaces", dependencies: ["Grids"]),
    .target(name: "Fusion", dependencies: ["CKissFFT", "Grids", "Surfaces"]),

    // The network.
    .target(
      name: "CKernels",
      linkerSettings: [.linkedLibrary("m")]),
    .target(
      name: "Tensors",
      dependencies: [
        "CKernels", "COpenBLAS", .product(name: "HeapModule", package: "swift-collections"),
      ]),
    .target(name: "TileModels", dependencies: ["Tensors"]),
    .target(name: "DepthModels", dependencies: ["Files", "Tensors", "TileModels"]),

    // Where they meet.
    .target(
      name: "Scenes",
      dependencies: [
        "Files", "Fusion", "Grids", "Rasters", "Surfaces", "Tensors", "TileModels",
      ]),

    // What surrounds a run: reports, pairs of image and DEM, evaluation, training, test imagery.
    .target(
      name: "Reports",
      dependencies: [
        "Rasters", "Surfaces", "Tensors", "Scenes",
        .product(name: "Mustache", package: "swift-mustache"),
        .product(name: "SwiftCSV", package: "SwiftCSV"),
      ]),
    .target(
      name: "Pairs",
      dependencies: [
        "Files", "Grids", "Rasters", "Tensors", "Scenes", "Reports",
      ]),
    .target(
      name: "PairChecks",
      dependencies: [
        "Files", "Grids", "Rasters", "Surfaces", "Tensors", "Scenes", "Reports", "Pairs",
      ]),
    .target(
      name: "Evaluation",
      dependencies: [
        "Files", "Fusion", "Grids", "Rasters", "Surfaces", "Tensors", "DepthModels", "Scenes",
        "Reports", "PairChecks",
      ]),
    .target(
      name: "Training",
      dependencies: [
        "Files", "Grids", "Rasters", "Surfaces", "Tensors", "DepthModels", "Scenes", "Reports",
        "Pairs",
      ]),
    .target(
      name: "Rendering",
      dependencies: [
        "Surfaces", .product(name: "HeapModule", package: "swift-collections"),
      ]),
    .target(
      name: "Relief",
      dependencies: [
        "Grids", "Rasters", "Surfaces", "Tensors", "DepthModels", "Scenes", "Pairs",
        "PairChecks", "Evaluation", "Training", "Rendering",
      ],
      path: "Sources/Umbrella"),

    // The command line.
    .target(
      name: "CProcess", cSettings: commit.map { [.define("RELIEF_COMMIT", to: "\"\($0)\"")] }),
    .executableTarget(
      name: "ReliefCommand",
      dependencies: [
        "CProcess", "Files", "Grids", "Rasters", "Surfaces", "Tensors", "DepthModels", "Scenes",
        "Reports", "Pairs", "PairChecks", "Evaluation", "Training", "Rendering",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/relief"),

    // Examples are built, and run by the tests.
    .executableTarget(
      name: "first-dem", dependencies: ["Rasters", "DepthModels", "Scenes"],
      path: "Examples/first-dem"),
    .executableTarget(
      name: "own-model", dependencies: ["DepthModels", "Rasters", "Scenes", "Tensors"],
      path: "Examples/own-model"),
    .executableTarget(
      name: "make-sample", dependencies: ["Grids", "Rasters", "Rendering"],
      path: "Examples/make-sample"),
    .executableTarget(
      name: "render-pairs",
      dependencies: ["Grids", "Rasters", "Surfaces", "Scenes", "Pairs", "Rendering", "Tensors"],
      path: "Experiments/train-small",
      exclude: [
        "README.md", "autoencoder.json", "autoencoder-2.json", "card.py", "coarse.json",
        "coarse-2.json", "coarse-3.json", "controls.py", "curves.py", "dems.tsv", "held-out.csv",
        "judge.sh", "pairs-real.csv", "pictures.py", "training.json", "training-2.json",
        "training-3.json", "training-4.json", "training-5.json",
      ]),
    .executableTarget(
      name: "run-network", dependencies: ["DepthModels", "Tensors"], path: "Experiments/peers",
      exclude: [
        "README.md", "bundle.py", "compare.py", "dpt.py", "environment.py", "export.py", "judge.py",
        "networks.py", "report.py", "requirements-bare.txt", "requirements.txt", "speed.py",
        "worker.py",
      ]),

    .target(
      name: "TestSupport", dependencies: ["CGDAL", "Grids", "Rasters"], path: "Tests/TestSupport"),
    .target(name: "TestConcurrency", path: "Tests/TestConcurrency"),
    .target(name: "GradientChecks", path: "Tests/GradientChecks"),
    .target(
      name: "TestModels", dependencies: ["DepthModels", "Tensors"], path: "Tests/TestModels"),
    .target(
      name: "TestTraining",
      dependencies: ["DepthModels", "Grids", "Training", "Tensors", "TestSupport"],
      path: "Tests/TestTraining"),
    .executableTarget(
      name: "memory-check",
      dependencies: ["DepthModels", "Grids", "Rasters", "Scenes", "TestModels"],
      path: "Tests/MemoryCheck"),
    .executableTarget(
      name: "block-sizes", dependencies: ["Tensors"], path: "Tests/BlockSizes"),
    .executableTarget(
      name: "formula-bundle", dependencies: ["DepthModels", "TestModels"],
      path: "Tests/FormulaBundle"),
    .target(
      name: "AlignmentTestBed", dependencies: ["Grids", "Surfaces", "Tensors"],
      path: "Tests/AlignmentTestBed"),
    .executableTarget(
      name: "alignment-check", dependencies: ["AlignmentTestBed", "Surfaces"],
      path: "Tests/AlignmentCheck"),
    .testTarget(name: "FilesTests", dependencies: ["Files", "TestSupport"]),
    .testTarget(name: "GridsTests", dependencies: ["Grids"]),
    .testTarget(name: "RastersTests", dependencies: ["Rasters", "Grids", "TestSupport"]),
    .testTarget(
      name: "SurfacesTests", dependencies: ["Surfaces", "Grids", "Rendering", "AlignmentTestBed"]),
    .testTarget(name: "FusionTests", dependencies: ["Fusion", "Grids", "TestSupport"]),
    .testTarget(
      name: "TensorsTests", dependencies: ["GradientChecks", "Tensors", "TestConcurrency"]),
    .testTarget(
      name: "DepthModelsTests",
      dependencies: ["DepthModels", "GradientChecks", "Tensors", "TestModels", "TestSupport"],
      exclude: ["Golden", "Fixtures"]),
    .testTarget(
      name: "ScenesTests",
      dependencies: [
        "Files", "Fusion", "Scenes", "Grids", "Rasters", "Surfaces", "Tensors", "DepthModels",
        "TestModels", "TestConcurrency", "TestSupport",
      ]),
    .testTarget(
      name: "PairsTests",
      dependencies: [
        "Grids", "Rasters", "Scenes", "Pairs", "PairChecks", "Rendering", "TestSupport",
      ]),
    .testTarget(name: "RenderingTests", dependencies: ["Rendering"]),
    .testTarget(
      name: "EvaluationTests",
      dependencies: [
        "Grids", "Rasters", "Surfaces", "Tensors", "Scenes", "Reports", "Evaluation", "TestModels",
        "TestSupport",
      ]),
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "Grids", "Tensors", "DepthModels", "Scenes", "Pairs", "Training", "GradientChecks",
        "TestModels", "TestSupport", "TestTraining",
      ]),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        // Programs that the tests run.
        "ReliefCommand", "first-dem", "own-model",
        "Rasters", "Grids", "DepthModels", "Scenes", "Training", "Surfaces", "Tensors",
        "TestModels", "TestSupport", "TestTraining",
      ]),
  ]
)

/// `Tests/documentation.sh` builds the documentation with a plugin that nothing else needs.
if Context.environment["RELIEF_DOCS"] != nil {
  package.dependencies.append(
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.4.0"))
}

/// `Tests/fuzz.sh` builds all targets with libFuzzer's instrumentation, and a program that needs its `main`.
let fuzzes = Context.environment["RELIEF_FUZZ"] != nil
if fuzzes {
  package.targets.append(
    .executableTarget(
      name: "fuzz",
      dependencies: [
        "DepthModels", "Files", "Grids", "Pairs", "Evaluation", "Training", "Rasters", "Scenes",
        "Surfaces",
        "Tensors", "TestModels", "TestSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tests/Fuzz", linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]))
}

/// Modules that wait for what they call: compiling them without optimization is quicker.
///
/// Other tests have loops over pixels or coefficients of their own.
let unoptimized: Set = [
  "ReliefCommand", "FilesTests", "GridsTests", "RastersTests", "DepthModelsTests", "ScenesTests",
  "PairsTests", "RenderingTests", "EvaluationTests", "TrainingTests", "CommandTests",
]

for target in package.targets where target.type != .system {
  target.swiftSettings =
    (target.swiftSettings ?? []) + [
      .enableUpcomingFeature("ExistentialAny"),
      .enableUpcomingFeature("InternalImportsByDefault"),
      .enableUpcomingFeature("MemberImportVisibility"),
      .treatAllWarnings(as: .error),
    ]
  if unoptimized.contains(target.name) {
    target.swiftSettings?.append(
      .unsafeFlags(
        ["-Onone", "-no-emit-module-separately-wmo"], .when(configuration: .release)))
  }
  if fuzzes {
    target.swiftSettings?.append(
      .unsafeFlags(["-sanitize=fuzzer", "-parse-as-library", "-enable-testing"]))
  }
}
