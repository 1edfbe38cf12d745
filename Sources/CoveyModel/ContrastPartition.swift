public import CoveyCore

/// A design split by a contrast into what is tested and what is nuisance: two orthonormal bases that
/// together span the columns of X.
///
/// With `X = Q R` and the contrast `C`, every row `c` has `c' beta = m' Q'y`, `m = R^-T c`. The tested space
/// is spanned by `Q m`; the nuisance space is what is left of the column space. Then
///
///     t = b' (Q'y) / sqrt(SSE / dof),          b = m / |m|
///     F = |B' (Q'y)|^2 / r / (SSE / dof),      B an orthonormal basis of the m's, r its rank
///
/// and a shuffled statistic needs the shuffled bases only, never X. This is the partition of Ridgway and
/// Smith in Winkler et al. 2014, NeuroImage 92:381-397, appendix A; the statistic of the unshuffled data is
/// the parametric one for every estimable contrast, also one that weights several columns.
public struct ContrastPartition: Sendable {
    /// The model that was split.
    public let model: LinearModel
    /// The contrast's weights: rows x design columns.
    public let weights: Matrix
    /// Whether the statistic is F (of one row or several) rather than t.
    public let isF: Bool
    /// Dimension of the tested space: 1 for t, the rank of the rows for F.
    public let testedRank: Int
    /// `|m|` of a t contrast: effect = effectScale * b'Q'y. 1 for F.
    public let effectScale: Double
    /// `B`: rank of X x tested rank.
    public let directions: Matrix
    /// `B' Q'1`, with 0 where the direction is orthogonal to the constant up to rounding.
    public let constantOnDirections: [Double]
    /// Orthonormal basis of the tested space: subjects x tested rank.
    public let testedBasis: Matrix
    /// Orthonormal basis of the nuisance space: subjects x (rank of X - tested rank). Where it contains the
    /// constant, the first column is the constant.
    public let nuisanceBasis: Matrix
    /// Whether the constant vector is in the nuisance space: an intercept that is not itself tested.
    public let constantIsNuisance: Bool

    /// Splits a model by a contrast. One row and `isF == false` is a t contrast.
    ///
    /// - Parameter name: how the contrast is called in an error.
    /// - Throws: ``LinearModelError`` where the contrast is zero or not estimable.
    public init(_ model: LinearModel, weights: Matrix, isF: Bool, name: String) throws(LinearModelError) {
        precondition(weights.columns == model.matrix.columns && weights.rows > 0)
        precondition(isF || weights.rows == 1, "a t contrast has one row")
        let qr = model.factorisation
        var rows: [[Double]] = []
        for r in 0..<weights.rows {
            let c = weights.row(r)
            guard c.contains(where: { $0 != 0 }) else {
                if isF, weights.rows > 1 { continue }
                throw .zeroContrast(contrast: name)
            }
            let (m, defect) = qr.projection(ofContrast: c)
            guard defect < 1e-7 else { throw .notEstimable(contrast: name) }
            rows.append(m)
        }
        guard !rows.isEmpty else { throw .zeroContrast(contrast: name) }

        let directions: Matrix
        if isF {
            directions = PivotedQR(Matrix(columns: rows)).basis
            effectScale = 1
        } else {
            let length = norm(rows[0])
            directions = Matrix(rows: qr.rank, columns: 1, elements: rows[0].map { $0 / length })
            effectScale = length
        }
        let constant = model.constantProjection
        let constantLength = constant.map { norm($0) } ?? 0
        constantOnDirections = (0..<directions.columns).map { j in
            guard let constant else { return 0 }
            let dot = (0..<qr.rank).reduce(0.0) { $0 + directions[$1, j] * constant[$1] }
            return abs(dot) < 1e-10 * constantLength ? 0 : dot
        }
        constantIsNuisance = constant != nil && constantOnDirections.allSatisfy { $0 == 0 }

        let complement = Self.complement(
            of: directions, startingWith: constantIsNuisance ? constant : nil)
        self.model = model
        self.weights = weights
        self.isF = isF
        self.directions = directions
        testedRank = directions.columns
        testedBasis = qr.basis * directions
        nuisanceBasis =
            complement.columns == 0 ? Matrix(rows: model.subjectCount, columns: 0) : qr.basis * complement
    }

    /// `n - rank`.
    public var degreesOfFreedom: Int { model.degreesOfFreedom }

    /// An orthonormal basis of what `basis` leaves of the whole space, beginning with `first` if given.
    ///
    /// Gram-Schmidt with one repetition, each time on the candidate of which most is left.
    package static func complement(of basis: Matrix, startingWith first: [Double]?) -> Matrix {
        let dimension = basis.rows
        var taken = (0..<basis.columns).map(basis.column)
        var found: [[Double]] = []
        func remainder(_ candidate: [Double]) -> [Double] {
            var v = candidate
            for _ in 0..<2 {
                for u in taken {
                    var dot = 0.0
                    for i in 0..<dimension { dot += u[i] * v[i] }
                    for i in 0..<dimension { v[i] -= dot * u[i] }
                }
            }
            return v
        }
        func take(_ v: [Double]) {
            let length = norm(v)
            let unit = v.map { $0 / length }
            taken.append(unit)
            found.append(unit)
        }
        if let first { take(remainder(first)) }
        while taken.count < dimension {
            let candidates = (0..<dimension).map { axis -> [Double] in
                var e = [Double](repeating: 0, count: dimension)
                e[axis] = 1
                return remainder(e)
            }
            // The first of equals, so that the basis is the same wherever it is computed.
            var best = 0
            for c in 1..<max(dimension, 1) where norm(candidates[c]) > norm(candidates[best]) * (1 + 1e-9) {
                best = c
            }
            take(candidates[best])
        }
        guard !found.isEmpty else { return Matrix(rows: dimension, columns: 0) }
        return Matrix(columns: found)
    }
}
