public import CoveyCore
public import CoveyDatasets
import CoveyImaging
import CoveyInference
public import CoveyModel

/// Options of a run that change nothing but how long it takes.
public struct RunOptions: Sendable {
    /// Threads to use.
    public var threads = availableThreads()
    /// The command line, for the record.
    public var command: [String] = []

    /// All processors.
    public init() {}
}

/// What an analysis found, in memory.
public struct Analysis: Sendable {
    /// What was asked.
    public let plan: AnalysisPlan
    /// The design.
    public let design: Design
    /// The data, and what was found on reading them.
    public let reading: CohortReader.Reading
    /// The fit.
    public let fit: Fit
    /// One entry per contrast of the plan.
    public let contrasts: [ContrastAnalysis]
    /// What the doctor says of the design and the contrasts.
    public let doctor: DesignDoctor
    /// The files that were read, for checksums.
    public let inputs: [String]
    /// The public data set that the maps are of; `nil` where the table is none that was fetched.
    public let dataSet: DataSetCard?
    /// Everything that should be known: exclusions, assumptions, repairs.
    public let notes: [Note]
    /// Seconds per stage.
    public let clock: StageClock
    /// How it was run.
    public let options: RunOptions

    /// What was found; the doctor is told of the test that was made.
    init(
        plan: AnalysisPlan, design: Design, reading: CohortReader.Reading, fit: Fit,
        contrasts: [ContrastAnalysis], doctor: DesignDoctor, inputs: [String], dataSet: DataSetCard?,
        notes: [Note], clock: StageClock, options: RunOptions
    ) {
        self.plan = plan
        self.design = design
        self.reading = reading
        self.fit = fit
        self.contrasts = contrasts
        let shuffles = contrasts.first?.permutation?.shuffles
        self.doctor = plan.permutation.map { doctor.told(of: $0.shuffledTest(shuffles)) } ?? doctor
        self.inputs = inputs
        self.dataSet = dataSet
        self.notes = notes
        self.clock = clock
        self.options = options
    }
}

extension AnalysisPlan {
    /// Runs the plan: the public stages one after the other, each handing its value to the next.
    ///
    /// - Throws: an `ExplainedError` for anything wrong with the plan, the table, the maps or the model.
    public func run(
        options: RunOptions = RunOptions(), progress: ProgressListener = .silent
    ) throws -> Analysis {
        let prepared = try PreparedAnalysis(self, options: options, progress: progress)
        return prepared.conclude(try prepared.tallies(progress: progress))
    }

    /// What the doctor says of the plan's design and contrasts, without reading a map.
    public func examine() throws -> (doctor: DesignDoctor, notes: [Note]) {
        let input = try AnalysisInput(self)
        let doctor = try DesignDoctor(
            input.design, contrasts: contrasts.map(Contrast.init), tail: tail,
            exchange: permutation?.exchange, shuffleCount: permutation?.count, blocks: input.blocks,
            varianceGroups: variant?.varianceGroups(of: input),
            voxelwiseColumns: input.imagePlaces.keys.sorted().map { input.design.names[$0] })
        return (
            permutation.map { doctor.told(of: $0.shuffledTest(nil)) } ?? doctor,
            input.notes + input.design.notes
        )
    }
}

extension ContrastWeights {
    /// Whether the contrast is a mean or a difference of group means: it weights only columns of 0 and 1.
    func comparesMeans(in design: Design) -> Bool {
        guard !isF else { return false }
        return (0..<design.matrix.columns).allSatisfy { column in
            weights[0, column] == 0 || design.matrix.column(column).allSatisfy { $0 == 0 || $0 == 1 }
        }
    }
}

extension Fit {
    /// Voxels without a statistic, in words.
    var notes: [Note] {
        var notes: [Note] = []
        if constantVoxelCount > 0 {
            notes.append(
                .warning(
                    "\(constantVoxelCount) voxels have the same value in every subject: no statistic, not tested"
                ))
        }
        if perfectVoxelCount > 0 {
            notes.append(
                .warning(
                    "\(perfectVoxelCount) voxels are fitted without any residual: no statistic, not tested"))
        }
        return notes
    }
}

/// What can be wrong with a plan itself.
public enum PlanError: ExplainedError, Equatable {
    /// The file is no plan.
    case unreadable(String, reason: String)
    /// Written by a later version.
    case laterVersion(Int)
    /// Nothing is tested.
    case noContrasts
    /// Neither a table nor a list of maps.
    case noMaps
    /// A pattern that matches no file.
    case nothingMatches(String)
    /// A folder has no images directly in it.
    case noMapsIn(String)
    /// The same map for two rows.
    case mapTwice(path: String, first: Int, second: Int)
    /// Volumes and rows differ in number.
    case volumeCount(path: String, volumes: Int, rows: Int)
    /// The list of maps is empty.
    case emptyList(String)
    /// A formula without a table.
    case formulaWithoutTable
    /// No voxel varies.
    case noVariance(voxels: Int)
    /// Statistics that cannot be compared.
    case contrastsOfDifferentKind(String, String)
    /// A method of treating nuisance columns that the statistic does not have.
    case methodOfVariant(String)
    /// A model of the plain statistic beside another one.
    case savedVariant
    /// A statistic that reads columns of a table that is not there.
    case variantWithoutTable
    /// A forming threshold as p of a statistic without known distribution.
    case formingPOfPseudoT
    /// A forming threshold that is not above 0.
    case formingHeight(contrast: String)
    /// Exponents of TFCE beyond reason.
    case exponents
    /// z of a statistic without known distribution.
    case scaleOfPseudoT
    /// Calibrated bounds of a statistic without known distribution.
    case boundsOfPseudoT
    /// Random field theory of a statistic that is not plain t or F.
    case randomFieldOfVariant
    /// Random field theory beside clusters on the scale of z.
    case randomFieldOfScale
    /// No smoothness can be had from the residuals.
    case noSmoothness
    /// Calibrated bounds of a test that stops early.
    case stoppingBounds
    /// Early stopping of a list or an enumeration.
    case stoppingNeedsRandomShuffles(count: Int)
    /// Early stopping of shuffles that are divided.
    case stoppingShards
    /// Early stopping with correction across contrasts.
    case stoppingAcrossContrasts
    /// F has one tail, t is tested with two.
    case contrastsOfDifferentTails(String, String)
    /// Statistics of different shuffles.
    case contrastsOfDifferentShuffles(String, String)

    /// What is wrong.
    public var description: String {
        switch self {
        case .unreadable(let file, let reason): "\(quoted(file)) is not a plan: \(printable(reason))"
        case .laterVersion(let version):
            "the plan has version \(version), this program knows versions up to \(AnalysisPlan.currentVersion)"
        case .noContrasts: "no contrast: nothing to test"
        case .noMaps: "the plan names no maps"
        case .nothingMatches(let pattern): "no file matches \(quoted(pattern))"
        case .noMapsIn(let folder): "there are no images in the folder \(quoted(folder))"
        case .mapTwice(let path, let first, let second):
            "map \(quoted(path)) is listed twice (duplicate): lines \(first) and \(second)"
        case .volumeCount(let path, let volumes, let rows):
            "\(quoted(path)) has \(volumes) volumes for \(rows) rows of the table"
        case .emptyList(let file): "the list of maps \(quoted(file)) is empty: no maps"
        case .formulaWithoutTable: "a formula needs a table of subjects"
        case .noVariance(let voxels):
            "none of the \(voxels) voxels has any variance between subjects: are all maps identical?"
        case .methodOfVariant(let method):
            "the nuisance method \(quoted(method)) is for plain t and F (and missing data) only"
        case .savedVariant: "the model of this statistic cannot be saved"
        case .variantWithoutTable: "this statistic needs a table of subjects"
        case .formingPOfPseudoT: "pseudo-t has no known distribution: no height belongs to a forming p"
        case .formingHeight(let contrast):
            "clusters of contrast \(quoted(contrast)) would form at a height of 0 or below: the forming p is too large for its tail"
        case .exponents:
            "the exponents of TFCE must be above 0 and at most \(Int(TFCE.greatestExponent))"
        case .scaleOfPseudoT: "pseudo-t has no known distribution: no z belongs to it"
        case .boundsOfPseudoT:
            "pseudo-t has no known distribution: there are no p-values whose template could be calibrated"
        case .randomFieldOfVariant:
            "random field theory is for plain t and F: of this statistic neither the field nor its residuals are known"
        case .randomFieldOfScale:
            "random field theory of t and F cannot judge clusters formed on the scale of z"
        case .noSmoothness:
            "the smoothness of the errors cannot be estimated: no voxel has all its next neighbours in the mask, or "
                + "the residuals do not vary between them"
        case .stoppingBounds: "bounds are calibrated by all shuffles: the test cannot stop early"
        case .stoppingNeedsRandomShuffles(let count):
            "stopping early needs random shuffles; here are \(count) listed or distinct ones"
        case .stoppingShards:
            "a test that stops early looks at its shuffles in their order: they cannot be divided into shards"
        case .stoppingAcrossContrasts:
            "a test that is corrected across contrasts cannot stop before all of them are done"
        case .contrastsOfDifferentKind(let a, let b):
            "contrasts \(quoted(a)) and \(quoted(b)) have different statistics: no correction across them"
        case .contrastsOfDifferentTails(let a, let b):
            "contrasts \(quoted(a)) and \(quoted(b)) are tested with one tail and with two, in which equal p are unequal values: no correction across them"
        case .contrastsOfDifferentShuffles(let a, let b):
            "contrasts \(quoted(a)) and \(quoted(b)) are tested with different shuffles: no correction across them"
        }
    }

    /// What to do.
    public var remedy: String {
        switch self {
        case .unreadable: "give a plan.json as an analysis leaves one"
        case .laterVersion: "use the version of Covey that wrote it"
        case .noContrasts: "name one with --contrast"
        case .noMaps: "give a table with a column of maps, or a list with --maps-list"
        case .nothingMatches: "quote the pattern, so that the shell leaves it alone"
        case .noMapsIn:
            "for maps in folders below it, make a table first ('covey collect'), or give --maps PATTERN"
        case .mapTwice: "every row needs a map of its own"
        case .volumeCount: "one row per volume, in the same order"
        case .emptyList: "one path per line, relative to the list's folder"
        case .formulaWithoutTable: "give a table, or a ready design"
        case .noVariance: "check the list of maps"
        case .methodOfVariant: "drop --nuisance: residuals are shuffled (Freedman-Lane)"
        case .savedVariant: "drop --save-model"
        case .variantWithoutTable: "use 'covey analyze' or 'covey permute' with a table"
        case .scaleOfPseudoT: "drop --scale z"
        case .boundsOfPseudoT: "drop --calibrated-bounds"
        case .randomFieldOfVariant, .noSmoothness: "drop --random-field; use a permutation test (--n-perm)"
        case .randomFieldOfScale: "drop --scale z or --random-field"
        case .stoppingBounds: "drop --stop-early or --calibrated-bounds"
        case .formingPOfPseudoT: "give heights with --cluster-forming-height"
        case .formingHeight: "give a small forming p, such as 0.001, or a height above 0"
        case .exponents: "E = 0.5 and H = 2 are usual for volumes"
        case .stoppingShards: "make the plan without --stop-early, or run it whole with 'covey run'"
        case .stoppingNeedsRandomShuffles: "run all of them: drop --stop-early and --sequential"
        case .stoppingAcrossContrasts: "drop --stop-early or --correct-across"
        case .contrastsOfDifferentKind: "put both on one scale with --scale z"
        case .contrastsOfDifferentTails:
            "write the t contrast as an F contrast ('F: NAME'), whose p is the two-sided one, or give --tail greater; and --scale z where ranks differ"
        case .contrastsOfDifferentShuffles: "choose one kind of shuffle for both with --exchange"
        }
    }
}
