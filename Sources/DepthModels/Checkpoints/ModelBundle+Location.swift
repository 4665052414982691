import FoundationEssentials

extension ModelBundle {
  /// The environment variable with the path of the bundle, which all commands use.
  public static let environmentVariable = "RELIEF_MODEL"

  /// Returns the bundle to use: the given one, that of `$RELIEF_MODEL`, the installed one, or that of the checkout.
  ///
  /// The first two must be valid bundles if they are given. The installed one is `../share/relief`, relative to the
  /// executable's folder; that of the checkout is `SampleData/bundle` in the nearest folder above the executable that
  /// contains `Package.swift`.
  ///
  /// - Throws: `ModelError` of kind `missingResource` listing the places searched.
  public static func locate(_ explicit: String?) throws -> ModelBundle {
    try locate(
      explicit, environment: ProcessInfo.processInfo.environment,
      executable: InstalledFile.executable)
  }

  /// Returns the bundle to use, in a given environment.
  package static func locate(
    _ explicit: String?, environment: [String: String], executable: String
  ) throws -> ModelBundle {
    for named in [explicit, environment[environmentVariable]] {
      if let named, !named.isEmpty { return try ModelBundle(directory: named) }
    }
    let places = InstalledFile(manifestName, inCheckout: "SampleData/bundle", executable)
    if let manifest = places.found {
      return try ModelBundle(
        directory: URL(fileURLWithPath: manifest).deletingLastPathComponent().path)
    }
    throw ModelError(
      .missingResource,
      "no model bundle found: neither --model nor $\(environmentVariable) is given, \(places.notFoundDescription)"
    )
  }
}
