import FoundationEssentials

extension ModelBundle {
  /// The variable that names a bundle for all commands.
  public static let environmentVariable = "RELIEF_MODEL"

  /// The bundle to use: the one asked for, that of `$RELIEF_MODEL`, the installed one, the checkout's.
  ///
  /// The first two must be bundles if they are given; the last two are `../share/relief` from the executable's
  /// folder, and `SampleData/bundle` in the nearest folder above it that has a `Package.swift`.
  ///
  /// - Throws: `ModelError` of kind `missingResource` that lists where it looked.
  public static func locate(_ explicit: String?) throws -> ModelBundle {
    try locate(
      explicit, environment: ProcessInfo.processInfo.environment,
      executable: InstalledFile.executable)
  }

  /// As `locate`, in a given environment.
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
      "no model bundle: neither --model nor $\(environmentVariable) is given, \(places.absence)")
  }
}
