import CGDAL

/// Reads small text files through GDAL's file systems, including files in archives.
public enum TextFile {
  /// Reads a whole file.
  ///
  /// - Parameters:
  ///   - path: The path of the file.
  ///   - limit: The maximum size in bytes.
  /// - Returns: The text; nil if the file does not exist, is longer than `limit`, or is not UTF-8.
  public static func read(_ path: String, limit: Int) -> String? {
    logging {
      guard let size = FileSystem.size(of: path), size <= limit,
        let file = VSIFOpenL(path, "rb")
      else { return nil }
      defer { VSIFCloseL(file) }
      var bytes = [UInt8](repeating: 0, count: size)
      guard VSIFReadL(&bytes, 1, size, file) == size else { return nil }
      return String(validating: bytes, as: UTF8.self)
    }.value
  }

  /// Returns the sorted names in a folder, at most `limit` of them; empty if it cannot be listed.
  public static func names(in folder: String, limit: Int = 10_000) -> [String] {
    logging {
      let list = VSIReadDirEx(folder, Int32(limit))
      defer { CSLDestroy(list) }
      return words(list).sorted()
    }.value
  }
}

extension TextFile {
  /// Returns the elements and attributes of an XML document that have a value.
  ///
  /// Keys are the names from the root, joined by dots and without namespaces. Empty if the text is not XML.
  public static func xmlValues(of text: String) -> [(key: String, value: String)] {
    logging {
      guard let root = CPLParseXMLString(text) else { return [] }
      defer { CPLDestroyXMLNode(root) }
      var found: [(key: String, value: String)] = []
      collect(root, below: "", into: &found)
      return found
    }.value
  }

  private static func collect(
    _ first: UnsafeMutablePointer<CPLXMLNode>, below key: String, depth: Int = 0,
    into found: inout [(key: String, value: String)]
  ) {
    guard depth < 64 else { return }  // the metadata of no product is that deep
    var next: UnsafeMutablePointer<CPLXMLNode>? = first
    while let node = next {
      let value = node.pointee.pszValue.map { String(cString: $0) } ?? ""
      if node.pointee.eType == CXT_Text {
        found.append((key, value))
      } else if let child = node.pointee.psChild {
        let name = value.split(separator: ":").last.map(String.init) ?? value
        collect(
          child, below: key.isEmpty ? name : key + "." + name, depth: depth + 1, into: &found)
      }
      next = node.pointee.psNext
    }
  }
}
