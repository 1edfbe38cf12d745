public import CoveyCore
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
    /// Everything that should be known: exclusions, assumptions, repairs.
    public let notes: [Note]
    /// Seconds per stage.
    public let clock: StageClock
    /// How it was run.
    public let options: RunOptions
}

extension AnalysisPlan {
    /// Runs the plan: the public stages one after the other, each handing its value to the next.
    ///
    /// - Throws: an `ExplainedError` for anything wrong with the plan, the table, the maps or the model.
    public func run(
        options: RunOptions = RunOptions(), progress: ProgressListener = .silent
    ) throws -> Analysis {
        guard version <= Self.currentVersion else { throw PlanError.laterVersion(version) }
        guard !contrasts.isEmpty else { throw PlanError.noContrasts }
        let clock = StageClock()
        let threads = options.threads

        let input = try clock.time("design") { try AnalysisInput(self) }
        let design = input.design
        let model = try LinearModel(design)
        let questions = try contrasts.map { try Contrast($0).weights(in: design) }
        let partitions = try questions.map { try $0.partition(of: model) }
        let labels = Contrast.labels(of: questions.map(\.contrast))
        let schemes = partitions.map { permutation?.exchange ?? ExchangeScheme.recommended(for: $0) }
        let doctor = try DesignDoctor(
            design, contrasts: contrasts.map(Contrast.init), tail: tail, exchange: permutation?.exchange,
            shuffleCount: permutation?.count)

        let reading = try clock.time("read, mask, smooth") {
            try input.reader(for: self).read(input.sources, threads: threads, progress: progress)
        }
        let cohort = reading.cohort
        let fit = clock.time("fit") { Fit(model, cohort, threads: threads) }
        guard fit.testedVoxelCount > 0 else { throw PlanError.noVariance(voxels: cohort.mask.count) }

        var found: [ContrastAnalysis] = []
        for (k, question) in questions.enumerated() {
            let shuffles = try shuffles(for: design, scheme: schemes[k])
            found.append(
                ContrastAnalysis(
                    question, label: labels[k], comparesMeans: question.comparesMeans(in: design),
                    partitions[k], fit, cohort, plan: self, shuffles: shuffles, threads: threads,
                    clock: clock,
                    progress: progress))
        }
        return Analysis(
            plan: self, design: design, reading: reading, fit: fit, contrasts: found, doctor: doctor,
            inputs: input.files, notes: input.notes + design.notes + reading.notes + fit.notes, clock: clock,
            options: options)
    }

    /// What the doctor says of the plan's design and contrasts, without reading a map.
    public func examine() throws -> (doctor: DesignDoctor, notes: [Note]) {
        let input = try AnalysisInput(self)
        let doctor = try DesignDoctor(
            input.design, contrasts: contrasts.map(Contrast.init), tail: tail,
            exchange: permutation?.exchange, shuffleCount: permutation?.count)
        return (doctor, input.notes + input.design.notes)
    }

    /// The shuffles of the plan's permutation test; `nil` where there is none.
    private func shuffles(for design: Design, scheme: ExchangeScheme) throws -> ShuffleSet? {
        guard let permutation else { return nil }
        if let file = permutation.shufflesFrom {
            let text = try readText(file)
            let listed = try ShuffleFile(
                text, name: file, subjects: design.subjectCount, convention: permutation.convention)
            return ShuffleSet(listed: listed.shuffles)
        }
        return ShuffleSet(
            ShufflePlan(count: permutation.count, exchanging: scheme, seed: permutation.seed),
            design: design.matrix)
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

    /// What is wrong.
    public var description: String {
        switch self {
        case .unreadable(let file, let reason): "\(quoted(file)) is not a plan: \(printable(reason))"
        case .laterVersion(let version):
            "the plan has version \(version), this program knows versions up to \(AnalysisPlan.currentVersion)"
        case .noContrasts: "no contrast: nothing to test"
        case .noMaps: "the plan names no maps"
        case .nothingMatches(let pattern): "no file matches \(quoted(pattern))"
        case .mapTwice(let path, let first, let second):
            "map \(quoted(path)) is listed twice (duplicate): lines \(first) and \(second)"
        case .volumeCount(let path, let volumes, let rows):
            "\(quoted(path)) has \(volumes) volumes for \(rows) rows of the table"
        case .emptyList(let file): "the list of maps \(quoted(file)) is empty: no maps"
        case .formulaWithoutTable: "a formula needs a table of subjects"
        case .noVariance(let voxels):
            "none of the \(voxels) voxels has any variance between subjects: are all maps identical?"
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
        case .mapTwice: "every row needs a map of its own"
        case .volumeCount: "one row per volume, in the same order"
        case .emptyList: "one path per line, relative to the list's folder"
        case .formulaWithoutTable: "give a table, or a ready design"
        case .noVariance: "check the list of maps"
        }
    }
}
