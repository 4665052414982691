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
    let link = "/proc/self/exe"
    let executable =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: link)) ?? CommandLine.arguments[0]
    return try locate(
      explicit, environment: ProcessInfo.processInfo.environment, executable: executable)
  }

  /// As `locate`, in a given environment.
  package static func locate(
    _ explicit: String?, environment: [String: String], executable: String
  ) throws -> ModelBundle {
    for named in [explicit, environment[environmentVariable]] {
      if let named, !named.isEmpty { return try ModelBundle(directory: named) }
    }
    let folder = URL(fileURLWithPath: executable).deletingLastPathComponent()
    var candidates = [folder.appending(path: "../share/relief").standardized.path]
    var ancestor = folder
    while ancestor.path != "/" {
      let bundle = ancestor.appending(path: "SampleData/bundle").path
      if isFile(ancestor.appending(path: "Package.swift").path),
        isFile(bundle + "/" + manifestName)
      {
        candidates.append(bundle)
        break
      }
      ancestor.deleteLastPathComponent()
    }
    for candidate in candidates where isFile(candidate + "/" + manifestName) {
      return try ModelBundle(directory: candidate)
    }
    throw ModelError(
      .missingResource,
      "no model bundle: neither --model nor $\(environmentVariable) is given, there is no "
        + "\(candidates[0])/\(manifestName), and no folder above \(folder.path) has a Package.swift "
        + "and SampleData/bundle/\(manifestName)")
  }

  private static func isFile(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: path)
  }
}
