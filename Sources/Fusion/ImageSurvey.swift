/// What parts of a scene tell about its light and its place, measured against a reference.
public struct ImageSurvey: Hashable, Sendable, Codable {
  /// The direction towards which slopes are bright; nil if the reference or the image is flat.
  public let sun: SunDirection?
  /// Whether that direction may be the sun's; if not, brightness is not integrated along it.
  public let isSunLikely: Bool
  /// How far the image lies from the reference, in pixels of the samples; nil if the reference does not tell it.
  public let shift: ImageShift?
  /// The number of pixels of the samples along each side of a cell; nil without samples.
  public let pixelsPerCell: Int?
  /// Whether the shift is certain, and too large for detail to be added where the image shows it.
  public let isShifted: Bool

  /// Surveys parts of a scene.
  ///
  /// - Parameters:
  ///   - samples: The parts, with cells of one size in pixels.
  ///   - azimuth: The sun's azimuth, in degrees clockwise from the top of the image; nil if it is unknown, for which a
  ///     morning orbit north of the tropics is assumed.
  ///   - aspect: The distance between rows by that between columns on the ground.
  ///   - loop: Runs the search for the shift.
  public init(
    _ samples: [FusionSample], sun azimuth: Double?, aspect: Float = 1, loop: Loop = serialLoop
  ) {
    sun = SunDirection(of: samples)
    pixelsPerCell = samples.first?.spline.factor
    isSunLikely = sun?.isLikely(expecting: azimuth ?? Self.usualSun) ?? false
    let light = isSunLikely ? sun : nil
    let shift = ImageShift(
      of: samples.map { sample in
        let (spline, bands) = (sample.spline, sample.bands)
        let integrals = ShadingIntegrals(spline.grid, sun: light, aspect: aspect)
        let surfaces = bands.flatMap { integrals.surfaces(of: $0) }
        return ImageShift.Part(DetailSource("shading", surfaces), sample.reference, on: spline)
      }, loop: loop)
    self.shift = shift
    // Without light, plants of one side of the hills pass for a shift; but a large shift hides the light.
    isShifted =
      shift?.explained ?? 0 > (isSunLikely ? Self.leastExplained.lit : Self.leastExplained.unlit)
      && samples.first.flatMap { shift?.isRelevant(factor: $0.spline.factor) } ?? false
  }

  /// The direction along which brightness is integrated; nil for none.
  public var light: SunDirection? { isSunLikely ? sun : nil }

  /// The least share of the reference's variance that a shift explains, with a likely sun and without.
  private static let leastExplained = (lit: 0.1, unlit: 0.3)

  /// The azimuth of the sun of a morning orbit north of the tropics, in degrees.
  private static let usualSun = 150.0
}
