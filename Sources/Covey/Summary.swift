public import CoveyCore
public import CoveyInference

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `summary.json`: what an analysis found, for programs.
public struct Summary: Codable, Sendable {
    /// The version of Covey.
    public var version: String
    /// Subjects in the analysis.
    public var subjects: Int
    /// Who they are.
    public var identifiers: [String]
    /// Voxels in the mask.
    public var voxels: Int
    /// Voxels of it with a statistic.
    public var testedVoxels: Int
    /// mm3 of a voxel.
    public var voxelVolume: Double
    /// Names of the design's columns.
    public var design: [String]
    /// Rank of the design.
    public var rank: Int
    /// `n - rank`.
    public var degreesOfFreedom: Int
    /// Condition number of the design with columns scaled to length 1; absent where the design differs by voxel.
    public var conditionNumber: Double?
    /// The same with the columns that vary taken about their means.
    public var centredConditionNumber: Double?
    /// Variance inflation of each column; absent where it is not defined.
    public var varianceInflation: [String: Double]
    /// How smooth the errors are, where random field theory was asked for.
    public var smoothness: SmoothnessSummary?
    /// One entry per contrast.
    public var contrasts: [ContrastSummary]
    /// What should be known: exclusions, assumptions, repairs.
    public var notes: [Note]
    /// Wall-clock seconds of each stage.
    public var seconds: [String: Double]
    /// The largest resident memory, in bytes.
    public var peakBytes: Int
    /// Threads used; they change nothing but the seconds.
    public var threads: Int

    /// What was found for one contrast.
    public struct ContrastSummary: Codable, Sendable {
        /// The contrast as written.
        public var contrast: String
        /// Its name in files.
        public var label: String
        /// `t` or `F`; `z` where the degrees of freedom differ by voxel.
        public var test: String
        /// Degrees of freedom: of t, or numerator and denominator of F; none of z.
        public var degreesOfFreedom: [Double]
        /// Which statistics counted.
        public var tail: String
        /// What the statistic is, where it is not plain t or F.
        public var variant: String?
        /// The greatest statistic and where it is.
        public var greatest: Extreme?
        /// The least statistic and where it is.
        public var least: Extreme?
        /// Parametric thresholds.
        public var thresholds: [ThresholdFinding]
        /// The permutation test.
        public var permutation: PermutationSummary?
        /// Random field theory.
        public var randomField: RandomFieldSummary?
        /// Clusters, one entry per forming threshold.
        public var clusters: [ClusterSummary]
        /// Bounds on true discoveries, the primary ones first; none in documents from before there were any.
        public var trueDiscoveries: [BoundSummary]
        /// What is ruled out; absent for F and for other statistics than plain t.
        public var equivalence: EquivalenceSummary?
        /// What single subjects do to the peaks.
        public var influence: [InfluenceSummary]?
    }

    /// A statistic and its place.
    public struct Extreme: Codable, Sendable {
        /// The statistic.
        public var statistic: Double
        /// Its place in mm.
        public var millimeters: [Double]
        /// Its voxel, counted from 0.
        public var voxel: [Int]
    }

    /// The permutation test in numbers.
    public struct PermutationSummary: Codable, Sendable {
        /// Shuffles used, the identity included.
        public var shuffles: Int
        /// Shuffles planned, where the test stopped early.
        public var planned: Int?
        /// Whether these are all distinct ones.
        public var exhaustive: Bool
        /// How many distinct shuffles there are, exact or rounded; absent where they came from a file.
        public var distinct: String?
        /// What changes places with what, in words; absent where everything does.
        public var blocks: String?
        /// `permute`, `flip` or `both`; `listed` where they came from a file.
        public var exchange: String
        /// The seed; absent where nothing was drawn.
        public var seed: UInt64?
        /// What was shuffled in the presence of nuisance columns.
        public var method: String
        /// How the model was split: `ridgway`, `beckmann` or `guttman`; absent where it was not asked for and no columns were shuffled.
        public var partition: String?
        /// The scale that was compared: `t`, `F` or `z`.
        public var scale: String
        /// The level.
        public var alpha: Double
        /// What was compared, the voxels first.
        public var quantities: [QuantitySummary]
        /// The smallest p these shuffles can give, by the symmetries of the design.
        public var smallestPossibleP: Double
    }

    /// One quantity of a permutation test in numbers.
    public struct QuantitySummary: Codable, Sendable {
        /// `voxel`, `tfce`, `extent` or `mass`, with the threshold's number where there are several.
        public var quantity: String
        /// The forming threshold of a cluster quantity, on the statistic.
        public var formingThreshold: Double?
        /// 6, 18 or 26; absent for voxels.
        public var connectivity: Int?
        /// How a mass is measured: `excess` or `total`.
        public var mass: String?
        /// The parameters of TFCE.
        public var tfce: TFCE?
        /// The least significant value, in the direction of the tail; absent where none can be.
        public var threshold: Double?
        /// Voxels with family-wise p at most alpha.
        public var survivors: Int
        /// Regions that they make, of voxels that touch by the analysis's neighbours; absent for clusters, which are
        /// regions already.
        public var regions: Int?
        /// The smallest family-wise p found.
        public var smallestP: Double
        /// Its 95 % Monte-Carlo interval (Clopper-Pearson); absent where p is exact.
        public var smallestPInterval: [Double]?
        /// The 95 % Monte-Carlo interval of a p at the level: how far a decision there may be due to chance.
        public var alphaInterval: [Double]?
        /// The fitted tail of the maxima.
        public var tail: NullTail.Summary?
        /// What was found where all contrasts of the run are one family, where that was asked for.
        public var acrossContrasts: JointSummary?
    }

    /// Clusters in numbers.
    public struct ClusterSummary: Codable, Sendable {
        /// Forming threshold on the statistic.
        public var threshold: Double
        /// Where it came from.
        public var origin: String
        /// 6, 18 or 26.
        public var connectivity: Int
        /// Clusters of fewer voxels were dropped.
        public var minimumExtent: Int
        /// How many there are.
        public var count: Int
        /// Voxels of the largest.
        public var largest: Int
    }

    /// The document as text, keys sorted.
    public func json() -> String { encoded(self) }
}

extension KeyedDecodingContainer {
    /// Bounds, of which documents of earlier versions have none. The synthesised decoding of a contrast uses this.
    func decode(_ type: [Summary.BoundSummary].Type, forKey key: Key) throws -> [Summary.BoundSummary] {
        try decodeIfPresent(type, forKey: key) ?? []
    }
}

/// A value as JSON: keys sorted, one a line.
func encoded(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value) else {
        preconditionFailure("cannot encode \(type(of: value))")
    }
    return String(decoding: data, as: UTF8.self) + "\n"
}
