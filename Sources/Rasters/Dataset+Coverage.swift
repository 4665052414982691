import CGDAL
public import Grids

extension Dataset {
  /// Whether a window is known to have no valid pixel without reading it: a hole in a sparse file or a mosaic.
  ///
  /// GDAL knows holes of VRTs and of sparse GeoTIFFs (`GDALGetDataCoverageStatus`). Their samples are the band's nodata,
  /// or 0 where it declares none; whether that is valid the rule decides.
  ///
  /// - Parameters:
  ///   - window: Inside the dataset.
  ///   - bands: The selected ones.
  ///   - validity: The rule that reading will go by.
  /// - Returns: False also where nothing is known.
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

  /// What reading a hole of a band gives.
  private borrowing func holeValue(of number: Int) -> Double {
    var isSet: Int32 = 0
    let value = GDALGetRasterNoDataValue(gdalBand(number), &isSet)
    return isSet != 0 ? value : 0
  }

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
