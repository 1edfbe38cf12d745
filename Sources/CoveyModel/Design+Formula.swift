import CoveyCore

/// What is subtracted from every covariate of a formula that is not centred or scaled in the formula itself.
public enum Centring: Sendable, Hashable, Codable {
    /// Nothing.
    case none
    /// Its mean over all subjects.
    case grandMean
    /// Its mean over the subjects of the same level of a column.
    case withinGroup(column: String)
}

extension Design {
    /// The design of a formula over the subjects' columns.
    ///
    /// Covariates in interactions are centred before they are multiplied. Factors get one column per level, less
    /// one where the design would otherwise repeat itself (see ``TermCoding``). Columns are called `intercept`,
    /// `age`, `center(age)`, `group[b]`, `age:group[b]`.
    ///
    /// - Parameters:
    ///   - coding: how factors are coded where the formula does not say. Cell means ask for a formula without
    ///     intercept.
    ///   - centring: what is subtracted from covariates.
    /// - Throws: ``ModelError`` where the formula does not fit the table, or a value is missing.
    public init(
        _ subjects: Subjects, formula: Formula, coding: FactorCoding = .treatment, centring: Centring = .none
    ) throws(ModelError) {
        let reader = VariableReader(
            subjects: subjects, formula: formula, coding: coding, centring: centring)
        try Self.requireColumns(formula, subjects)
        var needed = formula.columns
        if case .withinGroup(let group) = centring {
            _ = try subjects.cells(of: group)
            needed.append(group)
        }
        try subjects.requireValues(in: needed)
        if coding == .cellMeans, formula.hasIntercept {
            throw .factor(
                "intercept",
                reason: "cell means leave no room for an intercept: begin the formula with '~ 0 +'")
        }
        var builder = DesignBuilder(subjectCount: subjects.count)
        try builder.read(formula, with: reader)
        try builder.add(formula)
        self.init(
            columns: builder.columns, matrix: Matrix(columns: builder.values),
            identifiers: subjects.identifiers, source: formula.text, omittedLevels: builder.omittedLevels,
            notes: builder.notes)
    }

    private static func requireColumns(_ formula: Formula, _ subjects: Subjects) throws(ModelError) {
        for (variable, position) in zip(formula.variables, formula.positions) {
            for column in variable.columns where subjects.table.position(of: column) == nil {
                throw .formula(
                    formula.text, position: position,
                    .unknownColumn(column, columns: subjects.table.columns))
            }
        }
    }
}

/// Collects the columns of a formula's design.
private struct DesignBuilder {
    let subjectCount: Int
    private(set) var columns: [DesignColumn] = []
    private(set) var values: [[Double]] = []
    private(set) var notes: [Note] = []
    private var omitted: [(name: String, term: String, coding: FactorCoding, weights: [Int: Double])] = []
    private var variables: [DesignVariable] = []
    /// Variables of the formula that are the same factor, such as `group` and `C(group)`.
    private var canonical: [Int] = []

    init(subjectCount: Int) { self.subjectCount = subjectCount }

    var omittedLevels: [OmittedLevel] {
        omitted.map { level in
            OmittedLevel(
                name: level.name, term: level.term, coding: level.coding,
                weights: columns.indices.map { level.weights[$0] ?? 0 })
        }
    }

    /// Reads every variable that is part of a term.
    mutating func read(_ formula: Formula, with reader: VariableReader) throws(ModelError) {
        let used = Set(formula.terms.joined())
        var factors: [String: Int] = [:]
        for index in formula.variables.indices {
            canonical.append(index)
            guard used.contains(index) else {
                // A variable that was taken away again; nothing refers to it.
                variables.append(
                    .covariate([], origin: .level(column: "", level: "", coding: .treatment), name: ""))
                continue
            }
            let variable = try reader.read(index)
            variables.append(variable)
            switch variable {
            case .covariate(_, .covariate(_, let expression, let centring), _):
                if !centring.isEmpty {
                    notes.append(.information("\(quoted(expression)) is centred: \(centring)"))
                }
            case .covariate: break
            case .factor(let factor):
                guard let known = factors[factor.column], case .factor(let other) = variables[known] else {
                    factors[factor.column] = index
                    continue
                }
                guard other == factor else {
                    throw .formula(
                        formula.text, position: formula.positions[index], .twoCodings(factor.column))
                }
                canonical[index] = known
            }
        }
    }

    /// Adds the columns of every term.
    mutating func add(_ formula: Formula) throws(ModelError) {
        if formula.hasIntercept {
            columns.append(DesignColumn(name: "intercept", term: "intercept", origin: .intercept))
            values.append([Double](repeating: 1, count: subjectCount))
        }
        var coding = TermCoding()
        if formula.hasIntercept { _ = coding.next(factors: [], covariates: []) }
        var seen = Set<Set<Int>>()
        var terms: [[Int]] = []
        for term in formula.terms {
            var members: [Int] = []
            for index in term where !members.contains(canonical[index]) { members.append(canonical[index]) }
            if seen.insert(Set(members)).inserted { terms.append(members) }
        }
        terms = terms.enumerated()
            .sorted { ($0.element.count, $0.offset) < ($1.element.count, $1.offset) }.map(\.element)
        var fullFactors: [String: Bool] = [:]
        for term in terms {
            let factors = term.filter { if case .factor = variables[$0] { true } else { false } }
            let subterms = coding.next(factors: factors, covariates: Set(term).subtracting(factors))
            for subterm in subterms {
                try add(subterm, of: term, soleFactor: factors.count == 1)
                for (index, full) in subterm {
                    if case .factor(let factor) = variables[index] {
                        fullFactors[factor.column] = (fullFactors[factor.column] ?? true) && full
                    }
                }
            }
        }
        note(fullFactors)
    }

    private mutating func note(_ fullFactors: [String: Bool]) {
        for index in variables.indices where canonical[index] == index {
            guard case .factor(let factor) = variables[index], let full = fullFactors[factor.column] else {
                continue
            }
            let words =
                full
                ? "cell means, one column per level"
                : factor.coding == .sum
                    ? "sum coding, deviations from the mean of the levels; \(quoted(factor.levels[factor.omitted])) has no column"
                    : "treatment coding, differences from the reference level \(quoted(factor.levels[factor.omitted]))"
            let counts = factor.levels.indices.map { level in
                "\(printable(factor.levels[level], limit: 40)) (\(factor.rows.count { $0 == level }))"
            }
            notes.append(
                .information(
                    "\(quoted(factor.column)) is categorical\(factor.isText ? ", since it holds text" : ""): "
                        + "levels \(counts.prefix(12).joined(separator: ", "))"
                        + (counts.count > 12 ? " and \(counts.count - 12) more" : "") + "; \(words)"))
        }
    }

    /// Adds the products of the levels of a subterm with its covariates, the first factor varying fastest.
    private mutating func add(
        _ subterm: TermCoding.Subterm, of term: [Int], soleFactor: Bool
    ) throws(ModelError) {
        let members = term.filter {
            if case .factor = variables[$0] { subterm[$0] != nil } else { true }
        }
        let label = termLabel(term)
        // A cell of the product: one level of each factor.
        var cells: [[Int: Int]] = [[:]]
        let limit = max(2000, 4 * subjectCount)
        for index in members.reversed() {
            guard case .factor(let factor) = variables[index], let full = subterm[index] else { continue }
            let levels = factor.coded(full: full)
            guard cells.count * levels.count + columns.count <= limit else {
                throw .tooManyColumns(cells.count * levels.count + columns.count, subjects: subjectCount)
            }
            cells = cells.flatMap { cell in levels.map { cell.merging([index: $0]) { $1 } } }
        }
        let first = columns.count
        for cell in cells { try append(cell, of: members, subterm, label) }
        guard soleFactor, let (index, full) = subterm.first, !full,
            case .factor(let factor) = variables[index]
        else { return }
        let weights = factor.coding == .sum ? -1.0 : 0
        omitted.append(
            (
                name: name([index: factor.omitted], of: members), term: label, coding: factor.coding,
                weights: Dictionary(uniqueKeysWithValues: (first..<columns.count).map { ($0, weights) })
            ))
    }

    private mutating func append(
        _ cell: [Int: Int], of members: [Int], _ subterm: TermCoding.Subterm, _ label: String
    ) throws(ModelError) {
        var product = [Double](repeating: 1, count: subjectCount)
        var elements: [ColumnOrigin.Element] = []
        for index in members {
            switch variables[index] {
            case .covariate(let values, let origin, _):
                for row in product.indices { product[row] *= values[row] }
                elements.append(origin)
            case .factor(let factor):
                let (level, full) = (cell[index]!, subterm[index]!)
                for row in product.indices {
                    product[row] *= factor.value(row: row, level: level, full: full)
                }
                elements.append(
                    .level(
                        column: factor.column, level: factor.levels[level],
                        coding: full ? .cellMeans : factor.coding))
            }
        }
        let name = name(cell, of: members)
        guard product.allSatisfy(\.isFinite) else {
            throw .transform(name, reason: "its values go beyond the range of numbers")
        }
        guard !columns.contains(where: { $0.name == name }) else {
            throw .duplicateColumn(name, source: "formula")
        }
        // -0 would make rows differ that are equal.
        values.append(product.map { $0 == 0 ? 0 : $0 })
        columns.append(DesignColumn(name: name, term: label, origin: .product(elements)))
    }

    private func name(_ cell: [Int: Int], of members: [Int]) -> String {
        members.map { index in
            switch variables[index] {
            case .covariate(_, _, let name): name
            case .factor(let factor): factor.name(cell[index]!)
            }
        }.joined(separator: ":")
    }

    private func termLabel(_ term: [Int]) -> String {
        term.map { index in
            switch variables[index] {
            case .covariate(_, _, let name): name
            case .factor(let factor): factor.column
            }
        }.joined(separator: ":")
    }
}
