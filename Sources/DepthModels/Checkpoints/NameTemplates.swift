/// Names of tensors and what they become, by their beginnings; `#` stands for any number.
struct NameTemplates {
  typealias Parts = [Substring]

  private let templates: [(theirs: Parts, ours: Parts)]

  init(_ templates: [(String, String)]) {
    self.templates = templates.map { ($0.0.split(separator: "."), $0.1.split(separator: ".")) }
  }

  /// The name under the first template that fits, with its end as it was.
  func renamed(_ name: Parts) -> Parts? {
    for (theirs, ours) in templates {
      guard let match = Self.match(name, to: theirs) else { continue }
      var numbers = match.numbers[...]
      return ours.map { $0 == "#" ? numbers.removeFirst() : $0 } + match.rest
    }
    return nil
  }

  /// Whether `name` begins with the template's parts.
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
