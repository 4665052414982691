import CGDAL

/// A list of C strings as GDAL takes options and metadata, freed when its owner lets it go.
struct StringList: ~Copyable {
  private(set) var pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?

  /// From words, in order.
  init(_ words: [String]) {
    pointer = nil
    for word in words { pointer = CSLAddString(pointer, word) }
  }

  /// From `NAME=VALUE` pairs, by name, so that the same pairs always make the same list.
  init(_ pairs: [String: String]) {
    self.init(pairs.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
  }

  deinit { CSLDestroy(pointer) }

  /// The same for functions that promise not to change it.
  var constant: UnsafePointer<UnsafePointer<CChar>?>? {
    UnsafeRawPointer(pointer)?.assumingMemoryBound(to: UnsafePointer<CChar>?.self)
  }
}

/// The words of a list that GDAL keeps.
func words(_ list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> [String] {
  (0..<Int(CSLCount(list))).compactMap { list?[$0].map { String(cString: $0) } }
}

/// The `NAME=VALUE` pairs of a list that GDAL keeps.
func pairs(_ list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> [String: String] {
  var result: [String: String] = [:]
  for word in words(list) {
    // What is not a pair GDAL ignores too.
    guard let equals = word.firstIndex(of: "=") else { continue }
    result[String(word[..<equals])] = String(word[word.index(after: equals)...])
  }
  return result
}
