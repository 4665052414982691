import Foundation
import Mustache
package import Rasters

/// A self-contained HTML page, with its style, pictures and charts.
///
/// Templates use Mustache: `{{name}}` is escaped, `{{{name}}}` is inserted as markup.
package enum ReportPage {
  /// Renders a template as the body of the page.
  ///
  /// - Parameters:
  ///   - title: The title of the page.
  ///   - template: The Mustache template of the body.
  ///   - content: The values of the template.
  /// - Returns: HTML.
  /// - Throws: An error of Mustache if the template is invalid.
  package static func render(title: String, template: String, _ content: [String: Any]) throws
    -> String
  {
    let body = try MustacheTemplate(string: template).render(content)
    return try MustacheTemplate(string: shell).render(["title": title, "body": body])
  }

  /// Returns a picture as a data URL for the `src` attribute of an `img` element.
  package static func source(_ picture: Picture) throws -> String {
    "data:image/png;base64," + Data(try picture.png()).base64EncodedString()
  }

  private static let shell = """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="generator" content="relief">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>{{title}}</title>
    <style>
    body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem;
      color: #1d2528; background: #fff; }
    h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; margin-top: 2.5rem; } h3 { font-size: 1.05rem; }
    table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }
    th, td { padding: .25rem .7rem; text-align: right; border-bottom: 1px solid #dde3e5; vertical-align: top; }
    th:first-child, td:first-child { text-align: left; }
    thead th { border-bottom: 2px solid #8b989d; font-weight: 600; }
    td.text, th.text { text-align: left; }
    small, .note { color: #5b686d; } small { white-space: nowrap; }
    .pictures { display: flex; flex-wrap: wrap; gap: 1rem; }
    figure { margin: 0; } figcaption { color: #5b686d; font-size: .87rem; max-width: 24rem; }
    img { display: block; max-width: 24rem; image-rendering: auto; background: #eef1f2; }
    .wide { overflow-x: auto; }
    .error { color: #a3261b; font-weight: 600; } .warning { color: #8a5a00; font-weight: 600; }
    .good { color: #1f6b3a; }
    svg text { font: 11px system-ui, sans-serif; fill: #3b474b; }
    </style>
    </head>
    <body>
    {{{body}}}
    </body>
    </html>

    """
}
