import Files
import FoundationEssentials

/// A directory with a model: `model.json` and the tensors of its networks.
public struct ModelBundle: Sendable {
  static let manifestName = "model.json"

  public let directory: String
  public let manifest: Manifest
  /// SHA-256 of `model.json`, in which the hashes of all files stand: it changes whenever the model does.
  public let hash: String

  /// Reads `model.json` and checks that it makes sense and that its files are there, in full length.
  ///
  /// Their contents are checked when the networks are loaded.
  public init(directory: String) throws {
    self.directory = directory
    let path = directory + "/" + Self.manifestName
    guard FileManager.default.fileExists(atPath: path) else {
      throw ModelError(.missingResource, "\(directory) is no model bundle: it has no \(path)")
    }
    let json = try Data(reading: path)
    manifest = try StrictJSON.decode(Manifest.self, from: json, path: path)
    try manifest.validate(in: path)
    hash = json.sha256
    for (name, record) in manifest.files {
      let size = try reading { () throws(FileError) in try OpenFile(directory + "/" + name).size }
      guard size == record.bytes else {
        throw ModelError(
          .badData, "\(directory)/\(name) has \(size) bytes, \(path) says \(record.bytes)")
      }
    }
  }

  /// The path of a network's tensors.
  public func path(of stage: Manifest.Stage) -> String { directory + "/" + stage.fileName }

  /// Checks the hash of every file and builds every network.
  ///
  /// - Throws: `ModelError` that names the file, or the missing, extra or misshapen tensor.
  public func verify() throws { _ = try D3RSMDE(self) }

  /// Opens every file and checks its hash: a changed weight would still give heights.
  ///
  /// - Returns: the files by their names; what is read of them later is what was checked, or an error.
  func verifiedFiles() throws(ModelError) -> [String: OpenFile] {
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
          "\(path) has the SHA-256 \(found), \(Self.manifestName) says \(record.sha256): get the bundle anew"
        )
      }
      files[name] = file
    }
    return files
  }
}
