public import CoveyCore
import CoveyKernels
public import CoveyModel

/// Aspin and Welch's v, or G, under shuffles: Freedman and Lane's method with a variance for each group.
///
/// The label of a variance group belongs to the row of the design, as in PALM: the residuals on the nuisance
/// columns move, the design and its groups stay. Shuffles that keep rows within their group, and sign flips,
/// respect unequal variances as they are. Shuffles that carry rows from group to group are exact only where
/// the variances are equal; otherwise the studentised statistic makes them right for large groups, where the
/// plain t is wrong in any number (Janssen 1997, Statistics & Probability Letters 36:9-21; Chung and Romano
/// 2013, Annals of Statistics 41:484-507).
public struct WelchStatistic: ShuffledStatistic {
    /// What the maps hold.
    public enum Scale: String, Sendable, Codable {
        /// The normal deviate of v or G by its own degrees of freedom, which differ by voxel and shuffle:
        /// the scale to compare voxels on.
        case z
        /// v or G.
        case statistic
    }

    /// The unshuffled statistic.
    public let fit: WelchFit
    /// What the maps hold.
    public let scale: Scale
    /// The voxels with a statistic.
    public let voxels: [Int32]
    private let cohort: Cohort
    private let level: InstructionLevel

    /// The statistic of a fit.
    ///
    /// - Parameters:
    ///   - cohort: the data that were fitted.
    ///   - level: the instruction set; see ``CoveyKernels/InstructionLevel``.
    public init(_ fit: WelchFit, _ cohort: Cohort, scale: Scale = .z) {
        self.init(fit, cohort, scale: scale, level: .best)
    }

    init(_ fit: WelchFit, _ cohort: Cohort, scale: Scale, level: InstructionLevel) {
        precondition(cohort.mask == fit.mask, "the fit is of another cohort")
        self.fit = fit
        self.cohort = cohort
        self.scale = scale
        self.level = level
        voxels = fit.values.indices.filter { fit.values[$0].isFinite }.map(Int32.init)
    }

    /// z, or t or F with the nominal degrees of freedom `n - rank`.
    public var kind: Statistic {
        let dof = Double(fit.partition.degreesOfFreedom)
        switch scale {
        case .z: return .z
        case .statistic:
            return fit.partition.isF
                ? .f(numerator: Double(fit.partition.testedRank), denominator: dof)
                : .t(degreesOfFreedom: dof)
        }
    }

    /// The statistics of a range of shuffles.
    public func maps(of shuffles: ShuffleSet, in range: Range<Int>, threads: Int) -> [Double] {
        let partition = fit.partition
        precondition(shuffles.subjectCount == partition.model.subjectCount)
        let n = partition.model.subjectCount
        let kernel = fit.kernel
        var moves = kernel.makeMoves()
        for index in range {
            let shuffle = shuffles[index]
            moves.append(source: shuffle.source, signs: shuffle.signs)
        }
        struct Scratch {
            var preparation: PanelPreparation
            var data: [Double]
            var degrees: [Double]
            var kernel: WelchKernel.Scratch
        }
        let nuisance = partition.nuisanceBasis
        let rank = partition.isF ? partition.testedRank : nil
        // Satterthwaite's degrees of freedom lie between those of the smallest group and of all together.
        let table =
            partition.isF
            ? nil
            : DeviateTable(
                degreesOfFreedom: kernel.traces.min()!, to: kernel.traces.reduce(0, +) * (1 + 1e-12))
        return panelwiseMaps(
            shuffles: range.count, voxels: voxels, threads: threads,
            scratch: {
                Scratch(
                    preparation: PanelPreparation(subjects: n, rank: nuisance.columns),
                    data: [Double](repeating: 0, count: n * Panel.width),
                    degrees: [Double](
                        repeating: 0, count: scale == .z ? range.count * Panel.width : 0),
                    kernel: kernel.makeScratch())
            }
        ) { [moves] scratch, voxels, values in
            scratch.preparation.load(cohort, voxels: voxels, shifting: partition.constantIsNuisance)
            scratch.preparation.project(on: nuisance.elements)
            scratch.preparation.copyUnitResiduals(to: &scratch.data, at: 0)
            kernel.statistics(
                of: scratch.data, moves: moves, squares: partition.isF, values: &values,
                degreesOfFreedom: &scratch.degrees, scratch: &scratch.kernel, level: level)
            guard scale == .z else { return }
            if let table {
                values = table.deviates(of: values, degreesOfFreedom: scratch.degrees, level: level)
                return
            }
            for place in 0..<range.count * Panel.width {
                let scale = NormalScale(
                    rank: rank, degreesOfFreedom: scratch.degrees[place], tabulating: false)
                values[place] = scale.deviate(values[place])
            }
        }
    }

    /// What should be known about these groups under these shuffles.
    public func notes(on shuffles: ShuffleSet) -> [Note] {
        let looked = 0..<min(shuffles.count, 100)
        guard looked.contains(where: { fit.groups.areCrossed(by: shuffles[$0].source) }) else { return [] }
        return [
            .warning(
                "shuffles carry rows from one variance group to another: with unequal variances the "
                    + "p-values are right for large groups only")
        ]
    }
}
