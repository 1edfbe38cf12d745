import CoveyCore
import CoveyKernels
import CoveyModel
import Synchronization

/// A statistic whose voxels can be tallied without keeping a map of any shuffle.
protocol VoxelTallying: ShuffledStatistic {
    /// Whether this one can.
    var talliesVoxels: Bool { get }
    /// Whether it can keep the voxels above a height besides.
    var keepsHighVoxels: Bool { get }
    /// Shuffles to tally at a time.
    var batch: Int { get }
    /// Tallies every voxel of a range of shuffles.
    ///
    /// - Parameters:
    ///   - tail: which statistics count.
    ///   - keeping: which voxels are kept; `nil`: none.
    /// - Returns: `nil` where more voxels would have to be kept than were allowed.
    func tally(
        of shuffles: ShuffleSet, in range: Range<Int>, tail: Tail, keeping: HighVoxels.Choice?, threads: Int,
        progress: ProgressListener.Part
    ) -> VoxelTally?
}

/// What ``VoxelTallying`` finds.
struct VoxelTally {
    /// The greatest statistic of each shuffle in the direction of the tail.
    let maxima: [Double]
    /// For each voxel the shuffles whose statistic there reaches the identity's.
    let counts: [Int32]
    /// The voxels that were kept.
    let high: HighVoxels?
}

extension RegressionStatistic: VoxelTallying {
    /// ter Braak's identity is of other data than its shuffles.
    var talliesVoxels: Bool { method != .terBraak }

    var keepsHighVoxels: Bool { partition.model.subjectCount <= RowScreen.mostSubjects }

    var batch: Int {
        let rowBytes = partition.model.rank * partition.model.subjectCount * 8
        return max(64, Self.rowBudget / rowBytes / ShuffledRows.tile * ShuffledRows.tile)
    }

    /// Scores, counts and forgets: the data are read once per batch, and only maxima, counts and what is high are kept.
    func tally(
        of shuffles: ShuffleSet, in range: Range<Int>, tail: Tail, keeping choice: HighVoxels.Choice?,
        threads: Int, progress: ProgressListener.Part
    ) -> VoxelTally? {
        let bases = ShuffledBases(
            partition, method: method, split: split, flipsSigns: shuffles.flipsSigns,
            blocks: shuffles.blocks)
        let scale = ScoreScale(partition, tail: tail, isCorrelation: bases.givesCorrelations)
        let rows = bases.rows(
            of: shuffles, in: range, direction: scale.direction, threads: threads)
        let screen = RowScreen(rows)
        precondition(choice == nil || screen != nil, "high voxels of so many subjects")
        let identity = bases.rows(of: shuffles, in: 0..<1, direction: scale.direction)
        let meaning = meaning(of: bases)
        let total = Mutex([Int32](repeating: 0, count: voxels.count))
        let running = Mutex(ScoreKernel.emptyMaxima(shuffles: range.count))
        let blocks = blockCount
        let high = Mutex(HighVoxels.Parts(count: blocks))
        let finished = Atomic(0)
        forEachDataBlock(
            removing: bases.removed, keeping: choice == nil ? nil : kept, threads: threads,
            scratch: TallyScratch(
                maxima: ScoreKernel.emptyMaxima(shuffles: range.count),
                kept: choice.map {
                    KeptScores(
                        least: scale.score(ofExtreme: $0.height),
                        panels: min(Self.panelsPerBlock, panelCount),
                        shuffles: range.count)
                }),
            { scratch, data, panels, columns in
                if let choice, high.withLock({ $0.kept > choice.most }) { return }
                let observed = ScoreKernel.scores(
                    data, panels: panels, rows: identity, twoSided: scale.isTwoSided, level: level)
                let thresholds = observed.map(scale.tieThreshold)
                var counts = [Int64](repeating: 0, count: observed.count)
                if var kept = scratch.kept.take(), let screen {
                    ScoreKernel.score(
                        data, panels: panels, rows: rows, screen: screen, twoSided: scale.isTwoSided,
                        thresholds: thresholds, counts: &counts, maxima: &scratch.maxima, keeping: &kept,
                        level: level)
                    let part = highVoxels(
                        kept, meaning, columns: columns, shuffles: range.count, direction: scale.direction)
                    high.withLock {
                        $0.add(part, of: columns.lowerBound / (Self.panelsPerBlock * Panel.width))
                    }
                    scratch.kept = kept
                } else {
                    ScoreKernel.score(
                        data, panels: panels, rows: rows, screen: screen, twoSided: scale.isTwoSided,
                        thresholds: thresholds, counts: &counts, maxima: &scratch.maxima, level: level)
                }
                total.withLock { [counts] total in
                    for (i, voxel) in columns.enumerated() { total[voxel] = Int32(counts[i]) }
                }
                progress.report(
                    done: finished.wrappingAdd(1, ordering: .relaxed).newValue, of: blocks)
            },
            finish: { scratch in
                running.withLock { running in
                    for i in running.indices { running[i] = max(running[i], scratch.maxima[i]) }
                }
            })
        let parts = high.withLock { $0 }
        if let choice, parts.kept > choice.most { return nil }
        let maxima = running.withLock { ScoreKernel.maxima(of: $0, count: range.count) }
        return VoxelTally(
            maxima: maxima.map(scale.extreme), counts: total.withLock { $0 },
            high: choice == nil ? nil : HighVoxels(parts, shuffles: range.count))
    }

    /// The high voxels of a block from its kept scores.
    func highVoxels(
        _ kept: KeptScores, _ meaning: ScoreMeaning, columns: Range<Int>, shuffles: Int, direction: Double
    ) -> HighVoxels.Part {
        HighVoxels.Part(
            kept, columns: columns, shuffles: shuffles,
            statistics: MapKernel.statistics(
                of: kept.scores, count: kept.count, meaning: meaning, degreesOfFreedom: degreesOfFreedom,
                rank: Double(partition.testedRank), level: level),
            direction: direction)
    }
}

/// What a thread adds up.
private struct TallyScratch: Sendable {
    var maxima: [Double]
    var kept: KeptScores?
}
