import Scenes
import Testing

@Suite struct GSDPolicyTests {
  static let range = 20.0...60.0

  @Test(arguments: [19.2, 20.0, 30, 60, 62.9])
  func `a scene within the range is not resampled`(gsd: Double) throws {
    let decision = try GSDPolicy.auto.decide(native: gsd, range: Self.range, isForced: false)
    #expect(decision.scale == 1 && decision.warnings.isEmpty)
  }

  @Test(arguments: [(10, 2), (15, 20 / 15), (90, 60 / 90), (120, 0.5)] as [(Double, Double)])
  func `a scene outside by up to a factor of two is resampled to the nearer end with a warning`(
    gsd: Double, scale: Double
  ) throws {
    let decision = try GSDPolicy.auto.decide(native: gsd, range: Self.range, isForced: false)
    #expect(decision.scale == scale && decision.warnings.count == 1)
  }

  @Test(arguments: [0.5, 9.0, 133, 13_900])
  func `a scene further outside is rejected, or not resampled if forced`(gsd: Double) throws {
    let error = #expect(throws: SceneError.self) {
      _ = try GSDPolicy.auto.decide(native: gsd, range: Self.range, isForced: false)
    }
    #expect(error?.message.contains("--force-gsd") == true)
    let forced = try GSDPolicy.auto.decide(native: gsd, range: Self.range, isForced: true)
    #expect(forced.scale == 1 && !forced.warnings.isEmpty)
  }

  @Test
  func `fine pixels are averaged to a requested GSD, coarse pixels are not subdivided`()
    throws
  {
    let decision = try GSDPolicy.meters(30).decide(native: 0.5, range: Self.range, isForced: false)
    #expect(decision.scale == 60)
    #expect(throws: SceneError.self) {
      _ = try GSDPolicy.meters(30).decide(native: 500, range: Self.range, isForced: false)
    }
  }

  @Test func `native is never resampled, and a given number is used`() throws {
    #expect(try GSDPolicy.native.decide(native: 15, range: Self.range, isForced: false).scale == 1)
    let decision = try GSDPolicy.meters(45).decide(native: 30, range: Self.range, isForced: false)
    #expect(decision.scale == 1.5)
  }

  @Test func `an unknown pixel size gives a warning, and a requested GSD is rejected`() throws {
    let decision = try GSDPolicy.auto.decide(native: nil, range: Self.range, isForced: false)
    #expect(decision.scale == 1 && decision.warnings.count == 1)
    #expect(throws: SceneError.self) {
      _ = try GSDPolicy.meters(30).decide(native: nil, range: Self.range, isForced: true)
    }
  }

  @Test(arguments: ["auto", "native", "30", "0.5"])
  func `policies are parsed`(text: String) { #expect(GSDPolicy(text) != nil) }

  @Test(arguments: ["", "-3", "0", "inf", "meters"])
  func `text that is not a policy is rejected`(text: String) { #expect(GSDPolicy(text) == nil) }
}
