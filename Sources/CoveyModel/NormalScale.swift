import CoveyCore

/// The normal deviates of t, or of F, with some degrees of freedom: the scale on which statistics of different
/// degrees of freedom are compared.
package struct NormalScale: Sendable {
    private enum Distribution {
        case t(StudentT, DeviateTable?)
        case f(FDistribution, FDeviateTable?)
    }

    private let distribution: Distribution

    /// - Parameter rank: numerator degrees of freedom of F; `nil`: t.
    package init(rank: Int?, degreesOfFreedom dof: Double, tabulating: Bool = true) {
        distribution =
            if let f = rank.map({ FDistribution(numerator: Double($0), denominator: dof) }) {
                .f(f, tabulating ? FDeviateTable(f) : nil)
            } else {
                .t(
                    StudentT(degreesOfFreedom: dof),
                    tabulating ? DeviateTable(degreesOfFreedom: dof, to: dof) : nil)
            }
    }

    /// The deviate with the upper tail area of a statistic; finite for every finite statistic, F = 0 included.
    package func deviate(_ statistic: Double) -> Double {
        switch distribution {
        case .t(let t, _): t.z(of: statistic)
        case .f(let f, _): f.finiteZ(of: statistic)
        }
    }

    /// The deviates of many statistics, from a table: within 1e-10; see ``DeviateTable`` and ``FDeviateTable``.
    package func deviates(_ statistics: [Double], threads: Int) -> [Double] {
        let chunk = 1 << 16
        let parts = mapBlocks((statistics.count + chunk - 1) / chunk, threads: threads) { block in
            let piece = Array(statistics[block * chunk..<min(statistics.count, (block + 1) * chunk)])
            return switch distribution {
            case .t(let t, let table?): table.deviates(of: piece, degreesOfFreedom: [t.degreesOfFreedom])
            case .f(_, let table?): table.deviates(of: piece)
            case .t, .f: piece.map(deviate)
            }
        }
        if parts.count == 1 { return parts[0] }
        // What is joined without its length takes twice as much while it grows.
        var all: [Double] = []
        all.reserveCapacity(statistics.count)
        for part in parts { all += part }
        return all
    }
}
