import CGDAL

/// The type of a band's samples.
public struct SampleType: Hashable, Sendable {
  /// As GDAL calls it, such as "Byte", "UInt16", "Float32" or "CFloat32".
  public let name: String
  /// Bits of one sample; of both parts where it is complex.
  public let bits: Int
  /// Whether a sample has a real and an imaginary part.
  public let isComplex: Bool
  /// Whether samples are floating-point numbers, complex ones included.
  public let isFloatingPoint: Bool

  init(_ type: GDALDataType) {
    name = GDALGetDataTypeName(type).map { String(cString: $0) } ?? "Unknown"
    bits = Int(GDALGetDataTypeSizeBits(type))
    isComplex = GDALDataTypeIsComplex(type) != 0
    isFloatingPoint = GDALDataTypeIsFloating(type) != 0
  }

  /// Whether Float32 holds every value of the type.
  var fitsFloat: Bool { !isComplex && (bits <= 16 || (isFloatingPoint && bits == 32)) }
}

/// What a band's samples stand for.
public enum ColorInterpretation: Hashable, Sendable {
  case undefined, gray, palette, red, green, blue, alpha
  /// Any of GDAL's rarer ones, by its name ("Cyan", "YCbCr_Y").
  case other(String)
}

/// What a file says about one of its bands.
public struct Band: Sendable {
  /// Where a band's validity comes from, as GDAL's mask flags have it.
  public enum MaskKind: Sendable, Hashable {
    case allValid, noData, perDataset, alpha
    /// A mask of this band's own.
    case perBand
  }

  /// Counted from 1, as everywhere in GDAL.
  public let number: Int
  /// The type of the samples as stored.
  public let sampleType: SampleType
  /// What the samples stand for.
  public let colorInterpretation: ColorInterpretation
  /// The name of the band; empty where the file has none.
  public let description: String
  /// The value that stands for no value, as the band declares it or, where it does not, the product's metadata
  /// (`DeclaredValues`); nil where nothing does.
  public let noData: Double?
  /// The value of a saturated sample, where the product's metadata names one.
  public let saturated: Double?
  /// The unit of the samples after scale and offset, such as "m"; empty where the file doesn't say.
  public let unit: String
  /// Value = sample · scale + offset; 1 and 0 where the file doesn't say.
  public let scale: Double
  /// What is added after scaling.
  public let offset: Double
  /// The default metadata domain.
  public let metadata: [String: String]
  /// The block in which the file is best read, in pixels.
  public let blockWidth: Int
  /// Rows of such a block.
  public let blockHeight: Int
  /// Where the validity of the band comes from.
  public let maskKind: MaskKind
  /// How many smaller versions of the band the file holds.
  public let overviewCount: Int
}

extension Band {
  /// - Parameters:
  ///   - handle: The band.
  ///   - number: From 1.
  ///   - product: The metadata of the dataset that it belongs to.
  init(_ handle: GDALRasterBandH, number: Int, product: [String: String]) {
    let type = GDALGetRasterDataType(handle)
    let metadata = pairs(GDALGetMetadata(handle, nil))
    let declared = DeclaredValues(band: metadata, product: product, number: number)
    var (width, height): (Int32, Int32) = (0, 0)
    GDALGetBlockSize(handle, &width, &height)
    self.init(
      number: number, sampleType: SampleType(type),
      colorInterpretation: ColorInterpretation(GDALGetRasterColorInterpretation(handle)),
      description: String(cString: GDALGetDescription(handle)),
      noData: Band.noData(of: handle, type) ?? declared.noData, saturated: declared.saturated,
      unit: GDALGetRasterUnitType(handle).map { String(cString: $0) } ?? "",
      scale: GDALGetRasterScale(handle, nil), offset: GDALGetRasterOffset(handle, nil),
      metadata: metadata, blockWidth: Int(width),
      blockHeight: Int(height), maskKind: MaskKind(flags: GDALGetMaskFlags(handle)),
      overviewCount: Int(GDALGetOverviewCount(handle)))
  }

  /// GDAL asks for the nodata of 64-bit integers by other names.
  private static func noData(of handle: GDALRasterBandH, _ type: GDALDataType) -> Double? {
    var isSet: Int32 = 0
    let value: Double
    switch type {
    case GDT_Int64: value = Double(GDALGetRasterNoDataValueAsInt64(handle, &isSet))
    case GDT_UInt64: value = Double(GDALGetRasterNoDataValueAsUInt64(handle, &isSet))
    default: value = GDALGetRasterNoDataValue(handle, &isSet)
    }
    return isSet != 0 ? value : nil
  }
}

extension Band.MaskKind {
  init(flags: Int32) {
    if flags & GMF_ALL_VALID != 0 {
      self = .allValid
    } else if flags & GMF_ALPHA != 0 {
      self = .alpha
    } else if flags & GMF_PER_DATASET != 0 {
      self = .perDataset  // GMF_NODATA may be set too: the NODATA_VALUES of a whole dataset
    } else if flags & GMF_NODATA != 0 {
      self = .noData
    } else {
      self = .perBand
    }
  }
}

extension ColorInterpretation {
  init(_ value: GDALColorInterp) {
    switch value {
    case GCI_Undefined: self = .undefined
    case GCI_GrayIndex: self = .gray
    case GCI_PaletteIndex: self = .palette
    case GCI_RedBand: self = .red
    case GCI_GreenBand: self = .green
    case GCI_BlueBand: self = .blue
    case GCI_AlphaBand: self = .alpha
    default: self = .other(String(cString: GDALGetColorInterpretationName(value)))
    }
  }

  var gdalValue: GDALColorInterp {
    switch self {
    case .undefined: GCI_Undefined
    case .gray: GCI_GrayIndex
    case .palette: GCI_PaletteIndex
    case .red: GCI_RedBand
    case .green: GCI_GreenBand
    case .blue: GCI_BlueBand
    case .alpha: GCI_AlphaBand
    case .other(let name): GDALGetColorInterpretationByName(name)
    }
  }
}
