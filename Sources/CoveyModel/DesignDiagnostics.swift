public import CoveyCore

/// How well a design can tell its columns apart, and whose rows weigh most.
public struct DesignDiagnostics: Sendable, Hashable {
    /// The columns' names.
    public let names: [String]
    /// Who the rows are; numbers from 1 where the design does not say.
    public let rowNames: [String]
    /// The largest over the smallest singular value, after every column has been scaled to length 1 (Belsley,
    /// Kuh and Welsch 1980); infinite where the columns are collinear. Above 30 is commonly called strong.
    public let conditionNumber: Double
    /// The same of the columns that are not constant, about their means, where the design has a constant: an
    /// uncentred covariate makes the first large, and does no harm to its slope. Equal to it without a constant.
    public let centredConditionNumber: Double
    /// By how much the variance of each coefficient is inflated by the other columns, `1 / (1 - R_j^2)`: R_j^2
    /// is that of column j on the others, about the mean where the design has a constant. `nil` for constant
    /// columns and for collinear designs. Above 5 or 10 is commonly called high.
    public let varianceInflation: [Double?]
    /// The diagonal of the hat matrix, row by row: between 0 and 1, with sum equal to the rank.
    public let leverage: [Double]
    /// Correlations between the columns that are not constant, and their names.
    public let correlations: Matrix
    /// The names of the columns in ``correlations``.
    public let correlatedNames: [String]
    /// Dimension of the column space.
    public let rank: Int

    /// The diagnostics of a design, which may be collinear.
    public init(_ design: Design) {
        let x = design.matrix
        let qr = PivotedQR(x)
        let columns = (0..<x.columns).map(x.column)
        names = design.names
        rowNames = design.identifiers ?? (0..<x.rows).map { "row \($0 + 1)" }
        rank = qr.rank
        let lengths = columns.map { norm($0) }
        let scaledColumns = zip(columns, lengths).map { column, length in
            length > 0 ? column.map { $0 / length } : column
        }
        if columns.isEmpty || qr.rank < columns.count {
            conditionNumber = .infinity
        } else {
            let values = singularValues(Matrix(columns: scaledColumns))
            conditionNumber = values[0] / values[values.count - 1]
        }
        let hasConstant = design.constantColumn != nil || Self.spansConstant(qr)
        varianceInflation = columns.indices.map { c in
            guard qr.rank == columns.count, !design.isConstant(c) else { return nil }
            var axis = [Double](repeating: 0, count: columns.count)
            axis[c] = 1
            // |m|^2 is the diagonal of (X'X)^-1, and its inverse the part of the column that is its own.
            let own = 1 / norm(qr.projection(ofContrast: axis).m)
            let about = hasConstant ? mean(columns[c]) : 0
            let whole = norm(columns[c].map { $0 - about })
            return max(1, whole / own * (whole / own))
        }
        leverage = (0..<x.rows).map { r in
            (0..<qr.rank).reduce(0) { $0 + qr.basis[r, $1] * qr.basis[r, $1] }
        }
        let varying = columns.indices.filter { !design.isConstant($0) }
        correlatedNames = varying.map { design.names[$0] }
        let unit = varying.map { c -> [Double] in
            let center = mean(columns[c])
            let centred = columns[c].map { $0 - center }
            let length = norm(centred)
            return centred.map { $0 / length }
        }
        var correlations = Matrix(rows: varying.count, columns: varying.count)
        for a in unit.indices {
            for b in unit.indices {
                let dot = zip(unit[a], unit[b]).reduce(0) { $0 + $1.0 * $1.1 }
                correlations[a, b] = a == b ? 1 : max(-1, min(1, dot))
            }
        }
        self.correlations = correlations
        if hasConstant, qr.rank == columns.count, !unit.isEmpty, design.constantColumn != nil {
            let values = singularValues(Matrix(columns: unit))
            centredConditionNumber = values[0] / values[values.count - 1]
        } else {
            centredConditionNumber = varying.isEmpty && qr.rank == columns.count ? 1 : conditionNumber
        }
    }

    /// The leverage above which a row is called influential: 3 rank / n, three times the mean, and never 1 or
    /// more.
    public var leverageLimit: Double { min(3 * Double(rank) / Double(leverage.count), 0.999) }

    /// The rows above ``leverageLimit``, the strongest first.
    public var influentialRows: [(name: String, leverage: Double)] {
        leverage.indices.filter { leverage[$0] > leverageLimit }
            .sorted { (leverage[$1], $0) < (leverage[$0], $1) }
            .map { (rowNames[$0], leverage[$0]) }
    }

    /// The pair of columns with the largest correlation, `nil` with fewer than two that vary.
    public var strongestCorrelation: (first: String, second: String, correlation: Double)? {
        var best: (Int, Int)?
        for a in 0..<correlations.rows {
            for b in (a + 1)..<max(correlations.rows, a + 1) where b < correlations.rows {
                if abs(correlations[a, b]) > best.map({ abs(correlations[$0.0, $0.1]) }) ?? -1 {
                    best = (a, b)
                }
            }
        }
        return best.map { (correlatedNames[$0.0], correlatedNames[$0.1], correlations[$0.0, $0.1]) }
    }

    private static func spansConstant(_ qr: PivotedQR) -> Bool {
        let n = qr.basis.rows
        let projected = (0..<qr.rank).map { c in (0..<n).reduce(0.0) { $0 + qr.basis[$1, c] } }
        let rest = (0..<n).map { r in
            1 - (0..<qr.rank).reduce(0.0) { $0 + qr.basis[r, $1] * projected[$1] }
        }
        return norm(rest) < 1e-9 * Double(n).squareRoot()
    }
}
