import ArgumentParser
import Covey

/// A whole analysis from a table of subjects.
struct AnalyzeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyze",
        abstract:
            "Analyse a cohort: from a table of subjects and maps to maps, thresholds, tables and figures.",
        discussion: """
            The table (TSV or CSV) has one row per subject: participant_id, a column of map paths (relative to \
            the table), and the variables of the model. Missing values are n/a.

            Every output says which tail was tested, how p was corrected, the seed and the number of shuffles.
            """)

    @OptionGroup(title: "Subjects and model") var subjects: SubjectOptions
    @OptionGroup(title: "Images") var images: ImageOptions
    @OptionGroup(title: "Inference") var inference: InferenceOptions
    @OptionGroup(title: "Tables of clusters") var peaks: PeakOptions
    @OptionGroup(title: "Permutation") var permutation: PermutationOptions
    @OptionGroup(title: "Statistic") var variant: VariantOptions
    @OptionGroup(title: "Exchangeability") var exchange: ExchangeOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Machine") var execution: ExecutionOptions

    func run() throws {
        var plan = AnalysisPlan(
            data: subjects.data, model: subjects.modelSource, contrasts: try subjects.questions.expressions(),
            tail: inference.tail)
        images.apply(to: &plan)
        inference.apply(to: &plan)
        try peaks.apply(to: &plan)
        plan.permutation = try permutation.choice()
        plan.variant = try variant.variant()
        try exchange.applyToTest(&plan)
        output.apply(to: &plan)
        try execute(plan, into: output.out, overwrites: output.overwrite, execution)
    }
}

/// An analysis from a ready design, row by row.
struct FitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fit",
        abstract: "Fit a ready design to a list of maps, row by row, and test contrasts.")

    @Option(help: "Text file with one map path per line, in the order of the design's rows.")
    var mapsList: String

    @Option(help: "Design matrix: TSV with a header, or an FSL .mat file.")
    var design: String

    @OptionGroup var questions: ContrastOptions

    @OptionGroup(title: "Images") var images: ImageOptions
    @OptionGroup(title: "Inference") var inference: InferenceOptions
    @OptionGroup(title: "Tables of clusters") var peaks: PeakOptions
    @OptionGroup(title: "Permutation") var permutation: PermutationOptions
    @OptionGroup(title: "Statistic") var variant: VariantOptions
    @OptionGroup(title: "Exchangeability") var exchange: ExchangeOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Machine") var execution: ExecutionOptions

    func run() throws {
        var data = AnalysisPlan.DataSource()
        data.mapList = mapsList
        let model: AnalysisPlan.ModelSource =
            design.hasSuffix(".mat") ? .vest(path: design) : .designTable(path: design)
        var plan = AnalysisPlan(
            data: data, model: model, contrasts: try questions.expressions(), tail: inference.tail)
        images.apply(to: &plan)
        inference.apply(to: &plan)
        try peaks.apply(to: &plan)
        plan.permutation = try permutation.choice()
        plan.variant = try variant.variant()
        try exchange.applyToTest(&plan)
        output.apply(to: &plan)
        try execute(plan, into: output.out, overwrites: output.overwrite, execution)
    }
}

/// A plan from a file, again.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a plan from a file: the same data give the same bits.")

    @Argument(help: "plan.json, as every analysis leaves one beside its results.")
    var plan: String

    @Option(name: [.short, .long], help: "Folder for the results; not needed with --print-plan.")
    var out: String?

    @Flag(help: "Replace the folder if it exists.")
    var overwrite = false

    @OptionGroup(title: "Machine") var execution: ExecutionOptions

    func run() throws {
        let loaded = try AnalysisPlan(contentsOf: plan)
        try execute(loaded, into: out, overwrites: overwrite, execution)
    }
}
