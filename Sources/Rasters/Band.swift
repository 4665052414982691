import CGDAL
public import Grids

/// The data type of a band's samples.
public struct SampleType: Hashable, Sendable {
  /// GDAL's name of the type, such as "Byte", "UInt16", "Float32" or "CFloat32".
  public let name: String
  /// Number of bits of a sample; of both parts together if the type is complex.
  public let bits: Int
  /// Whether samples have a real and an imaginary part.
  public let isComplex: Bool
  /// Whether samples are floating-point numbers, complex ones included.
  public let isFloatingPoint: Bool

  init(_ type: GDALDataType) {
    name = GDALGetDataTypeName(type).map { String(cString: $0) } ?? "Unknown"
    bits = Int(GDALGetDataTypeSizeBits(type))
    isComplex = GDALDataTypeIsComplex(type) != 0
    isFloatingPoint = GDALDataTypeIsFloating(type) != 0
  }

  /// Whether Float32 represents every value of the type exactly.
  var fitsFloat: Bool { !isComplex && (bits <= 16 || (isFloatingPoint && bits == 32)) }
}

/// The color interpretation of a band.
public enum ColorInterpretation: Hashable, Sendable {
  /// The file does not specify one.
  case undefined
  /// Gray levels.
  case gray
  /// Indices into a color table.
  case palette
  /// Red.
  case red
  /// Green.
  case green
  /// Blue.
  case blue
  /// Opacity.
  case alpha
  /// Any other interpretation, by GDAL's name ("Cyan", "YCbCr_Y").
  case other(String)
}

/// The properties and metadata of one band of a raster.
public struct Band: Sendable {
  /// The source of a band's validity mask, from GDAL's mask flags.
  public enum MaskKind: Sendable, Hashable {
    /// All pixels are valid.
    case allValid
    /// The nodata value of the band.
    case noData
    /// A mask shared by all bands of the dataset.
    case perDataset
    /// An alpha band.
    case alpha
    /// A mask of this band alone.
    case perBand
  }

  /// The number of the band, starting at 1 as everywhere in GDAL.
  public let number: Int
  /// The data type of the samples as stored.
  public let sampleType: SampleType
  /// The color interpretation of the band.
  public let colorInterpretation: ColorInterpretation
  /// The name of the band; empty if the file has none.
  public let description: String
  /// The nodata value that the band declares, or else the product's metadata (`DeclaredValues`); nil if neither does.
  public let noData: Double?
  /// The value of saturated samples, if the product's metadata specifies one.
  public let saturated: Double?
  /// The unit of the values after scale and offset, such as "m"; empty if the file does not specify one.
  public let unit: String
  /// The scale in value = sample · scale + offset; 1 if the file does not specify one.
  public let scale: Double
  /// The offset that is added after scaling; 0 if the file does not specify one.
  public let offset: Double
  /// The default metadata domain of the band.
  public let metadata: [String: String]
  /// Width in pixels of the block in which the file is most efficiently read.
  public let blockWidth: Int
  /// Height in pixels of the block in which the file is most efficiently read.
  public let blockHeight: Int
  /// The source of the validity mask.
  public let maskKind: MaskKind
  /// The sizes of the band's overviews in pixels, in the file's order.
  public let overviews: [Grid]
  /// Number of overviews of the band.
  public var overviewCount: Int { overviews.count }
}

extension Band {
  /// Reads the properties of a band.
  ///
  /// - Parameters:
  ///   - handle: The band.
  ///   - number: The number of the band, from 1.
  ///   - product: The metadata of the dataset that the band belongs to.
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
      overviews: (0..<GDALGetOverviewCount(handle)).compactMap { GDALGetOverview(handle, $0) }.map {
        Grid(width: Int(GDALGetRasterBandXSize($0)), height: Int(GDALGetRasterBandYSize($0)))
      })
  }

  /// Returns the declared nodata value; GDAL has separate functions for 64-bit integers.
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
      self = .perDataset  // GMF_NODATA may be set too, for the NODATA_VALUES of a whole dataset
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
