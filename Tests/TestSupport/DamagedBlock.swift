import CGDAL
import Foundation

/// Overwrites the beginning of a compressed block of the first band, so that it cannot be decoded.
///
/// Asks GDAL for its offset: the blocks of a file are in the order in which the cache was emptied.
public func damageBlock(column: Int32, row: Int32, of path: String) throws {
  let offset = try {
    guard let dataset = GDALOpen(path, GA_ReadOnly) else { throw CocoaError(.fileReadUnknown) }
    defer { GDALClose(dataset) }
    let item = "BLOCK_OFFSET_\(column)_\(row)"
    guard
      let text = GDALGetMetadataItem(GDALGetRasterBand(dataset, 1), item, "TIFF"),
      let offset = UInt64(String(cString: text))
    else { throw CocoaError(.fileReadCorruptFile) }
    return offset
  }()
  let file = try FileHandle(forUpdating: URL(filePath: path))
  try file.seek(toOffset: offset)
  try file.write(contentsOf: Data(repeating: 0xff, count: 200))
  try file.close()
}
