/// Comparison of an output's tags with those that a plan would write.
extension Provenance {
  /// The tags that determine pixel values.
  ///
  /// Versions, libraries, the processor, and the scene's name are not included: they change only the last bits, if
  /// anything.
  private static let decisiveTags = [
    "RELIEF_SCENE_SHA256", "RELIEF_MODEL_SHA256", "RELIEF_BANDS", "RELIEF_STRETCH", "RELIEF_TURN",
    "RELIEF_GSD",
    "RELIEF_LATTICE",
    "RELIEF_TILES", "RELIEF_AREA", "RELIEF_NORMALIZATION", "RELIEF_STAGES", "RELIEF_STEPS",
    "RELIEF_ENSEMBLE", "RELIEF_VALIDITY", "HEIGHT", "POSITIVE",
  ]

  /// The tags that describe the machine and version; different values change the last bits.
  private static let machineTags = ["RELIEF_VERSION", "RELIEF_BLAS_CORE", "RELIEF_CPU_LEVEL"]

  /// A tag whose value in an output differs from the value that a plan gives.
  struct Difference {
    let tag: String
    /// The value in the output; nil if the output does not have the tag.
    let found: String?
    /// The value from the plan; nil if the plan does not set the tag.
    let given: String?

    /// A text such as `RELIEF_TILES is “512x512 overlap 128”, these options give “256x256 overlap 64”`.
    var text: String { "\(tag) is \(quoted(found)), these options give \(quoted(given))" }

    private func quoted(_ value: String?) -> String { value.map { "“\($0)”" } ?? "missing" }
  }

  /// The tags that determine pixel values and differ between an output and this plan.
  func differences(from found: [String: String]) throws -> [Difference] {
    let given = try tags()
    return Self.decisiveTags.filter { found[$0] != given[$0] }.map {
      Difference(tag: $0, found: found[$0], given: given[$0])
    }
  }

  /// Warnings for an output that was computed on another machine or by another version.
  func notes(on found: [String: String]) throws -> [String] {
    let given = try tags()
    return Self.machineTags.filter { found[$0] != given[$0] }.map {
      "\($0) is \(found[$0] ?? "missing") in the raster and \(given[$0] ?? "missing") here: "
        + "the differences include rounding differences"
    }
  }
}
