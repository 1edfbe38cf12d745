import CoveyCore

/// What a column of a table holds, by its cells alone.
public struct ColumnSummary: Sendable, Hashable {
    /// The column.
    public let name: String
    /// Cells without a value.
    public let missingCount: Int
    /// What the other cells are.
    public let content: Content

    /// A value of a categorical column and how many rows have it.
    public struct Level: Sendable, Hashable {
        /// The value.
        public let value: String
        /// How many rows.
        public let count: Int
    }

    /// Kinds of columns.
    public enum Content: Sendable, Hashable {
        /// No cell has a value.
        case empty
        /// Every value is a number.
        case numbers(minimum: Double, maximum: Double, distinctCount: Int)
        /// Text that repeats: levels in the order of their Unicode scalars.
        case levels([Level])
        /// Text of which every row has its own, or nearly: names, paths, remarks.
        case names(distinctCount: Int)
        /// Every value is a date; the first of them.
        case dates(example: String)
        /// Every value would be a number but for marks around it: the first that is not, and the number it means.
        case numbersAsText(example: String, number: String)
        /// Numbers in some rows, other text in others; the first such cells and their lines.
        case mixed(numberCount: Int, others: [OddCell])
    }

    /// A cell that is not like the rest.
    public struct OddCell: Sendable, Hashable {
        /// The line of the file it stands on.
        public let line: Int
        /// Its text.
        public let cell: String
    }

    /// Text columns with more distinct values than this are names.
    public static let levelLimit = 20

    /// The summary of a column.
    ///
    /// - Precondition: the table has the column.
    public init(_ name: String, of table: Table) {
        guard let cells = table.cells(of: name) else { preconditionFailure("no column \(name)") }
        let rows = cells.indices.filter { !Table.isMissing(cells[$0]) }
        self.name = name
        missingCount = cells.count - rows.count
        guard let first = rows.first else {
            content = .empty
            return
        }
        let numbers = rows.compactMap { decimalNumber(cells[$0]) }
        if numbers.count == rows.count {
            content = .numbers(
                minimum: numbers.min()!, maximum: numbers.max()!, distinctCount: Set(numbers).count)
        } else if rows.allSatisfy({ isDate(cells[$0]) }) {
            content = .dates(example: cells[first])
        } else if rows.allSatisfy({ numberWithin(cells[$0]) != nil }) {
            let odd = rows.first { decimalNumber(cells[$0]) == nil }!
            content = .numbersAsText(example: cells[odd], number: numberWithin(cells[odd])!)
        } else if !numbers.isEmpty {
            content = .mixed(
                numberCount: numbers.count,
                others: rows.filter { decimalNumber(cells[$0]) == nil }.prefix(3).map {
                    OddCell(line: table.lineNumbers[$0], cell: cells[$0])
                })
        } else {
            var counts: [String: Int] = [:]
            for row in rows { counts[cells[row], default: 0] += 1 }
            let isRepeated = counts.count <= Self.levelLimit && counts.count * 2 <= rows.count
            content =
                isRepeated || counts.count == 1
                ? .levels(
                    counts.sorted { $0.key.unicodeScalars.lexicographicallyPrecedes($1.key.unicodeScalars) }
                        .map { Level(value: $0.key, count: $0.value) })
                : .names(distinctCount: counts.count)
        }
    }

    /// The summary in words, such as `2 levels: control (12), trained (14); 1 missing`.
    public var words: String {
        content.words + (missingCount > 0 ? "; \(missingCount) missing" : "")
    }

    /// What should be looked at before the column is used; `nil` where nothing should.
    public var warning: String? {
        switch content {
        case .dates(let example):
            "\(quoted(name)) holds dates (\(quoted(example))), which are no regressors: compute an age or a span"
        case .numbersAsText(let example, let number):
            "\(quoted(name)) holds numbers stored as text: \(quoted(example)) should be \(number)"
        case .mixed(let count, let others):
            "\(quoted(name)) holds \(count) numbers and other text: "
                + others.map { "\(quoted($0.cell, limit: 40)) on line \($0.line)" }.joined(separator: ", ")
        case .empty, .numbers, .levels, .names: nil
        }
    }
}

extension ColumnSummary.Content {
    /// The content in words.
    public var words: String {
        switch self {
        case .empty: "no values"
        case .numbers(let least, _, distinctCount: 1): "always \(significant(least, digits: 6))"
        case .numbers(let least, let greatest, let count):
            "numbers from \(significant(least, digits: 6)) to \(significant(greatest, digits: 6)), \(count) distinct"
        case .levels(let levels):
            "\(levels.count) level\(levels.count == 1 ? "" : "s"): "
                + levels.map { "\(printable($0.value, limit: 40)) (\($0.count))" }.joined(separator: ", ")
        case .names(let count): "text, \(count) distinct"
        case .dates(let example): "dates, such as \(printable(example, limit: 40))"
        case .numbersAsText(let example, let number):
            "numbers stored as text, such as \(quoted(example, limit: 40)) for \(number)"
        case .mixed(let count, let others):
            "\(count) numbers and text: "
                + others.map { "\(quoted($0.cell, limit: 40)) (line \($0.line))" }.joined(separator: ", ")
        }
    }
}

extension Table {
    /// What each column holds, from left to right.
    public var columnSummaries: [ColumnSummary] { columns.map { ColumnSummary($0, of: self) } }
}
