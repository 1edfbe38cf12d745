import CoveyKernels

extension PermutationTest {
    /// The memory that tallying takes at most, in bytes, besides the cohort: bounded whatever the number of
    /// shuffles.
    ///
    /// Voxels alone need shuffled rows of at most ``RegressionStatistic``'s budget of 16 MiB, twice while they
    /// are put together, and a block of voxels per thread. Clusters and TFCE need maps of 64 MiB (of 16 shuffles where one map is more than
    /// 4 MiB), the prepared data where they take at most 512 MiB and, per thread, a component tree of about 80
    /// bytes a voxel and counts.
    public func workspaceBytes(threads: Int) -> Int {
        let voxels = statistic.voxels.count
        let quantities = choice.quantities.count
        let tally = quantities * (shuffles.count * 8 + voxels * 16)
        let block = RegressionStatistic.panelsPerBlock * shuffles.subjectCount * Panel.width * 8
        if !choice.readsMaps, let fast = statistic as? any VoxelTallying, fast.talliesVoxels {
            let batch = min(fast.batch, shuffles.count)
            let screen = RowScreen.workBytes(
                panels: RegressionStatistic.panelsPerBlock, subjects: shuffles.subjectCount, shuffles: batch)
            return 2 * RegressionStatistic.rowBudget + tally + threads * (block + screen + batch * 64)
        }
        let batch = min(mapBatch, shuffles.count)
        let scores = batch * RegressionStatistic.panelsPerBlock * Panel.width * 8
        let lattice = choice.isVoxelwise ? 0 : (mask.grid.shape.map { $0 + 2 }.reduce(1, *) * 5 + voxels * 80)
        // Of a map whose pivot is sought: its statistics and those that are tests.
        let pivots = choice.boundTemplateSize == nil ? 0 : threads * voxels * 24
        let prepared = RegressionStatistic.preparedBytes(voxels: voxels, subjects: shuffles.subjectCount)
        return batch * voxels * 8 + prepared + tally + pivots + threads
            * (block + scores + lattice + voxels * 4 * quantities)
    }

    /// Maps of shuffles that are held at a time.
    var mapBatch: Int { max(16, Self.mapBudget / (max(statistic.voxels.count, 1) * 8) / 8 * 8) }
}
