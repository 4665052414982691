/// The description of a model for its users: its training, its input, its output and its accuracy.
public struct ModelCard: Hashable, Sendable, Codable {
  /// Whether a model is released.
  public enum Status: String, Hashable, Sendable, Codable {
    /// A temporary model, to be replaced by a better one.
    case provisional
    /// A released model.
    case released
  }

  /// How the pixels of a scene are stretched to 0…255.
  public struct Stretch: Hashable, Sendable, Codable {
    /// How bands are combined in a stretch.
    public enum Bands: String, Hashable, Sendable, Codable {
      /// One stretch for all bands together, which preserves colors.
      case joint
      /// One stretch for each band.
      case each
    }

    /// The percentile of the valid pixels that becomes 0.
    public var lowerPercentile: Double
    /// The percentile of the valid pixels that becomes 255.
    public var upperPercentile: Double
    /// How bands are combined.
    public var bands: Bands

    /// Creates a stretch.
    public init(lowerPercentile: Double = 1, upperPercentile: Double = 99, bands: Bands = .joint) {
      self.lowerPercentile = lowerPercentile
      self.upperPercentile = upperPercentile
      self.bands = bands
    }
  }

  /// The training data of a model.
  public struct Training: Hashable, Sendable, Codable {
    /// The places of the training data.
    public var sites: [String]
    /// The attributions that the sources of the data require.
    public var credits: [String]
    /// Further remarks on the training.
    public var notes: String

    /// Creates a description of training data.
    public init(sites: [String] = [], credits: [String] = [], notes: String = "") {
      self.sites = sites
      self.credits = credits
      self.notes = notes
    }
  }

  /// A measured metric.
  public struct Metric: Hashable, Sendable, Codable {
    /// The name of the metric.
    public var name: String
    /// The measured value.
    public var value: Double
    /// The unit of the value, or `1` if it has none.
    public var unit: String
    /// The data that it was measured on.
    public var on: String
    /// Whether that data was held out: neither its place nor its kind was used in training.
    public var isHeldOut: Bool

    /// Creates a metric.
    public init(name: String, value: Double, unit: String, on: String, isHeldOut: Bool) {
      self.name = name
      self.value = value
      self.unit = unit
      self.on = on
      self.isHeldOut = isHeldOut
    }
  }

  /// The name of the model.
  public var name: String
  /// One sentence on what the model is and where it comes from.
  public var summary: String
  /// Whether the model is released.
  public var status: Status
  /// The license of the weights.
  public var licence: String
  /// The ground sampling distances of the training images, in meters.
  public var gsdInMeters: ClosedRange<Double>
  /// The range of sun azimuths in the training images, in degrees clockwise from the top of the image.
  ///
  /// Nil stands for `usualSunAzimuth`.
  public var sunAzimuthInDegrees: ClosedRange<Double>?
  /// The order of the bands in the model's input.
  public var bandOrder: [String]
  /// How the pixels of a scene are stretched to 0…255.
  public var stretch: Stretch
  /// The number of rows and columns of a tile.
  public var tileSize: Int
  /// The number of pixels that neighboring tiles share.
  public var overlap: Int
  /// The surface that the heights describe: `DSM`, `DTM` or `mixed`.
  public var surface: String
  /// The size of the smallest terrain feature that the heights can show, in meters; nil if unknown.
  public var effectiveResolutionInMeters: Double?
  /// The training data.
  public var training: Training
  /// The measured accuracy; empty if there are no reliable measurements.
  public var metrics: [Metric]

  /// The default range of sun azimuths: southeast to south, as in morning orbits of satellites north of the tropics.
  ///
  /// North is up. One of the eight symmetries of the square maps any sun azimuth into this range.
  public static let usualSunAzimuth = 135.0...180.0

  /// The range of `sunAzimuthInDegrees`, or the default range.
  public var sunAzimuth: ClosedRange<Double> { sunAzimuthInDegrees ?? Self.usualSunAzimuth }

  /// Creates a model card.
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
}
