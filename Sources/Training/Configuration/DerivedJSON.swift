package import DepthModels
package import Foundation

/// A JSON object that states only how it differs from another one, which its key `base` names.
///
/// The path of the base is relative to the file. Objects are merged key by key; every other value replaces that of the base,
/// and `null` removes it. A base may have a base of its own.
package enum DerivedJSON {
  private static let mostBases = 16

  /// Reads a file and merges it with its bases.
  ///
  /// - Parameter path: The path of the JSON file.
  /// - Returns: The merged object as JSON, without the key `base`; the file as it is if it has no base.
  /// - Throws: `ModelError` if a file cannot be read, or if a base is not a path or leads back to the file.
  package static func read(_ path: String) throws(ModelError) -> Data {
    guard let json = FileManager.default.contents(atPath: path) else {
      throw ModelError(
        .noInput, "\(path) cannot be read, expected a training configuration in JSON")
    }
    guard let object = object(json), object["base"] != nil else { return json }
    let merged = try resolved(object, of: path, depth: 0)
    do {
      return try JSONSerialization.data(withJSONObject: merged)
    } catch {
      throw ModelError(.badData, "\(path): \(error)")
    }
  }

  /// Nil if the text is not a JSON object, which the decoder of the configuration explains.
  private static func object(_ json: Data) -> [String: Any]? {
    try? JSONSerialization.jsonObject(with: json) as? [String: Any]
  }

  private static func resolved(
    _ own: [String: Any], of path: String, depth: Int
  ) throws(ModelError) -> [String: Any] {
    var own = own
    guard let base = own.removeValue(forKey: "base") else { return own }
    let folder = URL(filePath: path).deletingLastPathComponent()
    guard let name = base as? String, depth < mostBases else {
      throw ModelError(
        .badData,
        "\(path): base is \(base), expected the path of a configuration that does not lead back here"
      )
    }
    let basePath = URL(filePath: name, relativeTo: folder).path
    guard let json = FileManager.default.contents(atPath: basePath), let object = object(json)
    else {
      throw ModelError(
        .noInput, "\(path): base is \(name), expected the path of a JSON object")
    }
    return merge(own, into: try resolved(object, of: basePath, depth: depth + 1))
  }

  private static func merge(_ own: [String: Any], into base: [String: Any]) -> [String: Any] {
    base.merging(own) { old, new in
      guard let old = old as? [String: Any], let new = new as? [String: Any] else { return new }
      return merge(new, into: old)
    }.filter { !($0.value is NSNull) }
  }
}
