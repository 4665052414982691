import FoundationEssentials
import Tensors

extension ModelBundle {
  /// Makes a bundle of checkpoints, in any mixture of containers and namings.
  ///
  /// Each is a file in safetensors or of `torch.save`, or a folder of Hugging Face with `config.json`.
  ///
  /// - Parameters:
  ///   - coarse: The depth network, with the tensors of D3-RSMDE, Omnidata, isl-org's DPT or Hugging Face's.
  ///   - vae: The autoencoder, of diffusers, latent diffusion or the VA-VAE; needed by a U-Net of latents.
  ///   - unet: The refining U-Net, of D3-RSMDE or SegRefiner.
  ///   - directory: Where the bundle will be; it may exist only if it is empty.
  ///   - options: What cannot be read off the checkpoints.
  /// - Returns: The bundle, verified, and what a user should know: what of the checkpoints is not in it, and what was
  ///   assumed since no checkpoint says it.
  /// - Throws: `ModelError` that names a tensor which is unknown, missing or misshapen, networks that do not fit
  ///   together, or a setting that the networks here do not have. Then there is no bundle.
  public static func importing(
    coarse: String, vae: String? = nil, unet: String? = nil, to directory: String,
    options: ImportOptions
  ) throws -> (bundle: ModelBundle, remarks: [String]) {
    let folder = try CheckpointFolder(coarse)
    let config = try folder.config.map(HuggingFaceConfig.init)
    let tensors = try CheckpointTensors(folder.checkpoint, of: .coarse)
    let architecture = try CoarseArchitecture(
      shapes: tensors.shapes,
      unseen: CoarseArchitecture.Unseen(
        heads: options.heads ?? config?.heads, hooks: options.hooks ?? config?.hooks,
        groups: options.groups ?? config?.groups,
        layerNormEpsilon: options.layerNormEpsilon ?? config?.layerNormEpsilon),
      normalization: options.normalization ?? (tensors.isD3 ? .raw255 : .half),
      output: options.output, path: coarse)
    var networks = [Manifest.Stage.coarse: tensors]
    let refiner = try RefinerArchitecture(
      importing: &networks, vae: vae, unet: unet, options: options.refiner)
    let manifest = Manifest(
      formatVersion: Manifest.currentVersion, card: options.card, coarse: architecture,
      refiner: refiner, files: [:])
    try manifest.validateDescription(in: directory + "/" + manifestName)
    let bundle = try make(directory) { temporary in
      try write(
        networks.mapValues { $0.items(as: options.storage) }, manifest: manifest, to: temporary)
    }
    let unused = networks.sorted { $0.key.rawValue < $1.key.rawValue }.compactMap(\.value.remark)
    return (
      bundle,
      unused + assumptions(architecture, hasConfig: config != nil, options)
        + (try assumptions(refiner, vae: vae, options.refiner))
    )
  }

  /// Makes a bundle of networks that have its names already.
  ///
  /// - Parameters:
  ///   - networks: The safetensors of each.
  ///   - card: What users will need to know.
  ///   - coarse: The coarse network.
  ///   - refiner: The refining half, where there is one.
  ///   - directory: Where the bundle will be; it may exist only if it is empty.
  ///   - storage: Of the numbers.
  /// - Returns: The bundle, verified.
  /// - Throws: `ModelError` for what does not fit together; then there is no bundle.
  public static func writing(
    _ networks: [Manifest.Stage: String], card: ModelCard, coarse: CoarseArchitecture,
    refiner: RefinerArchitecture?, to directory: String, storage: Safetensors.ElementType = .f32
  ) throws -> ModelBundle {
    let manifest = Manifest(
      formatVersion: Manifest.currentVersion, card: card, coarse: coarse, refiner: refiner,
      files: [:])
    try manifest.validateDescription(in: directory + "/" + manifestName)
    let items = try networks.mapValues { path in
      let file = try Safetensors(reading: path)
      return try file.entries.keys.sorted().map {
        Safetensors.Item($0, try file.tensor($0), as: storage)
      }
    }
    return try make(directory) { temporary in
      try write(items, manifest: manifest, to: temporary)
    }
  }

  /// What is usual and was taken for true: no checkpoint says it, and if it is wrong, heights are, too.
  private static func assumptions(
    _ coarse: CoarseArchitecture, hasConfig: Bool, _ options: ImportOptions
  ) -> [String] {
    var remarks: [String] = []
    if options.normalization == nil {
      remarks.append("assumed: pixels reach the depth network as \(coarse.normalization.rawValue)")
    }
    guard !hasConfig else { return remarks }
    if options.heads == nil {
      remarks.append("assumed: the depth network has \(coarse.heads) heads")
    }
    if options.hooks == nil {
      remarks.append("assumed: its blocks \(coarse.hooks) are tapped")
    }
    if options.groups == nil, case .hybrid(let hybrid) = coarse.backbone {
      remarks.append("assumed: its backbone normalises \(hybrid.groups) groups of channels")
    }
    if options.layerNormEpsilon == nil {
      remarks.append("assumed: its layer norm adds \(coarse.layerNormEpsilon)")
    }
    return remarks
  }

  private static func assumptions(
    _ refiner: RefinerArchitecture?, vae: String?, _ options: ImportOptions.Refiner
  ) throws -> [String] {
    guard let refiner else { return [] }
    var remarks = [
      "taken unless given otherwise: images by the range \(refiner.imageRange.rawValue), heights by the range "
        + "\(refiner.heightRange.rawValue), \(refiner.blending.steps) steps, epsilon \(refiner.blending.epsilon), "
        + "\(refiner.denoiser.groups) groups in the U-Net"
    ]
    if options.heads == nil {
      remarks.append("assumed: the U-Net's attention has \(refiner.denoiser.heads) heads")
    }
    if let vae, let autoencoder = refiner.autoencoder, try CheckpointFolder(vae).config == nil {
      remarks.append("assumed: the autoencoder normalises \(autoencoder.groups) groups of channels")
      if options.latentScale == nil {
        remarks.append("assumed: latents are multiplied by \(autoencoder.latentScale)")
      }
    }
    return remarks
  }

  /// Makes a bundle under a temporary name, verifies it and gives it its own.
  private static func make(
    _ directory: String, _ write: (String) throws -> Void
  ) throws -> ModelBundle {
    let files = FileManager.default
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
      try write(temporary)
      try ModelBundle(directory: temporary).verify()
      try files.moveItem(atPath: temporary, toPath: target.path)
    } catch let error as ModelError {
      throw error
    } catch {
      throw ModelError(.cannotCreate, "\(directory) cannot be made: \(error)")
    }
    return try ModelBundle(directory: directory)
  }

  /// Writes the tensors of each network and the manifest that describes them.
  static func write(
    _ networks: [Manifest.Stage: [Safetensors.Item]], manifest: Manifest, to directory: String
  ) throws {
    var manifest = manifest
    for (stage, items) in networks {
      let path = directory + "/" + stage.fileName
      try Safetensors.write(items, to: path)
      let file = try Safetensors(reading: path)
      manifest.files[stage.fileName] = Manifest.FileRecord(
        bytes: file.byteCount, sha256: try file.sha256)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try encoder.encode(manifest).write(
      to: URL(fileURLWithPath: directory + "/" + manifestName), options: .atomic)
  }
}
