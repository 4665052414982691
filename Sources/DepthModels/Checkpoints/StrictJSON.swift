package import FoundationEssentials

/// A JSON decoder that rejects unknown keys, so that a misspelled key is an error instead of a default.
package enum StrictJSON {
  /// Decodes a value from JSON.
  ///
  /// - Parameters:
  ///   - type: The type of the value.
  ///   - json: The JSON text.
  ///   - path: The path of the file, for messages.
  /// - Returns: The value.
  /// - Throws: `ModelError` naming the key that is unknown, missing or of another type.
  package static func decode<Value: Codable>(
    _ type: Value.Type, from json: Data, path: String
  ) throws(ModelError) -> Value {
    let decoder = JSONDecoder()
    let unknown: String?
    let value: Value
    do {
      value = try decoder.decode(type, from: json)
      let known = try decoder.decode(Node.self, from: JSONEncoder().encode(value))
      unknown = try decoder.decode(Node.self, from: json).firstKey(missingIn: known)
    } catch let error as DecodingError {
      throw ModelError(.badData, "\(path): \(explain(error))")
    } catch {
      throw ModelError(.badData, "\(path): \(error)")
    }
    if let unknown { throw ModelError(.badData, "\(path): the key \(unknown) is unknown") }
    return value
  }

  /// Returns a decoding error as a message for users.
  private static func explain(_ error: DecodingError) -> String {
    func place(_ context: DecodingError.Context) -> String {
      context.codingPath.isEmpty
        ? "the file" : context.codingPath.map(\.stringValue).joined(separator: ".")
    }
    return switch error {
    case .keyNotFound(let key, let context): "\(place(context)) lacks the key \(key.stringValue)"
    case .typeMismatch(_, let context), .valueNotFound(_, let context),
      .dataCorrupted(let context):
      "\(place(context)): \(context.debugDescription)"
    @unknown default: "\(error)"
    }
  }

  /// A JSON value of which only the keys matter.
  private enum Node: Decodable {
    case object([String: Node])
    case array([Node])
    case leaf

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let object = try? container.decode([String: Node].self) {
        self = .object(object)
      } else if let array = try? container.decode([Node].self) {
        self = .array(array)
      } else {
        self = .leaf
      }
    }

    /// Returns the path of the first key, in sorted order, that the other value does not have.
    func firstKey(missingIn other: Node) -> String? {
      switch (self, other) {
      case (.object(let mine), .object(let theirs)):
        for key in mine.keys.sorted() {
          guard let match = theirs[key] else { return key }
          if let inner = mine[key]?.firstKey(missingIn: match) { return "\(key).\(inner)" }
        }
        return nil
      case (.array(let mine), .array(let theirs)):
        return zip(mine, theirs).enumerated().lazy.compactMap { index, pair in
          pair.0.firstKey(missingIn: pair.1).map { "\(index).\($0)" }
        }.first
      default: return nil
      }
    }
  }
}
