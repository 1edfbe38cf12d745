/// Householder QR with column scaling and column pivoting: `X D Pi = Q R`.
///
/// Each column of X is first divided by a power of two near its largest element (exact), so that the units
/// of a regressor do not matter; pivoting by the remaining norm orders the diagonal of R by size, and the
/// rank is the number of diagonal elements above ``rankTolerance`` times the norm that their own column had
/// at the start. The normal equations are never formed: on NIST's Filip data they leave no correct digit.
///
/// Golub and Van Loan, Matrix Computations, 4th ed., 5.2 and 5.4.2.
public struct PivotedQR: Sendable {
    /// The share of a column's own norm below which what remains of it counts as rounding.
    public static let rankTolerance = 1e-11

    /// Number of columns that are linearly independent within ``rankTolerance``.
    public let rank: Int
    /// Column `pivots[k]` of X stands at place `k` of the factorisation; the first ``rank`` are independent.
    public let pivots: [Int]
    /// An orthonormal basis of the column space: rows x rank.
    public let basis: Matrix
    /// Upper triangular factor of the pivoted, scaled columns: rank x columns.
    public let triangle: Matrix
    /// What each column of X was divided by.
    public let scales: [Double]

    /// Factors X.
    public init(_ x: Matrix) {
        let (n, p) = (x.rows, x.columns)
        let scales = (0..<p).map { c -> Double in
            let largest = x.column(c).reduce(0) { max($0, abs($1)) }
            return largest > 0 && largest.isFinite
                ? Double(sign: .plus, exponent: largest.exponent, significand: 1) : 1
        }
        var work = (0..<p).map { c in x.column(c).map { $0 / scales[c] } }
        let startNorms = work.map(norm)
        var pivots = Array(0..<p)
        var reflectors: [[Double]] = []
        var rank = 0
        for k in 0..<min(n, p) {
            // Norms are recomputed, not updated: the matrix is small and cancellation would spoil the rank.
            func remaining(_ c: Int) -> Double {
                let start = startNorms[pivots[c]]
                return start > 0 ? norm(work[c][k...]) / start : 0
            }
            var best = k
            var bestShare = remaining(k)
            for c in (k + 1)..<max(p, k + 1) where c < p {
                let share = remaining(c)
                // Ties and near ties keep the user's order, so that the first of two equal columns stays.
                if share > bestShare * (1 + 1e-6) { (best, bestShare) = (c, share) }
            }
            guard bestShare > Self.rankTolerance else { break }
            work.swapAt(k, best)
            pivots.swapAt(k, best)
            var v = [Double](repeating: 0, count: n)
            let length = norm(work[k][k...])
            let alpha = work[k][k] >= 0 ? -length : length
            for i in k..<n { v[i] = work[k][i] }
            v[k] -= alpha
            let size = norm(v)
            for i in k..<n { v[i] /= size }
            for c in k..<p { reflect(&work[c], by: v, from: k) }
            reflectors.append(v)
            rank += 1
        }
        var triangle = Matrix(rows: rank, columns: p)
        for r in 0..<rank {
            for c in r..<p { triangle[r, c] = work[c][r] }
        }
        var basis = Matrix(rows: n, columns: rank)
        for c in 0..<rank {
            var e = [Double](repeating: 0, count: n)
            e[c] = 1
            for k in stride(from: rank - 1, through: 0, by: -1) { reflect(&e, by: reflectors[k], from: k) }
            for r in 0..<n { basis[r, c] = e[r] }
        }
        self.rank = rank
        self.pivots = pivots
        self.basis = basis
        self.triangle = triangle
        self.scales = scales
    }

    /// The columns of X that the others already span, in the order of X.
    public var aliasedColumns: [Int] { pivots[rank...].sorted() }

    /// The columns that together make column `column` of X, with their weights: `x_column = sum w_j x_j`
    /// over independent columns. Weights below 1e-8 of the largest are left out.
    ///
    /// - Precondition: `column` is one of ``aliasedColumns``.
    public func combination(of column: Int) -> [(column: Int, weight: Double)] {
        guard let place = pivots[rank...].firstIndex(of: column) else {
            preconditionFailure("column \(column) is not aliased")
        }
        let scaled = backSubstituted((0..<rank).map { triangle[$0, place] })
        let weights = scaled.enumerated().map { k, w in
            (column: pivots[k], weight: w / scales[pivots[k]] * scales[column])
        }
        let largest = scaled.reduce(0) { max($0, abs($1)) }
        return zip(scaled, weights).filter { abs($0.0) > 1e-8 * largest }.map(\.1)
            .sorted { $0.column < $1.column }
    }

    /// Solves `R b = q` for the independent columns and returns the coefficients of X in the order of its
    /// columns, 0 for aliased ones: from `q = Q' y` the least-squares coefficients.
    public func coefficients(fromProjection q: [Double]) -> [Double] {
        precondition(q.count == rank)
        var result = [Double](repeating: 0, count: pivots.count)
        for (k, b) in backSubstituted(q).enumerated() { result[pivots[k]] = b / scales[pivots[k]] }
        return result
    }

    /// The vector `m` with `c' beta = m' (Q' y)` for every y, and how far the contrast `c` is from being
    /// estimable: 0 where it is a combination of the rows of X, relative to the size of `c` in the scaled
    /// columns.
    public func projection(ofContrast c: [Double]) -> (m: [Double], estimabilityDefect: Double) {
        precondition(c.count == pivots.count)
        let scaled = pivots.map { c[$0] / scales[$0] }
        var m = [Double](repeating: 0, count: rank)
        for k in 0..<rank {
            var sum = scaled[k]
            for j in 0..<k { sum -= triangle[j, k] * m[j] }
            m[k] = sum / triangle[k, k]
        }
        // c is a combination of the rows of X exactly when R' m reproduces the aliased columns' weights too.
        var defect = 0.0
        for k in rank..<pivots.count {
            var sum = scaled[k]
            for j in 0..<rank { sum -= triangle[j, k] * m[j] }
            defect = max(defect, abs(sum))
        }
        let size = scaled.reduce(0) { max($0, abs($1)) }
        return (m, size > 0 ? defect / size : 0)
    }

    private func backSubstituted(_ q: [Double]) -> [Double] {
        var b = q
        for k in stride(from: rank - 1, through: 0, by: -1) {
            for j in (k + 1)..<max(rank, k + 1) where j < rank { b[k] -= triangle[k, j] * b[j] }
            b[k] /= triangle[k, k]
        }
        return b
    }
}

/// The Euclidean length, scaled so that neither overflow nor underflow spoils it.
public func norm(_ v: some Sequence<Double>) -> Double {
    var largest = 0.0
    for x in v { largest = max(largest, abs(x)) }
    guard largest > 0, largest.isFinite else { return largest }
    let scale = Double(sign: .plus, exponent: largest.exponent, significand: 1)
    var sum = 0.0
    for x in v { sum += (x / scale) * (x / scale) }
    return sum.squareRoot() * scale
}

private func reflect(_ x: inout [Double], by v: [Double], from start: Int) {
    var dot = 0.0
    for i in start..<x.count { dot += v[i] * x[i] }
    for i in start..<x.count { x[i] -= 2 * dot * v[i] }
}
