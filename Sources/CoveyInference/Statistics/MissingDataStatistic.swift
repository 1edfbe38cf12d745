import CoveyCore
public import CoveyKernels
public import CoveyModel

/// t or F under shuffles where subjects are missing at some voxels, on the z scale, since degrees of freedom
/// differ by voxel.
///
/// At a voxel a shuffle of all subjects becomes one of those present: the missing ones are deleted from its
/// sequence, the order of the others is kept, and signs stay with the subjects. A uniformly drawn permutation
/// stays uniform under this, and voxels with the same subjects keep the dependence that they have. Where
/// subjects are exchanged within blocks, each block's sequence is shortened on its own; blocks exchanged as
/// wholes cannot be, since incomplete ones are no longer exchangeable with complete ones: see ``allows(_:)``.
///
/// Distinct arrangements of a design with equal rows, enumerated or drawn, stand for several permutations each,
/// which differ once subjects are missing. One of them is drawn for each arrangement (a function of the
/// shuffle's number). The observed order is such a draw from its own arrangement, so that the set stays
/// exchangeable and p-values keep their level.
public struct MissingDataStatistic: ShuffledStatistic {
    /// The unshuffled fit.
    public let fit: PartialFit
    /// The voxels with a statistic.
    public let voxels: [Int32]
    private let parts: [Part]
    /// By degrees of freedom.
    private let scales: [Int: NormalScale]

    /// The voxels at which the same subjects are present.
    private struct Part: Sendable {
        let present: [Int]
        let statistic: RegressionStatistic
        /// Where the statistic's voxels stand among all.
        let positions: [Int]

        var degreesOfFreedom: Int { statistic.partition.degreesOfFreedom }
    }

    /// The statistic of a fit.
    ///
    /// - Parameters:
    ///   - method: what is shuffled; see ``NuisanceMethod``.
    ///   - level: the instruction set; see ``CoveyKernels/InstructionLevel``.
    public init(
        _ fit: PartialFit, method: NuisanceMethod = .freedmanLane, split: PartitionMethod = .ridgway,
        level: InstructionLevel = .best
    ) {
        self.fit = fit
        let statistics = fit.parts.map { part in
            RegressionStatistic(
                part.partition, part.data.cohort, part.fit, method: method, split: split, level: level)
        }
        let columns = zip(fit.parts, statistics).map { part, statistic in
            statistic.voxels.map { part.data.columns[Int($0)] }
        }
        let voxels = columns.joined().sorted()
        var position = [Int](repeating: 0, count: fit.mask.count)
        for (place, voxel) in voxels.enumerated() { position[Int(voxel)] = place }
        self.voxels = voxels
        parts = zip(fit.parts, zip(statistics, columns)).compactMap { part, own in
            own.1.isEmpty
                ? nil
                : Part(
                    present: part.data.present, statistic: own.0,
                    positions: own.1.map { position[Int($0)] })
        }
        let rank = fit.partition.isF ? fit.partition.testedRank : nil
        scales = Dictionary(
            uniqueKeysWithValues: Set(parts.map(\.degreesOfFreedom)).map {
                ($0, NormalScale(rank: rank, degreesOfFreedom: Double($0)))
            })
    }

    /// z.
    public var kind: Statistic { .z }

    /// Whether shuffles can do without some of the subjects: those that exchange single rows, or only flip signs. A list
    /// does not say which rows it exchanges as wholes: of lists, only signs will do.
    public static func allows(_ shuffles: ShuffleSet) -> Bool {
        if shuffles.origin == .listed {
            let order = Array(0..<shuffles.subjectCount)
            return (0..<shuffles.count).allSatisfy { shuffles[$0].source == order }
        }
        func singleRows(_ block: ExchangeabilityBlocks.Block) -> Bool {
            block.exchangesMembers
                ? block.members.allSatisfy(\.isRow) : block.members.allSatisfy(singleRows)
        }
        return shuffles.scheme == .flip || shuffles.blocks.map { singleRows($0.root) } ?? true
    }

    /// Where subjects with equal rows of the design change places and some of them are missing somewhere.
    public func drawsPermutations(of shuffles: ShuffleSet) -> Bool {
        parts.contains { $0.present.count < shuffles.subjectCount }
            && ShuffleRestriction(shuffles, design: fit.partition.model.matrix).drawsPermutations
    }

    /// All, and t and z (in pieces and joined) of the part at hand, which may be nearly all.
    public var mapCopies: Int { 4 }

    /// Keeps what the parts prepare from now on.
    public func keepPrepared() { for part in parts { part.statistic.keepPrepared() } }

    /// Drops what the parts have prepared.
    public func forgetPrepared() { for part in parts { part.statistic.forgetPrepared() } }

    /// The cohorts of the parts.
    public var dataBytes: Int { fit.parts.reduce(0) { $0 + $1.data.cohort.panels.count * 8 } }

    /// The statistics of a range of shuffles; see ``ShuffledStatistic``.
    ///
    /// - Precondition: ``allows(_:)`` the shuffles.
    public func maps(of shuffles: ShuffleSet, in range: Range<Int>, threads: Int) -> [Double] {
        precondition(shuffles.subjectCount == fit.partition.model.subjectCount)
        precondition(Self.allows(shuffles), "whole blocks cannot be exchanged with missing data")
        let restriction = ShuffleRestriction(shuffles, design: fit.partition.model.matrix)
        let whole = range.map { restriction.shuffle($0) }
        var maps = [Double](repeating: 0, count: range.count * voxels.count)
        for part in parts {
            let values = self.maps(
                of: part, whole.map { restriction.restricted($0, to: part.present) },
                beginsWithIdentity: range.lowerBound == 0, flipsSigns: shuffles.flipsSigns, threads: threads)
            let deviates = scales[part.degreesOfFreedom]!.deviates(values, threads: threads)
            for shuffle in 0..<range.count {
                for (i, position) in part.positions.enumerated() {
                    maps[shuffle * voxels.count + position] = deviates[shuffle * part.positions.count + i]
                }
            }
        }
        return maps
    }

    private func maps(
        of part: Part, _ shuffles: [Shuffle], beginsWithIdentity: Bool, flipsSigns: Bool, threads: Int
    ) -> [Double] {
        let n = part.present.count
        var list = shuffles
        // A list begins with the identity. Whether it flips signs decides how values are computed: it has to
        // say the same of every part of the shuffles.
        if !beginsWithIdentity { list.insert(.identity(n), at: 0) }
        let range = beginsWithIdentity ? 0..<list.count : 1..<list.count
        if flipsSigns {
            list.append(
                Shuffle(uncheckedSource: Array(0..<n), signs: [Int8](repeating: -1, count: n)))
        }
        return part.statistic.maps(of: ShuffleSet(listed: list), in: range, threads: threads)
    }
}
