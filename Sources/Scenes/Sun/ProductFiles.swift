import Foundation
import Rasters

/// The metadata files of a product: next to its images or, for a Sentinel-2 granule, in folders above them.
///
/// Folders are listed on local disks and in archives, but not over a network.
struct ProductFiles {
  /// The paths of the files, in the order in which they are searched.
  let paths: [String]

  private static let maximumImages = 64
  private static let maximumItems = 32
  private static let maximumBytes = 8 << 20
  private static let kinds: Set = ["xml", "json", "txt", "imd", "dim"]

  /// Finds the metadata files of the product to which the images belong.
  init(of images: [String]) {
    var found: [String] = []
    var names: [String: [String]] = [:]
    func listed(_ folder: String) -> [String] {
      if let known = names[folder] { return known }
      let list = TextFile.names(in: folder)
      names[folder] = list
      return list
    }
    for image in images.prefix(Self.maximumImages) where Self.isLocal(image) {
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
        found += listed(granules).prefix(Self.maximumItems).map { "\(granules)/\($0)/MTD_TL.xml" }
      }
      // A STAC item may have any name: it lists the image among its assets.
      found += own.filter { Self.suffix(of: $0) == "json" }.prefix(Self.maximumItems)
        .map { base + "/" + $0 }.filter { Self.lists(name, in: $0) }
    }
    var seen: Set<String> = []
    paths = found.filter { seen.insert($0).inserted }
  }

  /// Reads the metadata items of a file: keys, with their parts joined by dots, and values.
  static func items(of path: String) -> [(key: String, value: String)] {
    guard let text = TextFile.read(path, limit: maximumBytes) else { return [] }
    switch suffix(of: path) {
    case "xml", "dim": return TextFile.xmlValues(of: text)
    case "json":
      let object = try? JSONSerialization.jsonObject(with: Data(text.utf8))
      return object.map { values(of: $0, below: "") } ?? []
    default:  // KEY = value lines, as in Landsat's MTL.txt and Maxar's IMD
      return text.split(whereSeparator: \.isNewline).compactMap { line in
        let parts = line.split(separator: "=", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        return (parts[0].trimmingCharacters(in: .whitespaces), String(parts[1]))
      }
    }
  }

  /// Returns whether a file is on a local disk or in an archive.
  private static func isLocal(_ path: String) -> Bool {
    !path.hasPrefix("/vsi")
      || ["/vsizip/", "/vsitar/", "/vsimem/", "/vsigzip/"].contains { path.hasPrefix($0) }
        && !path.contains("/vsicurl/") && !path.contains("://")
  }

  private static func suffix(of name: String) -> String {
    (name as NSString).pathExtension.lowercased()
  }

  /// Returns whether a file's name marks it as an image's metadata: the image's name, or the product's plus a suffix.
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

  /// Returns whether a JSON file is a STAC item with an image of this name.
  private static func lists(_ image: String, in path: String) -> Bool {
    guard let text = TextFile.read(path, limit: 1 << 20), text.contains("stac_version"),
      let item = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any],
      let assets = item["assets"] as? [String: [String: Any]]
    else { return false }
    return assets.values.contains { asset in
      (asset["href"] as? String)?.split(separator: "/").last.map(String.init) == image
    }
  }

  /// The scalar values of a JSON object, with their keys joined by dots.
  private static func values(of object: Any, below key: String) -> [(key: String, value: String)] {
    switch object {
    case let object as [String: Any]:
      return object.sorted { $0.key < $1.key }.flatMap {
        values(of: $0.value, below: key.isEmpty ? $0.key : key + "." + $0.key)
      }
    case let text as String: return [(key, text)]
    case let number as NSNumber: return [(key, number.stringValue)]
    default: return []  // arrays contain geometry, links, and bands
    }
  }
}
