public import CoveyImaging

/// Which departures from the null hypothesis count against it.
public enum Tail: String, Sendable, Codable, CaseIterable {
    /// Large positive statistics: `P(T >= t)`.
    case greater
    /// Large negative statistics: `P(T <= t)`.
    case less
    /// Large statistics of either sign: `P(|T| >= |t|)`.
    case twoSided = "two-sided"
}

/// What a p-value has been corrected for.
public enum Correction: String, Sendable, Codable {
    /// Nothing: the p-value of one voxel on its own.
    case none = "uncorrected"
    /// Family-wise error, by the number of voxels.
    case bonferroni
    /// False discovery rate, Benjamini and Hochberg (1995): q-values.
    case falseDiscoveryRate = "fdr-bh"
    /// False discovery rate, Benjamini, Krieger and Yekutieli (2006), adaptive: q-values.
    case adaptiveFalseDiscoveryRate = "fdr-bky"
    /// Family-wise error, by the permutation distribution of the maximum.
    case familyWiseError = "fwe"
    /// Family-wise error over all voxels of all contrasts, by the permutation distribution of the maximum
    /// over both.
    case familyWiseErrorAcrossContrasts = "fwe-across-contrasts"
}

/// How a p-value was computed.
public enum PValueSource: Sendable, Hashable, Codable {
    /// From the distribution that the model implies under its assumptions.
    case parametric
    /// From shuffled data, by what was compared.
    case permutation(TestedQuantity)
    /// From a distribution fitted to the tail of the maxima of shuffled data.
    case permutationFit(TestedQuantity)
    /// From as many shuffles as the voxel needed.
    case sequentialPermutation
    /// From tests against the smallest effect of interest: small p rule it out.
    case equivalence

    /// In a few words: `parametric`, `permutation`, `permutation tfce`.
    public var words: String {
        switch self {
        case .parametric: "parametric"
        case .permutation(.voxel): "permutation"
        case .permutation(let quantity): "permutation \(quantity.label)"
        case .permutationFit(let quantity): "permutation \(quantity.label), fitted tail"
        case .sequentialPermutation: "sequential permutation"
        case .equivalence: "equivalence"
        }
    }
}

/// What the numbers of a statistic map are.
public enum Statistic: Sendable, Hashable {
    /// Student's t with its degrees of freedom.
    case t(degreesOfFreedom: Double)
    /// Fisher's F with its degrees of freedom.
    case f(numerator: Double, denominator: Double)
    /// A standard normal deviate with the tail area of the statistic it came from.
    case z
    /// A probability between 0 and 1.
    case p(Tail, Correction, PValueSource)
    /// `-log10 p`: larger is stronger, finite for every finite statistic.
    case negativeLog10P(Tail, Correction, PValueSource)
    /// The contrast of the parameters, in the units of the maps over those of the regressors.
    case effect
    /// The estimated variance of the effect.
    case variance
    /// The estimated standard error of the effect.
    case standardError
    /// The share of the variance left by the nuisance columns that the contrast explains.
    case partialR2
    /// The effect in residual standard deviations.
    case cohensD
    /// What a permutation test compared, other than the statistic: TFCE, or the size of the voxel's cluster.
    case quantity(TestedQuantity)
    /// A value that belongs to a statistic, such as its degrees of freedom, by its name in files.
    case named(String)
}

/// One number per voxel of a mask, and what the number is.
///
/// A statistic map never becomes a full volume until it is written or drawn; outside its mask nothing was
/// tested.
public struct StatisticMap: Sendable {
    /// What the numbers are.
    public let statistic: Statistic
    /// The voxels tested.
    public let mask: Mask
    /// One value per voxel of the mask, in the mask's order. NaN where the statistic is undefined (a voxel
    /// without variance).
    public let values: [Double]

    /// A map of `values` over `mask`.
    ///
    /// - Precondition: `values.count == mask.count`.
    public init(_ statistic: Statistic, mask: Mask, values: [Double]) {
        precondition(values.count == mask.count, "\(values.count) values for \(mask.count) voxels")
        self.statistic = statistic
        self.mask = mask
        self.values = values
    }

    /// The map as a volume, with `outside` (NaN: not tested) in every voxel that is not in the mask.
    public func volume(outside: Double = .nan) -> Volume { mask.volume(values, outside: outside) }
}
