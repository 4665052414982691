/// The description of a bundle in `model.json`, with everything that cannot be inferred from its tensors.
public struct Manifest: Hashable, Sendable, Codable {
  /// The version of the format that this package reads and writes.
  public static let currentVersion = 1

  /// The version of the format of this manifest.
  public var formatVersion: Int
  /// The model card.
  public var card: ModelCard
  /// The dimensions of the coarse network.
  public var coarse: CoarseArchitecture
  /// The dimensions and conventions of the refiner, or nil if the bundle has none.
  public var refiner: RefinerArchitecture?
  /// The files next to `model.json`, by name.
  public var files: [String: FileRecord]

  /// The size and the hash of a file.
  public struct FileRecord: Hashable, Sendable, Codable {
    /// The size, in bytes.
    public var bytes: Int
    /// The SHA-256 hash in lowercase hexadecimal.
    public var sha256: String
  }

  /// A network that a bundle may hold.
  public enum Stage: String, CaseIterable, Hashable, Sendable, Codable {
    /// The network that estimates coarse heights.
    case coarse
    /// The autoencoder of the refiner.
    case vae
    /// The denoiser of the refiner.
    case unet

    /// The name of the network's file in a bundle.
    public var fileName: String { "\(rawValue).safetensors" }
  }

  /// The networks that the bundle contains.
  public var stages: [Stage] { Stage.allCases.filter { files[$0.fileName] != nil } }

  /// Checks the whole manifest except for the files.
  func validateDescription(in path: String) throws(ModelError) {
    try card.validate(in: path)
    try coarse.validate(in: path)
    try refiner?.validate(in: path)
  }

  /// Checks the whole manifest.
  ///
  /// - Throws: `ModelError` naming the value that is invalid.
  func validate(in path: String) throws(ModelError) {
    guard formatVersion == Self.currentVersion else {
      throw ModelError(
        .badData,
        "\(path): formatVersion is \(formatVersion), expected \(Self.currentVersion)")
    }
    try validateDescription(in: path)
    let known = Set(Stage.allCases.map(\.fileName))
    if let unknown = files.keys.sorted().first(where: { !known.contains($0) }) {
      throw ModelError(
        .badData,
        "\(path): files.\(unknown) is not a bundle file, expected coarse.safetensors, vae.safetensors or "
          + "unet.safetensors")
    }
    var needed: Set<Stage> = [.coarse]
    if let refiner { needed.formUnion(refiner.autoencoder == nil ? [.unet] : [.vae, .unet]) }
    for stage in Stage.allCases where needed.contains(stage) != stages.contains(stage) {
      throw ModelError(
        .badData,
        "\(path): files \(needed.contains(stage) ? "lacks" : "has") \(stage.fileName), which the networks in "
          + "the manifest \(needed.contains(stage) ? "require" : "do not use")"
      )
    }
  }
}
