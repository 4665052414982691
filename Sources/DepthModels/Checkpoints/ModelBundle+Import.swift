import FoundationEssentials
import Tensors

/// What an import needs beyond the checkpoint.
public struct ImportOptions: Sendable {
  /// What users will need to know.
  public var card: ModelCard
  /// Nil: `raw255` for D3-RSMDE's own checkpoints, else `half`.
  public var normalization: CoarseArchitecture.Normalization?
  public var output: CoarseArchitecture.Output
  /// Nil: as `config.json` says, else one for each 64 channels.
  public var heads: Int?
  /// The tapped transformer blocks, from 0; nil: as `config.json` says, else at quarters of the depth.
  public var hooks: [Int]?
  /// Nil: as `config.json` says, else 32.
  public var groups: Int?
  /// Nil: as `config.json` says, else 1e-6.
  public var layerNormEpsilon: Double?
  /// Nil: as stored in the checkpoint.
  public var storage: Safetensors.ElementType?

  public init(
    card: ModelCard, normalization: CoarseArchitecture.Normalization? = nil,
    output: CoarseArchitecture.Output = .unchanged,
    heads: Int? = nil, hooks: [Int]? = nil, groups: Int? = nil, layerNormEpsilon: Double? = nil,
    storage: Safetensors.ElementType? = nil
  ) {
    self.card = card
    self.normalization = normalization
    self.output = output
    self.heads = heads
    self.hooks = hooks
    self.groups = groups
    self.layerNormEpsilon = layerNormEpsilon
    self.storage = storage
  }
}

extension ModelBundle {
  /// Makes a bundle of a checkpoint in safetensors.
  ///
  /// - Parameters:
  ///   - checkpoint: A file with the tensors of D3-RSMDE, Omnidata, isl-org's DPT or Hugging Face's, or a folder
  ///     of Hugging Face with `config.json` and `model.safetensors`.
  ///   - directory: Where the bundle will be; it may exist only if it is empty.
  ///   - options: What cannot be read off the checkpoint.
  /// - Returns: The bundle, verified.
  /// - Throws: `ModelError` that names a tensor which is unknown, missing or misshapen, or a setting that the
  ///   networks here do not have. Then there is no bundle.
  public static func importing(
    checkpoint: String, to directory: String, options: ImportOptions
  ) throws -> ModelBundle {
    let files = FileManager.default
    let isFolder = files.fileExists(atPath: checkpoint + "/config.json")
    let config = isFolder ? try HuggingFaceConfig(reading: checkpoint + "/config.json") : nil
    let tensors = try CheckpointTensors(
      Safetensors(reading: isFolder ? checkpoint + "/model.safetensors" : checkpoint))
    let architecture = try CoarseArchitecture(
      shapes: tensors.shapes,
      unseen: CoarseArchitecture.Unseen(
        heads: options.heads ?? config?.heads, hooks: options.hooks ?? config?.hooks,
        groups: options.groups ?? config?.groups,
        layerNormEpsilon: options.layerNormEpsilon ?? config?.layerNormEpsilon),
      normalization: options.normalization ?? (tensors.isD3 ? .raw255 : .half),
      output: options.output, path: checkpoint)

    let target = URL(fileURLWithPath: directory)
    let temporary = target.deletingLastPathComponent()
      .appending(path: ".\(target.lastPathComponent).\(UUID().uuidString).part").path
    do {
      if files.fileExists(atPath: directory) {
        guard try files.contentsOfDirectory(atPath: directory).isEmpty else {
          throw ModelError(.cannotCreate, "\(directory) exists and is not empty")
        }
        try files.removeItem(atPath: directory)
      }
      try files.createDirectory(atPath: temporary, withIntermediateDirectories: true)
      defer { try? files.removeItem(atPath: temporary) }  // gone already when all went well
      try write(
        tensors.items(as: options.storage), card: options.card, coarse: architecture, to: temporary)
      try ModelBundle(directory: temporary).verify()
      try files.moveItem(atPath: temporary, toPath: target.path)
    } catch let error as ModelError {
      throw error
    } catch {
      throw ModelError(.cannotCreate, "\(directory) cannot be made: \(error)")
    }
    return try ModelBundle(directory: directory)
  }

  /// Writes the coarse network's tensors and the manifest that describes them.
  static func write(
    _ items: [Safetensors.Item], card: ModelCard, coarse: CoarseArchitecture, to directory: String
  ) throws {
    let name = Manifest.Stage.coarse.fileName
    try Safetensors.write(items, to: directory + "/" + name)
    let data = try Data(mapping: directory + "/" + name)
    let manifest = Manifest(
      formatVersion: Manifest.currentVersion, card: card, coarse: coarse, refiner: nil,
      files: [name: Manifest.FileRecord(bytes: data.count, sha256: data.sha256)])
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try encoder.encode(manifest).write(
      to: URL(fileURLWithPath: directory + "/" + manifestName), options: .atomic)
  }
}
