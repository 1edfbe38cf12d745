import CoveyCore
import CoveyKernels
public import CoveyModel

/// t or F under shuffles where the design differs by voxel: Freedman and Lane's method with the rows of every
/// voxel's own design, images included, moved by the same shuffle.
///
/// Degrees of freedom are the same at all voxels, so that the statistic itself is compared.
public struct VoxelwiseRegressorStatistic: ShuffledStatistic {
    /// The unshuffled fit.
    public let fit: VoxelwiseFit
    /// The voxels with a statistic.
    public let voxels: [Int32]
    private let cohort: Cohort
    private let level: InstructionLevel

    /// The statistic of a fit.
    ///
    /// - Parameter cohort: the data that were fitted.
    public init(_ fit: VoxelwiseFit, _ cohort: Cohort) { self.init(fit, cohort, level: .best) }

    init(_ fit: VoxelwiseFit, _ cohort: Cohort, level: InstructionLevel) {
        precondition(cohort.mask == fit.statistic.mask, "the fit is of another cohort")
        self.fit = fit
        self.cohort = cohort
        self.level = level
        let values = fit.statistic.values
        voxels = values.indices.filter { values[$0].isFinite }.map(Int32.init)
    }

    /// The images in the design.
    public var dataBytes: Int { fit.design.regressors.values.reduce(0) { $0 + $1.panels.count * 8 } }

    /// t or F.
    public var kind: Statistic { fit.statistic.statistic }

    /// The statistics of a range of shuffles.
    public func maps(of shuffles: ShuffleSet, in range: Range<Int>, threads: Int) -> [Double] {
        precondition(shuffles.subjectCount == cohort.subjectCount)
        var source: [Int32] = []
        var signs: [Double] = []
        for index in range {
            let shuffle = shuffles[index]
            source += shuffle.source.map(Int32.init)
            signs += shuffle.signs.map(Double.init)
        }
        return panelwiseMaps(
            shuffles: range.count, voxels: voxels, threads: threads,
            scratch: { VoxelwisePanel(fit.design) }
        ) { [source, signs] scratch, voxels, values in
            scratch.load(cohort, voxels)
            scratch.statistics(
                source: source, signs: signs, shuffles: range.count, values: &values, level: level)
        }
    }
}
