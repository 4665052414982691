import DepthModels
import Foundation
import TestModels

/// A whole bundle with weights by formula: `formula-bundle official|tiny FOLDER`.
///
/// Its heights mean nothing. Speed, memory and the way through are those of a trained bundle of that size.
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
