import CoveyCore
public import CoveyModel

/// A statistic on the scale of the standard normal: every value becomes the z of the same tail area.
///
/// Puts statistics of different degrees of freedom, or t and F, on one scale, so that they can be compared
/// across contrasts; MRtrix3 and PALM (`-zstat`) form clusters and TFCE on this scale.
public struct ZScaledStatistic: ShuffledStatistic {
    /// z.
    public let kind = Statistic.z
    private let base: any ShuffledStatistic

    /// The statistic `base` as z.
    ///
    /// - Precondition: `base` gives t or F.
    public init(_ base: any ShuffledStatistic) {
        switch base.kind {
        case .t, .f: self.base = base
        default: preconditionFailure("no z of \(base.kind)")
        }
    }

    /// The voxels of the statistic.
    public var voxels: [Int32] { base.voxels }

    /// The statistics of a range of shuffles; see ``ShuffledStatistic``.
    public func maps(of shuffles: ShuffleSet, in range: Range<Int>, threads: Int) -> [Double] {
        let maps = base.maps(of: shuffles, in: range, threads: threads)
        let count = voxels.count
        let rows = mapBlocks(range.count, threads: threads) { row in
            zValues(maps[row * count..<(row + 1) * count])
        }
        return Array(rows.joined())
    }

    private func zValues(_ values: ArraySlice<Double>) -> [Double] {
        switch base.kind {
        case .t(let dof):
            let t = StudentT(degreesOfFreedom: dof)
            return values.map(t.z(of:))
        case .f(let numerator, let denominator):
            let f = FDistribution(numerator: numerator, denominator: denominator)
            return values.map(f.z(of:))
        default: return Array(values)
        }
    }
}
