import CoveyCore

extension Design {
    /// The first column that has the same value other than 0 for everyone.
    public var constantColumn: Int? { (0..<matrix.columns).first { isConstant($0) && matrix[0, $0] != 0 } }

    /// Whether a column has one value only.
    func isConstant(_ column: Int) -> Bool {
        (0..<matrix.rows).allSatisfy { matrix[$0, column] == matrix[0, column] }
    }

    /// Refuses a design that cannot be fitted or whose coefficients have no single meaning: no residual
    /// degrees of freedom, a column of zeros, a second constant column, collinear columns (named, with the
    /// combination that makes each).
    public func validate() throws(ModelError) {
        guard !columns.isEmpty else { throw .noColumns(source: source) }
        guard subjectCount > 0 else { throw .noRows(source: source) }
        let factorisation = PivotedQR(matrix)
        guard subjectCount > factorisation.rank, subjectCount > 1 else {
            throw .noDegreesOfFreedom(subjects: subjectCount, rank: factorisation.rank)
        }
        for column in 0..<matrix.columns where isConstant(column) && matrix[0, column] == 0 {
            throw .zeroColumn(columns[column].name, source: source)
        }
        let constants = (0..<matrix.columns).filter(isConstant)
        if constants.count > 1 {
            // The one that is called so, or is 1 for everyone, is the intercept; the other is too much.
            let intercept =
                constants.first { columns[$0].name.lowercased() == "intercept" }
                ?? constants.first { matrix[0, $0] == 1 } ?? constants[0]
            let other = constants.first { $0 != intercept }!
            throw .constantColumn(
                columns[other].name, value: matrix[0, other], intercept: columns[intercept].name,
                source: source)
        }
        guard factorisation.aliasedColumns.isEmpty else {
            throw .collinear(
                factorisation.aliasedColumns.map { collinearity(of: $0, factorisation) },
                rank: factorisation.rank, source: source)
        }
    }

    private func collinearity(of column: Int, _ factorisation: PivotedQR) -> ModelError.Collinearity {
        let parts = factorisation.combination(of: column).enumerated().map { place, part in
            let weight = abs(part.weight)
            let sign = part.weight < 0 ? "- " : place == 0 ? "" : "+ "
            // Weights that are 1 up to rounding are not worth a factor.
            let factor = abs(weight - 1) < 1e-8 ? "" : significant(weight, digits: 6) + "*"
            return sign + factor + columns[part.column].name
        }
        return ModelError.Collinearity(column: columns[column].name, combination: parts)
    }
}

extension LinearModel {
    /// The model of a design that passes its checks.
    ///
    /// - Throws: ``ModelError`` as for ``Design/validate()``.
    public init(_ design: Design) throws(ModelError) {
        try design.validate()
        do {
            try self.init(matrix: design.matrix)
        } catch {
            throw .noDegreesOfFreedom(subjects: design.subjectCount, rank: PivotedQR(design.matrix).rank)
        }
    }
}
