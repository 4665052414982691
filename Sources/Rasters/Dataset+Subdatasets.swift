import CGDAL

extension Dataset {
  /// The rasters in a container, in its order; GDAL opens each by its `name`.
  public var subdatasets: [(name: String, description: String)] {
    let entries = metadata(domain: "SUBDATASETS")
    var result: [(name: String, description: String)] = []
    while let name = entries["SUBDATASET_\(result.count + 1)_NAME"] {
      result.append((name, entries["SUBDATASET_\(result.count + 1)_DESC"] ?? ""))
    }
    return result
  }

  /// Returns GDAL's full name of the subdataset that a user calls `name`.
  ///
  /// `HDF5:"scene.h5"://land/height` can also be called `land/height`, `//land/height` and, if it is the first, `1`.
  func subdataset(named name: String) throws(RasterError) -> String {
    let choices = subdatasets
    guard !choices.isEmpty else {
      throw RasterError(.usage, "\(path) has no subdatasets, and therefore none called \"\(name)\"")
    }
    if let number = Int(name), choices.indices.contains(number - 1) {
      return choices[number - 1].name
    }
    let endings = [":\(name)", "://\(name)", ":/\(name)"]
    let matches = choices.map(\.name).filter { candidate in
      candidate == name || endings.contains { candidate.hasSuffix($0) }
    }
    guard matches.count == 1 else {
      let found = matches.isEmpty ? "no subdataset" : "\(matches.count) subdatasets"
      throw RasterError(
        .usage,
        "\(path) has \(found) called \"\(name)\", expected one of\n\(Dataset.listing(choices))")
    }
    return matches[0]
  }

  /// Returns the number, name and description of each subdataset, one per line.
  static func listing(_ choices: [(name: String, description: String)]) -> String {
    choices.enumerated().map { "  \($0.offset + 1)  \($0.element.name)  \($0.element.description)" }
      .joined(separator: "\n")
  }
}
