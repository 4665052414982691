/// Whether an output was made as a plan would make it.
extension Provenance {
  /// The tags that decide about pixels.
  ///
  /// Versions, libraries, the processor and the scene's name are none of them: they may change last bits, or nothing.
  private static let decisiveTags = [
    "RELIEF_SCENE_SHA256", "RELIEF_MODEL_SHA256", "RELIEF_BANDS", "RELIEF_STRETCH", "RELIEF_TURN",
    "RELIEF_GSD",
    "RELIEF_LATTICE",
    "RELIEF_TILES", "RELIEF_AREA", "RELIEF_NORMALIZATION", "RELIEF_STAGES", "RELIEF_STEPS",
    "RELIEF_ENSEMBLE", "RELIEF_VALIDITY", "HEIGHT", "POSITIVE",
  ]

  /// The tags that say on what an output was computed: others change last bits.
  private static let machineTags = ["RELIEF_VERSION", "RELIEF_BLAS_CORE", "RELIEF_CPU_LEVEL"]

  /// A tag that an output has otherwise than a plan would give it.
  struct Difference {
    let tag: String
    /// Nil where the output hasn't got the tag, or the plan gives none.
    let found: String?
    let given: String?

    /// As `RELIEF_TILES is “512x512 overlap 128”, these options give “256x256 overlap 64”`.
    var text: String { "\(tag) is \(quoted(found)), these options give \(quoted(given))" }

    private func quoted(_ value: String?) -> String { value.map { "“\($0)”" } ?? "missing" }
  }

  /// Where an output's tags differ from this plan's in what decides about pixels.
  func differences(from found: [String: String]) throws -> [Difference] {
    let given = try tags()
    return Self.decisiveTags.filter { found[$0] != given[$0] }.map {
      Difference(tag: $0, found: found[$0], given: given[$0])
    }
  }

  /// What the user should know of an output that was computed on another machine, or by another version.
  func notes(on found: [String: String]) throws -> [String] {
    let given = try tags()
    return Self.machineTags.filter { found[$0] != given[$0] }.map {
      "\($0) is \(found[$0] ?? "missing") in the raster and \(given[$0] ?? "missing") here: "
        + "differences hold those of rounding"
    }
  }
}
