import Foundation
import Rasters

extension SunAzimuth {
  /// What a raster, the files that it is made of, and the product's files next to them say; else computed from the time that
  /// they say and the place; else guessed from the place alone.
  ///
  /// Of several azimuths, as of parts of a mosaic, the mean direction.
  ///
  /// - Returns: nil where none of that is there.
  init?(of dataset: borrowing Dataset, orientation: GroundOrientation?) {
    var times: [Date] = []
    func azimuth(_ metadata: AcquisitionMetadata, in file: String) -> SunAzimuth? {
      times += metadata.times
      guard let first = metadata.azimuths.first,
        let mean = Self.mean(metadata.azimuths.map(\.degrees))
      else { return nil }
      return SunAzimuth(
        degrees: mean, source: .metadata("\(first.item) of \(Provenance.name(of: file))"))
    }
    if let found = azimuth(AcquisitionMetadata(dataset.acquisitionItems), in: dataset.path) {
      self = found
      return
    }
    let files = dataset.files
    if dataset.driver == "VRT" {
      var parts: [SunAzimuth] = []
      for file in files.dropFirst().prefix(Self.mostParts) {
        guard let part = try? Dataset(reading: file),
          let found = azimuth(AcquisitionMetadata(part.acquisitionItems), in: file)
        else { continue }
        parts.append(found)
      }
      if let first = parts.first, let mean = Self.mean(parts.map(\.degrees)) {
        self.init(degrees: mean, source: first.source)
        return
      }
    }
    for file in ProductFiles(of: files).paths {
      if let found = azimuth(AcquisitionMetadata(ProductFiles.items(of: file)), in: file) {
        self = found
        return
      }
    }
    guard let orientation, orientation.isEarth else { return nil }
    let computed = times.lazy.compactMap { time in
      SunAzimuth(at: time, longitude: orientation.longitude, latitude: orientation.latitude)
    }
    self = computed.first ?? SunAzimuth(morningOrbitAt: orientation.latitude)
  }

  /// Of the sources of a VRT, so many are opened.
  private static let mostParts = 16
}

extension Dataset {
  /// Its metadata where an acquisition is described: its own tags, the vendor's file as GDAL reads it, and GDAL's digest.
  fileprivate var acquisitionItems: [(key: String, value: String)] {
    [nil, "IMD", "IMAGERY"].flatMap { domain in
      metadata(domain: domain).sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) }
    }
  }
}
