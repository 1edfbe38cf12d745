import CoveyCore
import CoveyImaging
public import CoveyInference
public import CoveyModel

/// Everything that an analysis finds for one contrast.
public struct ContrastAnalysis: Sendable {
    /// What was tested.
    public let contrast: ContrastWeights
    /// Its name in files.
    public let label: String
    /// Whether the contrast is a mean or a difference of group means, for which Cohen's d is defined.
    public let comparesMeans: Bool
    /// How the design was split.
    public let partition: ContrastPartition
    /// Which statistics counted; `.greater` for F.
    public let tail: Tail
    /// The statistic where it is not plain t or F.
    public let variant: VariantTest?
    /// t or F; z where the degrees of freedom differ by voxel. Of a pseudo-t, the plain t beside it.
    public let statistic: StatisticMap
    /// Tail areas and z.
    public let parametric: ParametricTest
    /// One entry per threshold that was asked for, in the order Bonferroni, FDR, adaptive FDR, uncorrected.
    public let thresholds: [ThresholdFinding]
    /// The permutation test, where one was asked for.
    public let permutation: PermutationFinding?
    /// Clusters above a forming threshold, those of the permutation test first; empty where there is no such
    /// threshold since nothing survives.
    public internal(set) var clusters: [ClusterFinding]
    /// The regions that survive the permutation test voxel by voxel, where the tables of clusters have not got them.
    public internal(set) var survivors: [SurvivingRegions]
    /// Random field theory, where it was asked for.
    public let randomField: RandomFieldFinding?
    /// Bounds on the true discoveries of any region, the primary ones first; empty where there are none.
    public let bounds: [TrueDiscoveryBounds]
    /// What the data say against effects that matter; `nil` for F and for other statistics than plain t.
    public private(set) var equivalence: Summary.EquivalenceSummary?
    /// The smallest effect of interest, where one was named.
    public let smallestEffect: Double?
    /// What single subjects do to the peaks; `nil` where that has no closed form or there is no peak.
    public internal(set) var influence: InfluenceFinding?

    /// The contrast's name, short enough for a title.
    public var title: String { printable(contrast.name, limit: 80) }

    /// Analyses one contrast of a fit: tail areas, thresholds, clusters, each by its own public stage.
    init(
        _ contrast: ContrastWeights, label: String, comparesMeans: Bool, _ partition: ContrastPartition,
        _ fit: Fit, variant: VariantTest?, plan: AnalysisPlan, permutation: PermutationFinding?,
        smoothness: Smoothness? = nil, threads: Int, clock: StageClock
    ) {
        self.contrast = contrast
        self.label = label
        self.comparesMeans = comparesMeans
        smallestEffect = plan.smallestEffect
        self.partition = partition
        let tail = partition.isF ? Tail.greater : plan.tail
        self.tail = tail
        let (statistic, parametric) = clock.time("contrast") {
            let statistic =
                variant.flatMap { $0.hasTailAreas ? $0.observed : nil } ?? fit.statistic(partition)
            return (statistic, ParametricTest(statistic, tail: tail, threads: threads))
        }
        self.variant = variant
        self.statistic = statistic
        self.parametric = parametric
        let thresholds = clock.time("thresholds") {
            ThresholdFinding.all(of: parametric, asked: plan.thresholds)
        }
        self.thresholds = thresholds
        self.permutation = permutation
        let formed = clock.time("clusters") {
            ClusterFinding.form(
                statistic, tail: tail, choice: plan.clusters, thresholds: thresholds,
                permutation: permutation,
                isPseudo: variant?.hasTailAreas == false)
        }
        survivors = clock.time("clusters") {
            permutation.map { SurvivingRegions.all($0, tail: tail, plan.clusters, beside: formed) } ?? []
        }
        if let smoothness, let choice = plan.randomField {
            let fixed = Self.fixedThresholds(
                statistic.statistic, tail: tail, plan.clusters, permutation)
            let clusters =
                formed
                + Self.randomFieldClusters(
                    statistic, tail: tail, plan.clusters, fixed: fixed, beside: formed, permutation)
            self.clusters = clusters
            randomField = clock.time("after selection") {
                RandomFieldFinding(
                    statistic, tail: tail, smoothness, alpha: choice.alpha, clusters: clusters, fixed: fixed,
                    label: label)
            }
        } else {
            clusters = formed
            randomField = nil
        }
        bounds = clock.time("after selection") {
            Self.bounds(
                variant?.hasTailAreas == false ? nil : parametric, permutation, alpha: plan.trueDiscoveryAlpha
            )
        }
        clock.time("clusters") { addColumns(fit) }
        if variant == nil, !partition.isF {
            equivalence = clock.time("effects") {
                EquivalenceFinding(self, fit).summary(thresholds, smallestEffect: smallestEffect)
            }
        }
    }
}

extension ContrastAnalysis {
    /// Puts everything that is known of peaks and clusters beside the clusters: by the distribution of the
    /// statistic, by shuffles, after selection, effects.
    private mutating func addColumns(_ fit: Fit) {
        guard !clusters.isEmpty || !survivors.isEmpty else { return }
        let (parametric, permutation, effects) = (
            parametricMeasures, permutationMeasures, effectMeasures(fit)
        )
        for place in clusters.indices {
            let table = clusters[place].table
            var columns = table.columns(letter: clusterLetter)
            columns += ([testedMeasure].compactMap { $0 } + parametric).map { ClusterColumn($0, in: table) }
            for (quantity, level, measures) in permutation {
                if let height = quantity.formingThreshold?.height, height != table.threshold { continue }
                columns += measures.map { ClusterColumn($0, level, in: table) }
            }
            columns += afterSelectionColumns(place)
            clusters[place].columns = columns + effects.map { ClusterColumn($0, in: table) }
            clusters[place].letter = clusterLetter
            clusters[place].setValues = setValues(place)
            clusters[place].remarks = afterSelectionRemarks(place)
        }
        for place in survivors.indices {
            let table = survivors[place].finding.table
            // There is no threshold to exceed.
            var columns = table.columns(letter: clusterLetter, noun: "Region")
                .filter { !["Mass", "Threshold"].contains($0.measure.name) }
            columns += ([testedMeasure].compactMap { $0 } + parametric).map { ClusterColumn($0, in: table) }
            for (quantity, level, measures) in permutation where quantity.formingThreshold == nil {
                columns += measures.map { ClusterColumn($0, level, in: table) }
            }
            columns += boundColumns(of: table)
            survivors[place].finding.columns = columns + effects.map { ClusterColumn($0, in: table) }
            survivors[place].finding.letter = clusterLetter
        }
    }
}

/// What a parametric threshold found.
public struct ThresholdFinding: Sendable, Codable, Hashable {
    /// How the number of tests was accounted for.
    public let correction: Correction
    /// The level that was asked for.
    public let level: Double
    /// Which statistics counted.
    public let tail: Tail
    /// Number of tests: voxels with a statistic.
    public let testCount: Int
    /// The least magnitude of t or F that survives; `nil` where nothing does.
    public let statisticThreshold: Double?
    /// The least magnitude of z that survives; `nil` where nothing does.
    public let zThreshold: Double?
    /// Surviving voxels.
    public let survivorCount: Int

    /// A finding from `log p`: the survivors are the voxels the method rejects at the level.
    init(_ test: ParametricTest, tests: MultipleTesting, _ correction: Correction, level: Double) {
        self.correction = correction
        self.level = level
        tail = test.tail
        testCount = tests.count
        let limit: Double? =
            switch correction {
            case .bonferroni: tests.rejection(by: .bonferroni, level: level)?.largestLogP
            case .falseDiscoveryRate: tests.rejection(by: .falseDiscoveryRate, level: level)?.largestLogP
            case .adaptiveFalseDiscoveryRate:
                tests.rejection(by: .adaptiveFalseDiscoveryRate, level: level)?.largestLogP
            case .none, .familyWiseError, .familyWiseErrorAcrossContrasts:
                tests.smallestLogP.flatMap {
                    $0 <= LogProbability.fromP(level) ? LogProbability.fromP(level) : nil
                }
            }
        var count = 0
        var (least, leastZ) = (Double.infinity, Double.infinity)
        if let limit {
            for voxel in test.logP.indices where test.logP[voxel] <= limit {
                count += 1
                least = min(least, abs(test.statistic.values[voxel]))
                leastZ = min(leastZ, abs(test.z.values[voxel]))
            }
        }
        survivorCount = count
        statisticThreshold = count > 0 ? least : nil
        zThreshold = count > 0 ? leastZ : nil
    }

    /// The findings for every threshold that was asked for.
    static func all(of test: ParametricTest, asked: AnalysisPlan.ThresholdChoice) -> [ThresholdFinding] {
        let tests = MultipleTesting(logP: test.logP)
        return [
            (Correction.bonferroni, asked.bonferroni), (.falseDiscoveryRate, asked.falseDiscoveryRate),
            (.adaptiveFalseDiscoveryRate, asked.adaptiveFalseDiscoveryRate), (.none, asked.uncorrected),
        ].compactMap { correction, level in
            level.map { ThresholdFinding(test, tests: tests, correction, level: $0) }
        }
    }
}

/// The magnitude of the statistic whose p on its own is `p`.
func uncorrectedThreshold(_ statistic: Statistic, tail: Tail, p: Double) -> Double {
    let logP = LogProbability.fromP(p)
    switch statistic {
    case .t(let dof):
        let t = StudentT(degreesOfFreedom: dof)
        return tail == .twoSided ? t.quantile(logTwoSided: logP) : t.quantile(logSurvival: logP)
    case .f(let numerator, let denominator):
        return FDistribution(numerator: numerator, denominator: denominator).quantile(logSurvival: logP)
    case .z:
        return tail == .twoSided
            ? StandardNormal.quantile(logTwoSided: logP) : StandardNormal.quantile(logSurvival: logP)
    default: preconditionFailure("no parametric threshold for \(statistic)")
    }
}
