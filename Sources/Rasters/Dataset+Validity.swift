import CGDAL
import Grids

extension Dataset {
  /// Returns which pixels of a window are valid, `[row, column]`, for all selected bands together.
  ///
  /// GDAL's own mask of a band is the first that it finds of nodata, mask file and alpha, so it would ignore the alpha
  /// of a file that also has nodata. Therefore each source is evaluated separately here.
  /// `values` are the samples of the bands as read, `[row, column, channel]`. Samples that hold their band's nodata
  /// value, and all samples of an invalid pixel, become NaN.
  borrowing func validity(
    of window: Window, _ numbers: [Int], _ values: inout [Float], _ rule: ValidityRule
  ) throws(RasterError) -> [Bool] {
    let channels = numbers.count
    var isValid = [Bool](repeating: true, count: window.pixelCount)
    for index in values.indices where !values[index].isFinite { isValid[index / channels] = false }
    for mask in try masks(window, numbers) {
      for pixel in isValid.indices where mask[pixel] == 0 { isValid[pixel] = false }
    }
    var missing = [Int](repeating: 0, count: window.pixelCount)
    for (channel, number) in numbers.enumerated() {
      try removeMissing(window, bands[number - 1], channel, channels, &values, rule, &missing)
    }
    let needed = rule.bandsNeeded(of: channels)
    for pixel in isValid.indices where missing[pixel] >= needed { isValid[pixel] = false }
    for pixel in isValid.indices where !isValid[pixel] {
      for index in pixel * channels..<(pixel + 1) * channels { values[index] = .nan }
    }
    return isValid
  }

  /// Reads the masks that apply to all bands: the dataset's mask and the samples of every alpha band.
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

  /// Replaces a band's missing samples with NaN and increments the count of missing samples of their pixels.
  ///
  /// A sample is missing if the band's own mask excludes it or, without such a mask, if it holds the nodata value.
  private borrowing func removeMissing(
    _ window: Window, _ band: Band, _ channel: Int, _ channels: Int, _ values: inout [Float],
    _ rule: ValidityRule, _ missing: inout [Int]
  ) throws(RasterError) {
    func remove(_ pixel: Int) {
      missing[pixel] += 1
      values[pixel * channels + channel] = .nan
    }
    if band.maskKind == .perBand {
      let mask = try mask(window, band.number)
      for pixel in missing.indices where mask[pixel] == 0 { remove(pixel) }
      return
    }
    guard let noData = rule.noData(of: band, channel: channel) else { return }
    if band.sampleType.fitsFloat {
      let (noData, epsilon) = (Double(Float(noData)), Double(Float.ulpOfOne))
      for pixel in missing.indices
      where isSameSample(Double(values[pixel * channels + channel]), noData, epsilon: epsilon) {
        remove(pixel)
      }
    } else {
      // As Float32, nearby values would be mistaken for the nodata value.
      let exact = try samples(window, [band.number], as: Double.self)
      for pixel in missing.indices
      where isSameSample(exact[pixel], noData, epsilon: .ulpOfOne) { remove(pixel) }
    }
  }

  /// Reads GDAL's mask of one band; 0 means invalid.
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
