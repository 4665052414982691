import Foundation
import Rasters
import Scenes
import Testing

@Suite struct BandSelectionTests {
  /// The bands of a new in-memory raster.
  private func bands(
    _ count: Int, type: String = "Byte", describe: (inout Dataset) throws -> Void = { _ in }
  ) throws -> [Band] {
    let path = "/vsimem/bands-\(UUID().uuidString).tif"
    var dataset = try Dataset(
      creating: path, driver: "GTiff", width: 4, height: 4, bands: count, type: type,
      options: ["PHOTOMETRIC": "MINISBLACK"])
    try describe(&dataset)
    try dataset.close()
    return try Dataset(reading: path).bands
  }

  @Test func `bands are found by color words in any order and case`() throws {
    let bands = try bands(4) {
      for (number, name) in zip(1...4, ["NIR", "Blue", "GREEN", "red"]) {
        try $0.setDescription(name, band: number)
      }
    }
    let selection = try BandSelection(from: bands, asked: nil)
    #expect(selection.numbers == [4, 3, 2] && selection.reason == .names)
  }

  @Test func `Sentinel-2 band names are recognized, Landsat's are not`() throws {
    let sentinel = try bands(4) {
      for (number, name) in zip(1...4, ["B02", "B03", "B04", "B08"]) {
        try $0.setDescription(name, band: number)
      }
    }
    #expect(try BandSelection(from: sentinel, asked: nil).numbers == [3, 2, 1])
    let landsat = try bands(4) {
      for (number, name) in zip(1...4, ["B2", "B3", "B4", "B5"]) {
        try $0.setDescription(name, band: number)
      }
    }
    #expect(throws: SceneError.self) { try BandSelection(from: landsat, asked: nil) }
  }

  @Test(arguments: [
    (["0.49", "0.56", "0.665", "0.842"], "Micrometers"),
    (["490", "560", "665", "842"], "Nanometers"),
  ])
  func `bands are found by wavelengths in either unit`(values: [String], unit: String) throws {
    let bands = try bands(4) {
      for (number, value) in zip(1...4, values) {
        try $0.setMetadata(
          ["wavelength": value, "wavelength_units": unit], domain: nil, band: number)
      }
    }
    let selection = try BandSelection(from: bands, asked: nil)
    #expect(selection.numbers == [3, 2, 1] && selection.reason == .wavelengths)
  }

  /// 61 bands from 400 to 1000 nm, in every unit that occurs in practice.
  @Test(arguments: [
    ("nm", 1.0), ("Nanometers", 1), ("um", 1e-3), ("Micrometers", 1e-3), ("µm", 1e-3),
    ("Angstroms", 10),
    ("", 1), ("", 1e-3), ("", 10),
  ])
  func `among many bands, those nearest to the centers of red, green, and blue are selected`(
    unit: String, scale: Double
  ) throws {
    let bands = try bands(61) {
      for number in 1...61 {
        try $0.setMetadata(
          ["wavelength": "\(Double(390 + 10 * number) * scale)", "wavelength_units": unit],
          band: number)
      }
    }
    let selection = try BandSelection(from: bands, asked: nil)
    #expect(selection.numbers == [27, 17, 10], "\(selection.numbers)")
  }

  @Test(arguments: [
    (["B4", "B3", "B2", "B8"], ["--bands 1,2,3"]),
    (["SR_B2", "SR_B3", "SR_B4", "SR_B5", "QA_PIXEL"], ["--bands 3,2,1"]),
    (["SR_B1", "SR_B2", "SR_B3", "SR_B4"], ["--bands 4,3,2", "--bands 3,2,1"]),
    (["band_1", "band_2", "band_3", "band_4"], ["--bands 4,3,2", "--bands 3,2,1"]),
    (["", "", "", ""], ["--bands 1,2,3", "--bands 3,2,1"]),
    (["Band 1", "Band 2", "Band 3"], ["--bands 1,2,3", "--bands 3,2,1"]),
    (["x", "y"], ["--bands 1"]),
  ])
  func `ambiguous bands are rejected with suggested options to copy`(
    names: [String], suggestions: [String]
  ) throws {
    let bands = try bands(names.count) {
      for (number, name) in zip(1..., names) { try $0.setDescription(name, band: number) }
    }
    let error = #expect(throws: SceneError.self) { try BandSelection(from: bands, asked: nil) }
    let lines = try #require(error?.message).split(separator: "\n").dropFirst(2)
    #expect(lines.count == suggestions.count)
    #expect(zip(lines, suggestions).allSatisfy { $0.hasSuffix($1) }, "\(lines)")
  }

  @Test func `bands are found by color interpretation`() throws {
    let bands = try bands(4) {
      for (number, color) in zip(1...3, [ColorInterpretation.blue, .green, .red]) {
        try $0.setColorInterpretation(color, band: number)
      }
    }
    let selection = try BandSelection(from: bands, asked: nil)
    #expect(selection.numbers == [3, 2, 1] && selection.reason == .colors)
  }

  @Test func `names take precedence over colors, and requested bands over both`() throws {
    let bands = try bands(3) {
      for (number, color) in zip(1...3, [ColorInterpretation.red, .green, .blue]) {
        try $0.setColorInterpretation(color, band: number)
      }
      for (number, name) in zip(1...3, ["blue", "green", "red"]) {
        try $0.setDescription(name, band: number)
      }
    }
    #expect(try BandSelection(from: bands, asked: nil).numbers == [3, 2, 1])
    let asked = try BandSelection(from: bands, asked: [1, 1, 3])
    #expect(asked.numbers == [1, 1, 3] && asked.reason == .asked)
  }

  @Test func `a single band is repeated, also if there is an alpha band`() throws {
    let bands = try bands(2) { try $0.setColorInterpretation(.alpha, band: 2) }
    let selection = try BandSelection(from: bands, asked: nil)
    #expect(selection.numbers == [1] && selection.channels == [1, 1, 1])
    #expect(selection.reason == .onlyOne)
  }

  @Test(arguments: [[], [1, 2], [1, 2, 3, 4], [0, 1, 2], [-1]])
  func `anything but one or three existing bands is rejected`(asked: [Int]) throws {
    let bands = try bands(4)
    #expect(throws: SceneError.self) { try BandSelection(from: bands, asked: asked) }
  }
}
