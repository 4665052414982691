import DepthModels
import Foundation
import TestModels

/// Writes a complete bundle with formula weights: `formula-bundle official|tiny FOLDER`.
///
/// Its heights have no meaning. Speed, memory and code paths are those of a trained bundle of the same size.
@main struct FormulaBundle {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 3, let kind = FormulaBundleKind(rawValue: arguments[1]) else {
      return print("usage: formula-bundle official|tiny FOLDER")
    }
    let bundle = try kind.write(to: arguments[2])
    print("\(bundle.directory): \(bundle.hash)")
  }
}
