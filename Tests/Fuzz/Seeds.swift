import Foundation
import Grids
import TestModels

@testable import DepthModels
@testable import Scenes

/// Seeds: typical inputs of each reader; paths are relative to the repository.
extension FuzzedReader {
  func seeds() throws -> [Data] {
    switch self {
    case .safetensors:
      try Self.files("Tests/DepthModelsTests/Fixtures", ".safetensors")
        + [Self.safetensors(["a": [2, 3], "b": []], metadata: "\"format\":\"pt\"")]
    case .torch: try Self.files("Tests/DepthModelsTests/Fixtures", ".pth")
    case .architectures: try Self.listedNetworks()
    case .huggingFace: [Data(parts: Self.huggingFaceTexts)]
    case .manifest: [try Self.manifest()]
    case .plan:
      try [SamplePlans.plain, SamplePlans.refined, SamplePlans.joint].map {
        try Self.compact($0.fileData)
      }
    case .tiles: try Self.tiles()
    case .tags:
      Self.texts([
        "64x64 overlap 16\n300x220 margin 8\n0,0,300,220 of 300x220\nas it is\n300\n220",
        "512x384 overlap 128\n1400x1200 margin 64\n10,20,40,50 of 700x600\nrows reversed, axes swapped\n40\n50",
      ])
    case .style:
      Self.texts([
        "<!DOCTYPE qgis>\n<!-- relief, plan \(String(repeating: "0a", count: 32)) -->\n<qgis/>"
      ])
    case .sun: Self.texts(Self.productTexts)
    case .bands:
      Self.texts([
        "wavelength=665 nm\n_FillValue={-9999}\0wavelength=0.56\nwavelength_units=um\0"
          + "central_wavelength_um=0.49\0NODATA_VALUES=0 1,2\nSPECIAL_VALUE_SATURATED=65535\nmissing_value=1e20",
        "name=B4\0name=green\neo:center_wavelength=0.56\0name=Band 1\ncentre_wavelength=4900,Å\0SPECIAL_VALUE_NODATA=0",
      ])
    case .limits: [Data(parts: Self.limitTexts)]
    case .pairsCSV: Self.texts([Self.pairs.joined(separator: "\n")])
    case .pairsTSV:
      Self.texts([
        Self.pairs.joined(separator: "\n").replacingOccurrences(of: ",", with: "\t")
      ])
    case .pairsJSON:
      Self.texts([
        """
        [{"image":"/vsimem/a.tif","dem":"/vsimem/b.tif","window":[0,0,9,9],"bands":[3,2,1],"fold":1,"azimuth":147.5},
        {"name":"b","image":"/vsimem/a.tif","dem":"/vsimem/b.tif","split":"train","surface":"DSM","site":"s","heights":"-"}]
        """
      ])
    case .exclusions:
      Self.texts([
        "path\twhy\npairs/zion\theld out\n../x_1\t\"so, \"\"so\"\"\"\n", "path,why\na,b\n",
      ])
    case .splits:
      [
        Data(parts: ["1\n2\n", "3\n", "4\n5\n"]), Data(parts: ["1 2\n", "\r\n3", ""]),
        Data(parts: ["3\n4\n5\n", "1\n2\n4\n5\n", "1\n2\n3\n"]),
      ]
    case .training:
      try ["autoencoder", "coarse", "training", "training-5"].map {
        try Self.compact(Self.file("Experiments/train-small/\($0).json"))
      }
    case .checkpoint: [SampleCheckpoint.bytes]
    case .trainingFolder: [Data(parts: Self.trainingTexts)]
    case .options:
      Self.texts([
        "percentile:1,99", "0,255", "minmax", "auto", "native", "30", "1e3", "detail-3", "refined",
        "0,0,1400,1200", "499980,4999970.5,500100,5000001", "800MB", "1.5TiB", "KEY=VALUE",
      ])
    }
  }

  private static func texts(_ texts: [String]) -> [Data] { texts.map { Data($0.utf8) } }

  private static func file(_ path: String) throws -> Data {
    try Data(contentsOf: URL(filePath: path))
  }

  private static func files(_ folder: String, _ suffix: String) throws -> [Data] {
    try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(suffix) }
      .sorted().map { try file(folder + "/" + $0) }
  }

  /// Returns JSON without whitespace, which gives a fuzzer nothing to explore.
  private static func compact(_ json: Data) throws -> Data {
    try JSONSerialization.data(
      withJSONObject: JSONSerialization.jsonObject(with: json), options: .sortedKeys)
  }

  /// Returns the manifest of the shipped bundle, with file sizes of 8 bytes.
  private static func manifest() throws -> Data {
    var manifest = try JSONDecoder().decode(
      Manifest.self, from: file("SampleData/bundle/model.json"))
    for name in manifest.files.keys { manifest.files[name]?.bytes = 8 }
    return try compact(JSONEncoder().encode(manifest))
  }

  /// Returns files of each kind with and without a matching checksum, as `readTiles` expects them.
  private static func tiles() throws -> [Data] {
    let heights = [Float](repeating: 1.5, count: SamplePlans.plain.working.tiles.tilePixelCount)
    let numbers = heights.withUnsafeBytes { Data($0) }
    let texts = [
      "no pixel is valid", "65 the scene's pixels cannot be decoded", "74 \n", "0123abcd",
    ]
    var tiles = [Data([1, 0, 0, 0xc0, 0x7f]), Data([0x41]) + numbers.dropLast()]
    for kind: UInt8 in [0, 1, 6, 7] { tiles.append(Data([kind]) + numbers) }
    for kind: UInt8 in 0..<10 { tiles += texts.map { Data([kind]) + Data($0.utf8) } }
    return tiles
  }

  /// Returns the tensors of each kind of network, with the names that bundles and original checkpoints use.
  private static func listedNetworks() throws -> [Data] {
    var lists: [(String, TensorList)] = []
    var hybrid = Architectures.tinyCoarse
    hybrid.hooks = [2, 3]
    hybrid.backbone = .hybrid(
      .init(
        stem: 8, depths: [1, 2, 1], widths: [32, 32, 64], groups: 2, normEpsilon: 1e-5,
        standardizationEpsilon: 1e-8))
    for architecture in [Architectures.tinyCoarse, hybrid] {
      lists.append(("coarse", try TensorList { _ = try DPT($0, architecture) }))
    }
    lists.append(
      ("vae", try TensorList { _ = try AutoencoderKL($0, Architectures.tinyAutoencoder) }))
    for name in ["unet_tiny32", "unet_sin_tiny32"] {
      guard let architecture = Architectures.denoisers[name] else { continue }
      lists.append(("unet", try TensorList { _ = try DenoiseUNet($0, architecture, steps: 6) }))
    }
    return lists.map { Data("\($0.0)\n\($0.1.text)".utf8) }
  }
}
