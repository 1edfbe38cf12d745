public import CoveyCore
public import CoveyImaging
public import CoveyInference
public import CoveyModel

extension AnalysisPlan {
    /// A statistic other than t or F of ordinary least squares with one variance and one design for all.
    public enum StatisticVariant: Codable, Sendable, Hashable {
        /// Aspin and Welch's v, or G: a variance for each group that a column names; `nil`: the groups that the
        /// shuffles allow.
        case varianceGroups(column: String?)
        /// Pseudo-t: t with a smoothed variance.
        case smoothedVariance(fwhmMillimeters: Double)
        /// Columns of the table that hold image paths: the design differs by voxel.
        case voxelwise(columns: [String])
        /// Voxels are tested with the subjects present there, at least this many.
        case missingData(minimumSubjects: Int)

        /// What is tested, in words.
        var words: String {
            switch self {
            case .varianceGroups(let column):
                "Aspin-Welch v (G for F contrasts) on the scale of z, a variance for each group of "
                    + (column.map { quoted($0) } ?? "subjects that the shuffles exchange")
            case .smoothedVariance(let fwhm):
                "pseudo-t by shuffles: variances smoothed with \(shortest(fwhm)) mm FWHM; parametric values are of t"
            case .voxelwise(let columns):
                "a design that differs by voxel: images of \(columns.map { quoted($0) }.joined(separator: ", "))"
            case .missingData(let minimum):
                "voxels with the subjects present, at least \(minimum), on the scale of z"
            }
        }
    }
}

/// One contrast tested with a ``AnalysisPlan/StatisticVariant``: the statistic under shuffles, and the maps of
/// the unshuffled data.
public struct VariantTest: Sendable {
    /// The statistic under shuffles, on the scale that voxels are compared on.
    public let statistic: any ShuffledStatistic
    /// The voxels of the maps; those of the statistic are among them.
    public let mask: Mask
    /// What is compared: z, pseudo-t, or t or F of voxelwise designs. NaN where there is no statistic.
    public let observed: StatisticMap
    /// Whether ``observed`` has parametric tail areas. Those of a pseudo-t are unknown.
    public let hasTailAreas: Bool
    /// Maps that belong to it, by the name they are written under.
    public let maps: [NamedMap]
    /// What should be known.
    public internal(set) var notes: [Note]

    /// A map without a tail area: a count, degrees of freedom, a value on a scale of its own.
    public struct NamedMap: Sendable {
        /// What it is called in file names.
        public let name: String
        /// One number per voxel of the mask; NaN where there is none.
        public let values: [Double]
    }

    /// A variance for each group.
    ///
    /// - Parameter groups: `nil`: rows that exchangeability blocks exchange share a variance, others do not; all
    ///   share one where there are no blocks.
    /// - Throws: ``VarianceGroupsError``.
    public init(
        _ partition: ContrastPartition, _ cohort: Cohort, groups: VarianceGroups?, shuffles: ShuffleSet,
        threads: Int = availableThreads()
    ) throws {
        let n = partition.model.subjectCount
        let groups =
            groups ?? shuffles.blocks.map { VarianceGroups(exchangedIn: $0) } ?? VarianceGroups(single: n)
        let fit = try WelchFit(partition, groups: groups, cohort, threads: threads)
        let statistic = WelchStatistic(fit, cohort)
        self.statistic = statistic
        mask = cohort.mask
        observed = fit.z
        hasTailAreas = true
        maps = [
            NamedMap(name: partition.isF ? "G" : "v", values: fit.values),
            NamedMap(name: "dof", values: fit.degreesOfFreedom),
        ]
        notes = fit.notes + statistic.notes(on: shuffles)
    }

    /// A smoothed variance.
    ///
    /// - Throws: ``VariantError/pseudoF`` for an F contrast, `ImagingError` for a width that does not do.
    public init(
        _ partition: ContrastPartition, _ cohort: Cohort, _ fit: Fit, varianceFWHMMillimeters fwhm: Double,
        shuffles: ShuffleSet, threads: Int = availableThreads()
    ) throws {
        guard !partition.isF else { throw VariantError.pseudoF }
        let statistic = try PseudoTStatistic(partition, fit, cohort, fwhmMillimeters: fwhm)
        let map = statistic.maps(of: shuffles, in: 0..<1, threads: threads)
        self.statistic = statistic
        mask = cohort.mask
        observed = StatisticMap(
            statistic.kind, mask: cohort.mask,
            values: Self.spread(map, at: statistic.voxels, count: cohort.mask.count))
        hasTailAreas = false
        maps = []
        notes = [
            .information(
                "variances smoothed with a Gaussian of \(fwhm) mm FWHM: pseudo-t has no known distribution, "
                    + "its p-values are those of the shuffles")
        ]
    }

    /// A design that differs by voxel.
    ///
    /// - Throws: ``VoxelwiseError``.
    public init(
        _ design: VoxelwiseDesign, _ cohort: Cohort, threads: Int = availableThreads()
    ) throws {
        let fit = try VoxelwiseFit(design, cohort, threads: threads)
        statistic = VoxelwiseRegressorStatistic(fit, cohort)
        mask = cohort.mask
        observed = fit.statistic
        hasTailAreas = true
        maps = design.isF ? [] : [NamedMap(name: "effect", values: fit.effect)]
        notes = fit.notes
    }

    /// The subjects present at each voxel.
    ///
    /// - Throws: ``VariantError`` where no voxel carries the contrast or the shuffles exchange whole blocks.
    public init(
        _ partition: ContrastPartition, _ cohort: PartialCohort, shuffles: ShuffleSet,
        method: NuisanceMethod = .freedmanLane,
        split: PartitionMethod = .ridgway, threads: Int = availableThreads()
    ) throws {
        guard MissingDataStatistic.allows(shuffles) else {
            throw shuffles.origin == .listed ? VariantError.listedPermutations : .wholeBlocks
        }
        let fit = PartialFit(partition, cohort, threads: threads)
        let statistic = MissingDataStatistic(fit, method: method, split: split)
        guard !statistic.voxels.isEmpty else {
            throw VariantError.noVoxel(subjects: cohort.subjectCount)
        }
        self.statistic = statistic
        mask = cohort.mask
        observed = fit.z()
        hasTailAreas = true
        maps =
            [
                NamedMap(name: partition.isF ? "F" : "t", values: fit.statistic()),
                NamedMap(name: "subjects", values: fit.subjectCounts.map { $0 == 0 ? .nan : Double($0) }),
                NamedMap(name: "dof", values: fit.degreesOfFreedom.map { $0 == 0 ? .nan : Double($0) }),
            ]
            + (partition.isF
                ? []
                : [
                    NamedMap(name: "effect", values: fit.effect().values),
                    NamedMap(name: "se", values: fit.standardError().values),
                ])
        notes = fit.notes
    }

    /// The permutation test of this statistic.
    ///
    /// - Parameter tail: which statistics count; an F contrast has large ones only, also on the scale of z.
    public func test(
        tail: Tail, shuffles: ShuffleSet, comparing choice: InferenceChoice = .voxels
    ) -> PermutationTest {
        PermutationTest(statistic, mask: mask, tail: tail, shuffles: shuffles, comparing: choice)
    }

    private static func spread(_ values: [Double], at voxels: [Int32], count: Int) -> [Double] {
        var all = [Double](repeating: .nan, count: count)
        for (value, voxel) in zip(values, voxels) { all[Int(voxel)] = value }
        return all
    }
}

/// Why a variant of the statistic cannot be had.
public enum VariantError: ExplainedError, Equatable {
    /// Variances are smoothed for t contrasts only.
    case pseudoF
    /// No voxel has enough subjects for the contrast.
    case noVoxel(subjects: Int)
    /// More subjects are asked for at a voxel than there are maps.
    case moreSubjectsThanMaps(asked: Int, maps: Int)
    /// Whole blocks are exchanged, and subjects are missing in some.
    case wholeBlocks
    /// A list of permutations, which does not say what it exchanges as a whole, with missing data.
    case listedPermutations

    /// What is wrong.
    public var description: String {
        switch self {
        case .pseudoF: "an F contrast cannot be tested with smoothed variances"
        case .listedPermutations:
            "a file of permutations does not say which rows it keeps together, where some of them are missing"
        case .wholeBlocks: "blocks with missing subjects cannot be exchanged with complete ones"
        case .moreSubjectsThanMaps(let asked, let maps):
            "a voxel is to have a value in at least \(asked) maps, and there are \(maps)"
        case .noVoxel(let subjects):
            "no voxel can be tested: nowhere do the subjects present, of \(subjects), carry the contrast"
        }
    }

    /// What to do.
    public var remedy: String {
        switch self {
        case .pseudoF: "test its rows as t contrasts, or do without '--variance-smoothing'"
        case .listedPermutations:
            "say what is exchanged with '--blocks', give a file of signs, or do without '--min-subjects'"
        case .wholeBlocks: "exchange rows within blocks, or do without '--min-subjects'"
        case .moreSubjectsThanMaps(_, let maps): "give '--min-subjects' a number up to \(maps)"
        case .noVoxel:
            "check that the maps have values in the mask, give '--min-subjects' a smaller number, or the model fewer columns"
        }
    }
}
