public import CoveyCore

/// What a design and its contrasts mean, in words, before any map is read: what each null hypothesis is, what
/// is shuffled to test it and why, how small p can become, and what must hold for the answer to be right.
public struct DesignDoctor: Sendable, Hashable {
    /// The design.
    public let design: Design
    /// Its numbers.
    public let diagnostics: DesignDiagnostics
    /// One diagnosis per contrast.
    public private(set) var diagnoses: [ContrastDiagnosis]
    /// Residual degrees of freedom.
    public let degreesOfFreedom: Int
    /// Which rows are exchanged with which; `nil`: every row with every other.
    public let blocks: ExchangeabilityBlocks?
    /// Columns whose values differ by voxel: the design holds placeholders for them, and its numbers tell nothing.
    public let voxelwiseColumns: [String]
    private let spansConstant: Bool

    /// Looks at a design and contrasts as they are written.
    ///
    /// - Parameters:
    ///   - tail: which statistics count against the null hypothesis, for t contrasts.
    ///   - exchange: what is shuffled; `nil`: what ``ExchangeScheme/recommended(for:)`` says for each contrast.
    ///   - shuffleCount: how many random shuffles are asked for; `nil`: no permutation test is planned.
    ///   - blocks: which rows are exchanged with which; `nil`: every row with every other.
    ///   - varianceGroups: which rows share a variance, for statistics that estimate one by group; `nil`: all do.
    ///   - voxelwiseColumns: columns of the design that stand for images.
    /// - Throws: ``ModelError`` where the design cannot be fitted or a contrast cannot be tested.
    public init(
        _ design: Design, contrasts: [Contrast], tail: Tail, exchange: ExchangeScheme? = nil,
        shuffleCount: Int? = nil, blocks: ExchangeabilityBlocks? = nil,
        varianceGroups: VarianceGroups? = nil, voxelwiseColumns: [String] = []
    ) throws(ModelError) {
        let model = try LinearModel(design)
        let diagnostics = DesignDiagnostics(design)
        self.design = design
        self.diagnostics = diagnostics
        var diagnoses: [ContrastDiagnosis] = []
        for contrast in contrasts {
            let weights = try contrast.weights(in: design)
            diagnoses.append(
                ContrastDiagnosis(
                    weights, partition: try weights.partition(of: model), design: design,
                    diagnostics: diagnostics, tail: tail, exchange: exchange, shuffleCount: shuffleCount,
                    blocks: blocks.flatMap { $0.isFree ? nil : $0 }, varianceGroups: varianceGroups,
                    voxelwiseColumns: voxelwiseColumns))
        }
        self.diagnoses = diagnoses
        self.blocks = blocks.flatMap { $0.isFree ? nil : $0 }
        self.voxelwiseColumns = voxelwiseColumns
        degreesOfFreedom = model.degreesOfFreedom
        spansConstant = model.constantProjection != nil
    }

    /// The same, told what the test of every contrast does: its level, its method, and the shuffles of a file.
    public func told(of test: ShuffledTest) -> DesignDoctor {
        var doctor = self
        for k in diagnoses.indices { doctor.diagnoses[k].test = test }
        return doctor
    }

    /// What should be known of the design whatever is tested.
    public var warnings: [Note] {
        var notes: [Note] = []
        if degreesOfFreedom < 10 {
            notes.append(
                .warning(
                    "only \(counted(degreesOfFreedom, "residual degree")) of freedom: variances are estimated poorly"
                ))
        }
        if voxelwiseColumns.isEmpty, diagnostics.centredConditionNumber > 30 {
            var text =
                "the columns are close to collinear (condition number \(significant(diagnostics.centredConditionNumber, digits: 3)) about the means)"
            if let pair = diagnostics.strongestCorrelation {
                text +=
                    "; the strongest correlation is \(fixed(pair.correlation, decimals: 3)), \(quoted(pair.first)) with \(quoted(pair.second))"
            }
            notes.append(.warning(text))
        }
        let strong = voxelwiseColumns.isEmpty ? diagnostics.influentialRows : []
        if !strong.isEmpty {
            let names: [String] = strong.prefix(5).map { row in
                "\(printable(row.name, limit: 60)) (\(fixed(row.leverage, decimals: 2)))"
            }
            let more = strong.count > 5 ? " and \(strong.count - 5) more" : ""
            notes.append(
                .warning(
                    "high leverage, above \(fixed(diagnostics.leverageLimit, decimals: 2)): "
                        + names.joined(separator: ", ")
                        + more
                        + "; look whether the results depend on them"))
        }
        if !spansConstant {
            notes.append(
                .warning("the model has no intercept: every line is forced through 0, and so is every mean"))
        }
        return notes
    }

    /// Everything, as lines of text.
    public var lines: [String] {
        var lines = [
            "Design: \(counted(design.subjectCount, blocks == nil ? "subject" : "row")), \(counted(design.columns.count, "column")) "
                + "(\(listed(design.namesWithLargeFactors(), limit: 20))), \(degreesOfFreedom) residual degrees of freedom",
            collinearityWords,
        ]
        lines += design.notes.map { "\($0.severity == .warning ? "WARNING" : "Note"): \($0.text)" }
        lines += warnings.map { "WARNING: \($0.text)" }
        for diagnosis in diagnoses { lines += [""] + diagnosis.lines }
        return lines
    }

    private var collinearityWords: String {
        guard voxelwiseColumns.isEmpty else {
            return
                "Condition number, variance inflation and leverage differ by voxel, with the images of "
                + andList(voxelwiseColumns) + ", and are not shown"
        }
        return "Condition number \(significant(diagnostics.conditionNumber, digits: 3))"
            + " (\(significant(diagnostics.centredConditionNumber, digits: 3)) about the means); variance inflation "
            + inflationWords
            + "; largest leverage \(fixed(diagnostics.leverage.max() ?? 0, decimals: 2))"
    }

    private var inflationWords: String {
        let shown = Set(design.namesWithLargeFactors())
        let known = zip(design.names, diagnostics.varianceInflation).compactMap { name, factor in
            !shown.contains(name)
                ? nil : factor.map { "\(printable(name, limit: 60)) \(significant($0, digits: 3))" }
        }
        guard !known.isEmpty else { return "none" }
        return known.prefix(12).joined(separator: ", ") + (known.count > 12 ? " ..." : "")
    }
}
