public import CoveyModel

/// A statistic on the scale of the standard normal: every value becomes the z of the same tail area.
///
/// Puts statistics of different degrees of freedom, or t and F, on one scale, so that they can be compared
/// across contrasts; MRtrix3 and PALM (`-zstat`) form clusters and TFCE on this scale.
public struct ZScaledStatistic: ShuffledStatistic {
    /// z.
    public let kind = Statistic.z
    private let base: any ShuffledStatistic
    private let scale: NormalScale

    /// The statistic `base` as z.
    ///
    /// - Precondition: `base` gives t or F.
    public init(_ base: any ShuffledStatistic) {
        self.base = base
        switch base.kind {
        case .t(let dof): scale = NormalScale(rank: nil, degreesOfFreedom: dof)
        case .f(let rank, let dof): scale = NormalScale(rank: Int(rank), degreesOfFreedom: dof)
        default: preconditionFailure("no z of \(base.kind)")
        }
    }

    /// The voxels of the statistic.
    public var voxels: [Int32] { base.voxels }

    /// Those of the statistic, and z in pieces and joined.
    public var mapCopies: Int { max(base.mapCopies, 3) }

    /// The data of the statistic.
    public var dataBytes: Int { base.dataBytes }

    /// Keeps what the statistic prepares from now on.
    public func keepPrepared() { base.keepPrepared() }

    /// Drops what the statistic has prepared.
    public func forgetPrepared() { base.forgetPrepared() }

    /// The statistics of a range of shuffles; see ``ShuffledStatistic``.
    public func maps(of shuffles: ShuffleSet, in range: Range<Int>, threads: Int) -> [Double] {
        scale.deviates(base.maps(of: shuffles, in: range, threads: threads), threads: threads)
    }
}
