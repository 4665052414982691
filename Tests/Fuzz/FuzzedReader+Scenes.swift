import Foundation
import TestSupport

@testable import Rasters
@testable import Scenes

/// Readers of product metadata and system files.
extension FuzzedReader {
  /// Reads product metadata: the first byte selects the kind of file, and the rest is its text.
  static func readSun(_ bytes: Data) {
    let kinds = ["xml", "json", "txt", "IMD", "dim"]
    guard let kind = bytes.first.map({ kinds[Int($0) % kinds.count] }) else { return }
    let path = Scratch.file("product/scene_MTL.\(kind)", Data(bytes.dropFirst()))
    let metadata = AcquisitionMetadata(ProductFiles.items(of: path))
    if let mean = SunAzimuth.mean(metadata.azimuths.map(\.degrees)) { require(mean) }
    for time in metadata.times {
      guard let sun = SunAzimuth(at: time, longitude: 13, latitude: 47) else { continue }
      require(sun.degrees)
      precondition(!sun.description.isEmpty)
    }
    if kind == "json" {
      precondition(
        ProductFiles(of: [Scratch.folder + "/product/scene.tif"]).paths.count <= 1,
        "expected at most one file")
    }
    unlink(path)
    Scratch.forget()
  }

  private static func require(_ azimuth: Double) {
    precondition((0...360).contains(azimuth), "\(azimuth)°")
  }

  /// Reads the metadata of three bands and of the product, as lines `key=value` separated by zero bytes.
  static func readBands(_ bytes: Data) throws {
    let parts = bytes.split(separator: 0, maxSplits: 3, omittingEmptySubsequences: false)
      .map { Data($0).items }
    let product = parts.count > 3 ? parts[3] : [:]
    let bands = parts.prefix(3).enumerated().map { index, items in
      let declared = DeclaredValues(band: items, product: product, number: index + 1)
      return Band(
        number: index + 1, sampleType: SampleBand.band.sampleType,
        colorInterpretation: .undefined, description: items["name"] ?? "",
        noData: declared.noData, saturated: declared.saturated, unit: "", scale: 1, offset: 0,
        metadata: items, blockWidth: 1, blockHeight: 1, maskKind: .allValid, overviews: [])
    }
    for band in bands { _ = Wavelength.micrometers(of: band) }
    if let found = Wavelength.redGreenBlue(of: bands) { precondition(Set(found).count == 3) }
    let selection = try BandSelection(from: bands, asked: nil)
    precondition([1, 3].contains(selection.numbers.count))
  }

  /// Reads the files that contain resource limits.
  static func readLimits(_ bytes: Data) {
    Scratch.files(
      [
        "proc/self/mountinfo", "proc/self/cgroup", "proc/self/limits", "proc/self/status",
        "proc/meminfo", "g/memory.max", "g/memory.current", "g/memory.stat", "g/cpu.max",
        "g/memory.limit_in_bytes", "g/cpu.cfs_quota_us", "g/cpu.cfs_period_us",
      ], of: bytes)
    let limits = ProcessLimits(root: Scratch.folder)
    precondition(limits.freeMemory >= 0 && limits.processors >= 1)
  }
}

/// A band that provides the sample type.
private enum SampleBand {
  static let band: Band = {
    do {
      return try Dataset(reading: makeRaster(width: 1, height: 1, bands: [[0]])).bands[0]
    } catch { fatalError("\(error)") }
  }()
}

extension Data {
  /// The items in lines `key=value`.
  fileprivate var items: [String: String] {
    Dictionary(
      text.split(separator: "\n").map { line in
        let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
      }, uniquingKeysWith: { $1 })
  }
}
