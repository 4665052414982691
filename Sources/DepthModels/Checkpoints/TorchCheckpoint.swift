package import Files
package import FoundationEssentials
package import Tensors

/// A checkpoint that `torch.save` wrote, memory-mapped, of which nothing is executed.
///
/// Its pickle is read as a description (`Pickle`); tensors are read from the file when they are asked for.
package struct TorchCheckpoint: CheckpointFile {
  package let path: String
  private let file: Data
  /// The same file, which must not change while tensors are read; nil for bytes in memory.
  private let source: OpenFile?
  private let tensors: [String: TorchTensor]

  package var stored: [String: StoredTensor] { tensors.mapValues(\.stored) }

  /// The keys under which training programs keep a network's tensors, beside their own state.
  ///
  /// D3-RSMDE's two halves; Lightning, LDM and SegRefiner; many others.
  private static let containers = [
    "model_state_dict", "denoise_model_state_dict", "state_dict", "model",
  ]

  /// Reads the description of every tensor of the network's state.
  ///
  /// - Throws: `ModelError` where the file is no checkpoint of PyTorch, damaged, or has no or several states.
  package init(_ file: Data, path: String, of source: OpenFile? = nil) throws(ModelError) {
    self.path = path
    self.file = file
    self.source = source
    let contents = try TorchPickle(file, path: path)
    var tensors: [String: TorchTensor] = [:]
    var total = 0
    for (key, value) in try Self.state(in: contents, path: path) {
      guard let name = key.text else {
        throw ModelError(.badData, "\(path) names a tensor by what is no text")
      }
      let tensor = try contents.tensor(value, named: name)
      guard tensors.updateValue(tensor, forKey: name) == nil else {
        throw ModelError(.badData, "\(name) is in \(path) twice")
      }
      total += min(tensor.stored.shape.count, file.count)
      // Tied weights share storage, but a small file that names a large one often is a bomb.
      guard total <= 16 * file.count else {
        throw ModelError(.badData, "\(path) has tensors of more than 16 times its own size")
      }
    }
    self.tensors = tensors
  }

  package func tensor(_ name: String) throws(ModelError) -> Tensor {
    guard let tensor = tensors[name] else {
      throw ModelError(.badData, "\(name) is missing in \(path)")
    }
    let format = try WeightFormat.of(tensor.stored.type, name: name, path: path)
    let floats = tensor.floats(in: file, as: format)
    try reading { () throws(FileError) in try source?.requireUnchanged() }
    return Tensor(tensor.stored.shape, floats)
  }

  /// The entries of the dictionary of tensors: under one of the usual keys, else the file's whole.
  private static func state(
    in contents: TorchPickle, path: String
  ) throws(ModelError) -> [(key: Pickle.Value, value: Pickle.Value)] {
    let pickle = contents.pickle
    guard let entries = pickle.pairs(pickle.root) else {
      throw ModelError(
        .badData,
        "\(path) holds \(pickle.description(of: pickle.root)), expected a dictionary of tensors, "
          + "as of torch.save(network.state_dict(), …)")
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
          + keys.joined(separator: ", ") + "; tensors are looked for at the top and under "
          + containers.joined(separator: ", "))
    }
    return pickle.pairs(only.value) ?? []
  }
}
