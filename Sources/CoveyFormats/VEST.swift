public import CoveyCore

/// A file of FSL's VEST format: a design matrix (`.mat`), contrasts (`.con`), F tests (`.fts`) or groups
/// (`.grp`). Header lines `/Key value` come before `/Matrix`, and one line of numbers per row after it.
///
/// In a `.mat` rows are subjects (`/NumPoints`) and columns regressors (`/NumWaves`); in a `.con` rows are
/// contrasts (`/NumContrasts`) with one weight per regressor; in a `.fts` rows are F tests with a 0 or 1 per
/// contrast. The peak-to-peak heights of the columns (`/PPheights`) and required effects are for display only;
/// they are written, and ignored when read.
public struct VEST: Sendable, Hashable {
    /// What the rows of a file are.
    public enum Kind: Sendable, Hashable, CaseIterable {
        /// Subjects: `.mat`.
        case design
        /// Contrasts: `.con`.
        case contrasts
        /// F tests: `.fts`.
        case fTests
        /// The group of each subject: `.grp`.
        case groups
    }

    /// The numbers.
    public let matrix: Matrix
    /// The names of the contrasts, row by row (`/ContrastName1`); "" for rows without one. Empty for a file
    /// without names.
    public let contrastNames: [String]

    /// A file's content.
    ///
    /// - Precondition: there are no names or one per row, and none has a line break.
    public init(matrix: Matrix, contrastNames: [String] = []) {
        precondition(contrastNames.isEmpty || contrastNames.count == matrix.rows, "one name per row")
        precondition(contrastNames.allSatisfy { !$0.contains(where: \.isNewline) }, "a name of one line")
        self.matrix = matrix
        self.contrastNames = contrastNames
    }

    /// Files above this many bytes are refused.
    public static let maximumByteCount = 64 << 20

    /// Reads a file.
    ///
    /// - Throws: ``FormatError`` naming the line.
    public static func read(_ path: String) throws(FormatError) -> VEST {
        let bytes = try wholeFile(path, limit: maximumByteCount)
        return try parse(bytes, source: path)
    }

    /// Parses the bytes of a file.
    public static func parse(_ bytes: [UInt8], source: String) throws(FormatError) -> VEST {
        func fault(_ line: Int?, _ text: String) -> FormatError {
            FormatError(source, .badText(line: line, text))
        }
        guard let text = String(validating: bytes, as: UTF8.self), !text.contains("\u{0}") else {
            throw fault(nil, "is not text in UTF-8")
        }
        // Each header value with the line it stands on.
        var header: [String: (line: Int, value: String)] = [:]
        var rows: [[Double]] = []
        var inMatrix = false
        for (index, whole) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .enumerated()
        {
            let line = index + 1
            let cells = whole.split(whereSeparator: \.isWhitespace)
            guard let first = cells.first else { continue }
            if inMatrix {
                var row: [Double] = []
                for cell in cells {
                    guard let value = decimalNumber(cell) else {
                        throw fault(line, "\(quoted(cell)) is not a finite decimal number")
                    }
                    row.append(value)
                }
                if let width = rows.first?.count, width != row.count {
                    throw fault(line, "the row has \(row.count) numbers, the rows before it \(width)")
                }
                rows.append(row)
            } else if first == "/Matrix" {
                inMatrix = true
            } else if first.hasPrefix("/") {
                let rest = whole.drop(while: \.isWhitespace).dropFirst(first.count)
                let value = String(rest.drop(while: \.isWhitespace))
                guard header.updateValue((line, value), forKey: String(first.dropFirst())) == nil else {
                    throw fault(line, "\(quoted(first)) stands there a second time")
                }
            } else {
                throw fault(
                    line, "\(quoted(first)) stands before /Matrix and is no header line, which begins with /")
            }
        }
        guard inMatrix else { throw fault(nil, "has no line /Matrix: it is not an FSL VEST file") }
        guard let width = rows.first?.count else {
            throw fault(nil, "the matrix is empty: no rows after /Matrix")
        }
        func check(_ key: String, _ found: Int, _ what: String) throws(FormatError) {
            guard let (line, value) = header[key] else { return }
            guard value.split(whereSeparator: \.isWhitespace).first.flatMap({ Int($0) }) == found else {
                throw fault(line, "/\(key) says \(quoted(value)), the matrix has \(found) \(what)")
            }
        }
        try check("NumWaves", width, "columns")
        try check(header["NumContrasts"] == nil ? "NumPoints" : "NumContrasts", rows.count, "rows")
        var names: [String] = []
        for (key, (line, value)) in header where key.hasPrefix("ContrastName") {
            guard let number = Int(key.dropFirst("ContrastName".count)), number >= 1 else {
                throw fault(line, "\(quoted("/" + key)) does not end in a number")
            }
            guard number <= rows.count else {
                throw fault(line, "/\(key) names a row beyond the \(rows.count) of the matrix")
            }
            if names.isEmpty { names = [String](repeating: "", count: rows.count) }
            var value = Substring(value)
            while value.last?.isWhitespace == true { value.removeLast() }
            names[number - 1] = String(value)
        }
        return VEST(matrix: Matrix(rows: rows), contrastNames: names)
    }

    /// The file as FSL's own programs write it, with every number to its last digit.
    public func text(_ kind: Kind) -> String {
        var lines: [String] = []
        for (index, name) in contrastNames.enumerated() where kind == .contrasts && !name.isEmpty {
            lines.append("/ContrastName\(index + 1)\t\(name)")
        }
        lines.append("/NumWaves\t\(matrix.columns)")
        lines.append("\(kind == .design || kind == .groups ? "/NumPoints" : "/NumContrasts")\t\(matrix.rows)")
        if kind == .design || kind == .contrasts {
            let heights = (0..<matrix.columns).map { c -> Double in
                let column = matrix.column(c)
                return (column.max() ?? 0) - (column.min() ?? 0)
            }
            let shown = kind == .design ? heights : [Double](repeating: 1, count: matrix.rows)
            lines.append("/PPheights\t\t" + shown.map(shortest).joined(separator: "\t"))
        }
        if kind == .contrasts {
            lines.append(
                "/RequiredEffect\t\t" + [String](repeating: "1", count: matrix.rows).joined(separator: "\t"))
        }
        lines += ["", "/Matrix"]
        lines += (0..<matrix.rows).map { matrix.row($0).map(shortest).joined(separator: "\t") }
        return lines.joined(separator: "\n") + "\n"
    }
}
