/// Checks what a manifest could get wrong and arithmetic would trap on.
package struct ManifestCheck {
  /// The file, for messages.
  package let path: String

  package init(path: String) { self.path = path }

  /// - Throws: `ModelError` that says what `name` is and what was expected, unless the condition holds.
  package func require(
    _ holds: Bool, _ name: String, _ found: some Any, _ expected: String
  ) throws(ModelError) {
    guard holds else {
      throw ModelError(.badData, "\(path): \(name) is \(found), expected \(expected)")
    }
  }

  /// - Throws: `ModelError` unless there are `count` sizes (nil: any number but 0), none of them absurd.
  package func requireSizes(_ sizes: [Int], _ name: String, count: Int? = nil) throws(ModelError) {
    try require(
      count.map { $0 == sizes.count } ?? !sizes.isEmpty
        && sizes.allSatisfy { $0 > 0 && $0 < 1 << 20 },
      name, sizes, "\(count.map(String.init) ?? "some") numbers from 1 to a million")
  }
}
