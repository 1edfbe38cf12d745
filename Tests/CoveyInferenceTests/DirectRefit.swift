import CoveyCore
import CoveyModel

@testable import CoveyInference

/// The methods as they are written in the papers, one voxel and one shuffle at a time, with dense inverses:
/// slow, obvious, and the judge of the kernels.
enum DirectRefit {
    /// The inverse by Gauss and Jordan with pivoting.
    static func inverse(_ a: Matrix) -> Matrix {
        let n = a.rows
        var work = a
        var result = Matrix(rows: n, columns: n)
        for i in 0..<n { result[i, i] = 1 }
        for column in 0..<n {
            let pivot = (column..<n).max { abs(work[$0, column]) < abs(work[$1, column]) }!
            for c in 0..<n {
                (work[column, c], work[pivot, c]) = (work[pivot, c], work[column, c])
                (result[column, c], result[pivot, c]) = (result[pivot, c], result[column, c])
            }
            let scale = 1 / work[column, column]
            for c in 0..<n {
                work[column, c] *= scale
                result[column, c] *= scale
            }
            for r in 0..<n where r != column {
                let factor = work[r, column]
                for c in 0..<n {
                    work[r, c] -= factor * work[column, c]
                    result[r, c] -= factor * result[column, c]
                }
            }
        }
        return result
    }

    /// `I - B B'` of the space that the columns of an orthonormal basis span.
    static func residualMatrix(_ basis: Matrix) -> Matrix {
        var r = Matrix(rows: basis.rows, columns: basis.rows)
        for i in 0..<basis.rows {
            for j in 0..<basis.rows {
                r[i, j] =
                    (i == j ? 1 : 0) - (0..<basis.columns).reduce(0.0) { $0 + basis[i, $1] * basis[j, $1] }
            }
        }
        return r
    }

    /// Freedman and Lane's data: residuals on the nuisance columns, moved and flipped, plus what those
    /// columns fitted.
    static func shuffled(_ y: [Double], nuisance: Matrix, _ shuffle: Shuffle) -> [Double] {
        let residuals = (residualMatrix(nuisance) * Matrix(columns: [y])).column(0)
        var result = zip(y, residuals).map { $0 - $1 }
        for (i, j) in shuffle.source.enumerated() { result[j] += Double(shuffle.signs[i]) * residuals[i] }
        return result
    }

    /// The definitions of Winkler et al. 2014: v for one row and `isF == false`, else G; with the degrees of freedom
    /// of Satterthwaite for v.
    static func welch(
        _ y: [Double], design x: Matrix, contrast: Matrix, labels: [Int], isF: Bool
    ) -> (value: Double, degrees: Double) {
        let n = x.rows
        let xtx = inverse(x.transposed * x)
        let b = xtx * x.transposed * Matrix(columns: [y])
        let hat = x * xtx * x.transposed
        let fitted = x * b
        let groups = labels.max()! + 1
        var (traces, squares) = ([Double](repeating: 0, count: groups), [Double](repeating: 0, count: groups))
        for i in 0..<n {
            traces[labels[i]] += 1 - hat[i, i]
            squares[labels[i]] += (y[i] - fitted[i, 0]) * (y[i] - fitted[i, 0])
        }
        let w = labels.map { traces[$0] / squares[$0] }
        var weighted = x
        for i in 0..<n { for c in 0..<x.columns { weighted[i, c] *= w[i] } }
        let a = inverse(x.transposed * weighted)
        let effect = contrast * b
        let covariance = contrast * a * contrast.transposed
        if !isF {
            let u = (a * contrast.transposed).column(0)
            var shares = [Double](repeating: 0, count: groups)
            for i in 0..<n {
                let dot = (0..<x.columns).reduce(0.0) { $0 + x[i, $1] * u[$1] }
                shares[labels[i]] += w[i] * dot * dot / covariance[0, 0]
            }
            let rest = zip(shares, traces).reduce(0.0) { $0 + $1.0 * $1.0 / $1.1 }
            return (effect[0, 0] / covariance[0, 0].squareRoot(), 1 / rest)
        }
        let s = Double(contrast.rows)
        let form = (effect.transposed * inverse(covariance) * effect)[0, 0]
        let total = w.reduce(0, +)
        var lambda = 1.0
        for g in 0..<groups {
            let share = (0..<n).reduce(0.0) { $0 + (labels[$1] == g ? w[$1] : 0) } / total
            lambda += 2 * (s - 1) / (s * (s + 2)) * (1 - share) * (1 - share) / traces[g]
        }
        return (form / (s * lambda), .nan)
    }
}

extension DirectRefit {
    /// t of one row of weights, or F of several.
    static func ordinary(
        _ y: [Double], design x: Matrix, contrast: Matrix, isF: Bool
    ) -> (value: Double, degrees: Int) {
        let xtx = inverse(x.transposed * x)
        let b = xtx * x.transposed * Matrix(columns: [y])
        let fitted = x * b
        let dof = x.rows - x.columns
        let variance = (0..<x.rows).reduce(0.0) { $0 + (y[$1] - fitted[$1, 0]) * (y[$1] - fitted[$1, 0]) }
        let effect = contrast * b
        let covariance = contrast * xtx * contrast.transposed
        let scale = variance / Double(dof)
        if !isF { return (effect[0, 0] / (scale * covariance[0, 0]).squareRoot(), dof) }
        let form = (effect.transposed * inverse(covariance) * effect)[0, 0]
        return (form / Double(contrast.rows) / scale, dof)
    }
}
