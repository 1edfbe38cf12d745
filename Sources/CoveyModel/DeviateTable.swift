import CoveyCore
package import CoveyKernels

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Normal deviates of many t at a time, by interpolation: within 1e-10 of `StudentT.z(of:)`, relatively, in a
/// tenth of its time.
///
/// With `w = sqrt(nu ln(1 + t^2 / nu))`, already close to the deviate (Wallace 1959), `z / w` is smooth in w and, on
/// a scale that grows with w^2, in nu. It is interpolated in Chebyshev's points, on intervals of w of length 1 and
/// over the whole range of `K / (nu + K)`, with `K = 1 + w^2 / 4` in the middle of the interval. Beyond the table,
/// which ends at w = 6 where degrees of freedom vary and at 40 where they do not, the exact deviate is computed.
/// |t| below 1e-154 gives 0.
package struct DeviateTable: Sendable {
    private let scales: [Double]
    private let coefficients: [Double]

    /// The least degrees of freedom that a table is good for.
    package static let leastDegreesOfFreedom = 3.0

    /// A table for degrees of freedom from `least` to `greatest`; `nil` where `least` is below
    /// ``leastDegreesOfFreedom``.
    package init?(degreesOfFreedom least: Double, to greatest: Double) {
        guard least >= Self.leastDegreesOfFreedom, greatest >= least else { return nil }
        let isSingle = least == greatest
        let orders = isSingle ? 1 : Self.orders
        // w = sqrt(700 nu) is t of about 1e150.
        let intervals = min(isSingle ? 40 : 6, Int((700 * least).squareRoot()))
        let (wPoints, yPoints) = (Chebyshev.points(DeviateKernel.order), Chebyshev.points(orders))
        let toW = Matrix(rows: Chebyshev.monomials(DeviateKernel.order)).transposed
        let toY = Matrix(rows: Chebyshev.monomials(orders))
        var scales: [Double] = []
        var coefficients: [Double] = []
        for interval in 0..<intervals {
            let k = 1 + (Double(interval) + 0.5) * (Double(interval) + 0.5) / 4
            let (low, high) = (k / (greatest + k), k / (least + k))
            let (middle, half) = ((low + high) / 2, (high - low) / 2)
            scales += [k, middle, isSingle ? 0 : 1 / half]
            let values = yPoints.map { y in
                let nu = isSingle ? least : k / (middle + half * y) - k
                let t = StudentT(degreesOfFreedom: nu)
                return wPoints.map { s -> Double in
                    let w = Double(interval) + (s + 1) / 2
                    return t.z(of: (nu * expm1(w * w / nu)).squareRoot()) / w
                }
            }
            coefficients += (toY * Matrix(rows: values) * toW).elements
        }
        self.scales = scales
        self.coefficients = coefficients
    }

    /// Coefficients in y.
    private static let orders = 16

    /// The deviates of t.
    ///
    /// - Parameter degreesOfFreedom: as many as `t`, within the table's range, or a single one for all.
    package func deviates(
        of t: [Double], degreesOfFreedom: [Double], level: InstructionLevel = .best
    ) -> [Double] {
        var result = [Double](repeating: 0, count: t.count)
        let beyond = DeviateKernel.deviates(
            of: t, degreesOfFreedom: degreesOfFreedom, scales: scales, coefficients: coefficients,
            deviates: &result, level: level)
        guard beyond > 0 else { return result }
        for i in result.indices where result[i].isNaN {
            result[i] = StudentT(
                degreesOfFreedom: degreesOfFreedom.count == 1 ? degreesOfFreedom[0] : degreesOfFreedom[i]
            ).z(of: t[i])
        }
        return result
    }
}
