import Foundation
import Rasters

/// The files of a product that describe its acquisition: next to its images, or above them in a granule of Sentinel-2.
///
/// Folders are listed on disks and in archives, not over a network.
struct ProductFiles {
  /// In the order in which they are asked.
  let paths: [String]

  private static let mostImages = 64
  private static let mostItems = 32
  private static let mostBytes = 8 << 20
  private static let kinds: Set = ["xml", "json", "txt", "imd", "dim"]

  /// Those of the product that images belong to.
  init(of images: [String]) {
    var found: [String] = []
    var names: [String: [String]] = [:]
    func listed(_ folder: String) -> [String] {
      if let known = names[folder] { return known }
      let list = TextFile.names(in: folder)
      names[folder] = list
      return list
    }
    for image in images.prefix(Self.mostImages) where Self.isNear(image) {
      if Self.kinds.contains(Self.suffix(of: image)) { found.append(image) }
      let parts = image.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      let folders = (1...3).map { parts.dropLast($0).joined(separator: "/") }
        .prefix(max(0, parts.count - 1)).map { $0.isEmpty ? "." : $0 }
      let own = listed(folders.first ?? ".").filter { Self.kinds.contains(Self.suffix(of: $0)) }
      let base = folders.first ?? "."
      let name = parts.last ?? image
      found += own.filter { Self.describes($0, image: name) }.map { base + "/" + $0 }
      for (depth, folder) in folders.enumerated() where depth > 0 {
        guard parts.dropLast(depth).contains("IMG_DATA") else { continue }
        found += listed(folder).filter { $0 == "MTD_TL.xml" }.map { folder + "/" + $0 }
      }
      if name.hasPrefix("MTD_MSI") {
        let granules = base + "/GRANULE"
        found += listed(granules).prefix(Self.mostItems).map { "\(granules)/\($0)/MTD_TL.xml" }
      }
      // An item of STAC may have any name: it lists the image among its assets.
      found += own.filter { Self.suffix(of: $0) == "json" }.prefix(Self.mostItems)
        .map { base + "/" + $0 }.filter { Self.lists(name, in: $0) }
    }
    var seen: Set<String> = []
    paths = found.filter { seen.insert($0).inserted }
  }

  /// Keys, their parts joined by dots, and values.
  static func items(of path: String) -> [(key: String, value: String)] {
    guard let text = TextFile.read(path, limit: mostBytes) else { return [] }
    switch suffix(of: path) {
    case "xml", "dim": return TextFile.xmlValues(of: text)
    case "json":
      let object = try? JSONSerialization.jsonObject(with: Data(text.utf8))
      return object.map { values(of: $0, below: "") } ?? []
    default:  // KEY = value, as in Landsat's MTL.txt and Maxar's IMD
      return text.split(whereSeparator: \.isNewline).compactMap { line in
        let parts = line.split(separator: "=", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        return (parts[0].trimmingCharacters(in: .whitespaces), String(parts[1]))
      }
    }
  }

  /// A file on a disk or in an archive.
  private static func isNear(_ path: String) -> Bool {
    !path.hasPrefix("/vsi")
      || ["/vsizip/", "/vsitar/", "/vsimem/", "/vsigzip/"].contains { path.hasPrefix($0) }
        && !path.contains("/vsicurl/") && !path.contains("://")
  }

  private static func suffix(of name: String) -> String {
    (name as NSString).pathExtension.lowercased()
  }

  /// Whether a file's name says that it describes an image: by the image's own name, or by the product's and a mark.
  static func describes(_ name: String, image: String) -> Bool {
    let stem = (name as NSString).deletingPathExtension
    var imageStem = (image as NSString).deletingPathExtension
    guard name != image, !name.lowercased().hasSuffix(".aux.xml") else { return false }
    if stem == imageStem || stem == image { return true }
    if name.uppercased() == "METADATA.DIM" { return imageStem.uppercased() == "IMAGERY" }
    if stem.uppercased().hasPrefix("DIM_"), imageStem.uppercased().hasPrefix("IMG_") {
      imageStem = String(imageStem.dropFirst(4))
      return imageStem.hasPrefix(stem.dropFirst(4))
    }
    let marks = ["_MTL", "_METADATA", "_STAC", "_METADATA_CLIP"]
    guard let mark = marks.first(where: { stem.uppercased().hasSuffix($0) }) else { return false }
    let product = stem.dropLast(mark.count)
    guard !product.isEmpty, imageStem.hasPrefix(product) else { return false }
    return imageStem.dropFirst(product.count).first.map { "_-.".contains($0) } ?? true
  }

  /// Whether a JSON file is an item of STAC with an image of this name.
  private static func lists(_ image: String, in path: String) -> Bool {
    guard let text = TextFile.read(path, limit: 1 << 20), text.contains("stac_version"),
      let item = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any],
      let assets = item["assets"] as? [String: [String: Any]]
    else { return false }
    return assets.values.contains { asset in
      (asset["href"] as? String)?.split(separator: "/").last.map(String.init) == image
    }
  }

  private static func values(of object: Any, below key: String) -> [(key: String, value: String)] {
    switch object {
    case let object as [String: Any]:
      return object.sorted { $0.key < $1.key }.flatMap {
        values(of: $0.value, below: key.isEmpty ? $0.key : key + "." + $0.key)
      }
    case let text as String: return [(key, text)]
    case let number as NSNumber: return [(key, number.stringValue)]
    default: return []  // lists hold geometry, links and bands
    }
  }
}
