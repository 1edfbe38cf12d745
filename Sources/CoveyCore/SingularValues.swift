/// The singular values of a small matrix, the largest first, by one-sided Jacobi rotations.
///
/// Columns are rotated in pairs until all are orthogonal; their lengths are the singular values, accurate
/// relative to each of them when the columns are scaled to equal length. As many values as the matrix has
/// columns; those of a matrix with fewer rows than columns end in zeros up to rounding.
///
/// Demmel and Veselic 1992, SIAM Journal on Matrix Analysis and Applications 13:1204-1245. Cost: a few sweeps
/// of rows x columns^2.
public func singularValues(_ matrix: Matrix) -> [Double] {
    var columns = (0..<matrix.columns).map(matrix.column)
    let tolerance = 4 * Double.ulpOfOne
    for _ in 0..<60 {
        var rotated = false
        for p in columns.indices {
            for q in columns.indices.dropFirst(p + 1) {
                var (a, b, c) = (0.0, 0.0, 0.0)
                for r in 0..<matrix.rows {
                    a += columns[p][r] * columns[p][r]
                    b += columns[q][r] * columns[q][r]
                    c += columns[p][r] * columns[q][r]
                }
                guard abs(c) > tolerance * (a * b).squareRoot() else { continue }
                rotated = true
                let zeta = (b - a) / (2 * c)
                let t = (zeta < 0 ? -1 : 1) / (abs(zeta) + (1 + zeta * zeta).squareRoot())
                let cosine = 1 / (1 + t * t).squareRoot()
                let sine = cosine * t
                for r in 0..<matrix.rows {
                    let (x, y) = (columns[p][r], columns[q][r])
                    columns[p][r] = cosine * x - sine * y
                    columns[q][r] = sine * x + cosine * y
                }
            }
        }
        if !rotated { break }
    }
    return columns.map { norm($0) }.sorted(by: >)
}
