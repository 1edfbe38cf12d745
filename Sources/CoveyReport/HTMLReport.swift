import CoveyCore
import Crypto

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A report as one HTML file.
///
/// The file needs nothing else: no network, no server, no other file; a policy in its head forbids every
/// connection and every script but its own. All text of the content is escaped. Equal content and images give
/// equal bytes.
public enum HTMLReport {
    /// What a page should not exceed, so that it can be mailed.
    public static let byteLimit = 5_000_000

    /// What an SVG file takes in the page, in bytes.
    public static func byteCount(ofFigure bytes: [UInt8]) -> Int { dataAddress(ofSVG: bytes).utf8.count }

    /// The page.
    public static func render(_ content: ReportContent, _ images: ReportImages) -> String {
        var images = images
        images.pack(content)
        var blocks = Blocks()
        let data = ViewerData(content, images, into: &blocks).json()
        let script =
            asset(PackageResources.decode_js) + asset(PackageResources.slices_js)
            + asset(PackageResources.scatter_js) + asset(PackageResources.bounds_js)
            + asset(PackageResources.viewer_js)
            + asset(PackageResources.page_js)
        let sheet = asset(PackageResources.report_css)
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="\(policy(script: script, sheet: sheet))">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="referrer" content="no-referrer">
            <meta name="color-scheme" content="light dark">
            <meta name="generator" content="\(escaped(content.software))">
            <title>\(escaped(content.title))</title>
            <style>\(sheet)</style>
            </head>
            <body>
            <a class="skip" href="#main">Skip to the answers</a>
            \(header(content))
            <main id="main">
            \(answers(content))
            \(modelSection(content))
            \(content.contrasts.enumerated().map { contrast($1, number: $0, content, images) }.joined(separator: "\n"))
            \(methodsSection(content))
            \(itemsSection(content))
            </main>
            <footer><p>Made by \(escaped(content.software)) from the analysis itself; the page holds everything it \
            shows and opens no connection.</p></footer>
            <script type="application/json" id="data">\(data)</script>
            \(blocks.elements.joined(separator: "\n"))
            <script>\(script)</script>
            </body>
            </html>

            """
    }

    private static func header(_ content: ReportContent) -> String {
        let links =
            [("answers", "Answers"), ("model", "Model and subjects")]
            + content.contrasts.enumerated().map { ("contrast-\($0)", short($1.name, 32)) }
            + [("methods", "Methods"), ("items", "Reporting checklist")]
        let list = links.map { element("li", [], textElement("a", [("href", "#\($0)")], $1)) }.joined()
        return element(
            "header", [],
            textElement("p", [("class", "software")], content.software)
                + textElement("h1", [], content.title)
                + content.overview.map { textElement("p", [], $0) }.joined()
                + element("nav", [("aria-label", "Contents")], element("ul", [], list)))
    }

    private static func answers(_ content: ReportContent) -> String {
        let answers = content.contrasts.enumerated().map { number, contrast in
            element(
                "li", [],
                element(
                    "a", [("href", "#contrast-\(number)"), ("class", "name")], escaped(contrast.name))
                    + textElement("p", [("class", "answer")], contrast.answer))
        }
        let warnings = content.notes.filter { $0.severity == .warning }
        return element(
            "section", [("id", "answers"), ("aria-labelledby", "answers-title")],
            textElement("h2", [("id", "answers-title")], "Answers")
                + element("ul", [("class", "answers")], answers.joined())
                + (warnings.isEmpty
                    ? ""
                    : textElement("h3", [], "Know before you read on")
                        + element(
                            "ul", [("class", "warnings")],
                            warnings.map { textElement("li", [], sentence($0.text)) }.joined())))
    }

    /// Scripts and styles by their hashes, pictures from the page itself, nothing else.
    private static func policy(script: String, sheet: String) -> String {
        "default-src 'none'; img-src data:; script-src 'sha256-\(hash(script))'; "
            + "style-src 'sha256-\(hash(sheet))'; base-uri 'none'; form-action 'none'"
    }

    private static func hash(_ text: String) -> String {
        Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString()
    }

    /// A resource of the module as text; it holds no `</script`, which would end the element it stands in.
    private static func asset(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

/// A sentence with a capital and a full stop; a symbol of one letter at its start, as t, stays as it is.
func sentence(_ text: String) -> String {
    guard let first = text.first else { return text }
    let isWord = text.dropFirst().first?.isLetter == true
    let whole = (isWord ? first.uppercased() : String(first)) + text.dropFirst()
    return whole.last.map { ".!?:".contains($0) } == true ? whole : whole + "."
}
