import CoveyCore
import CoveyInference
import CoveyModel

extension AnalysisPlan.StatisticVariant {
    /// What a variant needs of an analysis that is read and fitted.
    struct Setting {
        let plan: AnalysisPlan
        let input: AnalysisInput
        let cohort: Cohort
        /// The maps with their gaps, where the variant tests them.
        let partial: CohortReader.PartialReading?
        let fit: Fit
        let questions: [ContrastWeights]
        let partitions: [ContrastPartition]
        let threads: Int
        let progress: ProgressListener
    }

    /// The test of each contrast with the shuffles that it is tested with.
    func tests(_ setting: Setting, _ shuffles: [ShuffleSet]) throws -> [VariantTest] {
        if let method = setting.plan.permutation?.method, method != .freedmanLane, !takesEveryMethod {
            throw PlanError.methodOfVariant(method.rawValue)
        }
        guard !setting.plan.savesModel else { throw PlanError.savedVariant }
        let (partitions, cohort, threads) = (setting.partitions, setting.cohort, setting.threads)
        switch self {
        case .varianceGroups:
            let groups = try varianceGroups(of: setting.input)
            return try zip(partitions, shuffles).map {
                try VariantTest($0, cohort, groups: groups, shuffles: $1, threads: threads)
            }
        case .smoothedVariance(let fwhm):
            return try zip(partitions, shuffles).map {
                try VariantTest(
                    $0, cohort, setting.fit, varianceFWHMMillimeters: fwhm, shuffles: $1, threads: threads)
            }
        case .voxelwise:
            let reading = try VoxelwiseReading(
                cohort, places: setting.input.imagePlaces, subjects: setting.input.requireSubjects(),
                reader: setting.input.reader(for: setting.plan), threads: threads, progress: setting.progress)
            return try setting.questions.map { question in
                let design = try VoxelwiseDesign(
                    matrix: setting.input.design.matrix, regressors: reading.regressors,
                    weights: question.weights, isF: question.isF, name: question.name)
                return try VariantTest(design, reading.cohort, threads: threads).adding(reading.notes)
            }
        case .missingData:
            guard let reading = setting.partial else { preconditionFailure("maps read without their gaps") }
            return try zip(partitions, shuffles).map {
                try VariantTest(
                    $0, reading.cohort, shuffles: $1,
                    method: setting.plan.permutation?.nuisanceMethod ?? .freedmanLane,
                    split: setting.plan.permutation?.partitionMethod ?? .ridgway, threads: threads
                ).adding(reading.notes)
            }
        }
    }

    /// The design's rows as the statistic sees them: rows are interchangeable only where it cannot tell them
    /// apart.
    func rows(of input: AnalysisInput) throws -> Matrix {
        let design = input.design.matrix
        guard let groups = try varianceGroups(of: input) else { return design }
        return Matrix(
            columns: (0..<design.columns).map(design.column) + [groups.labels.map(Double.init)])
    }

    /// Which rows share a variance; `nil`: all do.
    func varianceGroups(of input: AnalysisInput) throws -> VarianceGroups? {
        guard case .varianceGroups(let column) = self else { return nil }
        if let column { return try VarianceGroups(input.requireSubjects(), column: column) }
        return input.blocks.map { VarianceGroups(exchangedIn: $0) }
    }

    private var takesEveryMethod: Bool { if case .missingData = self { true } else { false } }
}

extension AnalysisPlan {
    /// The columns of the table that hold images.
    var voxelwiseColumns: VoxelwiseColumns? {
        if case .voxelwise(let columns) = variant { VoxelwiseColumns(columns) } else { nil }
    }
}

extension AnalysisInput {
    /// The rows of the table; a variant reads columns of it.
    func requireSubjects() throws(PlanError) -> Subjects {
        guard let subjects else { throw .variantWithoutTable }
        return subjects
    }
}

extension VariantTest {
    /// The test with more that should be known.
    func adding(_ more: [Note]) -> VariantTest {
        var result = self
        result.notes = more + notes
        return result
    }
}
