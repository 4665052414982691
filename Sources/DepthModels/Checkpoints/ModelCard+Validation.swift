extension ModelCard {
  /// The largest side of a tile; no network processes larger ones at once.
  private static let largestTile = 16384

  /// Checks that every value is valid.
  ///
  /// - Throws: `ModelError` naming the value that is invalid.
  package func validate(in path: String) throws(ModelError) {
    let check = ManifestCheck(path: path)
    try check.require(!name.isEmpty, "card.name", "empty", "a name")
    try check.require(
      gsdInMeters.lowerBound > 0 && gsdInMeters.upperBound.isFinite, "card.gsdInMeters",
      gsdInMeters,
      "a range of finite meters greater than 0")
    try check.require(
      (0...360).contains(sunAzimuth.lowerBound) && sunAzimuth.upperBound <= 360,
      "card.sunAzimuthInDegrees", sunAzimuth, "an increasing range within 0 to 360 degrees")
    try check.require(
      Set(bandOrder).count == 3 && bandOrder.count == 3, "card.bandOrder", bandOrder,
      "three distinct bands")
    try check.require(
      0 <= stretch.lowerPercentile && stretch.lowerPercentile < stretch.upperPercentile
        && stretch.upperPercentile <= 100, "card.stretch",
      "\(stretch.lowerPercentile)…\(stretch.upperPercentile)",
      "increasing percentiles from 0 to 100")
    let multiple = CoarseArchitecture.sizeMultiple
    try check.require(
      (multiple...Self.largestTile).contains(tileSize) && tileSize % multiple == 0,
      "card.tileSize", tileSize, "a multiple of \(multiple), at most \(Self.largestTile)")
    try check.require(
      0 <= overlap && overlap <= tileSize / 2, "card.overlap", overlap,
      "0 to \(tileSize / 2), half of the tile")
    try check.require(
      ["DSM", "DTM", "mixed"].contains(surface), "card.surface", surface, "DSM, DTM or mixed")
    try check.require(
      effectiveResolutionInMeters.map { $0 > 0 && $0.isFinite } ?? true,
      "card.effectiveResolutionInMeters", effectiveResolutionInMeters ?? 0, "meters greater than 0")
  }
}
