public import Grids
public import Rasters
import Synchronization

private let counter = Atomic(0)

/// Returns a unique path in GDAL's in-memory file system.
public func memoryPath(_ suffix: String = "raster.tif") -> String {
  "/vsimem/\(counter.add(1, ordering: .relaxed).newValue)/\(suffix)"
}

/// Creates a raster from bands, each `[row, column]`, and returns its path.
///
/// `configure` sets further properties before the pixels are written.
@discardableResult
public func makeRaster(
  at path: String = memoryPath(), width: Int, height: Int, bands: [[Float]],
  type: String = "Float32", driver: String = "GTiff", options: [String: String] = [:],
  configure: (inout Dataset) throws -> Void = { _ in }
) throws -> String {
  var dataset = try Dataset(
    creating: path, driver: driver, width: width, height: height, bands: bands.count, type: type,
    options: options)
  try configure(&dataset)
  for (index, band) in bands.enumerated() {
    try dataset.write(dataset.grid.window, band: index + 1, band.span)
  }
  try dataset.close()
  return path
}

/// Writes a window of a raster as a raster with the same properties.
public func writePart(
  _ window: Window, of source: String, bands: [Int], to path: String
) throws {
  let source = try Dataset(reading: source)
  let pixels = try source.read(window, bands: bands, validity: ValidityRule())
  let values = bands.indices.map { channel in
    stride(from: channel, to: pixels.values.count, by: bands.count).map { pixels.values[$0] }
  }
  let (metadata, georeferencing) = (source.metadata(), source.georeferencing.cropped(to: window))
  let properties = bands.map { source.bands[$0 - 1] }
  try makeRaster(
    at: path, width: window.width, height: window.height, bands: values,
    type: properties[0].sampleType.name
  ) { part in
    try part.setGeoreferencing(georeferencing)
    try part.setMetadata(metadata)
    for (index, band) in properties.enumerated() {
      try part.setColorInterpretation(band.colorInterpretation, band: index + 1)
      if let noData = band.noData { try part.setNoData(noData, band: index + 1) }
    }
  }
}

/// Returns deterministic noise that codecs cannot compress.
public func noise(_ count: Int, seed: UInt64 = 1) -> [Float] {
  var state = seed
  return (0..<count).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Float(state >> 40) / 1024
  }
}
