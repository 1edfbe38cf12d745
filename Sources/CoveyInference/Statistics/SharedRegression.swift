import CoveyCore
import CoveyKernels
import CoveyModel
import Synchronization

/// t and F of several contrasts of one model under the same shuffles, all from one product of the data with the shuffled
/// columns of the model.
///
/// Freedman and Lane's residuals differ from contrast to contrast, by what the others test. With `A` an orthonormal basis
/// of all that is tested, `B` of the model's other columns, `y` the residuals of the data on `B` and `f` the part of
/// `A'y` that a contrast does not test, its residuals are `y - A f`, and their projections on shuffled columns `[A B]`
///
///     [P'A, P'B]' (y - A f)  =  [P'A, P'B]' y  -  ([P'A, P'B]' A) f
///
/// The first product has as many terms as there are subjects and is the same for all contrasts, the second has no more
/// than contrasts have rows. Scores differ from those of ``RegressionStatistic`` by rounding alone.
struct SharedRegression: Sendable {
    /// The contrasts.
    let statistics: [RegressionStatistic]

    private let shuffles: ShuffleSet
    private let bases: ShuffledBases
    /// `A`, and the weights of every contrast's tested columns on it.
    private let columns: Matrix
    private let weights: [Matrix]

    /// Where the others test more than this leaves of a voxel's squared length, too many digits would cancel.
    static let leastAllowed = 0.01

    /// The contrasts together; `nil` where they cannot be: of different models, voxels, shuffles or methods, too many,
    /// or where one would lose digits beside the others.
    init?(_ statistics: [RegressionStatistic], _ shuffles: ShuffleSet, threads: Int) {
        guard statistics.count > 1, statistics.count <= SharedRows.mostContrasts,
            let first = statistics.first,
            !first.voxels.isEmpty,
            statistics.allSatisfy({
                $0.method == .freedmanLane && $0.split != .guttman && $0.voxels == first.voxels
                    && $0.partition.model.matrix == first.partition.model.matrix
            })
        else { return nil }
        let model = first.partition.model
        let all = statistics.map(\.partition)
        let directions = PivotedQR(
            Matrix(columns: all.flatMap { one in (0..<one.testedRank).map(one.directions.column) })
        ).basis
        let constant = all.allSatisfy(\.constantIsNuisance) ? model.constantProjection : nil
        let rest = ContrastPartition.complement(of: directions, startingWith: constant)
        let basis = model.factorisation.basis
        let removed = basis * rest
        // Under permutation a constant stays where it is, and the data are orthogonal to it.
        let staying = constant != nil && !shuffles.flipsSigns ? 1 : 0
        let others =
            staying < removed.columns
            ? Matrix(columns: (staying..<removed.columns).map(removed.column))
            : Matrix(rows: basis.rows, columns: 0)
        columns = basis * directions
        guard columns.columns <= SharedRows.mostMoved,
            columns.columns + others.columns <= SharedRows.mostRows
        else { return nil }
        weights = all.map { $0.directions.transposed * directions }
        bases = ShuffledBases(moving: columns, and: others, removed: removed)
        self.statistics = statistics
        self.shuffles = shuffles
        guard leastOwn(threads: threads) >= Self.leastAllowed else { return nil }
    }

    /// Keeps prepared data from now on.
    func keepPrepared() { statistics[0].keepPrepared() }

    /// Drops the prepared data.
    func forgetPrepared() { statistics[0].forgetPrepared() }

    /// The least share of a voxel's squared length that any contrast has for its own.
    private func leastOwn(threads: Int) -> Double {
        let contrasts = contrasts()
        let columns = unshuffledColumns
        let least = Mutex(1.0)
        statistics[0].forEachDataBlock(removing: bases.removed, threads: threads, scratch: ()) {
            _, data, panels, voxels in
            let shared = SharedData(data, panels: panels, columns: columns, contrasts: contrasts)
            let width = panels * Panel.width
            let found = contrasts.indices.map { k in shared.own[k * width..<k * width + voxels.count].min()! }
            least.withLock { $0 = min($0, found.min()!) }
        }
        return least.withLock { $0 }
    }

    /// The kernel's contrasts, in the direction of tails or with the signs of their statistics.
    private func contrasts(_ scales: [ScoreScale]? = nil) -> [SharedContrast] {
        statistics.indices.map { k in
            SharedContrast(
                weights: weights[k].elements.map { (scales?[k].direction ?? 1) * $0 },
                tested: weights[k].rows,
                twoSided: scales?[k].isTwoSided ?? false)
        }
    }

    /// The columns that are tested, as the single rows of shuffles.
    private var unshuffledColumns: ShuffledRows {
        var rows = ShuffledRows(count: columns.columns, subjects: columns.rows, tested: 1, nuisance: 0)
        for c in 0..<columns.columns {
            for subject in 0..<columns.rows { rows[c, 0, subject] = columns[subject, c] }
        }
        return rows
    }

    private func rows(in range: Range<Int>, threads: Int) -> SharedRows {
        SharedRows(
            bases.rows(of: shuffles, in: range, threads: threads), columns: columns.transposed.elements)
    }

    private func meaning(of contrast: Int) -> ScoreMeaning {
        statistics[contrast].partition.isF ? .partialR2 : .signedR2
    }

    /// The statistics of a range of shuffles: all maps of the first contrast, then those of the next.
    func write(_ maps: inout [Double], in range: Range<Int>, threads: Int) {
        let first = statistics[0]
        let rows = rows(in: range, threads: threads)
        let (contrasts, columns) = (contrasts(), unshuffledColumns)
        MapKernel.write(&maps, shuffles: statistics.count * range.count, voxels: first.voxels.count) {
            writer in
            first.forEachDataBlock(
                removing: bases.removed, keeping: first.kept, threads: threads, scratch: ()
            ) { _, data, panels, voxels in
                let shared = SharedData(data, panels: panels, columns: columns, contrasts: contrasts)
                let scores = ScoreKernel.scores(shared, rows: rows, contrasts: contrasts, level: first.level)
                for (k, statistic) in statistics.enumerated() {
                    writer.write(
                        scores[k], scoreStride: panels * Panel.width, meaning: meaning(of: k),
                        degreesOfFreedom: statistic.degreesOfFreedom,
                        rank: Double(statistic.partition.testedRank), columns: voxels,
                        of: k * range.count..<(k + 1) * range.count, level: first.level)
                }
            }
        }
    }

    /// Tallies every voxel of a range of shuffles for every contrast, as ``VoxelTallying`` does for one.
    ///
    /// - Parameters:
    ///   - tails: of each contrast.
    ///   - choices: which voxels of each are kept; empty: none of any.
    /// - Returns: `nil` where more voxels would have to be kept than were allowed.
    func tally(
        in range: Range<Int>, tails: [Tail], keeping choices: [HighVoxels.Choice], threads: Int,
        progress: ProgressListener.Part
    ) -> [VoxelTally]? {
        let first = statistics[0]
        let scales = zip(statistics, tails).map { ScoreScale($0.partition, tail: $1, isCorrelation: false) }
        let (contrasts, columns) = (contrasts(scales), unshuffledColumns)
        let rows = rows(in: range, threads: threads)
        let identity = self.rows(in: 0..<1, threads: 1)
        let screen = SharedScreen(rows, contrasts: contrasts)
        precondition(choices.isEmpty || screen != nil, "high voxels of so many subjects")
        let (blocks, count) = (first.blockCount, statistics.count)
        let total = Mutex(
            [[Int32]](repeating: [Int32](repeating: 0, count: first.voxels.count), count: count))
        let running = Mutex(SharedTally(shuffles: range.count, contrasts: count).maxima)
        let high = Mutex([HighVoxels.Parts](repeating: HighVoxels.Parts(count: blocks), count: count))
        let isFull: @Sendable ([HighVoxels.Parts]) -> Bool = {
            zip($0, choices).contains { $0.kept > $1.most }
        }
        let finished = Atomic(0)
        let kept = choices.indices.map { k in
            KeptScores(
                least: scales[k].score(ofExtreme: choices[k].height),
                panels: min(RegressionStatistic.panelsPerBlock, first.panelCount), shuffles: range.count)
        }
        first.forEachDataBlock(
            removing: bases.removed, keeping: choices.isEmpty ? nil : first.kept, threads: threads,
            scratch: SharedTally(shuffles: range.count, contrasts: count, keeping: kept),
            { tally, data, panels, voxels in
                if high.withLock({ isFull($0) }) { return }
                let shared = SharedData(data, panels: panels, columns: columns, contrasts: contrasts)
                let observed = ScoreKernel.scores(
                    shared, rows: identity, contrasts: contrasts, level: first.level)
                tally.thresholds = zip(observed, scales).flatMap { $0.map($1.tieThreshold) }
                tally.counts = [Int64](repeating: 0, count: tally.thresholds.count)
                ScoreKernel.score(
                    shared, rows: rows, contrasts: contrasts, screen: screen, into: &tally, level: first.level
                )
                let width = panels * Panel.width
                total.withLock { [counts = tally.counts] total in
                    for k in 0..<count {
                        for (i, voxel) in voxels.enumerated() {
                            total[k][voxel] = Int32(counts[k * width + i])
                        }
                    }
                }
                let block = voxels.lowerBound / (RegressionStatistic.panelsPerBlock * Panel.width)
                for (k, kept) in tally.kept.enumerated() {
                    let part = statistics[k].highVoxels(
                        kept, meaning(of: k), columns: voxels, shuffles: range.count,
                        direction: scales[k].direction)
                    high.withLock { $0[k].add(part, of: block) }
                }
                progress.report(done: finished.wrappingAdd(1, ordering: .relaxed).newValue, of: blocks)
            },
            finish: { tally in
                running.withLock { running in
                    for i in running.indices { running[i] = max(running[i], tally.maxima[i]) }
                }
            })
        let parts = high.withLock { $0 }
        if isFull(parts) { return nil }
        let maxima = running.withLock { $0 }
        let length = maxima.count / count
        return total.withLock { total in
            (0..<count).map { k in
                VoxelTally(
                    maxima: ScoreKernel.maxima(
                        of: Array(maxima[k * length..<(k + 1) * length]), count: range.count
                    ).map(scales[k].extreme), counts: total[k],
                    high: choices.isEmpty ? nil : HighVoxels(parts[k], shuffles: range.count))
            }
        }
    }
}
