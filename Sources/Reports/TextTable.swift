import Foundation
import Rasters
import Scenes
import SwiftCSV

/// Rows of named cells read from CSV, with commas, semicolons or tabs, or from an array of JSON objects (`.json`).
///
/// Unknown columns are errors: a misspelled column name would otherwise silently use a default.
package struct TextTable {
  /// A row and its location for messages.
  package struct Row {
    package let place: String
    package let cells: [String: String]
  }

  package let rows: [Row]

  /// The placeholder for "no value" in an optional column.
  package static let nothing = "-"

  /// Reads a table.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - required: Columns that every row must have.
  ///   - optional: Columns that may be present; `-` means no value.
  /// - Throws: `RasterError` of kind `.noInput` if the file cannot be read; `SceneError` that names the row for an
  ///   unknown, missing or repeated column, an empty cell, and a row that is longer or shorter than the header.
  package init(reading path: String, required: [String], optional: [String]) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw RasterError(
        .noInput,
        "\(path) cannot be read, expected a list as CSV or JSON; see relief help pairs for the format"
      )
    }
    let isJSON = path.lowercased().hasSuffix(".json")
    let found =
      try isJSON ? Self.objects(data, path) : Self.table(data, path, required)
    for row in found {
      let known = required + optional
      if let odd = row.cells.keys.sorted().first(where: { !known.contains($0) }) {
        throw SceneError(
          .badData,
          "\(row.place) has an unknown column “\(odd)”, expected only \(known.joined(separator: ", "))"
        )
      }
      if let missing = required.first(where: { row.cells[$0] == nil }) {
        throw SceneError(.badData, "\(row.place) lacks the column “\(missing)”")
      }
      if let empty = row.cells.keys.sorted().first(where: { row.cells[$0]?.isEmpty == true }) {
        throw SceneError(
          .badData,
          "\(row.place): column “\(empty)” is empty"
            + (required.contains(empty) ? "" : "; use “\(Self.nothing)” for none"))
      }
    }
    rows = found.map { row in
      Row(
        place: row.place,
        cells: row.cells.filter { required.contains($0.key) || $0.value != Self.nothing })
    }
  }

  /// Returns the delimiter of a header: a comma, as in CSV, or a semicolon or tab, as spreadsheets write.
  ///
  /// Chooses the delimiter that finds most required names; a tie is resolved by the file name extension.
  private static func delimiter(
    of header: Substring, _ required: [String], _ path: String
  ) -> CSVDelimiter {
    let choices: [(CSVDelimiter, Character)] = [(.comma, ","), (.semicolon, ";"), (.tab, "\t")]
    let found = choices.map { delimiter, character in
      let names = header.split(separator: character).map { $0.filter { $0 != "\"" } }
      return (delimiter, required.count { names.contains($0) })
    }
    let most = found.map(\.1).max() ?? 0
    let usual: CSVDelimiter = path.lowercased().hasSuffix(".tsv") ? .tab : .comma
    let best = found.filter { $0.1 == most }.map(\.0)
    return best.contains(usual) ? usual : best[0]
  }

  private static func table(
    _ data: Data, _ path: String, _ required: [String]
  ) throws -> [Row] {
    guard let decoded = String(data: data, encoding: .utf8) else {
      throw SceneError(
        .badData, "\(path) is not UTF-8 text: convert it with iconv -f LATIN1 -t UTF-8")
    }
    let text = decoded.trimmingPrefix("\u{FEFF}")  // a byte order mark written by some spreadsheets
    let first = text.prefix { !$0.isNewline }
    let delimiter = Self.delimiter(of: first, required, path)
    var lines: [[String]] = []
    let header: [String]
    do {
      // Without a final newline, SwiftCSV would drop an empty last cell.
      let ended = text.last?.isNewline == true ? String(text) : text + "\n"
      let csv = try EnumeratedCSV(string: ended, delimiter: delimiter, loadColumns: false)
      header = csv.header
      try csv.enumerateAsArray(startAt: 1, rowLimit: nil) { lines.append($0) }
    } catch {
      throw SceneError(.badData, "\(path) is not well-formed CSV: \(error)")
    }
    guard required.contains(where: header.contains) else {
      throw SceneError(
        .badData,
        "\(path) has no header: its first row is “\(first)”, expected column names such as “"
          + required.joined(separator: ",") + "”")
    }
    let repeated = Dictionary(grouping: header, by: \.self).filter { $0.value.count > 1 }
    if let name = repeated.keys.min() {
      throw SceneError(.badData, "\(path) has two columns “\(name)”")
    }
    return try lines.enumerated().compactMap { index, cells in
      guard cells != [""] else { return nil }  // an empty line
      let place = "\(path), row \(index + 1)"
      guard cells.count == header.count else {
        throw SceneError(
          .badData, "\(place) has \(cells.count) cells, expected \(header.count) as in the header")
      }
      return Row(place: place, cells: Dictionary(uniqueKeysWithValues: zip(header, cells)))
    }
  }

  private static func objects(_ data: Data, _ path: String) throws -> [Row] {
    let value: Any
    do { value = try JSONSerialization.jsonObject(with: data) } catch {
      throw SceneError(.badData, "\(path) is not well-formed JSON: \(error)")
    }
    guard let objects = value as? [[String: Any]] else {
      throw SceneError(.badData, "\(path) is not an array of objects")
    }
    return try objects.enumerated().map { index, object in
      let place = "\(path), item \(index + 1)"
      return Row(
        place: place,
        cells: try Dictionary(
          uniqueKeysWithValues: object.map { key, value in
            guard let text = Self.text(value) else {
              throw SceneError(
                .badData,
                "\(place): “\(key)” is \(value), expected text, a number or an array of integers"
              )
            }
            return (key, text)
          }))
    }
  }

  /// Converts a JSON value to the text of a CSV cell; numbers of an array are joined with semicolons.
  private static func text(_ value: Any) -> String? {
    if let text = value as? String { return text }
    if let numbers = value as? [Int] {
      return numbers.map(String.init).joined(separator: ";")
    }
    return (value as? Int).map(String.init) ?? (value as? Double).map { "\($0)" }
  }

  /// Returns CSV text, with quotes where required (RFC 4180).
  package static func csv(header: [String], rows: [[String]]) -> String {
    ([header] + rows).map { row in
      row.map { cell in
        guard cell.contains(where: { ",\"\n\r".contains($0) || $0 == "\r\n" }) else { return cell }
        return "\"" + cell.replacingOccurrences(of: "\"", with: "\"\"") + "\""
      }.joined(separator: ",")
    }.joined(separator: "\n") + "\n"
  }
}
