import CoveyCore

/// Takes a text of separated values apart, record by record (RFC 4180).
struct RecordReader {
    /// A row as it was read.
    struct Record {
        /// The cells, without quotes, bare ones without the blanks around them.
        var cells: [String]
        /// The line on which it begins.
        let line: Int
        /// Whether the line holds nothing but white space.
        let isBlank: Bool
    }

    private let bytes: [UInt8]
    private let separator: UInt8
    private let source: String
    private let allowsLineEnds: Bool
    private var at: Int
    private var line: Int

    private static let quote = UInt8(ascii: "\"")
    private static let lineEnd = UInt8(ascii: "\n")

    init(
        _ bytes: [UInt8], from start: Int, line: Int, separator: UInt8, source: String, allowsLineEnds: Bool
    ) {
        (self.bytes, self.separator, self.source) = (bytes, separator, source)
        self.allowsLineEnds = allowsLineEnds
        (at, self.line) = (start, line)
    }

    /// The next record; `nil` at the end of the text.
    mutating func next() throws(FormatError) -> Record? {
        guard at < bytes.count else { return nil }
        let first = line
        let start = at
        var cells: [String] = []
        while true {
            cells.append(try cell())
            let isSeparated = at < bytes.count && bytes[at] == separator
            if isSeparated {
                at += 1
                continue
            }
            let isBlank = bytes[start..<at].allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) }
            if at < bytes.count {
                at += 1
                line += 1
            }
            return Record(cells: cells, line: first, isBlank: isBlank)
        }
    }

    /// One cell; leaves `at` on the separator or the line end behind it.
    private mutating func cell() throws(FormatError) -> String {
        guard at < bytes.count, bytes[at] == Self.quote else { return try bareCell() }
        let opening = line
        at += 1
        var content: [UInt8] = []
        while true {
            guard at < bytes.count, allowsLineEnds || bytes[at] != Self.lineEnd else {
                throw fault(
                    opening,
                    allowsLineEnds
                        ? "opens a quote that never closes; a field with a quote is written \"...\"\"...\""
                        : "has a quote that does not close on its line")
            }
            if bytes[at] == Self.quote {
                at += 1
                guard at < bytes.count, bytes[at] == Self.quote else { break }
            }
            if bytes[at] == Self.lineEnd { line += 1 }
            content.append(bytes[at])
            at += 1
        }
        guard at == bytes.count || bytes[at] == separator || bytes[at] == Self.lineEnd else {
            throw fault(
                line,
                "has text after a closing quote" + (line > opening ? " (opened on line \(opening))" : ""))
        }
        return String(decoding: content, as: UTF8.self)
    }

    private mutating func bareCell() throws(FormatError) -> String {
        let start = at
        while at < bytes.count, bytes[at] != separator, bytes[at] != Self.lineEnd {
            guard bytes[at] != Self.quote else { throw fault(line, "has a quote in the middle of a field") }
            at += 1
        }
        var part = bytes[start..<at]
        while part.first == 0x20 { part.removeFirst() }
        while part.last == 0x20 { part.removeLast() }
        return String(decoding: part, as: UTF8.self)
    }

    private func fault(_ line: Int, _ reason: String) -> FormatError {
        FormatError(source, .badText(line: line, reason))
    }
}
