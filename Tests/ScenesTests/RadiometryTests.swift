import Scenes
import Testing

@Suite struct RadiometryTests {
  @Test(arguments: [
    ("percentile:1,99", Stretch.percentile(1, 99)), ("minmax", .minMax),
    ("0,10000", .range(0, 10000)),
    ("-1.5,2e3", .range(-1.5, 2000)),
  ])
  func `a stretch can be parsed from its description`(text: String, stretch: Stretch) {
    #expect(Stretch(text) == stretch)
    #expect(Stretch(stretch.description) == stretch)
  }

  @Test(arguments: [
    "", "percentile", "percentile:99,1", "percentile:-1,99", "5,5", "1,2,3", "a,b", "nan,1",
  ])
  func `an invalid stretch is rejected`(text: String) { #expect(Stretch(text) == nil) }

  @Test func `percentiles interpolate between order statistics`() throws {
    let samples = (0...100).map(Float.init).shuffled()
    let radiometry = try Radiometry(
      .percentile(2.5, 97.5), bands: .joint, samples: [samples], step: 1, numbers: [1])
    #expect(radiometry.low == [2.5] && radiometry.high == [97.5])
    #expect(abs(radiometry.fill[0] - 127.5) < 1e-3)
  }

  @Test func `joint bands keep their ratios, and separate bands fill their own ranges`() throws {
    let samples: [[Float]] = [[0, 5, 10], [10, 15, 20]]
    let joint = try Radiometry(.minMax, bands: .joint, samples: samples, step: 1, numbers: [1, 2])
    #expect(joint.low == [0, 0] && joint.high == [20, 20])
    let each = try Radiometry(.minMax, bands: .each, samples: samples, step: 1, numbers: [1, 2])
    #expect(each.low == [0, 10] && each.high == [10, 20])
  }

  @Test func `a scene without valid pixels is rejected`() {
    let error = #expect(throws: SceneError.self) {
      _ = try Radiometry(.minMax, bands: .joint, samples: [[]], step: 1, numbers: [4])
    }
    #expect(error?.kind == .badData && error?.message.contains("4") == true)
  }

  @Test func `a constant scene is rejected with its value`() {
    let error = #expect(throws: SceneError.self) {
      _ = try Radiometry(.minMax, bands: .joint, samples: [[7, 7, 7]], step: 1, numbers: [1])
    }
    #expect(error?.message.contains("7.0") == true)
  }
}
