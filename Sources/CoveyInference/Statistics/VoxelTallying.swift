import CoveyCore
import CoveyKernels
import CoveyModel
import Synchronization

/// A statistic whose voxels can be tallied without keeping a map of any shuffle.
protocol VoxelTallying: ShuffledStatistic {
    /// Whether this one can.
    var talliesVoxels: Bool { get }
    /// Shuffles to tally at a time.
    var batch: Int { get }
    /// The greatest statistic of each shuffle in the direction of the tail, and for each voxel the shuffles
    /// whose statistic there reaches the identity's.
    func tally(
        of shuffles: ShuffleSet, in range: Range<Int>, tail: Tail, threads: Int,
        progress: ProgressListener.Part
    ) -> (maxima: [Double], counts: [Int32])
}

extension RegressionStatistic: VoxelTallying {
    /// ter Braak's identity is of other data than its shuffles.
    var talliesVoxels: Bool { method != .terBraak }

    var batch: Int {
        let rowBytes = partition.model.rank * partition.model.subjectCount * 8
        return max(64, Self.rowBudget / rowBytes / ShuffledRows.tile * ShuffledRows.tile)
    }

    /// Scores, counts and forgets: the data are read once per batch, and only maxima and counts are kept.
    func tally(
        of shuffles: ShuffleSet, in range: Range<Int>, tail: Tail, threads: Int,
        progress: ProgressListener.Part
    ) -> (maxima: [Double], counts: [Int32]) {
        let bases = ShuffledBases(
            partition, method: method, split: split, flipsSigns: shuffles.flipsSigns,
            blocks: shuffles.blocks)
        let scale = ScoreScale(partition, tail: tail, isCorrelation: bases.givesCorrelations)
        let rows = bases.rows(
            of: shuffles, in: range, direction: scale.direction, threads: threads)
        let screen = RowScreen(rows)
        let identity = bases.rows(of: shuffles, in: 0..<1, direction: scale.direction)
        let total = Mutex([Int32](repeating: 0, count: voxels.count))
        let running = Mutex(ScoreKernel.emptyMaxima(shuffles: range.count))
        let finished = Atomic(0)
        let blocks = blockCount
        forEachDataBlock(
            removing: bases.removed, threads: threads,
            scratch: ScoreKernel.emptyMaxima(shuffles: range.count),
            { maxima, data, panels, columns in
                let observed = ScoreKernel.scores(
                    data, panels: panels, rows: identity, twoSided: scale.isTwoSided, level: level)
                var counts = [Int64](repeating: 0, count: observed.count)
                ScoreKernel.score(
                    data, panels: panels, rows: rows, screen: screen, twoSided: scale.isTwoSided,
                    thresholds: observed.map(scale.tieThreshold), counts: &counts, maxima: &maxima,
                    level: level)
                total.withLock { [counts] total in
                    for (i, voxel) in columns.enumerated() { total[voxel] = Int32(counts[i]) }
                }
                progress.report(
                    done: finished.wrappingAdd(1, ordering: .relaxed).newValue, of: blocks)
            },
            finish: { maxima in
                running.withLock { running in
                    for i in running.indices { running[i] = max(running[i], maxima[i]) }
                }
            })
        let maxima = running.withLock { ScoreKernel.maxima(of: $0, count: range.count) }
        return (maxima.map(scale.extreme), total.withLock { $0 })
    }
}
