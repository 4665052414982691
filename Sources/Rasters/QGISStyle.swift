/// A QGIS style for a single-band raster: a fixed color ramp over a range of values.
///
/// QGIS automatically applies `NAME.qml` next to `NAME.tif`. A fixed ramp, unlike one that is stretched to the visible
/// extent, shows the same height in the same color everywhere and in every raster of a set.
/// Source: the `.qml` that QGIS 3 writes for "Singleband pseudocolor".
public struct QGISStyle: Sendable, Hashable {
  /// The value of the first color.
  public var minimum: Double
  /// The value of the last color.
  public var maximum: Double
  /// The unit in the legend; empty or "1" for none.
  public var unit: String
  /// A comment about the origin of the style, without "--"; QGIS drops it when it overwrites the style.
  public var comment = ""

  /// Creates a style for a range of finite values.
  public init(minimum: Double, maximum: Double, unit: String = "") {
    precondition(
      minimum.isFinite && maximum.isFinite && minimum <= maximum,
      "the range \(minimum)…\(maximum) of a style must be finite and in order")
    self.minimum = minimum
    self.maximum = maximum
    self.unit = unit
  }

  /// Creates a style for the range mean ± 2σ, limited to the minimum and maximum.
  ///
  /// If all values are equal, the range is one unit wide, because a ramp needs a range.
  public init(_ statistics: RasterStatistics, unit: String = "") {
    let (mean, reach) = (statistics.mean, 2 * statistics.standardDeviation)
    let low = max(statistics.minimum, mean - reach)
    let high = min(statistics.maximum, mean + reach)
    self.init(
      minimum: low < high ? low : mean - 0.5, maximum: low < high ? high : mean + 0.5, unit: unit)
  }

  /// The colors from low to high, with evenly increasing lightness so that shading below them remains readable.
  static let colors: [(red: Int, green: Int, blue: Int)] = [
    (38, 70, 60), (62, 104, 72), (98, 133, 82), (142, 157, 95), (180, 174, 113), (200, 184, 138),
    (213, 197, 166), (228, 216, 200), (246, 243, 240),
  ]

  /// The text of the `.qml` file.
  public var qml: String {
    let last = Self.colors.count - 1
    let values = Self.colors.indices.map {
      minimum + (maximum - minimum) * Double($0) / Double(last)
    }
    let suffix = unit.isEmpty || unit == "1" ? "" : " \(Self.escaped(unit))"
    let items = zip(Self.colors, values).map { color, value in
      let hex = Self.hex(color)
      return "          <item value=\"\(value)\" color=\"\(hex)\" alpha=\"255\""
        + " label=\"\(Self.label(value, range: maximum - minimum))\(suffix)\"/>"
    }
    let stops = (1..<last).map {
      "\(Double($0) / Double(last));\(Self.rgba(Self.colors[$0]))"
    }
    return """
      <!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
      <!-- \(comment) -->
      <qgis version="3.22.0" styleCategories="AllStyleCategories">
        <pipe>
          <rasterrenderer type="singlebandpseudocolor" band="1" opacity="1" alphaBand="-1" \
      nodataColor="" classificationMin="\(minimum)" classificationMax="\(maximum)">
            <rasterTransparency/>
            <minMaxOrigin>
              <limits>None</limits>
              <extent>WholeRaster</extent>
              <statAccuracy>Exact</statAccuracy>
              <cumulativeCutLower>0.02</cumulativeCutLower>
              <cumulativeCutUpper>0.98</cumulativeCutUpper>
              <stdDevFactor>2</stdDevFactor>
            </minMaxOrigin>
            <rastershader>
              <colorrampshader colorRampType="INTERPOLATED" classificationMode="1" clip="0" \
      labelPrecision="4" minimumValue="\(minimum)" maximumValue="\(maximum)">
                <colorramp name="[source]" type="gradient">
                  <prop k="color1" v="\(Self.rgba(Self.colors[0]))"/>
                  <prop k="color2" v="\(Self.rgba(Self.colors[last]))"/>
                  <prop k="discrete" v="0"/>
                  <prop k="rampType" v="gradient"/>
                  <prop k="stops" v="\(stops.joined(separator: ":"))"/>
                </colorramp>
      \(items.joined(separator: "\n"))
              </colorrampshader>
            </rastershader>
          </rasterrenderer>
          <brightnesscontrast brightness="0" contrast="0" gamma="1"/>
          <huesaturation saturation="0" grayscaleMode="0" colorizeOn="0" colorizeStrength="100"/>
          <rasterresampler maxOversampling="2" zoomedOutResampler="bilinear"/>
        </pipe>
        <blendMode>0</blendMode>
      </qgis>

      """
  }

  private static func hex(_ color: (red: Int, green: Int, blue: Int)) -> String {
    let number = 1 << 24 | color.red << 16 | color.green << 8 | color.blue
    return "#" + String(number, radix: 16).dropFirst()
  }

  private static func rgba(_ color: (red: Int, green: Int, blue: Int)) -> String {
    "\(color.red),\(color.green),\(color.blue),255"
  }

  /// Formats a value with enough decimals to distinguish the stops.
  private static func label(_ value: Double, range: Double) -> String {
    var unit = 1.0
    while unit > range / 1000, unit > 1e-9 { unit /= 10 }
    let rounded = (value / unit).rounded() * unit
    let isWhole = rounded == rounded.rounded() && abs(rounded) < 1e15
    return isWhole ? "\(Int(rounded))" : "\(Float(rounded))"
  }

  private static func escaped(_ text: String) -> String {
    text.map { ["&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;"][$0] ?? String($0) }
      .joined()
  }
}
