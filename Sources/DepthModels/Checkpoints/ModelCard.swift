/// What users need to know of a model: what it was made from, what it takes and what it gives.
public struct ModelCard: Hashable, Sendable, Codable {
  public enum Status: String, Hashable, Sendable, Codable {
    /// Something to work with until there is better.
    case provisional
    case released
  }

  /// How the pixels of a scene become 0…255.
  public struct Stretch: Hashable, Sendable, Codable {
    public enum Bands: String, Hashable, Sendable, Codable {
      /// One stretch for all bands together, which keeps colours.
      case joint
      case each
    }

    /// Per cent of the valid pixels.
    public var lowerPercentile: Double
    public var upperPercentile: Double
    public var bands: Bands

    public init(lowerPercentile: Double = 1, upperPercentile: Double = 99, bands: Bands = .joint) {
      self.lowerPercentile = lowerPercentile
      self.upperPercentile = upperPercentile
      self.bands = bands
    }
  }

  /// What a model learned from.
  public struct Training: Hashable, Sendable, Codable {
    public var sites: [String]
    /// As the sources ask to be named.
    public var credits: [String]
    public var notes: String

    public init(sites: [String] = [], credits: [String] = [], notes: String = "") {
      self.sites = sites
      self.credits = credits
      self.notes = notes
    }
  }

  /// A measured number.
  public struct Metric: Hashable, Sendable, Codable {
    public var name: String
    public var value: Double
    public var unit: String
    /// What it was measured on.
    public var on: String
    /// Whether none of that was seen in training, in place or in kind.
    public var isHeldOut: Bool

    public init(name: String, value: Double, unit: String, on: String, isHeldOut: Bool) {
      self.name = name
      self.value = value
      self.unit = unit
      self.on = on
      self.isHeldOut = isHeldOut
    }
  }

  public var name: String
  public var summary: String
  public var status: Status
  public var licence: String
  /// The ground sampling distances, in metres, of the images that it was trained on.
  public var gsdInMeters: ClosedRange<Double>
  /// Where the sun stood in the images that it was trained on, in degrees clockwise from the top of the image; nil stands
  /// for `usualSunAzimuth`.
  public var sunAzimuthInDegrees: ClosedRange<Double>?
  /// The order in which it takes the bands.
  public var bandOrder: [String]
  public var stretch: Stretch
  /// Rows and columns of a tile.
  public var tileSize: Int
  /// The pixels that neighbouring tiles share.
  public var overlap: Int
  /// What the heights are of: `DSM`, `DTM` or `mixed`.
  public var surface: String
  /// The size of the smallest form that its heights can show, in metres; nil where unknown.
  public var effectiveResolutionInMeters: Double?
  public var training: Training
  /// Empty where nothing can be said.
  public var metrics: [Metric]

  /// The south-east to the south: a satellite's morning north of the tropics, with north up.
  ///
  /// One of the eight symmetries of the square brings any sun into it.
  public static let usualSunAzimuth = 135.0...180.0

  /// The range of `sunAzimuthInDegrees`, or the usual one.
  public var sunAzimuth: ClosedRange<Double> { sunAzimuthInDegrees ?? Self.usualSunAzimuth }

  public init(
    name: String, summary: String, status: Status = .provisional, licence: String,
    gsdInMeters: ClosedRange<Double>, sunAzimuthInDegrees: ClosedRange<Double>? = nil,
    bandOrder: [String] = ["red", "green", "blue"],
    stretch: Stretch = Stretch(), tileSize: Int = 512, overlap: Int = 128, surface: String,
    effectiveResolutionInMeters: Double? = nil, training: Training = Training(),
    metrics: [Metric] = []
  ) {
    self.name = name
    self.summary = summary
    self.status = status
    self.licence = licence
    self.gsdInMeters = gsdInMeters
    self.sunAzimuthInDegrees = sunAzimuthInDegrees
    self.bandOrder = bandOrder
    self.stretch = stretch
    self.tileSize = tileSize
    self.overlap = overlap
    self.surface = surface
    self.effectiveResolutionInMeters = effectiveResolutionInMeters
    self.training = training
    self.metrics = metrics
  }

  /// Beyond it no network looks at once.
  private static let largestTile = 16384

  package func validate(in path: String) throws(ModelError) {
    let check = ManifestCheck(path: path)
    try check.require(!name.isEmpty, "card.name", "empty", "a name")
    try check.require(
      gsdInMeters.lowerBound > 0 && gsdInMeters.upperBound.isFinite, "card.gsdInMeters",
      gsdInMeters,
      "finite metres above 0")
    try check.require(
      (0...360).contains(sunAzimuth.lowerBound) && sunAzimuth.upperBound <= 360,
      "card.sunAzimuthInDegrees", sunAzimuth, "degrees of 0 to 360, rising")
    try check.require(
      Set(bandOrder).count == 3 && bandOrder.count == 3, "card.bandOrder", bandOrder,
      "three different bands")
    try check.require(
      0 <= stretch.lowerPercentile && stretch.lowerPercentile < stretch.upperPercentile
        && stretch.upperPercentile <= 100, "card.stretch",
      "\(stretch.lowerPercentile)…\(stretch.upperPercentile)", "rising percentiles")
    let multiple = CoarseArchitecture.sizeMultiple
    try check.require(
      (multiple...Self.largestTile).contains(tileSize) && tileSize % multiple == 0,
      "card.tileSize", tileSize, "a multiple of \(multiple), at most \(Self.largestTile)")
    try check.require(
      0 <= overlap && overlap <= tileSize / 2, "card.overlap", overlap,
      "at most half of the tile, \(tileSize / 2)")
    try check.require(
      ["DSM", "DTM", "mixed"].contains(surface), "card.surface", surface, "DSM, DTM or mixed")
    try check.require(
      effectiveResolutionInMeters.map { $0 > 0 && $0.isFinite } ?? true,
      "card.effectiveResolutionInMeters", effectiveResolutionInMeters ?? 0, "metres above 0")
  }
}
