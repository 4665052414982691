import Foundation

extension JSONEncoder {
  /// An encoder with readable, deterministic output: indented, with sorted keys.
  static var ordered: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return encoder
  }
}
