import Foundation

/// The words of an SVG page as `text` elements, which can be searched, edited and read aloud; cairo would write the
/// outlines of their letters.
///
/// They stand behind everything else in the file, and so above it on the page.
final class SVGText {
    private var elements = ""

    /// Adds a line of text.
    ///
    /// - Parameter width: how wide the line is in DejaVu Sans; another font is stretched to it.
    func add(
        _ text: String, at position: Point, _ font: Font, _ color: Color, alignment: TextAlignment,
        quarterTurns: Int, halo: Color?, width: Double
    ) {
        guard !text.isEmpty else { return }
        let (x, y) = (Self.number(position.x), Self.number(position.y))
        elements += "<text x=\"\(x)\" y=\"\(y)\" font-size=\"\(Self.number(font.size))\""
        if font.isBold { elements += " font-weight=\"bold\"" }
        switch alignment {
        case .leading: break
        case .center: elements += " text-anchor=\"middle\""
        case .trailing: elements += " text-anchor=\"end\""
        }
        elements += " textLength=\"\(Self.number(width))\" lengthAdjust=\"spacingAndGlyphs\""
        if quarterTurns % 4 != 0 { elements += " transform=\"rotate(\(-90 * quarterTurns) \(x) \(y))\"" }
        elements += Self.paint("fill", color)
        if let halo {
            elements += Self.paint("stroke", halo)
            elements += " stroke-width=\"\(Self.number(font.size * 0.3))\" stroke-linejoin=\"round\""
            elements += " paint-order=\"stroke\""
        }
        elements += ">\(Self.escaped(text))</text>\n"
    }

    /// The file that cairo wrote, with the words, and with a title and a description where there are any.
    func inserted(into file: [UInt8], title: String, description: String) -> [UInt8] {
        let page = String(decoding: file, as: UTF8.self)
        guard let root = page.range(of: "<svg "), let end = page[root.upperBound...].firstIndex(of: ">"),
            let close = page.range(of: "</svg>", options: .backwards)
        else { return file }
        var result = String(page[..<root.upperBound])
        if !title.isEmpty || !description.isEmpty { result += "role=\"img\" " }
        result += page[root.upperBound...end]
        if !title.isEmpty { result += "\n<title>\(Self.escaped(title))</title>" }
        if !description.isEmpty { result += "\n<desc>\(Self.escaped(description))</desc>" }
        result += page[page.index(after: end)..<close.lowerBound]
        if !elements.isEmpty {
            result += "<g font-family=\"DejaVu Sans, Verdana, Arial, sans-serif\">\n\(elements)</g>\n"
        }
        result += page[close.lowerBound...]
        return Array(result.utf8)
    }

    private static func paint(_ name: String, _ color: Color) -> String {
        func byte(_ x: Double) -> Int { Int((min(max(x, 0), 1) * 255).rounded()) }
        let opacity = color.alpha < 1 ? " \(name)-opacity=\"\(number(color.alpha))\"" : ""
        return " \(name)=\"rgb(\(byte(color.red)),\(byte(color.green)),\(byte(color.blue)))\"\(opacity)"
    }

    /// A thousandth of a point is finer than any printer.
    private static func number(_ x: Double) -> String {
        let thousandths = Int((x * 1000).rounded())
        if thousandths % 1000 == 0 { return "\(thousandths / 1000)" }
        let sign = thousandths < 0 ? "-" : ""
        let digits = String(1000 + abs(thousandths) % 1000).dropFirst()
        return "\(sign)\(abs(thousandths) / 1000).\(digits)"
    }

    /// Text as XML allows it: no markup, and no character that XML forbids.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\t", "\n", "\r": result += " "
            default:
                let isForbidden = scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF
                result.unicodeScalars.append(isForbidden ? "\u{FFFD}" : scalar)
            }
        }
        return result
    }
}
