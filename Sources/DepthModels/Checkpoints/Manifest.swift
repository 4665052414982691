/// What a bundle says of itself in `model.json`: all that cannot be read off its tensors.
public struct Manifest: Hashable, Sendable, Codable {
  /// The version of the format that this code reads and writes.
  public static let currentVersion = 1

  public var formatVersion: Int
  /// What users need to know.
  public var card: ModelCard
  /// The coarse network.
  public var coarse: CoarseArchitecture
  /// The refining half; nil where a bundle has none.
  public var refiner: RefinerArchitecture?
  /// The files beside `model.json`, by name.
  public var files: [String: FileRecord]

  /// A file's size and hash.
  public struct FileRecord: Hashable, Sendable, Codable {
    public var bytes: Int
    /// SHA-256 in lower-case hexadecimal.
    public var sha256: String
  }

  /// A network that a bundle may hold.
  public enum Stage: String, CaseIterable, Hashable, Sendable, Codable {
    case coarse, vae, unet

    public var fileName: String { "\(rawValue).safetensors" }
  }

  /// The networks present.
  public var stages: [Stage] { Stage.allCases.filter { files[$0.fileName] != nil } }

  /// Checks all but the files.
  func validateDescription(in path: String) throws(ModelError) {
    try card.validate(in: path)
    try coarse.validate(in: path)
    try refiner?.validate(in: path)
  }

  func validate(in path: String) throws(ModelError) {
    guard formatVersion == Self.currentVersion else {
      throw ModelError(
        .badData,
        "\(path): formatVersion is \(formatVersion), expected \(Self.currentVersion)")
    }
    try validateDescription(in: path)
    let known = Set(Stage.allCases.map(\.fileName))
    if let unknown = files.keys.sorted().first(where: { !known.contains($0) }) {
      throw ModelError(.badData, "\(path): files.\(unknown) is no file of a bundle")
    }
    var needed: Set<Stage> = [.coarse]
    if let refiner { needed.formUnion(refiner.autoencoder == nil ? [.unet] : [.vae, .unet]) }
    for stage in Stage.allCases where needed.contains(stage) != stages.contains(stage) {
      throw ModelError(
        .badData,
        "\(path): files \(needed.contains(stage) ? "lacks" : "has") \(stage.fileName), refiner says otherwise"
      )
    }
  }
}
