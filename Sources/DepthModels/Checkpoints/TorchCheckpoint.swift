package import Files
package import FoundationEssentials
package import Tensors

/// A memory-mapped checkpoint written by `torch.save`, from which nothing is executed.
///
/// Its pickle is read as a description (`Pickle`); tensors are read from the file on demand.
package struct TorchCheckpoint: CheckpointFile {
  /// The path of the file.
  package let path: String
  private let file: Data
  /// The open file, to check that it does not change while tensors are read; nil for bytes in memory.
  private let source: OpenFile?
  private let tensors: [String: TorchTensor]

  /// All entries of the state dictionary, whether they are weights or not.
  package var stored: [String: StoredTensor] { tensors.mapValues(\.stored) }

  /// The keys under which training programs store a network's tensors, next to other state.
  ///
  /// The first two are those of D3-RSMDE's two networks, `state_dict` that of Lightning, LDM and SegRefiner, and
  /// `model` that of many others.
  private static let containers = [
    "model_state_dict", "denoise_model_state_dict", "state_dict", "model",
  ]

  /// Reads the description of every tensor in the network's state dictionary.
  ///
  /// - Throws: `ModelError` if the file is not a PyTorch checkpoint, is damaged, or contains no state or several.
  package init(_ file: Data, path: String, of source: OpenFile? = nil) throws(ModelError) {
    self.path = path
    self.file = file
    self.source = source
    let contents = try TorchPickle(file, path: path)
    var tensors: [String: TorchTensor] = [:]
    var total = 0
    for (key, value) in try Self.state(in: contents, path: path) {
      guard let name = key.text else {
        throw ModelError(.badData, "\(path) has a tensor whose name is not text")
      }
      let tensor = try contents.tensor(value, named: name)
      guard tensors.updateValue(tensor, forKey: name) == nil else {
        throw ModelError(.badData, "\(name) is in \(path) twice")
      }
      total += min(tensor.stored.shape.count, file.count)
      // Tied weights share storage, but a small file that refers to a large storage many times is a decompression bomb.
      guard total <= 16 * file.count else {
        throw ModelError(.badData, "\(path) has tensors of more than 16 times its own size")
      }
    }
    self.tensors = tensors
  }

  /// Returns a tensor converted to `Float`.
  ///
  /// - Throws: `ModelError` if it is missing, does not hold weights, or the file has changed since it was opened.
  package func tensor(_ name: String) throws(ModelError) -> Tensor {
    guard let tensor = tensors[name] else {
      throw ModelError(.badData, "\(name) is missing in \(path)")
    }
    let format = try WeightFormat.of(tensor.stored.type, name: name, path: path)
    let floats = tensor.floats(in: file, as: format)
    try reading { () throws(FileError) in try source?.requireUnchanged() }
    return Tensor(tensor.stored.shape, floats)
  }

  /// Returns the entries of the dictionary of tensors: that under one of the usual keys, else the whole file.
  private static func state(
    in contents: TorchPickle, path: String
  ) throws(ModelError) -> [(key: Pickle.Value, value: Pickle.Value)] {
    let pickle = contents.pickle
    guard let entries = pickle.pairs(pickle.root) else {
      throw ModelError(
        .badData,
        "\(path) contains \(pickle.description(of: pickle.root)), expected a dictionary of tensors, "
          + "as written by torch.save(network.state_dict(), …)")
    }
    func hasTensors(_ entries: [(key: Pickle.Value, value: Pickle.Value)]?) -> Bool {
      entries?.contains { contents.isTensor($0.value) } ?? false
    }
    let found = entries.filter { entry in
      containers.contains(entry.key.text ?? "") && hasTensors(pickle.pairs(entry.value))
    }
    if found.isEmpty, hasTensors(entries) { return entries }
    guard let only = found.first, found.count == 1 else {
      let keys = (found.isEmpty ? entries : found).prefix(20).map { entry in
        (entry.key.text ?? "?") + " (\(pickle.description(of: entry.value)))"
      }
      throw ModelError(
        .badData,
        "\(path) has \(found.isEmpty ? "no tensors" : "several networks"): its keys are "
          + keys.joined(separator: ", ") + "; expected tensors at the top level, or under one of "
          + containers.joined(separator: ", "))
    }
    return pickle.pairs(only.value) ?? []
  }
}
