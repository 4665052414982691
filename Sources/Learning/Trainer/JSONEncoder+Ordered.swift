import Foundation

extension JSONEncoder {
  /// For files that people read, and that are the same for the same values.
  static var ordered: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return encoder
  }
}
