import FoundationEssentials

/// A file that is shipped with the program: installed next to it, or in the checkout that it was built in.
struct InstalledFile {
  private let name: String
  private let checkoutFolder: String
  private let programFolder: URL

  /// Creates the description of a shipped file.
  ///
  /// - Parameters:
  ///   - name: The name of the file.
  ///   - checkoutFolder: Its folder in a checkout, relative to the folder of `Package.swift`.
  ///   - executable: The path of the program.
  init(_ name: String, inCheckout checkoutFolder: String, _ executable: String = executable) {
    self.name = name
    self.checkoutFolder = checkoutFolder
    programFolder = URL(fileURLWithPath: executable).deletingLastPathComponent()
  }

  /// The path of the running program.
  static var executable: String {
    let link = "/proc/self/exe"
    return (try? FileManager.default.destinationOfSymbolicLink(atPath: link))
      ?? CommandLine.arguments[0]
  }

  /// The path of the installed file, else of the one in the nearest checkout above the program; nil if neither exists.
  var found: String? {
    if isFile(installed) { return installed }
    var ancestor = programFolder
    while ancestor.path != "/" {
      let candidate = ancestor.appending(path: "\(checkoutFolder)/\(name)").path
      if isFile(ancestor.appending(path: "Package.swift").path), isFile(candidate) {
        return candidate
      }
      ancestor.deleteLastPathComponent()
    }
    return nil
  }

  /// A message listing the places where the file was not found.
  var notFoundDescription: String {
    "\(installed) does not exist, and no folder above \(programFolder.path) contains both Package.swift and "
      + "\(checkoutFolder)/\(name)"
  }

  private var installed: String {
    programFolder.appending(path: "../share/relief/\(name)").standardized.path
  }

  private func isFile(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
}
