import Foundation
import Grids

@testable import DepthModels
@testable import Scenes

/// Readers that take more than a path.
extension FuzzedReader {
  /// Every tensor of a checkpoint, but for those that would only take memory.
  static func readCheckpoint(_ bytes: UnsafeRawBufferPointer) throws {
    let file = try TorchCheckpoint(Data(bytes), path: "x.pth")
    for (name, tensor) in file.stored where tensor.shape.count < 1 << 16 {
      _ = try file.tensor(name)
    }
  }

  /// Tags as GDAL gives them: the input is cut into values at line breaks.
  static func readTags(_ bytes: UnsafeRawBufferPointer) throws {
    let lines = String(decoding: bytes, as: UTF8.self).split(
      separator: "\n", maxSplits: 4, omittingEmptySubsequences: false
    ).map(String.init)
    guard lines.count == 5, let width = Int32(lines[3]), let height = Int32(lines[4]) else {
      return
    }
    let names = ["RELIEF_TILES", "RELIEF_LATTICE", "RELIEF_AREA"]
    let tags = Dictionary(uniqueKeysWithValues: zip(names, lines))
    guard
      let found = try TileTags(tags, width: Int(width), height: Int(height), path: "x.tif"),
      found.tiles.count < 1 << 16
    else { return }
    _ = found.lines
  }

  /// Each option's value; what is understood must make sense.
  static func readOptions(_ text: String) {
    if case .range(let low, let high)? = Stretch(text) { precondition(low < high) }
    if case .percentile(let low, let high)? = Stretch(text) {
      precondition(0 <= low && low < high && high <= 100)
    }
    if case .meters(let meters)? = GSDPolicy(text) { precondition(meters > 0 && meters.isFinite) }
    _ = Stage(rawValue: text).map { precondition($0.rawValue == text || text.contains("detail-")) }
  }
}
