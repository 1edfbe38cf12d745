import CoveyCore

/// The normal deviates of t, or of F, with some degrees of freedom: the scale on which statistics of different
/// degrees of freedom are compared.
package struct NormalScale: Sendable {
    private enum Distribution {
        case t(StudentT, DeviateTable?)
        case f(FDistribution)
        case tabulatedF(FDeviateTable)
    }

    private let distribution: Distribution
    private let degreesOfFreedom: Double

    /// - Parameter rank: numerator degrees of freedom of F; `nil`: t.
    package init(rank: Int?, degreesOfFreedom dof: Double, tabulating: Bool = true) {
        degreesOfFreedom = dof
        distribution =
            if let rank {
                tabulating
                    ? .tabulatedF(FDeviateTable(FDistribution(numerator: Double(rank), denominator: dof)))
                    : .f(FDistribution(numerator: Double(rank), denominator: dof))
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
        // The lower tail areas of the smallest F that occur lie above this.
        case .f(let f): max(f.z(of: statistic), -40)
        case .tabulatedF(let table): table.deviate(statistic)
        }
    }

    /// The deviates of many statistics, from a table: within 1e-10; see ``DeviateTable`` and ``FDeviateTable``.
    package func deviates(_ statistics: [Double], threads: Int) -> [Double] {
        let chunk = 1 << 16
        let parts = mapBlocks((statistics.count + chunk - 1) / chunk, threads: threads) { block in
            let piece = Array(statistics[block * chunk..<min(statistics.count, (block + 1) * chunk)])
            return switch distribution {
            case .t(_, let table?): table.deviates(of: piece, degreesOfFreedom: [degreesOfFreedom])
            case .tabulatedF(let table): table.deviates(of: piece)
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
