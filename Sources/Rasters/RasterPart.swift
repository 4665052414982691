import CGDAL
public import Grids
import Synchronization

/// A GeoTIFF with a part of a larger raster.
public struct RasterPart: Sendable {
  /// The path of the file.
  public let path: String
  /// Where the part is in the larger raster.
  public let window: Window

  /// Describes a part.
  public init(_ path: String, at window: Window) { (self.path, self.window) = (path, window) }

  /// Encodes a part as an uncompressed GeoTIFF of Float32.
  ///
  /// - Parameters:
  ///   - bands: The samples of each band, `[row, column]`.
  ///   - width: The number of columns.
  ///   - height: The number of rows.
  ///   - noData: The nodata value.
  ///   - georeferencing: The location of the part.
  ///   - metadata: The tags.
  /// - Returns: The bytes of the file.
  /// - Throws: `.io` if the memory does not suffice.
  public static func encoded(
    _ bands: [[Float]], width: Int, height: Int, noData: Float, _ georeferencing: Georeferencing,
    metadata: [String: String]
  ) throws(RasterError) -> [UInt8] {
    let path = "/vsimem/relief-part-\(counter.add(1, ordering: .relaxed).newValue).tif"
    defer { VSIUnlink(path) }
    let settings = PinnedSettings()
    defer { settings.release() }
    var dataset = try Dataset(
      creating: path, width: width, height: height, bands: bands.count,
      options: [
        "TILED": "YES", "BIGTIFF": "IF_SAFER", "SPARSE_OK": "TRUE", "INTERLEAVE": "BAND",
      ])
    try dataset.setNoData(Double(noData), band: 1)
    try dataset.setMetadata(metadata)
    try dataset.setGeoreferencing(georeferencing)
    for (band, values) in bands.enumerated() {
      try dataset.write(
        Window(column: 0, row: 0, width: width, height: height), band: band + 1, values.span)
    }
    try dataset.close()
    var size: vsi_l_offset = 0
    guard let bytes = VSIGetMemFileBuffer(path, &size, 0) else {
      throw RasterError(.io, "\(path) was lost before it was stored: try again")
    }
    return Array(UnsafeBufferPointer(start: bytes, count: Int(size)))
  }

  private static let counter = Atomic(0)

  /// The XML of a band as a source of a virtual raster, which opens the file only when it is read.
  ///
  /// Source: https://gdal.org/en/stable/drivers/raster/vrt.html, `SimpleSource`.
  func source(band: Int) -> String {
    let escaped = path.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
    let (width, height) = (window.width, window.height)
    return """
      <SimpleSource>
        <SourceFilename relativeToVRT="0">\(escaped)</SourceFilename>
        <SourceBand>\(band)</SourceBand>
        <SourceProperties RasterXSize="\(width)" RasterYSize="\(height)" DataType="Float32" \
      BlockXSize="256" BlockYSize="256"/>
        <SrcRect xOff="0" yOff="0" xSize="\(width)" ySize="\(height)"/>
        <DstRect xOff="\(window.column)" yOff="\(window.row)" xSize="\(width)" ySize="\(height)"/>
      </SimpleSource>
      """
  }
}
