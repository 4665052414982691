import Foundation
import Grids
import Rasters
import TestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct QGISStyleTests {
  private func attributes(_ name: String, in text: String) -> [String] {
    text.components(separatedBy: "\(name)=\"").dropFirst().map {
      String($0.prefix { $0 != "\"" })
    }
  }

  @Test func `the stops of the ramp are evenly spaced over the range`() throws {
    let qml = QGISStyle(minimum: -20, maximum: 60, unit: "m").qml
    let items = qml.components(separatedBy: "\n").filter { $0.contains("<item ") }
    let values = items.flatMap { attributes(" value", in: $0) }.compactMap(Double.init)
    #expect(values == [-20, -10, 0, 10, 20, 30, 40, 50, 60])
    #expect(attributes("label", in: items[1]) == ["-10 m"])
    #expect(attributes("classificationMin", in: qml) == ["-20.0"])
    #expect(attributes("classificationMax", in: qml) == ["60.0"])
    #expect(Set(items.flatMap { attributes("color", in: $0) }).count == 9)
  }

  @Test func `a style is well-formed XML, whatever the unit`() throws {
    let qml = QGISStyle(minimum: 0, maximum: 1e-3, unit: "a<b & \"c\"").qml
    let parser = try XMLDocument(xmlString: qml, options: [])
    #expect(parser.rootElement()?.name == "qgis")
    let renderer = try parser.nodes(forXPath: "/qgis/pipe/rasterrenderer/@type")
    #expect(renderer.map(\.stringValue) == ["singlebandpseudocolor"])
    #expect(try parser.nodes(forXPath: "//colorrampshader/item").count == 9)
  }

  @Test func `the range of a style is the mean ± two standard deviations`() throws {
    try withTemporaryDirectory { directory in
      var writer = try RasterWriter(
        creating: "\(directory)/out.tif", scratchDirectory: directory,
        RasterDescription(width: 100, height: 100))
      // 1 % high outliers, otherwise ±1: the low end is the minimum of the data, the high end is mean + 2σ.
      let values = (0..<10_000).map { Float($0 % 100 == 0 ? 1000 : $0 % 2 == 0 ? 1 : -1) }
      try writer.write(Window(column: 0, row: 0, width: 100, height: 100), values.span)
      let statistics = try #require(try writer.finish().statistics)
      let style = QGISStyle(statistics, unit: "1")
      #expect(style.minimum == -1)
      #expect(style.maximum == statistics.mean + 2 * statistics.standardDeviation)
    }
  }
}
