import CoveyCore
public import CoveyImaging
import Synchronization

/// What a map lacks among the voxels that its cohort could have: those that at least half of the maps have, or those
/// of a mask image.
public struct MapLoss: Sendable, Hashable {
    /// Voxels without a value in this map.
    public let lostCount: Int
    /// Voxels that could have one.
    public let comparedCount: Int
    /// Voxels that every other map has and this one lacks: what it costs a mask of complete voxels.
    public let soleLossCount: Int

    /// The share of voxels lost.
    public var lostShare: Double { Double(lostCount) / Double(max(comparedCount, 1)) }
}

/// Counts what maps lack while they are read, by several threads.
final class LossCounter: Sendable {
    private let offsets: [Int32]
    private let sole: [Int: Int]
    private let isNeeded: Bool
    private let counts: Mutex<[Int]>

    init(_ tally: SupportTally, _ rule: MaskRule) {
        let mapCount = tally.mapCount
        var inside: (Int) -> Bool = { _ in true }
        if case .image(let image, let name) = rule,
            let mask = try? MaskRule.mask(of: image, name: name, on: tally.grid).mask
        {
            offsets = mask.offsets
            let known = Set(mask.offsets)
            inside = { known.contains(Int32($0)) }
        } else {
            offsets = tally.counts.indices.filter { 2 * Int(tally.counts[$0]) >= max(mapCount, 1) }.map(
                Int32.init)
        }
        sole = tally.soleAbsences(where: inside)
        isNeeded = offsets.contains { Int(tally.counts[Int($0)]) < mapCount }
        counts = Mutex([Int](repeating: 0, count: mapCount))
    }

    /// Counts what a map lacks, before it is smoothed.
    func count(_ map: Int, _ values: [Double], zeroIsMissing: Bool) {
        guard isNeeded else { return }
        let lost = offsets.count { offset in
            let value = values[Int(offset)]
            return !value.isFinite || (zeroIsMissing && value == 0)
        }
        counts.withLock { $0[map] = lost }
    }

    var losses: [MapLoss] {
        counts.withLock { $0 }.enumerated().map {
            MapLoss(lostCount: $1, comparedCount: offsets.count, soleLossCount: sole[$0] ?? 0)
        }
    }
}

extension CohortReader.Reading {
    /// How each map compares with the others at the voxels of the cohort, as it was read: smoothed, where the
    /// reader smooths.
    ///
    /// - Returns: one per map; none for a single map or no voxels, or where the values are so many that a copy in
    ///   single precision would not fit into 160 MB.
    public func qualities(threads: Int) -> [MapQuality] {
        let (n, voxels) = (cohort.subjectCount, cohort.mask.count)
        guard n > 1, voxels > 1, n * voxels <= 40_000_000 else { return [] }
        let rows = mapBlocks(n, threads: threads) { (subject: Int) -> [Float] in
            (0..<voxels).map { Float(cohort[subject, $0]) }
        }
        return MapComparison(
            mask: cohort.mask, names: cohort.identifiers, rows: rows, soleLosses: losses.map(\.soleLossCount),
            lostShares: losses.map(\.lostShare), threads: threads
        ).qualities()
    }
}
