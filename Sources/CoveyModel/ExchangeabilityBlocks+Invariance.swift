public import CoveyCore

extension ExchangeabilityBlocks {
    /// Splits the span of an orthonormal basis into what every permutation leaves as it is, and the rest.
    ///
    /// A column stays as it is where it has one value for each set of ``orbits``: the constant, under within-block
    /// exchange also every column that is constant within blocks, such as the levels of subjects. Data orthogonal to
    /// such columns stay orthogonal to them under every permutation.
    ///
    /// - Parameter basis: rows x columns, orthonormal.
    /// - Returns: orthonormal bases of the two parts; their columns together are as many as those of `basis`.
    public func split(_ basis: Matrix) -> (staying: Matrix, moving: Matrix) {
        let (n, r) = (basis.rows, basis.columns)
        let orbits = orbits
        // Each row less the mean of its set: 0 for every combination of columns that stays.
        var means = Matrix(rows: (orbits.max() ?? 0) + 1, columns: r)
        var sizes = [Double](repeating: 0, count: means.rows)
        for row in 0..<n {
            sizes[orbits[row]] += 1
            for c in 0..<r { means[orbits[row], c] += basis[row, c] }
        }
        let moved = (0..<n).map { row in
            (0..<r).map { basis[row, $0] - means[orbits[row], $0] / sizes[orbits[row]] }
        }
        let moving = Self.orthonormal(moved, beside: [], atMost: r)
        let axes = (0..<r).map { axis in (0..<r).map { $0 == axis ? 1.0 : 0 } }
        let staying = Self.orthonormal(axes, beside: moving, atMost: r - moving.count)
        func span(_ combinations: [[Double]]) -> Matrix {
            combinations.isEmpty ? Matrix(rows: n, columns: 0) : basis * Matrix(columns: combinations)
        }
        return (span(staying), span(moving))
    }

    /// Orthonormal vectors that span what vectors add to others, the largest remainder first.
    private static func orthonormal(
        _ vectors: [[Double]], beside others: [[Double]], atMost limit: Int
    ) -> [[Double]] {
        func reduce(_ vector: inout [Double], by unit: [Double]) {
            let dot = zip(vector, unit).reduce(0) { $0 + $1.0 * $1.1 }
            for i in vector.indices { vector[i] -= dot * unit[i] }
        }
        var rest = vectors
        for i in rest.indices {
            for unit in others { reduce(&rest[i], by: unit) }
        }
        var found: [[Double]] = []
        while found.count < limit {
            let lengths = rest.map { norm($0) }
            guard let best = lengths.indices.max(by: { lengths[$0] < lengths[$1] }), lengths[best] > 1e-9
            else {
                break
            }
            var next = rest[best]
            // Once more, for what rounding left.
            for unit in others + found { reduce(&next, by: unit) }
            let length = norm(next)
            next = next.map { $0 / length }
            for i in rest.indices { reduce(&rest[i], by: next) }
            found.append(next)
        }
        return found
    }
}
