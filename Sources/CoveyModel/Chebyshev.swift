#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Interpolation by polynomials in Chebyshev's points.
enum Chebyshev {
    /// Chebyshev's points on [-1, 1].
    static func points(_ count: Int) -> [Double] {
        (0..<count).map { cos(Double.pi * (Double($0) + 0.5) / Double(count)) }
    }

    /// The matrix that turns values in Chebyshev's points into coefficients of powers: power x point.
    static func monomials(_ count: Int) -> [[Double]] {
        // T_k as powers, by T_k+1 = 2 x T_k - T_k-1.
        var polynomials: [[Double]] = [[1.0]]
        for k in 1..<max(count, 2) {
            var next = [0.0] + polynomials[k - 1].map { (k == 1 ? 1 : 2) * $0 }
            if k > 1 { for (i, c) in polynomials[k - 2].enumerated() { next[i] -= c } }
            polynomials.append(next)
        }
        return (0..<count).map { power in
            (0..<count).map { point in
                (0..<count).reduce(0.0) { sum, k in
                    guard power < polynomials[k].count else { return sum }
                    let angle = Double.pi * Double(k) * (Double(point) + 0.5) / Double(count)
                    return sum + polynomials[k][power] * cos(angle) * (k == 0 ? 1 : 2) / Double(count)
                }
            }
        }
    }
}
