import CoveyCanvas
import CoveyImaging
import Foundation
import Testing

@testable import CoveyFigures

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite("Words in vector files")
struct VectorTextTests {
    func figure() -> SliceFigure {
        var figure = SliceFigure(
            planted([(VoxelIndex(20, 30, 20), 5)]), threshold: 3, title: "Left < right & \u{1}\"quoted\"",
            label: "−log₁₀ p (FWE)", background: .none)
        figure.style.dotsPerInch = 60
        figure.style.sliceDotsPerInch = 60
        return figure
    }

    @Test("the words of an SVG are text, in well-formed XML, with a title and a description")
    func svg() throws {
        let bytes = try figure().render(.svg)
        let reader = XMLWords()
        let parser = XMLParser(data: Data(bytes))
        parser.delegate = reader
        #expect(parser.parse(), "\(String(describing: parser.parserError))")
        #expect(reader.texts.contains("Left < right & \u{FFFD}\"quoted\""))
        #expect(reader.texts.contains("−log₁₀ p (FWE)"))
        #expect(reader.texts.count { $0 == "L" } == 2 && reader.texts.count { $0 == "R" } == 2)
        #expect(reader.texts.contains { $0.hasPrefix("x = ") && $0.hasSuffix(" mm") })
        #expect(reader.title == "Left < right & \u{FFFD}\"quoted\"")
        #expect(reader.words.contains("drawn from a magnitude of 3 on"))
        #expect(reader.words.contains("slices at x = "))
        #expect(reader.role == "img")
        // No glyph is left as an outline.
        #expect(!String(decoding: bytes, as: UTF8.self).contains("<symbol"))
    }

    @Test("words stand where the page has room for them, whatever the reader's font")
    func widths() throws {
        var figure = figure()
        figure.title = "An ordinary title"
        let reader = XMLWords()
        let parser = XMLParser(data: Data(try figure.render(.svg)))
        parser.delegate = reader
        #expect(parser.parse())
        for (text, width) in zip(reader.texts, reader.lengths) {
            let sizes = [FigureLayout.titleFont, FigureLayout.labelFont, FigureLayout.tickFont]
            #expect(sizes.contains { abs(Canvas.width(of: text, $0) - width) < 0.01 }, "\(text): \(width)")
        }
    }

    @Test("a PDF holds its words as text in an embedded font, and its title")
    func pdf() throws {
        let file = String(decoding: try figure().render(.pdf), as: Unicode.ASCII.self)
        #expect(file.contains("/FontFile") && file.contains("/ToUnicode"))
        #expect(file.contains("/Title"))
    }
}

/// Reads the text elements of an SVG.
private final class XMLWords: NSObject, XMLParserDelegate {
    var texts: [String] = []
    var lengths: [Double] = []
    var title = ""
    var words = ""
    var role = ""
    private var element = ""

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        element = name
        if name == "svg" { role = attributes["role"] ?? "" }
        if name == "text" {
            texts.append("")
            lengths.append(attributes["textLength"].flatMap(Double.init) ?? .nan)
        }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
        switch element {
        case "text": texts[texts.count - 1] += string
        case "title": title += string
        case "desc": words += string
        default: break
        }
    }

    func parser(
        _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
    ) {
        element = ""
    }
}
