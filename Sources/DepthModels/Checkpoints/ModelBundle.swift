package import Files
import FoundationEssentials

/// A model in a directory: `model.json`, and the tensors of its networks.
public struct ModelBundle: Sendable {
  static let manifestName = "model.json"

  /// The path of the directory.
  public let directory: String
  /// The contents of `model.json`.
  public let manifest: Manifest
  /// The SHA-256 hash of `model.json`, which contains the hash of every file and so changes whenever the model does.
  public let hash: String

  /// Opens a bundle, and checks that `model.json` is valid and that all files exist with their full length.
  ///
  /// The contents of the files are checked when the networks are loaded.
  ///
  /// - Throws: `ModelError` if a file is missing, or naming the value that is invalid.
  public init(directory: String) throws {
    self.directory = directory
    let path = directory + "/" + Self.manifestName
    guard FileManager.default.fileExists(atPath: path) else {
      throw ModelError(
        .missingResource, "\(directory) is not a model bundle: \(path) does not exist")
    }
    let json = try Data(reading: path)
    manifest = try StrictJSON.decode(Manifest.self, from: json, path: path)
    try manifest.validate(in: path)
    hash = json.sha256
    for (name, record) in manifest.files {
      let size = try reading { () throws(FileError) in try OpenFile(directory + "/" + name).size }
      guard size == record.bytes else {
        throw ModelError(
          .badData, "\(directory)/\(name) has \(size) bytes, expected \(record.bytes) as in \(path)"
        )
      }
    }
  }

  /// Returns the path of a network's tensors.
  public func path(of stage: Manifest.Stage) -> String { directory + "/" + stage.fileName }

  /// Checks the hash of every file and builds every network.
  ///
  /// - Throws: `ModelError` naming the file, or the tensor that is missing, extra or has the wrong shape.
  public func verify() throws { _ = try D3RSMDE(self) }

  /// Opens every file and checks its hash, because a network with a modified weight would still return heights.
  ///
  /// - Returns: The files by name. Later reads return the checked contents or throw.
  package func verifiedFiles() throws(ModelError) -> [String: OpenFile] {
    var files: [String: OpenFile] = [:]
    for (name, record) in manifest.files.sorted(by: { $0.key < $1.key }) {
      let path = directory + "/" + name
      let (file, found) = try reading { () throws(FileError) in
        let file = try OpenFile(path)
        let hash = try file.sha256()
        try file.requireUnchanged()
        return (file, hash)
      }
      guard found == record.sha256 else {
        throw ModelError(
          .badData,
          "\(path) has the SHA-256 \(found), expected \(record.sha256) as in \(Self.manifestName): "
            + "download the bundle again"
        )
      }
      files[name] = file
    }
    return files
  }
}
