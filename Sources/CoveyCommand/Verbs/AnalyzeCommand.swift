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

    @Argument(help: "Table of subjects (TSV or CSV).")
    var table: String

    @Option(help: "Model as a formula over the table's columns, such as '~ fluency + C(group)'.")
    var model: String

    @Option(
        help: "What to test: a column, an expression (a - b), a vector ([0,1]), or F: rows; repeatable.")
    var contrast: [String]

    @Option(help: "Column of identifiers (default: participant_id).")
    var idColumn: String?

    @Option(help: "Column of map paths (default: map).")
    var mapColumn: String?

    @Option(help: "Take the maps that match this pattern; joined by the sub-XX in their names.")
    var maps: String?

    @Option(name: .customLong("image-4d"), help: "Take the volumes of this image, in the order of the table.")
    var image4D: String?

    @Option(help: "Rename a column: OLD=NEW; repeatable.", transform: Read.renaming)
    var rename: [[String: String]] = []

    @Flag(help: "Leave out subjects that miss a value the model needs (they are named).")
    var dropMissing = false

    @Option(help: "Coding of factors: treatment (default), sum, or cell-means (with '~ 0 + ...').")
    var coding = FactorCoding.treatment

    @Option(
        help: "Centre covariates: none, grand-mean, or within:COLUMN (their mean within each level).",
        transform: Read.centring)
    var centre = Centring.none

    @OptionGroup(title: "Images") var images: ImageOptions
    @OptionGroup(title: "Inference") var inference: InferenceOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Machine") var machine: MachineOptions

    func run() throws {
        var data = AnalysisPlan.DataSource(table: table)
        data.identifierColumn = idColumn
        data.mapColumn = mapColumn
        data.mapPattern = maps
        data.image4D = image4D
        data.dropsMissing = dropMissing
        for pair in rename { data.renamed.merge(pair) { _, new in new } }
        var plan = AnalysisPlan(
            data: data, model: .formula(model, coding: coding, centring: centre), contrasts: contrast,
            tail: inference.tail)
        images.apply(to: &plan)
        inference.apply(to: &plan)
        output.apply(to: &plan)
        try execute(plan, output: output, machine: machine)
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

    @Option(
        help: "What to test: a column, an expression (a - b), a vector ([0,1]), or F: rows; repeatable.")
    var contrast: [String]

    @OptionGroup(title: "Images") var images: ImageOptions
    @OptionGroup(title: "Inference") var inference: InferenceOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Machine") var machine: MachineOptions

    func run() throws {
        var data = AnalysisPlan.DataSource()
        data.mapList = mapsList
        let model: AnalysisPlan.ModelSource = design.hasSuffix(".mat") ? .vest(design) : .designTable(design)
        var plan = AnalysisPlan(data: data, model: model, contrasts: contrast, tail: inference.tail)
        images.apply(to: &plan)
        inference.apply(to: &plan)
        output.apply(to: &plan)
        try execute(plan, output: output, machine: machine)
    }
}

/// A plan from a file, again.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a plan from a file: the same data give the same bits.")

    @Argument(help: "plan.json, as every analysis leaves one beside its results.")
    var plan: String

    @Option(name: [.short, .long], help: "Folder for the results.")
    var out: String

    @Flag(help: "Replace the folder if it exists.")
    var overwrite = false

    @OptionGroup(title: "Machine") var machine: MachineOptions

    func run() throws {
        let loaded = try AnalysisPlan(contentsOf: plan)
        try execute(loaded, into: out, overwrites: overwrite, machine: machine)
    }
}
