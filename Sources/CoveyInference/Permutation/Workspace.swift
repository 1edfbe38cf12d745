import CoveyCore
import CoveyKernels

extension PermutationTest {
    /// The memory that tallying takes at most, in bytes, besides the cohort: bounded whatever the number of
    /// shuffles.
    ///
    /// Voxels alone need shuffled rows of at most ``RegressionStatistic``'s budget of 16 MiB, twice while they
    /// are put together, and a block of voxels per thread. Clusters need their voxels besides, at most 128 MiB of them
    /// or those of 16 shuffles, the prepared data where they take at most 512 MiB and, per thread, room for a block's
    /// scores of 1024 shuffles, a component tree of about 70 bytes a voxel and counts. TFCE, and clusters formed where
    /// more than one voxel in 50 is so high, need maps of 64 MiB (of 16 shuffles where one map is more than 4 MiB), the
    /// prepared data, and a tree and counts per thread.
    public func workspaceBytes(threads: Int) -> Int {
        workspaceBytes(threads: threads, batch: quick == nil ? mapBatch : quickBatch)
            + preparedBytes
    }

    /// Data as they are prepared for one batch of shuffles after the other.
    var preparedBytes: Int {
        quick != nil && highVoxels(of: 0..<1) == nil
            ? 0
            : RegressionStatistic.preparedBytes(
                voxels: statistic.voxels.count, subjects: shuffles.subjectCount)
    }

    /// The memory of so many shuffles together, without the prepared data.
    func workspaceBytes(threads: Int, batch most: Int) -> Int {
        let batch = min(most, shuffles.count)
        let voxels = statistic.voxels.count
        let quantities = choice.quantities.count
        let tally = quantities * (shuffles.count * 8 + voxels * 16)
        let block = RegressionStatistic.panelsPerBlock * shuffles.subjectCount * Panel.width * 8
        let places = mask.grid.shape.map { $0 + 2 }.reduce(1, *)
        // A tree, and the reader's terms, values and roots.
        let lattice =
            choice.isVoxelwise
            ? 0 : ComponentTree.byteCount(voxels: voxels, places: places) + voxels * 20
        if quick != nil {
            let screen = RowScreen.workBytes(
                panels: RegressionStatistic.panelsPerBlock, subjects: shuffles.subjectCount, shuffles: batch)
            let rows = 2 * RegressionStatistic.rowBudget + tally + threads * (block + screen + batch * 64)
            guard let high = highVoxels(of: 0..<batch) else { return rows }
            let kept = KeptScores.bytes(panels: RegressionStatistic.panelsPerBlock, shuffles: batch)
            return rows + min(high.most, 2 * batch * voxels) * HighVoxels.bytes
                + threads * (2 * kept + lattice + voxels * 4 * quantities)
        }
        let scores = batch * RegressionStatistic.panelsPerBlock * Panel.width * 8
        // Of a map whose pivot is sought: its statistics and those that are tests.
        let pivots = choice.boundTemplateSize == nil ? 0 : threads * voxels * 24
        return batch * voxels * 8 * statistic.mapCopies + tally + pivots + threads
            * (block + scores + lattice + voxels * 4 * quantities)
    }

    /// The statistic, where what is compared needs no whole map of any shuffle.
    ///
    /// Clusters do not where few voxels are as high as they are formed at.
    var quick: (any VoxelTallying)? {
        guard let fast = statistic as? any VoxelTallying, fast.talliesVoxels else { return nil }
        return !choice.readsMaps || fast.keepsHighVoxels && highShare.map { $0 <= Self.largestShare } ?? false
            ? fast : nil
    }

    /// A larger share of high voxels is dearer to sort out than whole maps are to read.
    private static let largestShare = 0.02
    /// Shuffles that are tallied together however many of their voxels are high.
    static let leastBatch = 16
    private static let mostWithClusters = 1024

    /// The share of the voxels without effect that is high enough for clusters; `nil` where more than those is
    /// compared.
    private var highShare: Double? {
        guard choice.readsHighVoxels, statistic.kind.hasTailArea, let height = choice.formingHeights.min(),
            height > 0
        else { return nil }
        return LogProbability.p(statistic.kind.logP(height, tail: .greater)) * (tail == .twoSided ? 2 : 1)
    }

    /// Shuffles that ``quick`` tallies at a time: with clusters so many that their high voxels take 64 MiB, about.
    var quickBatch: Int {
        let most = (statistic as? any VoxelTallying)?.batch ?? 64
        guard let highShare else { return most }
        let bytes = Double(statistic.voxels.count * HighVoxels.bytes) * max(highShare, 1e-4)
        let fitting = Int(min(Double(highBudget) / bytes, 1e6)) / ShuffledRows.tile * ShuffledRows.tile
        return max(Self.leastBatch, min(most, fitting, Self.mostWithClusters))
    }

    /// Shuffles to tally together where so many had too many high voxels.
    static func smaller(than batch: Int) -> Int {
        max(leastBatch, batch / 2 / ShuffledRows.tile * ShuffledRows.tile)
    }

    /// Which voxels of so many shuffles are kept; `nil`: none.
    ///
    /// Where there turn out to be more of them, fewer shuffles are tallied together.
    func highVoxels(of range: Range<Int>) -> HighVoxels.Choice? {
        guard choice.readsHighVoxels, let height = choice.formingHeights.min() else { return nil }
        return HighVoxels.Choice(
            height: TieRule.forming(height) * (1 - 1e-6),
            most: range.count > Self.leastBatch ? 2 * highBudget / HighVoxels.bytes : .max)
    }

    /// Shuffles whose maps are made at a time.
    var mapBatch: Int {
        let bytes = max(statistic.voxels.count, 1) * 8 * statistic.mapCopies
        return max(16, Self.mapBudget / bytes / 8 * 8)
    }
}
