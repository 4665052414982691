import Foundation
import Grids
import Rasters
import TestSupport
import Testing

/// Tests real files with properties that often break tools; a list of them is next to the data.
@Suite(.enabled(if: hasSharedData("scenes"), "shared data is absent")) struct SharedScenesTests {
  static let scenes: [String] = {
    guard let names = FileManager.default.enumerator(atPath: sharedPath("scenes")) else {
      return []
    }
    return names.compactMap { $0 as? String }
      .filter { name in
        [".tif", ".vrt", ".nc", ".jp2", ".msk"].contains { ending in name.hasSuffix(ending) }
      }
      .sorted()
  }()

  /// Files that cannot be opened as rasters, and the kind of the error.
  static let refusals: [String: RasterError.Kind] = [
    "rasterio/RGB.nc": .badData, "stars/reduced.nc": .badData, "rasterio/corrupt.tif": .badData,
  ]

  @Test(arguments: scenes)
  func `a real scene is read, measured and cropped, or fails with its path`(name: String) throws {
    let path = sharedPath("scenes/\(name)")
    do {
      let dataset = try Dataset(reading: path)
      let (grid, georeferencing) = (dataset.grid, dataset.georeferencing)
      #expect(dataset.bands.count > 0)
      let first = Array(dataset.bands.prefix(3).map(\.number))
      for row in stride(from: 0, to: grid.height, by: 512) {
        let window = grid.window.intersection(
          Window(column: 0, row: row, width: grid.width, height: 512))
        let pixels = try dataset.read(window, bands: first)
        #expect(pixels.values.count == window.pixelCount * first.count)
      }
      let distance = try dataset.groundSampleDistance()
      #expect(
        (distance == nil) == (georeferencing.kind == .none || georeferencing.lacksCRS), "\(name)")
      #expect(georeferencing.cropped(to: grid.window) == georeferencing)
      #expect(Self.refusals[name] == nil, "\(name) was expected to fail")
    } catch {
      #expect(error.kind == Self.refusals[name], "\(error)")
      #expect(error.message.contains(path))
    }
  }
}

extension Georeferencing {
  fileprivate var lacksCRS: Bool {
    switch kind {
    case .map: crs == nil
    case .groundControl: groundControlCRS == nil
    case .rationalPolynomial: false
    case .none: true
    }
  }
}
