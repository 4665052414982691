import Foundation
import Rasters

extension SunAzimuth {
  /// Finds the sun azimuth of a raster.
  ///
  /// The azimuth is taken from the metadata of the raster, of the sources of a VRT, and of the product's files next to
  /// them, in this order. If none has it, it is computed from the acquisition time in the metadata and the location, or
  /// else guessed from the location alone. If there are several azimuths, as in a mosaic, the mean direction is used.
  ///
  /// - Returns: nil if none of these is available.
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
      for file in files.dropFirst().prefix(Self.maximumParts) {
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

  /// The maximum number of sources of a VRT that are opened.
  private static let maximumParts = 16
}

extension Dataset {
  /// The metadata in which an acquisition may be described: the raster's own tags, the vendor's metadata file as read
  /// by GDAL (IMD), and GDAL's normalized metadata (IMAGERY).
  fileprivate var acquisitionItems: [(key: String, value: String)] {
    [nil, "IMD", "IMAGERY"].flatMap { domain in
      metadata(domain: domain).sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) }
    }
  }
}
