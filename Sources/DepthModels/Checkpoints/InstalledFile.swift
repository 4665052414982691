import FoundationEssentials

/// A file that comes with the program: installed beside it, or in the checkout in which it was built.
struct InstalledFile {
  private let name: String
  private let checkoutFolder: String
  private let programFolder: URL

  /// - Parameters:
  ///   - name: Of the file.
  ///   - checkoutFolder: Where it lies in a checkout, from the folder of `Package.swift`.
  ///   - executable: The path of the program.
  init(_ name: String, inCheckout checkoutFolder: String, _ executable: String = executable) {
    self.name = name
    self.checkoutFolder = checkoutFolder
    programFolder = URL(fileURLWithPath: executable).deletingLastPathComponent()
  }

  /// The program that runs.
  static var executable: String {
    let link = "/proc/self/exe"
    return (try? FileManager.default.destinationOfSymbolicLink(atPath: link))
      ?? CommandLine.arguments[0]
  }

  /// The installed one, else that of the nearest checkout above the program; nil where there is neither.
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

  /// Where it was looked for in vain.
  var absence: String {
    "there is no \(installed), and no folder above \(programFolder.path) has a Package.swift and "
      + "\(checkoutFolder)/\(name)"
  }

  private var installed: String {
    programFolder.appending(path: "../share/relief/\(name)").standardized.path
  }

  private func isFile(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
}
