import Foundation
import Rasters
import Scenes
import SwiftCSV

/// Rows of named cells out of a text file: CSV, also with semicolons or tabs, or an array of JSON objects (`.json`).
///
/// What isn't known is an error: a misspelt column would otherwise be a default.
struct TextTable {
  /// A row, and how a message calls it.
  struct Row {
    let place: String
    let cells: [String: String]
  }

  let rows: [Row]

  /// In a column that needn't be there, what stands for nothing.
  static let nothing = "-"

  /// - Parameters:
  ///   - path: The file.
  ///   - required: Columns that every row has.
  ///   - optional: Columns that may be there; `-` in them is the same as no cell.
  /// - Throws: `RasterError` of kind `.noInput` without such a file; `SceneError` naming the row for an unknown, missing
  ///   or repeated column, an empty cell, and a row that is longer or shorter than the header.
  init(reading path: String, required: [String], optional: [String]) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw RasterError(
        .noInput,
        "\(path) can't be read, expected a list as CSV or JSON; relief help pairs says how it looks"
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
          "\(row.place) has “\(odd)”, expected only \(known.joined(separator: ", "))")
      }
      if let missing = required.first(where: { row.cells[$0] == nil }) {
        throw SceneError(.badData, "\(row.place) lacks “\(missing)”")
      }
      if let empty = row.cells.keys.sorted().first(where: { row.cells[$0]?.isEmpty == true }) {
        throw SceneError(
          .badData,
          "\(row.place) has nothing under “\(empty)”"
            + (required.contains(empty) ? "" : "; “\(Self.nothing)” says that there is none"))
      }
    }
    rows = found.map { row in
      Row(
        place: row.place,
        cells: row.cells.filter { required.contains($0.key) || $0.value != Self.nothing })
    }
  }

  /// What separates the names of a header: commas, as in CSV, or the semicolons and tabs of spreadsheets.
  ///
  /// The one that finds most of the names; of several, the one that the file's name says.
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
        .badData, "\(path) isn't UTF-8 text: iconv -f LATIN1 -t UTF-8 makes it such")
    }
    let text = decoded.trimmingPrefix("\u{FEFF}")  // a mark of some spreadsheets
    let first = text.prefix { !$0.isNewline }
    let delimiter = Self.delimiter(of: first, required, path)
    var lines: [[String]] = []
    let header: [String]
    do {
      // Without its last newline SwiftCSV would lose an empty last cell.
      let ended = text.last?.isNewline == true ? String(text) : text + "\n"
      let csv = try EnumeratedCSV(string: ended, delimiter: delimiter, loadColumns: false)
      header = csv.header
      try csv.enumerateAsArray(startAt: 1, rowLimit: nil) { lines.append($0) }
    } catch {
      throw SceneError(.badData, "\(path) isn't well-formed: \(error)")
    }
    guard required.contains(where: header.contains) else {
      throw SceneError(
        .badData,
        "\(path) has no header: its first row is “\(first)”, expected the names of the columns, such as “"
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
          .badData, "\(place) has \(cells.count) cells, expected \(header.count) as the header has")
      }
      return Row(place: place, cells: Dictionary(uniqueKeysWithValues: zip(header, cells)))
    }
  }

  private static func objects(_ data: Data, _ path: String) throws -> [Row] {
    let value: Any
    do { value = try JSONSerialization.jsonObject(with: data) } catch {
      throw SceneError(.badData, "\(path) isn't well-formed JSON: \(error)")
    }
    guard let objects = value as? [[String: Any]] else {
      throw SceneError(.badData, "\(path) is no array of objects")
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
                "\(place): “\(key)” is \(value), expected text, a number or an array of whole numbers"
              )
            }
            return (key, text)
          }))
    }
  }

  /// A value as a cell has it: numbers of an array with semicolons between.
  private static func text(_ value: Any) -> String? {
    if let text = value as? String { return text }
    if let numbers = value as? [Int] {
      return numbers.map(String.init).joined(separator: ";")
    }
    return (value as? Int).map(String.init) ?? (value as? Double).map { "\($0)" }
  }

  /// Lines of CSV, quoted where they must be (RFC 4180).
  static func csv(header: [String], rows: [[String]]) -> String {
    ([header] + rows).map { row in
      row.map { cell in
        guard cell.contains(where: { ",\"\n\r".contains($0) || $0 == "\r\n" }) else { return cell }
        return "\"" + cell.replacingOccurrences(of: "\"", with: "\"\"") + "\""
      }.joined(separator: ",")
    }.joined(separator: "\n") + "\n"
  }
}
