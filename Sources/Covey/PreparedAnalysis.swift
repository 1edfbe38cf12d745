public import CoveyCore
import CoveyImaging
public import CoveyInference
public import CoveyModel

/// A plan with its data read and its model fitted: everything that comes before the shuffles.
///
/// The shuffles themselves are tallied in one run, in shards on several machines, or in pieces between
/// interruptions; ``conclude(_:)`` turns whole tallies into the analysis, the same bits in every case.
public struct PreparedAnalysis: Sendable {
    /// What was asked.
    public let plan: AnalysisPlan
    /// The design.
    public let design: Design
    /// The data, and what was found on reading them.
    public let reading: CohortReader.Reading
    /// The fit.
    public let fit: Fit
    /// The names of the contrasts in files.
    public let labels: [String]
    /// The permutation test of each contrast; empty where the plan has none.
    public let tests: [PermutationTest]
    /// What the unshuffled data show in each test.
    public let observations: [PermutationTest.Observation]
    /// Seconds per stage.
    public let clock: StageClock
    /// How it is run.
    public let options: RunOptions

    /// The tests together, where one pass over the data serves them all.
    private let shared: SharedPermutationTest?
    private let input: AnalysisInput
    private let questions: [ContrastWeights]
    private let partitions: [ContrastPartition]
    private let doctor: DesignDoctor
    private let variants: [VariantTest]
    private let smoothness: Smoothness?
    private let atlases: [AtlasFile]

    /// Reads, fits and observes.
    ///
    /// - Throws: an `ExplainedError` for anything wrong with the plan, the table, the maps or the model.
    public init(
        _ plan: AnalysisPlan, options: RunOptions = RunOptions(), progress: ProgressListener = .silent
    ) throws {
        guard plan.version <= AnalysisPlan.currentVersion else { throw PlanError.laterVersion(plan.version) }
        guard !plan.contrasts.isEmpty else { throw PlanError.noContrasts }
        let clock = StageClock()
        let threads = options.threads
        self.plan = plan
        self.options = options
        self.clock = clock
        input = try clock.time("design") { try AnalysisInput(plan) }
        atlases = try clock.time("atlas") { try (plan.clusters.atlases ?? []).map { try AtlasFile($0) } }
        design = input.design
        let model = try LinearModel(design)
        questions = try plan.contrasts.map { [design] in try Contrast($0).weights(in: design) }
        let partitions = try questions.map { try $0.partition(of: model) }
        self.partitions = partitions
        labels = Contrast.labels(of: questions.map(\.contrast))
        doctor = try DesignDoctor(
            design, contrasts: plan.contrasts.map(Contrast.init), tail: plan.tail,
            exchange: plan.permutation?.exchange, shuffleCount: plan.permutation?.count, blocks: input.blocks,
            varianceGroups: plan.variant?.varianceGroups(of: input),
            voxelwiseColumns: input.imagePlaces.keys.sorted().map { [design] in design.names[$0] })
        let (reading, partial) = try clock.time("read, mask, smooth") { [input] in
            try Self.read(input, plan, threads: threads, progress)
        }
        self.reading = reading
        let cohort = reading.cohort
        let fit = clock.time("fit") { Fit(model, cohort, threads: threads) }
        self.fit = fit
        guard fit.testedVoxelCount > 0 || partial != nil else {
            throw PlanError.noVariance(voxels: cohort.mask.count)
        }
        let varianceGroups = try plan.variant?.varianceGroups(of: input)
        let shuffles = try partitions.map { [design, input] partition in
            try plan.permutation?.shuffles(
                for: design.subjectCount, rows: plan.variant?.rows(of: input) ?? design.matrix,
                blocks: input.blocks,
                scheme: plan.permutation?.exchange
                    ?? .recommended(for: partition, groups: varianceGroups, blocks: input.blocks))
                ?? ShuffleSet(listed: [.identity(design.subjectCount)])
        }
        if let repeated = input.repeated { for set in shuffles { try set.requireTogether(repeated) } }
        let variants = try plan.variant?.tests(
            .init(
                plan: plan, input: input, cohort: cohort, partial: partial, fit: fit, questions: questions,
                partitions: partitions, threads: threads, progress: progress), shuffles)
        if let partial, let variants,
            !variants.contains(where: { $0.observed.values.contains(where: \.isFinite) })
        {
            throw PlanError.noVariance(voxels: partial.cohort.mask.count)
        }
        self.variants = variants ?? []
        smoothness = try plan.randomField.map { [reading] _ in
            guard plan.variant == nil else { throw PlanError.randomFieldOfVariant }
            guard plan.permutation?.scale != .z else { throw PlanError.randomFieldOfScale }
            let found = clock.time("smoothness") {
                Smoothness(residualsOf: fit, in: reading.cohort, threads: threads, progress: progress)
            }
            guard let found else { throw PlanError.noSmoothness }
            return found
        }
        guard let permutation = plan.permutation else {
            tests = []
            observations = []
            shared = nil
            return
        }
        let tests = try partitions.enumerated().map { k, partition in
            let tail = partition.isF ? Tail.greater : plan.tail
            let connectivity = Connectivity(rawValue: plan.clusters.connectivity) ?? .corners
            if let variant = variants?[k] {
                if !variant.hasTailAreas, permutation.formsByP { throw PlanError.formingPOfPseudoT }
                if !variant.hasTailAreas, permutation.calibratedBounds != nil {
                    throw PlanError.boundsOfPseudoT
                }
                if !variant.hasTailAreas, permutation.scale == .z { throw PlanError.scaleOfPseudoT }
                let statistic: any ShuffledStatistic =
                    permutation.scale == .z && variant.statistic.kind != .z
                    ? ZScaledStatistic(variant.statistic) : variant.statistic
                return PermutationTest(
                    statistic, mask: variant.mask, tail: tail, shuffles: shuffles[k],
                    comparing: permutation.inference(
                        for: statistic.kind, tail: tail, connectivity: connectivity))
            }
            let regression = RegressionStatistic(
                partition, cohort, fit, method: permutation.nuisanceMethod,
                split: permutation.partitionMethod)
            let statistic: any ShuffledStatistic =
                permutation.scale == .z ? ZScaledStatistic(regression) : regression
            return PermutationTest(
                statistic, mask: cohort.mask, tail: tail,
                shuffles: shuffles[k],
                comparing: permutation.inference(
                    for: statistic.kind, tail: tail, connectivity: connectivity))
        }
        for (k, test) in tests.enumerated() {
            guard test.choice.formingHeights.allSatisfy({ $0 > 0 }) else {
                throw PlanError.formingHeight(contrast: plan.contrasts[k])
            }
            guard test.choice.tfce?.isUsable ?? true else { throw PlanError.exponents }
        }
        if permutation.stopsEarly == true || permutation.sequentialTarget != nil,
            let test = tests.first(where: { if case .random = $0.shuffles.origin { false } else { true } })
        {
            throw PlanError.stoppingNeedsRandomShuffles(count: test.shuffles.count)
        }
        if permutation.stopsEarly == true, permutation.calibratedBounds != nil {
            throw PlanError.stoppingBounds
        }
        if permutation.stopsEarly == true, permutation.correctsAcrossContrasts == true {
            throw PlanError.stoppingAcrossContrasts
        }
        if permutation.correctsAcrossContrasts == true { try Self.requireComparable(tests, plan.contrasts) }
        self.tests = tests
        observations = clock.time("shuffle") { tests.map { $0.observe(threads: threads) } }
        // Tests that stop early stop each in its own time.
        shared =
            permutation.stopsEarly == true
            ? nil : clock.time("shuffle") { SharedPermutationTest(tests, threads: threads) }
    }

    /// Reads the maps; where voxels are tested with the subjects present, also what is incomplete.
    private static func read(
        _ input: AnalysisInput, _ plan: AnalysisPlan, threads: Int, _ progress: ProgressListener
    ) throws -> (CohortReader.Reading, CohortReader.PartialReading?) {
        let reader = try input.reader(for: plan)
        guard case .missingData(let minimumSubjects) = plan.variant else {
            return (try reader.read(input.sources, threads: threads, progress: progress), nil)
        }
        let partial = try reader.readPartial(
            input.sources, minimumSubjects: minimumSubjects, threads: threads, progress: progress)
        return (partial.complete, partial)
    }

    /// Shuffles of all tests together, or those of a share of them.
    public func shuffleCount(of shard: Shard? = nil) -> Int {
        tests.reduce(0) { $0 + (shard?.range(of: $1.shuffles.count).count ?? $1.shuffles.count) }
    }

    /// The memory that the analysis takes at most from here on until it writes its results, in bytes: the cohort once, the
    /// fit, and a workspace that does not grow with the number of shuffles but for their maxima; a tenth for what the
    /// allocator keeps.
    public var memoryEstimate: Int {
        let cohort = reading.cohort
        let data = cohort.panels.count * 8 + (tests.first?.statistic.dataBytes ?? 0)
        let maps = cohort.mask.count * 8 * (design.matrix.columns + 12) + cohort.mask.grid.count * 24
        // Maps are compared with each other in single precision before and after.
        let workspace = max(
            shared?.workspaceBytes(threads: options.threads)
                ?? tests.map { $0.workspaceBytes(threads: options.threads) }.max() ?? 0,
            cohort.panels.count * 4)
        return (data + maps + workspace) / 10 * 11
    }

    /// Whether tallies are such as ``tallies(shard:continuing:progress:checkpoint:)`` leaves at a checkpoint: all contrasts
    /// at the same shuffle where one pass serves them all.
    func canContinue(_ done: [PermutationTally]) -> Bool {
        shared == nil
            ? done.count <= tests.count
            : done.isEmpty || done.count == tests.count && Set(done.map(\.shuffles)).count == 1
    }

    /// Tallies a share of every test's shuffles.
    ///
    /// - Parameters:
    ///   - shard: which share of how many; `nil`: all shuffles.
    ///   - done: tallies to continue, in the order of the tests, as a checkpoint left them.
    ///   - checkpoint: receives the tallies so far.
    public func tallies(
        shard: Shard? = nil, continuing done: [PermutationTally] = [],
        progress: ProgressListener = .silent, checkpoint: ([PermutationTally]) throws -> Void = { _ in }
    ) throws -> [PermutationTally] {
        guard shard == nil || stoppingLevel == nil else { throw PlanError.stoppingShards }
        return try clock.time("shuffle") {
            if let shared {
                let range = shard?.range(of: tests[0].shuffles.count) ?? 0..<tests[0].shuffles.count
                return try shared.tallies(
                    of: range, observations, continuing: done, threads: options.threads,
                    progress: progress.renaming("shuffling for \(tests.count) contrasts"),
                    checkpoint: checkpoint)
            }
            var finished: [PermutationTally] = []
            for (k, test) in tests.enumerated() {
                let range = shard?.range(of: test.shuffles.count) ?? 0..<test.shuffles.count
                var stage = "shuffling"
                if stoppingLevel != nil { stage += " at most" }
                if tests.count > 1 { stage += ", contrast \(k + 1) of \(tests.count)" }
                let tally = try test.tally(
                    of: range, observations[k], continuing: k < done.count ? done[k] : nil,
                    stopsAt: stoppingLevel, threads: options.threads, progress: progress.renaming(stage),
                    checkpoint: { try checkpoint(finished + [$0]) })
                finished.append(tally)
            }
            return finished
        }
    }

    /// The level at which a test may stop: only random shuffles of a single run of contrasts on their own.
    private var stoppingLevel: Double? {
        guard let permutation = plan.permutation, permutation.stopsEarly == true else { return nil }
        return permutation.alpha
    }

    /// The analysis from whole tallies, one for each test.
    ///
    /// - Parameter progress: hears of the p-values that are drawn voxel by voxel, where they were asked for.
    public func conclude(_ tallies: [PermutationTally], progress: ProgressListener = .silent) -> Analysis {
        var findings = zip(tests, zip(observations, tallies)).map { test, found in
            PermutationFinding(
                test.results(found.0, found.1), choice: test.choice, asked: plan.permutation!,
                sequential: plan.permutation?.sequentialTarget.map { target in
                    clock.time("shuffle") {
                        SequentialTest(test, target: target).run(threads: options.threads, progress: progress)
                    }
                })
        }
        if plan.permutation?.correctsAcrossContrasts == true {
            findings = PermutationFinding.correctedAcross(findings)
        }
        var contrasts = questions.indices.map { k in
            ContrastAnalysis(
                questions[k], label: labels[k], comparesMeans: questions[k].comparesMeans(in: design),
                partitions[k], fit, variant: variants.isEmpty ? nil : variants[k], plan: plan,
                permutation: findings.isEmpty ? nil : findings[k], smoothness: smoothness,
                threads: options.threads, clock: clock)
        }
        clock.time("effects") {
            guard let plain = contrasts.first(where: { $0.variant == nil && !$0.partition.isF }) else {
                return
            }
            let distances = Influence(plain.partition)
                .meanCooksDistances(fit, reading.cohort, threads: options.threads)
            for k in contrasts.indices {
                contrasts[k].influence = InfluenceFinding(
                    contrasts[k], reading.cohort, meanCooksDistance: distances)
            }
        }
        clock.time("atlas") {
            for contrast in contrasts.indices where !atlases.isEmpty {
                for table in contrasts[contrast].clusters.indices {
                    contrasts[contrast].clusters[table].name(by: atlases)
                }
                for table in contrasts[contrast].survivors.indices {
                    contrasts[contrast].survivors[table].finding.name(by: atlases)
                }
            }
        }
        return Analysis(
            plan: plan, design: design, reading: reading, fit: fit, contrasts: contrasts, doctor: doctor,
            inputs: input.files + atlases.flatMap(\.files), dataSet: input.dataSet,
            notes: notes(on: contrasts), clock: clock,
            options: options)
    }

    /// Everything that should be known, each thing once.
    private func notes(on contrasts: [ContrastAnalysis]) -> [Note] {
        var all = input.notes + design.notes
        // What was left out of the complete data is not left out of these.
        if case .missingData = plan.variant {} else { all += reading.notes }
        if variants.isEmpty { all += fit.notes }
        if let smoothness { all += RandomFieldFinding.notes(smoothness) }
        let limits = contrasts.flatMap { $0.randomField?.notes ?? [] }
        for note in limits where !all.contains(note) { all.append(note) }
        for atlas in atlases { all += atlas.notes + atlas.notes(on: fit.mask) }
        for note in variants.flatMap(\.notes) where !all.contains(note) { all.append(note) }
        return all
    }

    /// Correction across contrasts compares their values: they must be on one scale, from the same shuffles.
    private static func requireComparable(_ tests: [PermutationTest], _ contrasts: [String]) throws(PlanError)
    {
        for (k, test) in tests.enumerated().dropFirst() {
            guard (test.tail == .twoSided) == (tests[0].tail == .twoSided) else {
                throw .contrastsOfDifferentTails(contrasts[0], contrasts[k])
            }
            guard test.statistic.kind == tests[0].statistic.kind else {
                throw .contrastsOfDifferentKind(contrasts[0], contrasts[k])
            }
            guard test.shuffles.origin == tests[0].shuffles.origin else {
                throw .contrastsOfDifferentShuffles(contrasts[0], contrasts[k])
            }
        }
    }
}

/// A share of the shuffles: number `index` of `count`, counted from 1.
public struct Shard: Sendable, Hashable, Codable {
    /// Which, from 1.
    public let index: Int
    /// Of how many.
    public let count: Int

    /// Shard `index` of `count`.
    ///
    /// - Precondition: `1 <= index <= count`.
    public init(index: Int, count: Int) {
        precondition(index >= 1 && index <= count)
        self.index = index
        self.count = count
    }

    /// Its part of `total` shuffles: neighbouring shards have neighbouring parts, as even as can be.
    public func range(of total: Int) -> Range<Int> {
        total * (index - 1) / count..<total * index / count
    }
}

extension AnalysisPlan.PermutationChoice {
    /// The shuffles for the rows of a design.
    ///
    /// - Parameter rows: the design as the statistic sees it; see ``ShuffleSet``.
    func shuffles(
        for subjectCount: Int, rows: Matrix, blocks: ExchangeabilityBlocks?, scheme: ExchangeScheme
    ) throws -> ShuffleSet {
        if let file = shufflesFrom {
            let text = try readText(file)
            let listed = try ShuffleFile(
                text, name: file, subjects: subjectCount, convention: convention)
            return ShuffleSet(listed: listed.shuffles)
        }
        return ShuffleSet(
            ShufflePlan(count: count, exchanging: scheme, seed: seed), design: rows, blocks: blocks)
    }

    /// Whether a forming threshold is given as p.
    var formsByP: Bool {
        comparison?.formingThresholds.contains { if case .p = $0 { true } else { false } } ?? false
    }
}

extension ShuffleSet {
    /// Refuses shuffles that would break the tie between the maps of one subject.
    fileprivate func requireTogether(_ repeated: RepeatedMeasures) throws(ExchangeabilityError) {
        if origin == .listed {
            for index in 0..<count {
                let shuffle = self[index]
                try repeated.requireTogether(source: shuffle.source, signs: shuffle.signs)
            }
        } else if flipsSigns {
            try repeated.requireOneSign(blocks ?? .free(subjectCount))
        }
    }
}
