import FoundationEssentials
import Tensors

extension ModelBundle {
  /// Creates a bundle from checkpoints in any combination of formats and tensor names.
  ///
  /// Each is a safetensors file, a file written by `torch.save`, or a Hugging Face folder with `config.json`.
  ///
  /// - Parameters:
  ///   - coarse: The depth network, with the tensor names of D3-RSMDE, Omnidata, isl-org's DPT or Hugging Face.
  ///   - vae: The autoencoder, from diffusers, latent diffusion or the VA-VAE; required by a U-Net that works on
  ///     latents.
  ///   - unet: The U-Net of the refiner, from D3-RSMDE or SegRefiner.
  ///   - directory: The folder to create; if it exists, it must be empty.
  ///   - options: The settings that are not in the checkpoints.
  /// - Returns: The verified bundle, and remarks for the user: which tensors were not imported, and which settings were
  ///   assumed because no checkpoint contains them.
  /// - Throws: `ModelError` naming a tensor that is unknown, missing or has the wrong shape, networks that do not
  ///   match, or a setting that is not supported. No bundle is left behind.
  public static func importing(
    coarse: String, vae: String? = nil, unet: String? = nil, to directory: String,
    options: ImportOptions
  ) throws -> (bundle: ModelBundle, remarks: [String]) {
    let folder = try CheckpointFolder(coarse)
    let config = try folder.config.map(HuggingFaceConfig.init)
    let tensors = try CheckpointTensors(folder.checkpoint, of: .coarse)
    let architecture = try CoarseArchitecture(
      shapes: tensors.shapes,
      hyperparameters: CoarseArchitecture.Hyperparameters(
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

  /// Creates a bundle from networks whose tensors already have the names that bundles use.
  ///
  /// - Parameters:
  ///   - networks: The path of the safetensors file of each network.
  ///   - card: The model card of the bundle.
  ///   - coarse: The dimensions of the coarse network.
  ///   - refiner: The dimensions and conventions of the refiner, if there is one.
  ///   - directory: The folder to create; if it exists, it must be empty.
  ///   - storage: The element type in the bundle.
  /// - Returns: The verified bundle.
  /// - Throws: `ModelError` if the networks do not match their description. No bundle is left behind.
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

  /// Returns remarks on the assumed settings of the coarse network.
  ///
  /// No checkpoint contains these settings. If one of them is wrong, the heights are wrong too.
  private static func assumptions(
    _ coarse: CoarseArchitecture, hasConfig: Bool, _ options: ImportOptions
  ) -> [String] {
    var remarks: [String] = []
    if options.normalization == nil {
      remarks.append(
        "assumed: the input normalization of the depth network is \(coarse.normalization.rawValue)")
    }
    guard !hasConfig else { return remarks }
    if options.heads == nil {
      remarks.append("assumed: the depth network has \(coarse.heads) attention heads")
    }
    if options.hooks == nil {
      remarks.append("assumed: the depth network is tapped at the blocks \(coarse.hooks)")
    }
    if options.groups == nil, case .hybrid(let hybrid) = coarse.backbone {
      remarks.append(
        "assumed: group normalization in the depth network's backbone has \(hybrid.groups) groups")
    }
    if options.layerNormEpsilon == nil {
      remarks.append(
        "assumed: layer normalization in the depth network has epsilon \(coarse.layerNormEpsilon)")
    }
    return remarks
  }

  /// Returns remarks on the settings of the refiner that were given or assumed.
  private static func assumptions(
    _ refiner: RefinerArchitecture?, vae: String?, _ options: ImportOptions.Refiner
  ) throws -> [String] {
    guard let refiner else { return [] }
    var remarks = [
      "refiner settings, given or assumed: image range \(refiner.imageRange.rawValue), height range "
        + "\(refiner.heightRange.rawValue), \(refiner.blending.steps) steps, epsilon \(refiner.blending.epsilon), "
        + "\(refiner.denoiser.groups) groups in the U-Net"
    ]
    if options.heads == nil {
      remarks.append("assumed: the U-Net has \(refiner.denoiser.heads) attention heads")
    }
    if let vae, let autoencoder = refiner.autoencoder, try CheckpointFolder(vae).config == nil {
      remarks.append(
        "assumed: group normalization in the autoencoder has \(autoencoder.groups) groups")
      if options.latentScale == nil {
        remarks.append("assumed: latents are multiplied by \(autoencoder.latentScale)")
      }
    }
    return remarks
  }

  /// Creates a bundle under a temporary name, verifies it, and renames it.
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
          throw ModelError(
            .cannotCreate, "\(directory) exists and is not empty, expected a new or an empty folder"
          )
        }
        try files.removeItem(atPath: directory)
      }
      try files.createDirectory(atPath: temporary, withIntermediateDirectories: true)
      defer { try? files.removeItem(atPath: temporary) }  // already renamed if nothing failed
      try write(temporary)
      try ModelBundle(directory: temporary).verify()
      try files.moveItem(atPath: temporary, toPath: target.path)
    } catch let error as ModelError {
      throw error
    } catch {
      throw ModelError(.cannotCreate, "\(directory) cannot be created: \(error)")
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
