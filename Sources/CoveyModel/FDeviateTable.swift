package import CoveyCore
package import CoveyKernels

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Normal deviates of many F at a time, by interpolation: within 1e-10 of `FDistribution.z(of:)`, absolutely where |z| is below 1,
/// relatively above.
///
/// z is smooth in ln F, of which every quarter of a unit from -16 to 16 has its polynomial in Chebyshev's points, but where z is
/// below -38. Beyond, the exact deviate is computed.
package struct FDeviateTable: Sendable {
    private let distribution: FDistribution
    private let first: Double
    private let coefficients: [Double]

    package init(_ distribution: FDistribution) {
        self.distribution = distribution
        let (points, width) = (Chebyshev.points(DeviateKernel.order), 1 / Double(DeviateKernel.intervalsOfF))
        let toPowers = Matrix(rows: Chebyshev.monomials(DeviateKernel.order)).transposed
        var rows: [[Double]] = []
        var start = 16.0
        // From above, so that what lies too low is the end.
        while start > -16 {
            start -= width
            let values = points.map { [start] in
                distribution.z(of: exp(start + width * ($0 + 1) / 2))
            }
            guard values.allSatisfy({ $0 > -38 }) else {
                start += width
                break
            }
            rows.append((Matrix(rows: [values]) * toPowers).elements)
        }
        first = start
        coefficients = Array(rows.reversed().joined())
    }

    /// The deviates of F, at least -40.
    package func deviates(of f: [Double], level: InstructionLevel = .best) -> [Double] {
        var result = [Double](repeating: 0, count: f.count)
        let beyond = DeviateKernel.deviates(
            ofF: f, from: first, coefficients: coefficients, deviates: &result, level: level)
        guard beyond > 0 else { return result }
        for i in result.indices where result[i].isNaN { result[i] = distribution.finiteZ(of: f[i]) }
        return result
    }
}

extension FDistribution {
    /// `z(of:)`, at least -40: the lower tail areas of the smallest F above 0 that occur lie above that.
    package func finiteZ(of f: Double) -> Double { max(z(of: f), -40) }
}
