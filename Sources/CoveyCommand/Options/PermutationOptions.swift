import ArgumentParser
import Covey

/// The permutation test: flags that `analyze` and `permute` share.
struct PermutationOptions: ParsableArguments {
    @Option(help: "Random shuffles besides the identity.", transform: Read.shuffleCount)
    var nPerm: Int?

    @Option(
        help: """
            What is shuffled: permute (labels), flip (signs) or both. Default: signs where the contrast tests \
            the mean, labels otherwise.
            """)
    var exchange: ExchangeScheme?

    @Option(help: "Seed of the shuffles (default 0).", transform: Read.seed)
    var seed: UInt64?

    @Option(help: "Family-wise level of the permutation test (default 0.05).", transform: Read.probability)
    var alpha: Double?

    @Option(help: "Use the shuffles of this file, one a line: positions or signs.")
    var shufflesFrom: String?

    @Option(
        help:
            "A row of positions says: design (default: subject i receives design row p[i]) or data (place i receives data p[i])."
    )
    var shufflesConvention: ShuffleFile.Convention?

    @Option(
        help: """
            Compare clusters formed at this uncorrected p, in the test's tail; repeatable. Each gives extent and \
            mass.
            """, transform: Read.probability)
    var clusterFormingP: [Double] = []

    @Option(
        help: "Compare clusters formed at this height of the statistic; repeatable.",
        transform: Read.positive)
    var clusterFormingHeight: [Double] = []

    @Option(
        help: "Mass of a cluster: excess (the statistic less the threshold; default) or total (as FSL).")
    var clusterMass: InferenceChoice.ClusterMass?

    @Flag(help: "Compare threshold-free cluster enhancement.")
    var tfce = false

    @Option(help: "E of TFCE, the power of the extent (default 0.5).", transform: Read.exponent)
    var tfceE: Double?

    @Option(help: "H of TFCE, the power of the height (default 2).", transform: Read.exponent)
    var tfceH: Double?

    @Option(
        help: """
            Sum TFCE over steps instead of integrating exactly: a height, or fsl (a hundredth of the observed \
            maximum).
            """, transform: Read.tfceSteps)
    var tfceStep: TFCE.Integration?

    @Option(
        help: """
            Nuisance columns: freedman-lane (default), ter-braak, draper-stoneman, smith, or manly (wrong with \
            a strong confound; for comparison).
            """)
    var nuisance: NuisanceMethod?

    @Option(
        help: """
            Split of the model for contrasts of several columns: ridgway (default), beckmann (the same p) or guttman \
            (for comparison).
            """)
    var partition: PartitionMethod?

    @Option(
        help: "Compare, form clusters and integrate on the scale of the statistic (default) or of z.")
    var scale: AnalysisPlan.PermutationChoice.Scale?

    @Option(
        help: """
            Also tell small corrected p by a fit to the tail of the maxima: generalized-pareto or gamma.
            """)
    var tailFit: TailMethod?

    @Flag(help: "Stop when no decision at --alpha can change any more; p is then of the shuffles done.")
    var stopEarly = false

    @Option(
        help: """
            Also give the uncorrected p of each voxel from as many shuffles as it needs: it stops when this many \
            reach it (Besag and Clifford).
            """, transform: Read.shuffleCount)
    var sequential: Int?

    @Flag(
        help: """
            Also calibrate bounds on the true discoveries of any region by the shuffles; they are then the ones \
            to report.
            """)
    var calibratedBounds = false

    @Option(
        help: """
            Thresholds in the template of --calibrated-bounds: how many of the smallest p-values it rests on \
            (default 1000).
            """, transform: Read.shuffleCount)
    var boundsTemplate: Int?

    @Option(
        help: "Also correct across: contrasts (the maximum over the voxels of all contrasts).")
    var correctAcross: CorrectionScope?

    func validate() throws {
        let ofTFCE = [
            ("--tfce-e", tfceE != nil), ("--tfce-h", tfceH != nil), ("--tfce-step", tfceStep != nil),
        ]
        if !tfce, let flag = ofTFCE.first(where: \.1)?.0 {
            throw ValidationError("'\(flag)' needs '--tfce'")
        }
        if clusterMass != nil, clusterFormingP.isEmpty, clusterFormingHeight.isEmpty {
            throw ValidationError(
                "'--cluster-mass' needs '--cluster-forming-p' or '--cluster-forming-height'")
        }
        if partition != nil, let nuisance, !nuisance.dependsOnPartition {
            throw ValidationError("'--nuisance \(nuisance.rawValue)' does not depend on '--partition'")
        }
        if shufflesFrom != nil, nPerm != nil {
            throw ValidationError("give '--n-perm' or '--shuffles-from', whose rows are all used, not both")
        }
        if shufflesFrom == nil, shufflesConvention != nil {
            throw ValidationError("'--shuffles-convention' needs '--shuffles-from'")
        }
        if shufflesFrom != nil, seed != nil {
            throw ValidationError(
                "give '--seed' or '--shuffles-from', whose rows are no random ones, not both")
        }
        if shufflesFrom != nil, exchange != nil {
            throw ValidationError(
                "give '--exchange' or '--shuffles-from', whose rows say what changes places, not both")
        }
    }

    /// What means nothing without shuffles.
    private var flagsOfShuffles: [(name: String, isGiven: Bool)] {
        [
            ("--tfce", tfce), ("--cluster-forming-p", !clusterFormingP.isEmpty),
            ("--cluster-forming-height", !clusterFormingHeight.isEmpty),
            ("--calibrated-bounds", calibratedBounds), ("--exchange", exchange != nil),
            ("--seed", seed != nil), ("--alpha", alpha != nil), ("--nuisance", nuisance != nil),
            ("--scale", scale != nil), ("--tail-fit", tailFit != nil), ("--stop-early", stopEarly),
            ("--sequential", sequential != nil), ("--correct-across", correctAcross != nil),
            ("--bounds-template", boundsTemplate != nil),
        ]
    }

    /// The test, where one is asked for; with `defaultCount` one always is.
    func choice(defaultCount: Int? = nil) throws -> AnalysisPlan.PermutationChoice? {
        guard let count = nPerm ?? defaultCount ?? (shufflesFrom == nil ? nil : 1) else {
            if let flag = flagsOfShuffles.first(where: \.isGiven)?.name {
                throw ValidationError("'\(flag)' needs shuffles: give '--n-perm', such as 1000")
            }
            return nil
        }
        var choice = AnalysisPlan.PermutationChoice(count: count, exchange: exchange, seed: seed ?? 0)
        choice.alpha = alpha ?? 0.05
        choice.shufflesFrom = shufflesFrom
        choice.convention = shufflesConvention ?? .design
        choice.method = nuisance
        choice.split = partition
        choice.scale = scale
        choice.tailFit = tailFit
        choice.stopsEarly = stopEarly ? true : nil
        choice.sequentialTarget = sequential
        if boundsTemplate != nil, !calibratedBounds {
            throw ValidationError("'--bounds-template' needs '--calibrated-bounds'")
        }
        if calibratedBounds {
            choice.calibratedBounds =
                boundsTemplate.map { .init(templateSize: $0) } ?? .init()
        }
        if correctAcross == .contrasts { choice.correctsAcrossContrasts = true }
        if tfce || !clusterFormingP.isEmpty || !clusterFormingHeight.isEmpty {
            var comparison = AnalysisPlan.PermutationChoice.Comparison()
            if tfce {
                comparison.tfce = TFCE(
                    extentExponent: tfceE ?? 0.5, heightExponent: tfceH ?? 2, integration: tfceStep ?? .exact)
            }
            comparison.formingThresholds =
                clusterFormingP.map { .p($0) } + clusterFormingHeight.map { .height($0) }
            comparison.mass = clusterMass ?? .excess
            choice.comparison = comparison
        }
        return choice
    }
}

/// What a family-wise correction can span besides voxels.
enum CorrectionScope: String, ExpressibleByArgument, CaseIterable {
    /// All contrasts of the run.
    case contrasts
}
