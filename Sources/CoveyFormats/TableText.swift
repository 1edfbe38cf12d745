import CoveyCore

/// The text of a table: UTF-8 bytes without a byte-order mark, lines ended by LF alone.
struct TableText {
    let bytes: [UInt8]

    init(
        _ raw: [UInt8], _ source: String, _ dialect: TableDialect, _ notes: inout [Note]
    ) throws(FormatError) {
        guard !raw.isEmpty else { throw FormatError(source, .empty) }
        func fail(_ reason: String) -> FormatError { FormatError(source, .badText(line: nil, reason)) }
        var content = raw
        if raw.starts(with: [0xFF, 0xFE]) || raw.starts(with: [0xFE, 0xFF]) {
            guard dialect == .spreadsheet else {
                throw fail("encoded as UTF-16; save the table as UTF-8 text")
            }
            guard let decoded = Self.decodedUTF16(raw) else {
                throw fail("begins as UTF-16 and is damaged; save the table as UTF-8 text")
            }
            content = Array(decoded.utf8)
            notes.append(.information("\(quoted(source)) is encoded as UTF-16"))
        }
        if let zero = content.firstIndex(of: 0) {
            let line = content[..<zero].count { $0 == 0x0A } + 1
            throw FormatError(
                source, .badText(line: line, "holds a NUL character: binary data or UTF-16, not UTF-8 text"))
        }
        if content.starts(with: [0xEF, 0xBB, 0xBF]) { content.removeFirst(3) }
        guard String(validating: content, as: UTF8.self) != nil else {
            throw fail("not UTF-8 text (another encoding or binary data); save the table as UTF-8")
        }
        var plain: [UInt8] = []
        plain.reserveCapacity(content.count)
        var line = 1
        for place in content.indices {
            if content[place] == 0x0D {
                let next = place + 1 < content.count ? content[place + 1] : 0x0A
                guard next == 0x0A else {
                    throw FormatError(
                        source,
                        .badText(
                            line: line,
                            "has a carriage return (CR) that ends no line; save the table with LF line ends"))
                }
                continue
            }
            if content[place] == 0x0A { line += 1 }
            plain.append(content[place])
        }
        var end = plain.count
        while end > 0, [0x20, 0x09, 0x0A, 0x0B, 0x0C].contains(plain[end - 1]) { end -= 1 }
        // The cells of the last line are kept, empty ones too: only whole blank lines go.
        if let lineEnd = plain[end...].firstIndex(of: 0x0A) { plain.removeSubrange(lineEnd...) }
        bytes = plain
    }

    /// UTF-16 with a byte-order mark as text; `nil` where it is damaged.
    private static func decodedUTF16(_ raw: [UInt8]) -> String? {
        guard raw.count % 2 == 0 else { return nil }
        let isLittle = raw[0] == 0xFF
        let units = stride(from: 2, to: raw.count, by: 2).map { place in
            let (first, second) = (UInt16(raw[place]), UInt16(raw[place + 1]))
            return isLittle ? second << 8 | first : first << 8 | second
        }
        return String(validating: units, as: UTF16.self)
    }
}

/// What stands between the cells of a table, found in its header.
struct TableSeparator {
    let byte: UInt8
    /// Where the header begins, after a line `sep=;` of Excel's.
    let headerOffset: Int
    /// The line of the header.
    let headerLine: Int

    init(
        _ text: TableText, _ source: String, _ dialect: TableDialect, _ notes: inout [Note]
    ) throws(FormatError) {
        let bytes = text.bytes
        let (tab, comma, semicolon) = (UInt8(ascii: "\t"), UInt8(ascii: ","), UInt8(ascii: ";"))
        let lower = source.lowercased()
        if dialect == .spreadsheet, bytes.count > 4, bytes.starts(with: Array("sep=".utf8)),
            bytes.count == 5 || bytes[5] == 0x0A
        {
            (byte, headerOffset, headerLine) = (bytes[4], min(6, bytes.count), 2)
            return
        }
        (headerOffset, headerLine) = (0, 1)
        // Separators within quotes are part of a name.
        var counts: [UInt8: Int] = [:]
        var isQuoted = false
        for byte in bytes {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if isQuoted { continue }
            if byte == 0x0A { break }
            counts[byte, default: 0] += 1
        }
        if counts[tab] != nil {
            if lower.hasSuffix(".csv") {
                notes.append(.information("\(quoted(source)) is read as tab-separated: its header has tabs"))
            }
            byte = tab
        } else if dialect == .spreadsheet, let semicolons = counts[semicolon], semicolons > counts[comma] ?? 0
        {
            notes.append(.information("\(quoted(source)) is read as semicolon-separated, for lack of tabs"))
            byte = semicolon
        } else if counts[comma] != nil {
            if !lower.hasSuffix(".csv") {
                notes.append(.information("\(quoted(source)) is read as comma-separated, for lack of tabs"))
            }
            byte = comma
        } else {
            for (character, name) in [(semicolon, "semicolons (;)"), (UInt8(ascii: " "), "spaces")]
            where counts[character] != nil {
                throw FormatError(
                    source,
                    .badText(
                        line: 1, "looks separated by \(name); use a tab (or comma) as the column separator"))
            }
            byte = tab
        }
    }
}
