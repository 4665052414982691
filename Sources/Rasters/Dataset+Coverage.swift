import CGDAL
public import Grids

extension Dataset {
  /// Returns whether a window is known, without reading it, to have no valid pixels: a hole in a sparse file or mosaic.
  ///
  /// GDAL reports holes of VRTs and of sparse GeoTIFFs (`GDALGetDataCoverageStatus`). Their samples are the band's
  /// nodata value, or 0 if the band declares none; the rule decides whether that is valid.
  ///
  /// - Parameters:
  ///   - window: A window inside the dataset.
  ///   - bands: The numbers of the selected bands.
  ///   - validity: The validity rule of a later read.
  /// - Returns: True for a hole; false also if the driver does not know.
  public borrowing func isHole(_ window: Window, bands: [Int], validity: ValidityRule) -> Bool {
    requireInside(window)
    let alpha = self.bands.filter { $0.colorInterpretation == .alpha }.map(\.number)
    if alpha.contains(where: { isUncovered(window, band: $0) }) { return true }
    let missing = bands.enumerated().count { channel, number in
      let band = self.bands[number - 1]
      guard band.maskKind != .perBand, let noData = validity.noData(of: band, channel: channel)
      else { return false }
      return isSameSample(holeValue(of: number), noData, epsilon: .ulpOfOne)
    }
    return missing >= validity.bandsNeeded(of: bands.count)
      && bands.allSatisfy { isUncovered(window, band: $0) }
  }

  /// Returns the value that a read of a hole in the band returns.
  private borrowing func holeValue(of number: Int) -> Double {
    var isSet: Int32 = 0
    let value = GDALGetRasterNoDataValue(gdalBand(number), &isSet)
    return isSet != 0 ? value : 0
  }

  /// Returns whether GDAL reports that the window contains no data.
  private borrowing func isUncovered(_ window: Window, band: Int) -> Bool {
    let band = gdalBand(band)
    let (status, log) = logging {
      GDALGetDataCoverageStatus(
        band, Int32(window.column), Int32(window.row), Int32(window.width), Int32(window.height),
        GDAL_DATA_COVERAGE_STATUS_DATA, nil)
    }
    return log.failures.isEmpty && status == GDAL_DATA_COVERAGE_STATUS_EMPTY
  }
}
