public import ArgumentParser
import Grids
public import PairChecks
public import Pairs
public import Evaluation
public import Rasters
public import Scenes

/// An argument of the form `KEY=VALUE`.
struct KeyValue: ExpressibleByArgument {
  let key: String
  let value: String

  init?(argument: String) {
    guard let equals = argument.firstIndex(of: "="), equals > argument.startIndex else {
      return nil
    }
    key = String(argument[..<equals])
    value = String(argument[argument.index(after: equals)...])
  }
}

extension [KeyValue] {
  /// The values by key; if a key is repeated, its last value.
  var dictionary: [String: String] {
    Dictionary(map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
  }
}

/// A comma-separated list of integers, such as `4,3,2`.
struct NumberList: ExpressibleByArgument {
  let numbers: [Int]

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    numbers = parts.compactMap { Int($0) }
    guard numbers.count == parts.count else { return nil }
  }
}

/// A comma-separated list of numbers, such as `0` or `0,0,65535`.
struct ValueList: ExpressibleByArgument {
  let values: [Double]

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    values = parts.compactMap { Double($0) }
    guard values.count == parts.count else { return nil }
  }
}

/// A window given as `column,row,width,height`, in pixels.
struct WindowArgument: ExpressibleByArgument {
  let window: Window

  init?(argument: String) {
    // GDAL stores raster sizes as Int32.
    guard let numbers = NumberList(argument: argument)?.numbers, numbers.count == 4,
      numbers.allSatisfy({ $0.magnitude <= UInt(Int32.max) }), numbers[2] >= 0, numbers[3] >= 0
    else { return nil }
    window = Window(column: numbers[0], row: numbers[1], width: numbers[2], height: numbers[3])
  }
}

/// Bounds given as `minx,miny,maxx,maxy`, in map coordinates.
struct BoundsArgument: ExpressibleByArgument {
  let bounds: Bounds

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Double($0) }
    guard parts.count == 4, numbers.count == 4, numbers.allSatisfy(\.isFinite) else { return nil }
    bounds = Bounds(minX: numbers[0], minY: numbers[1], maxX: numbers[2], maxY: numbers[3])
  }
}

/// An amount of memory with its unit, such as `800MB` or `4GB`.
///
/// The units MB, GB, TB, MiB, GiB and TiB are powers of 1024. A number without a unit is rejected as ambiguous.
struct ByteCount: ExpressibleByArgument {
  let bytes: Int

  init?(argument: String) {
    let units = [("MB", 20), ("GB", 30), ("TB", 40), ("MIB", 20), ("GIB", 30), ("TIB", 40)]
    let text = argument.uppercased()
    guard let unit = units.first(where: { text.hasSuffix($0.0) }),
      let number = Double(text.dropLast(unit.0.count)), number > 0,
      let bytes = Int(exactly: (number * Double(1 << unit.1)).rounded()), bytes < 1 << 50
    else { return nil }
    self.bytes = bytes
  }
}

/// Upper limits of numeric options; larger values are treated as typing errors.
enum Limits: Int {
  case threads = 1024
  case pixels = 16384

  /// Checks that a value, if given, is between `lowest` and this limit.
  ///
  /// - Throws: `ValidationError` if it is not.
  func check(_ option: String, _ value: Int?, from lowest: Int = 1) throws {
    guard let value, !(lowest...rawValue).contains(value) else { return }
    throw ValidationError("\(option) \(value), expected \(lowest) to \(rawValue)")
  }
}

extension Stretch: ExpressibleByArgument {
  /// Parses `percentile:LOW,HIGH`, `minmax` or `LO,HI`.
  public init?(argument: String) { self.init(argument) }
}

extension GSDPolicy: ExpressibleByArgument {
  /// Parses `auto`, `native` or a number of meters.
  public init?(argument: String) { self.init(argument) }
  /// The default as help texts show it.
  public var defaultValueDescription: String { "auto" }
}

extension Radiometry.Bands: ExpressibleByArgument {}
extension SceneOptions.Quantity: ExpressibleByArgument {}
extension SceneOptions.Normalization: ExpressibleByArgument {}
extension SceneOptions.Ensemble: ExpressibleByArgument {}
extension ValidityRule.NoData: ExpressibleByArgument {}
extension EvaluationRequest.Unit: ExpressibleByArgument {}
extension Pair.Split: ExpressibleByArgument {}
extension PairFinding.Severity: ExpressibleByArgument {}
