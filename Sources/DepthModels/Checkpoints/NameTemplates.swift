/// Rules that translate tensor names by their prefixes; `#` matches any number.
struct NameTemplates {
  typealias Parts = [Substring]

  private let templates: [(source: Parts, target: Parts)]

  init(_ templates: [(String, String)]) {
    self.templates = templates.map { ($0.0.split(separator: "."), $0.1.split(separator: ".")) }
  }

  /// Returns the name translated by the first matching rule, with its suffix unchanged; nil if no rule matches.
  func renamed(_ name: Parts) -> Parts? {
    for (source, target) in templates {
      guard let match = Self.match(name, to: source) else { continue }
      var numbers = match.numbers[...]
      return target.map { $0 == "#" ? numbers.removeFirst() : $0 } + match.rest
    }
    return nil
  }

  /// Returns the matched numbers and the remaining parts if `name` begins with the template's parts; otherwise nil.
  private static func match(_ name: Parts, to template: Parts) -> (numbers: Parts, rest: Parts)? {
    guard name.count >= template.count else { return nil }
    var numbers: Parts = []
    for (part, expected) in zip(name, template) {
      if expected == "#", part.allSatisfy(\.isNumber) {
        numbers.append(part)
      } else if part != expected {
        return nil
      }
    }
    return (numbers, Array(name.dropFirst(template.count)))
  }
}
