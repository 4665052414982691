import FoundationEssentials
package import Tensors

/// The tensors of a foreign checkpoint under the names of bundles, without those that no network uses.
package struct CheckpointTensors {
  /// One tensor, or queries, keys and values to be stacked.
  private struct Source {
    let names: [String]
    let type: Safetensors.ElementType
    let shape: Shape
  }

  private let file: Safetensors
  private let sources: [String: Source]
  /// Whether the names are D3-RSMDE's, with the image encoder among other parts.
  let isD3: Bool

  package var shapes: [String: Shape] { sources.mapValues(\.shape) }

  /// Names every tensor of the file.
  ///
  /// - Throws: `ModelError` where a tensor has no place in these networks or a type that holds no weights.
  package init(_ file: Safetensors) throws(ModelError) {
    self.file = file
    isD3 = file.entries.keys.contains { $0.hasPrefix("rgb_encoder.") }
    var original: [String: String] = [:]
    for name in file.entries.keys.sorted() {
      guard let canonical = CheckpointNames.canonical(name) else {
        throw ModelError(.badData, "\(name) in \(file.path) belongs to no network known here")
      }
      if let other = original.updateValue(name, forKey: canonical) {
        throw ModelError(.badData, "\(other) and \(name) in \(file.path) are both \(canonical)")
      }
    }
    var sources: [String: Source] = [:]
    for (canonical, name) in original where !CheckpointNames.isDead(canonical) {
      var (target, names) = (canonical, [name])
      let parts = ["attn.query.", "attn.key.", "attn.value."]
      if let part = parts.first(where: canonical.contains) {
        guard part == parts[0] else { continue }
        target = canonical.replacing(part, with: "attn.qkv.")
        names = []
        for part in parts {
          let sibling = canonical.replacing(parts[0], with: part)
          guard let name = original[sibling] else {
            throw ModelError(.badData, "\(sibling) is missing in \(file.path)")
          }
          names.append(name)
        }
      }
      sources[target] = try Self.stack(names, of: file)
    }
    self.sources = sources
  }

  private static func stack(_ names: [String], of file: Safetensors) throws(ModelError) -> Source {
    let entries = names.compactMap { file.entries[$0] }
    let first = entries[0]
    guard let type = Safetensors.ElementType(rawValue: first.type) else {
      throw ModelError(
        .badData,
        "\(names[0]) is stored as \(first.type) in \(file.path), expected F32, F16 or BF16")
    }
    for (name, entry) in zip(names, entries)
    where entry.shape != first.shape || entry.type != first.type {
      throw ModelError(
        .badData,
        "\(name) is \(entry.type) \(entry.shape) in \(file.path), expected \(first.type) "
          + "\(first.shape) as \(names[0])")
    }
    guard names.count > 1 else { return Source(names: names, type: type, shape: first.shape) }
    guard let rows = first.shape.dims.first else {
      throw ModelError(.badData, "\(names[0]) is a single number in \(file.path)")
    }
    return Source(
      names: names, type: type,
      shape: Shape([rows * names.count] + first.shape.dims.dropFirst()))
  }

  /// The tensors in the order of their names, for writing.
  func items(as storage: Safetensors.ElementType?) -> [Safetensors.Item] {
    sources.sorted { $0.key < $1.key }.map { name, source in
      let type = storage ?? source.type
      return Safetensors.Item(name, type, source.shape) {
        try source.names.reduce(into: Data()) { data, name in
          data +=
            type == source.type
            ? file.bytes(of: file.entries[name]!) : type.encode(try file.tensor(name).scalars)
        }
      }
    }
  }
}
