import CoveyCore

/// Text as HTML shows it: what has a meaning in HTML, in content and between double quotes, is escaped, and
/// control characters are dropped.
func escaped(_ text: some StringProtocol) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "&": result += "&amp;"
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        case "\"": result += "&quot;"
        case "'": result += "&#39;"
        case "\n", "\t": result.unicodeScalars.append(scalar)
        case "\u{0}"..<"\u{20}", "\u{7F}"..<"\u{A0}", "\u{202A}"..<"\u{202F}", "\u{2066}"..<"\u{206A}":
            continue
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}

/// A picture as an address that holds it, to stand between double quotes: text as it is but for what means something
/// else in an address or in HTML. Three quarters of what base64 takes, as the pixels within are in base64 already.
public func dataAddress(ofSVG bytes: [UInt8]) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var result = Array("data:image/svg+xml,".utf8)
    result.reserveCapacity(bytes.count + bytes.count / 8)
    for byte in bytes {
        switch byte {
        // Space, ", #, %, &, ', <, > and whatever is not printable ASCII.
        case ...32, 34, 35, 37, 38, 39, 60, 62, 127...:
            result += [37, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        default: result.append(byte)
        }
    }
    return String(decoding: result, as: UTF8.self)
}

/// An element around HTML that is ready.
func element(_ name: String, _ attributes: [(String, String)] = [], _ content: String) -> String {
    "<\(name)\(attributes.map { " \($0)=\"\(escaped($1))\"" }.joined())>\(content)</\(name)>"
}

/// An element around plain text.
func textElement(_ name: String, _ attributes: [(String, String)] = [], _ text: String) -> String {
    element(name, attributes, escaped(text))
}

/// A table with a caption, column headings and rows of plain text; cells that are numbers are aligned to the
/// right, and the first cell of a row is its heading.
func plainTable(_ caption: String, _ columns: [String], _ rows: [[String]]) -> String {
    let head = columns.enumerated().map { index, name in
        let cells = rows.map { $0[index] }.filter { !$0.isEmpty }
        let isNumeric = index > 0 && !cells.isEmpty && cells.allSatisfy(isNumber)
        return textElement("th", [("scope", "col")] + (isNumeric ? [("class", "number")] : []), name)
    }.joined()
    let body = rows.map { row in
        let cells = row.enumerated().map { index, cell in
            index == 0 ? textElement("th", [("scope", "row")], cell) : numberCell(cell)
        }
        return element("tr", [], cells.joined())
    }
    return element(
        "div", [("class", "scroll"), ("tabindex", "0"), ("role", "region"), ("aria-label", caption)],
        element(
            "table", [],
            textElement("caption", [], caption) + element("thead", [], element("tr", [], head))
                + element("tbody", [], body.joined())))
}

/// A cell, aligned to the right where it is a number.
func numberCell(_ cell: String) -> String {
    let name = cellClass(cell)
    return textElement("td", name.isEmpty ? [] : [("class", name)], cell)
}

/// How a cell is set: numbers to the right; sentences may break, names and intervals keep to one line.
func cellClass(_ cell: String) -> String { isNumber(cell) ? "number" : cell.count > 28 ? "words" : "" }

/// Whether a cell is a number.
func isNumber(_ cell: String) -> Bool { decimalNumber(cell.replacing("−", with: "-")) != nil }

/// A number with a true minus sign.
func minus(_ text: String) -> String { text.hasPrefix("-") ? "−" + text.dropFirst() : text }

/// A number for a reader: so many significant digits.
func readable(_ value: Double, digits: Int = 3) -> String {
    value == 0 ? "0" : value.isFinite ? minus(significant(value, digits: digits)) : "n/a"
}
