import Foundation
import Scenes

extension Data {
  /// Writes a file that appears whole or not at all.
  ///
  /// - Throws: `SceneError` of kind `.io`.
  func writeWhole(to path: String) throws {
    do { try write(to: URL(filePath: path), options: .atomic) } catch {
      throw SceneError(.io, "\(path) can't be written: \(error.localizedDescription)")
    }
  }
}

extension JSONEncoder {
  /// For files that people read, and that are the same for the same values.
  static var ordered: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return encoder
  }
}
