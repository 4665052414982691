import CGDAL
import Grids

extension Dataset {
  /// Which pixels of a window are valid, `[row, column]`: one answer for all selected bands.
  ///
  /// GDAL's own mask of a band is one of nodata, mask file or alpha, the first it finds; a file with both
  /// nodata and alpha would lose the alpha. So each source is asked here for itself.
  /// `values` are the samples of the bands as read, `[row, column, channel]`.
  borrowing func validity(
    of window: Window, _ numbers: [Int], _ values: [Float], _ rule: ValidityRule
  ) throws(RasterError) -> [Bool] {
    let channels = numbers.count
    var isValid = (0..<window.pixelCount).map { pixel in
      values[pixel * channels..<(pixel + 1) * channels].allSatisfy(\.isFinite)
    }
    for mask in try masks(window, numbers) {
      for pixel in isValid.indices where mask[pixel] == 0 { isValid[pixel] = false }
    }
    var holding = [Int](repeating: 0, count: window.pixelCount)
    for (channel, number) in numbers.enumerated() {
      try countNoData(window, bands[number - 1], channel, channels, values, rule, into: &holding)
    }
    let enough = rule.noData == .all ? channels : 1
    for pixel in isValid.indices where holding[pixel] >= enough { isValid[pixel] = false }
    return isValid
  }

  /// The masks that speak for all bands: the dataset's, and every alpha band's samples.
  private borrowing func masks(_ window: Window, _ numbers: [Int]) throws(RasterError) -> [[Float]]
  {
    var masks: [[Float]] = []
    for band in bands where band.colorInterpretation == .alpha {
      masks.append(try samples(window, [band.number], as: Float.self))
    }
    if let band = numbers.first(where: { bands[$0 - 1].maskKind == .perDataset }) {
      masks.append(try mask(window, band))
    }
    return masks
  }

  /// Adds one where a band holds its nodata, or a mask of its own says so.
  private borrowing func countNoData(
    _ window: Window, _ band: Band, _ channel: Int, _ channels: Int, _ values: [Float],
    _ rule: ValidityRule, into holding: inout [Int]
  ) throws(RasterError) {
    if band.maskKind == .perBand {
      let mask = try mask(window, band.number)
      for pixel in holding.indices where mask[pixel] == 0 { holding[pixel] += 1 }
      return
    }
    guard let noData = rule.declared ?? band.noData else { return }
    if band.sampleType.fitsFloat {
      let (noData, epsilon) = (Double(Float(noData)), Double(Float.ulpOfOne))
      for pixel in holding.indices
      where isSameSample(Double(values[pixel * channels + channel]), noData, epsilon: epsilon) {
        holding[pixel] += 1
      }
    } else {
      // Float32 would take neighbours of the nodata value for it.
      let exact = try samples(window, [band.number], as: Double.self)
      for pixel in holding.indices
      where isSameSample(exact[pixel], noData, epsilon: .ulpOfOne) { holding[pixel] += 1 }
    }
  }

  /// GDAL's mask of one band: 0 is invalid.
  private borrowing func mask(_ window: Window, _ number: Int) throws(RasterError) -> [Float] {
    guard !window.isEmpty else { return [] }
    var result = [Float](repeating: 0, count: window.pixelCount)
    try gdal(.reading, "\(path): mask of window \(window)") {
      GDALRasterIOEx(
        GDALGetMaskBand(GDALGetRasterBand(handle.pointer, Int32(number))), GF_Read,
        Int32(window.column), Int32(window.row), Int32(window.width), Int32(window.height),
        &result, Int32(window.width), Int32(window.height), GDT_Float32, 0, 0, nil)
    }
    return result
  }
}
