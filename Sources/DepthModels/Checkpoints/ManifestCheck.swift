/// Checks of the values in a manifest that would otherwise trap in arithmetic.
package struct ManifestCheck {
  /// The path of the manifest, for messages.
  package let path: String

  /// Creates checks for a manifest.
  package init(path: String) { self.path = path }

  /// Checks that a condition holds.
  ///
  /// - Throws: `ModelError` with the name of the value, its value, and what was expected, if the condition is false.
  package func require(
    _ holds: Bool, _ name: String, _ found: some Any, _ expected: String
  ) throws(ModelError) {
    guard holds else {
      throw ModelError(.badData, "\(path): \(name) is \(found), expected \(expected)")
    }
  }

  /// Checks that there are `count` dimensions (if nil, one or more), all of them positive and below 1 << 20.
  ///
  /// - Throws: `ModelError` with the name of the dimensions and their values, if the check fails.
  package func requireSizes(_ sizes: [Int], _ name: String, count: Int? = nil) throws(ModelError) {
    try require(
      count.map { $0 == sizes.count } ?? !sizes.isEmpty
        && sizes.allSatisfy { $0 > 0 && $0 < 1 << 20 },
      name, sizes, "\(count.map(String.init) ?? "one or more") integers from 1 to 1048575")
  }
}
