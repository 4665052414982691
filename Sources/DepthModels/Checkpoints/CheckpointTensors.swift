import FoundationEssentials
package import Tensors

/// The tensors of a checkpoint under the names that bundles use, without those that the network does not use.
package struct CheckpointTensors {
  /// One tensor, or the tensors of queries, keys and values that are stacked into one.
  private struct Source {
    let names: [String]
    let format: WeightFormat
    let shape: Shape
  }

  private let file: any CheckpointFile
  private let sources: [String: Source]
  /// Whether the names are those of D3-RSMDE, which stores the image encoder among other parts.
  let isD3: Bool
  /// The parts of the file that the network does not use, with their number of tensors.
  package let unused: [String: Int]

  /// A message listing the tensors of the file that are not imported; nil if there are none.
  var remark: String? {
    guard !unused.isEmpty else { return nil }
    let parts = unused.sorted { $0.key < $1.key }.map { "\($0.value) of \($0.key)" }
    return "unused tensors of \(file.path), not imported: " + parts.joined(separator: ", ")
  }

  /// The shapes of the tensors by their names in bundles.
  package var shapes: [String: Shape] { sources.mapValues(\.shape) }

  /// Translates the name of every tensor in the file.
  ///
  /// - Throws: `ModelError` if the file is of another kind of network, or a tensor does not belong to this one or has a
  ///   type that does not hold weights.
  package init(_ file: any CheckpointFile, of stage: Manifest.Stage) throws(ModelError) {
    self.file = file
    let stored = file.stored
    isD3 = stored.keys.contains { $0.split(separator: ".").contains("rgb_encoder") }
    let naming = try CheckpointNames(of: stage, in: stored.keys, path: file.path)
    var original: [String: String] = [:]
    var unused: [String: Int] = [:]
    for name in stored.keys.sorted() {
      switch naming.meaning(name) {
      case .unused(let part): unused[part, default: 0] += 1
      case .unknown:
        throw ModelError(
          .badData,
          "\(name) in \(file.path) is not a tensor of any supported \(stage.rawValue) network")
      case .tensor(let canonical):
        if let other = original.updateValue(name, forKey: canonical) {
          throw ModelError(
            .badData, "\(other) and \(name) in \(file.path) both translate to \(canonical)")
        }
      }
    }
    self.unused = unused
    var sources: [String: Source] = [:]
    for (canonical, name) in original {
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
      let (format, shape) = try Self.stack(names, of: stored, path: file.path)
      sources[target] = Source(
        names: names, format: format, shape: naming.shape(of: target, stored: shape))
    }
    self.sources = sources
  }

  /// Returns the common format and the stacked shape of tensors, which must be of one type and shape.
  private static func stack(
    _ names: [String], of stored: [String: StoredTensor], path: String
  ) throws(ModelError) -> (WeightFormat, Shape) {
    let entries = names.compactMap { stored[$0] }
    let first = entries[0]
    let format = try WeightFormat.of(first.type, name: names[0], path: path)
    for (name, entry) in zip(names, entries) where entry != first {
      throw ModelError(
        .badData,
        "\(name) is \(entry.type) \(entry.shape) in \(path), expected \(first.type) "
          + "\(first.shape) like \(names[0])")
    }
    guard names.count > 1 else { return (format, first.shape) }
    guard let rows = first.shape.dims.first else {
      throw ModelError(
        .badData, "\(names[0]) is a scalar in \(path), expected a vector or a matrix")
    }
    return (format, Shape([rows * names.count] + first.shape.dims.dropFirst()))
  }

  /// Returns the tensors sorted by name, for writing.
  func items(as storage: Safetensors.ElementType?) -> [Safetensors.Item] {
    sources.sorted { $0.key < $1.key }.map { name, source in
      let type = storage ?? source.format.inBundles
      return Safetensors.Item(name, type, source.shape) {
        try source.names.reduce(into: Data()) { $0 += type.encode(try file.tensor($1).scalars) }
      }
    }
  }
}
