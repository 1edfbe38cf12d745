public import CoveyCore
public import CoveyImaging
public import CoveyKernels
import Synchronization

/// The test of one contrast at every voxel without the assumption that all subjects share one variance:
/// Aspin and Welch's v for a t contrast, G for an F contrast.
///
/// With `b` the least-squares coefficients, `r` the residuals, `R` the matrix that forms them, and groups `g`
/// of subjects with a variance each,
///
///     W_g = tr_g / (r_g'r_g),   tr_g = sum of R_nn over g,   A = sum_g W_g X_g'X_g,
///     v = c'b / sqrt(c' A^-1 c),
///     G = b'C (C'A^-1 C)^-1 C'b / (s Lambda),   s = rank C,
///     Lambda = 1 + 2 (s - 1) / (s (s + 2)) sum_g (1 - n_g W_g / sum n W)^2 / tr_g
///
/// (Winkler et al. 2014, NeuroImage 92:381-397). With one group v is t and G is F.
///
/// Under the null v follows, approximately, t with Satterthwaite's degrees of freedom
/// `1 / sum_g share_g^2 / tr_g`, where `share_g` is the part of the variance `c'A^-1 c` that comes from group
/// g: Welch's test where two groups are compared. `s Lambda G` follows `k F(s, nu)` with Johansen's (1980,
/// Biometrika 67:85-92) `k` and `nu`: Welch's (1951) one-way analysis of variance where group means are
/// compared. PALM's degrees of freedom, `s (s + 2) / (3 sum_g (1 - n_g W_g / sum n W)^2 / tr_g)`, are the
/// same in these two cases; elsewhere they ignore which group a contrast depends on, and are not used here.
public struct WelchFit: Sendable {
    /// The contrast.
    public let partition: ContrastPartition
    /// Who shares a variance.
    public let groups: VarianceGroups
    /// The voxels.
    public let mask: Mask
    /// v or G for every voxel of the mask; NaN where there is none.
    public let values: [Double]
    /// The degrees of freedom of v, or the denominator's of the F that G is compared with; NaN where there is
    /// no statistic.
    public let degreesOfFreedom: [Double]
    /// The statistic as a normal deviate with the same upper tail area. Since degrees of freedom differ by
    /// voxel, this is the scale to compare voxels on.
    public let z: StatisticMap
    /// Voxels without variance, in all subjects or within some group: no statistic.
    public let omittedVoxelCount: Int
    /// What should be known.
    public let notes: [Note]
    /// Computes the shuffled statistics.
    package let kernel: WelchKernel

    /// The share of all squared residuals at or below which a group's are rounding (`welch.h`).
    static let groupTolerance = 1e-13

    /// Tests `partition` at every voxel of `cohort`.
    ///
    /// - Throws: ``VarianceGroupsError`` where the model leaves a group no degrees of freedom.
    /// - Precondition: the cohort has as many subjects as the design has rows.
    public init(
        _ partition: ContrastPartition, groups: VarianceGroups, _ cohort: Cohort,
        threads: Int = availableThreads(), level: InstructionLevel = .best
    ) throws(VarianceGroupsError) {
        let n = partition.model.subjectCount
        precondition(cohort.subjectCount == n, "cohort and design have different rows")
        guard groups.labels.count == n else {
            throw .wrongCount(grouped: groups.labels.count, subjects: n)
        }
        let kernel = WelchKernel(
            nuisance: partition.nuisanceBasis.elements, tested: partition.testedBasis.elements,
            testedColumns: partition.testedRank, labels: groups.labels, groups: groups.count)
        if let group = kernel.traces.firstIndex(where: { $0 < 1e-6 }) {
            throw .noDegreesOfFreedom(group: groups.names[group], subjects: groups.sizes[group])
        }
        var moves = kernel.makeMoves()
        moves.append(source: Array(0..<n), signs: [Int8](repeating: 1, count: n))
        let (voxels, width, rank) = (cohort.mask.count, Panel.width, partition.testedRank)
        let basis = partition.model.factorisation.basis

        struct Part: Sendable {
            var values: [Double]
            var degrees: [Double]
            var z: [Double]
        }
        struct Scratch {
            var whole: PanelPreparation
            var reduced: PanelPreparation
            var data: [Double]
            var kernel: WelchKernel.Scratch
        }
        let nuisance = partition.nuisanceBasis
        let all = Mutex([Part?](repeating: nil, count: cohort.panelCount))
        forEachBlock(
            cohort.panelCount, threads: threads,
            scratch: {
                Scratch(
                    whole: PanelPreparation(subjects: n, rank: basis.columns),
                    reduced: PanelPreparation(subjects: n, rank: nuisance.columns),
                    data: [Double](repeating: 0, count: n * width), kernel: kernel.makeScratch())
            },
            { [moves] scratch, panel in
                scratch.whole.load(cohort, panel: panel, shifting: partition.model.constantProjection != nil)
                scratch.whole.project(on: basis.elements)
                let testable = Self.testable(scratch.whole, groups)
                scratch.reduced.load(cohort, panel: panel, shifting: partition.constantIsNuisance)
                scratch.reduced.project(on: nuisance.elements)
                scratch.reduced.copyUnitResiduals(to: &scratch.data, at: 0)
                var (statistic, approximate) = (
                    [Double](repeating: 0, count: width), [Double](repeating: 0, count: width)
                )
                var (degrees, none) = (approximate, [Double]())
                kernel.statistics(
                    of: scratch.data, moves: moves, squares: partition.isF, values: &statistic,
                    degreesOfFreedom: &none, scratch: &scratch.kernel, level: level)
                kernel.statistics(
                    of: scratch.data, moves: moves, squares: partition.isF, values: &approximate,
                    degreesOfFreedom: &degrees, scratch: &scratch.kernel, level: level)
                let lanes = 0..<min(width, voxels - panel * width)
                let part = Part(
                    values: lanes.map { testable[$0] ? statistic[$0] : .nan },
                    degrees: lanes.map { testable[$0] ? degrees[$0] : .nan },
                    z: lanes.map {
                        testable[$0]
                            ? NormalScale(
                                rank: partition.isF ? rank : nil, degreesOfFreedom: degrees[$0],
                                tabulating: false
                            ).deviate(approximate[$0])
                            : .nan
                    })
                all.withLock { $0[panel] = part }
            })
        let parts = all.withLock { $0.map { $0! } }
        self.partition = partition
        self.groups = groups
        self.kernel = kernel
        mask = cohort.mask
        values = parts.flatMap(\.values)
        degreesOfFreedom = parts.flatMap(\.degrees)
        z = StatisticMap(.z, mask: cohort.mask, values: parts.flatMap(\.z))
        omittedVoxelCount = values.count(where: \.isNaN)
        notes = Self.notes(groups, traces: kernel.traces, omitted: omittedVoxelCount, voxels: voxels)
    }

    /// For each lane, whether there are residuals, in every group.
    private static func testable(_ panel: PanelPreparation, _ groups: VarianceGroups) -> [Bool] {
        let width = Panel.width
        var squares = [Double](repeating: 0, count: groups.count * width)
        for (subject, group) in groups.labels.enumerated() {
            for lane in 0..<width {
                let residual = panel.panel[subject * width + lane]
                squares[group * width + lane] += residual * residual
            }
        }
        return (0..<width).map { lane in
            let tolerance = Fit.residualTolerance * panel.lengths[lane]
            let total = panel.squares[lane]
            return total > tolerance * tolerance
                && (0..<groups.count).allSatisfy { squares[$0 * width + lane] > groupTolerance * total }
        }
    }

    private static func notes(
        _ groups: VarianceGroups, traces: [Double], omitted: Int, voxels: Int
    ) -> [Note] {
        var notes: [Note] = []
        let sizes = zip(groups.names, groups.sizes).prefix(8).map { "\(quoted($0, limit: 40)): \($1)" }
        notes.append(
            .information(
                "a variance for each of \(counted(groups.count, "group")) (\(sizes.joined(separator: ", "))"
                    + (groups.count > 8 ? ", …)" : ")")))
        let poor = traces.indices.filter { traces[$0] < 5 }
        if !poor.isEmpty {
            let names = poor.prefix(5).map { quoted(groups.names[$0], limit: 40) }.joined(separator: ", ")
            notes.append(
                .warning(
                    "\(counted(poor.count, "variance group")) with fewer than 5 residual degrees of freedom "
                        + "(\(names)\(poor.count > 5 ? ", …" : "")): variances of so few are poorly estimated"
                ))
        }
        if omitted > 0 {
            notes.append(
                .warning(
                    "\(omitted) of \(counted(voxels, "voxel")) left out: no variance within some variance group"
                ))
        }
        return notes
    }
}
