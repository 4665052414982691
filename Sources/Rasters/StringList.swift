import CGDAL

/// A list of C strings, GDAL's format of options and metadata, freed when its owner releases it.
struct StringList: ~Copyable {
  private(set) var pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?

  /// Creates a list of words, in order.
  init(_ words: [String]) {
    pointer = nil
    for word in words { pointer = CSLAddString(pointer, word) }
  }

  /// Creates a list of `NAME=VALUE` pairs, sorted by name so that the result is deterministic.
  init(_ pairs: [String: String]) {
    self.init(pairs.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
  }

  deinit { CSLDestroy(pointer) }

  /// The list as a constant pointer, for functions that do not modify it.
  var constant: UnsafePointer<UnsafePointer<CChar>?>? {
    UnsafeRawPointer(pointer)?.assumingMemoryBound(to: UnsafePointer<CChar>?.self)
  }
}

/// Returns the strings of a list that GDAL owns.
func words(_ list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> [String] {
  (0..<Int(CSLCount(list))).compactMap { list?[$0].map { String(cString: $0) } }
}

/// Returns the `NAME=VALUE` pairs of a list that GDAL owns.
func pairs(_ list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> [String: String] {
  var result: [String: String] = [:]
  for word in words(list) {
    // GDAL also ignores strings that are not pairs.
    guard let equals = word.firstIndex(of: "=") else { continue }
    result[String(word[..<equals])] = String(word[word.index(after: equals)...])
  }
  return result
}
