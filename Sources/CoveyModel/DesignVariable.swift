import CoveyCore
import CoveyFormats

/// A variable of a formula, in numbers: a covariate's values or a factor's levels, row by row.
enum DesignVariable {
    /// Values, and where they come from.
    case covariate([Double], origin: ColumnOrigin.Element, name: String)
    /// A factor.
    case factor(Factor)

    /// A categorical column.
    struct Factor: Hashable {
        let column: String
        /// The levels, in order.
        let levels: [String]
        /// The level of each row.
        let rows: [Int]
        let coding: FactorCoding
        /// The level without a column.
        let omitted: Int
        /// Whether the column holds text, so that nobody had to say that it is a factor.
        let isText: Bool

        /// The levels that have a column.
        func coded(full: Bool) -> [Int] { levels.indices.filter { full || $0 != omitted } }

        /// The number of a row in the column of a level.
        func value(row: Int, level: Int, full: Bool) -> Double {
            if rows[row] == level { return 1 }
            return !full && coding == .sum && rows[row] == omitted ? -1 : 0
        }

        func name(_ level: Int) -> String { "\(column)[\(levels[level])]" }
    }
}

/// Turns the variables of a formula into numbers.
struct VariableReader {
    let subjects: Subjects
    let formula: Formula
    let coding: FactorCoding
    let centring: Centring

    /// Variable number `index` of the formula.
    func read(_ index: Int) throws(ModelError) -> DesignVariable {
        let variable = formula.variables[index]
        let position = formula.positions[index]
        switch variable {
        case .factor(let column, let chosen, let reference):
            return .factor(try factor(column, chosen, reference, at: position))
        case .column(let column):
            guard try isNumeric(column, at: position) else {
                try requireLevels(column)
                return .factor(try factor(column, nil, nil, at: position))
            }
        case .centered, .scaled, .logarithm: break
        }
        var (values, words) = try values(of: variable, at: position)
        let isCentred =
            if case .centered = variable { true } else if case .scaled = variable { true } else { false }
        if !isCentred {
            switch centring {
            case .none: break
            case .grandMean: (values, words) = (Self.centred(values), Self.words(mean: mean(values)))
            case .withinGroup(let group):
                (values, words) = (
                    try centred(values, by: group, at: position),
                    "less its mean within each level of \(group)"
                )
            }
        }
        guard values.allSatisfy(\.isFinite) else {
            throw .transform(variable.expression, reason: "its values go beyond the range of numbers")
        }
        return .covariate(
            values,
            origin: .covariate(
                column: variable.columns[0], expression: variable.expression, centring: words),
            name: variable.expression)
    }

    /// Whether a column holds numbers; one that holds both numbers and other text is refused.
    private func isNumeric(_ column: String, at position: Int) throws(ModelError) -> Bool {
        let cells = try cells(column, at: position)
        let numeric = cells.indices.filter { decimalNumber(cells[$0]) != nil }
        if numeric.count == cells.count { return true }
        guard numeric.isEmpty else {
            let row = cells.indices.first { decimalNumber(cells[$0]) == nil }!
            throw .mixedColumn(
                column, value: cells[row], at: subjects.place(row), source: subjects.table.source)
        }
        return false
    }

    /// Refuses to make a factor, unasked, of dates and of numbers that a spreadsheet keeps as text.
    private func requireLevels(_ column: String) throws(ModelError) {
        switch ColumnSummary(column, of: subjects.table).content {
        case .dates(let example):
            throw .dates(column, example: example, source: subjects.table.source)
        case .numbersAsText(let example, let number):
            throw .numbersAsText(column, example: example, number: number, source: subjects.table.source)
        case .empty, .numbers, .levels, .names, .mixed: break
        }
    }

    private func cells(_ column: String, at position: Int) throws(ModelError) -> [String] {
        guard let cells = subjects.table.cells(of: column) else {
            throw .formula(
                formula.text, position: position,
                .unknownColumn(column, columns: subjects.table.columns))
        }
        return cells
    }

    /// The values of a covariate and, in words, what was subtracted last.
    private func values(
        of variable: Formula.Variable, at position: Int
    ) throws(ModelError) -> (values: [Double], centring: String) {
        switch variable {
        case .column(let column), .factor(let column, _, _):
            guard try isNumeric(column, at: position) else {
                throw .formula(formula.text, position: position, .textColumn(column))
            }
            return (try cells(column, at: position).map { decimalNumber($0)! }, "")
        case .centered(let inner, by: nil):
            let values = try values(of: inner, at: position).values
            return (Self.centred(values), Self.words(mean: mean(values)))
        case .centered(let inner, let by?):
            let values = try values(of: inner, at: position).values
            return (
                try centred(values, by: by, at: position), "less its mean within each level of \(by)"
            )
        case .scaled(let inner):
            let values = try values(of: inner, at: position).values
            let centred = Self.centred(values)
            let deviation = norm(centred) / Double(values.count - 1).squareRoot()
            guard values.count > 1, deviation > 0, values.contains(where: { $0 != values[0] }) else {
                throw .transform(variable.expression, reason: "it has no variance to scale by")
            }
            return (
                centred.map { $0 / deviation },
                Self.words(mean: mean(values)) + ", over its standard deviation "
                    + significant(deviation, digits: 6)
            )
        case .logarithm(let inner):
            let (values, words) = try values(of: inner, at: position)
            if let row = values.indices.first(where: { !(values[$0] > 0) }) {
                throw .transform(
                    variable.expression,
                    reason: "the logarithm of \(significant(values[row], digits: 6)) does not exist "
                        + "(line \(subjects.place(row).line), \(quoted(subjects.identifiers[row])))")
            }
            return (values.map(naturalLogarithm), words)
        }
    }

    private static func words(mean: Double) -> String { "less its mean \(significant(mean, digits: 6))" }

    private static func centred(_ values: [Double]) -> [Double] {
        let center = mean(values)
        return values.map { $0 - center }
    }

    private func centred(
        _ values: [Double], by group: String, at position: Int
    ) throws(ModelError) -> [Double] {
        var members: [String: [Int]] = [:]
        for (row, level) in try cells(group, at: position).enumerated() {
            members[level, default: []].append(row)
        }
        var result = values
        for rows in members.values {
            for (row, value) in zip(rows, Self.centred(rows.map { values[$0] })) { result[row] = value }
        }
        return result
    }

    private func factor(
        _ column: String, _ chosen: FactorCoding?, _ reference: String?, at position: Int
    ) throws(ModelError) -> DesignVariable.Factor {
        let cells = try cells(column, at: position)
        let numbers = cells.map { decimalNumber($0) }
        let levels: [String]
        let rows: [Int]
        if let numbers = numbers as? [Double] {
            // 1 and 1.0 are one level, called as it is written first.
            let distinct = Set(numbers).sorted()
            levels = distinct.map { cells[numbers.firstIndex(of: $0)!] }
            let place = Dictionary(uniqueKeysWithValues: distinct.enumerated().map { ($1, $0) })
            rows = numbers.map { place[$0]! }
        } else {
            // By Unicode scalars, so that the order is the same on every machine.
            levels = Set(cells).sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
            let place = Dictionary(uniqueKeysWithValues: levels.enumerated().map { ($1, $0) })
            rows = cells.map { place[$0]! }
        }
        guard levels.count > 1 else {
            throw .factor(
                column, reason: "everyone has the level \(quoted(levels.first ?? "")); two are needed")
        }
        let coding = chosen ?? (coding == .sum ? .sum : .treatment)
        var omitted = coding == .sum ? levels.count - 1 : 0
        if let reference {
            guard let place = levels.firstIndex(of: reference) else {
                throw .formula(
                    formula.text, position: position, .unknownLevel(reference, levels: levels))
            }
            omitted = place
        }
        return DesignVariable.Factor(
            column: column, levels: levels, rows: rows, coding: coding, omitted: omitted,
            isText: numbers.allSatisfy { $0 == nil })
    }
}

/// The mean, corrected by that of the remainders.
func mean(_ values: [Double]) -> Double {
    let count = Double(values.count)
    let first = values.reduce(0) { $0 + $1 / count }
    return first + values.reduce(0) { $0 + ($1 - first) } / count
}
