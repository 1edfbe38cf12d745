import ArgumentParser
import Covey

/// Who, which maps, which model, which contrasts: from a table with a formula, or from a list with a design.
struct SubjectOptions: ParsableArguments {
    @Argument(help: "Table of subjects (TSV or CSV); or give --maps-list and --design.")
    var table: String?

    @Option(help: "Model as a formula over the table's columns, such as '~ fluency + C(group)'.")
    var model: String?

    @Option(help: "Ready design: TSV with a header, or an FSL .mat file.")
    var design: String?

    @Option(help: "Text file with one map path per line, in the order of the design's rows.")
    var mapsList: String?

    @OptionGroup var questions: ContrastOptions

    @OptionGroup var source: SourceOptions

    @Option(help: "Coding of factors: treatment (default), sum, or cell-means (with '~ 0 + ...').")
    var coding = FactorCoding.treatment

    @Option(
        help: "Centre covariates: none, grand-mean, or within:COLUMN (their mean within each level).",
        transform: Read.centring)
    var centre = Centring.none

    func validate() throws {
        guard (model == nil) != (design == nil) else {
            throw ValidationError("give a model: either '--model FORMULA' or '--design FILE'")
        }
        guard table != nil || mapsList != nil else {
            throw ValidationError("give a table of subjects, or '--maps-list FILE'")
        }
    }

    /// Where the maps and the variables come from.
    var data: AnalysisPlan.DataSource {
        var data = AnalysisPlan.DataSource()
        data.table = table
        data.mapList = mapsList
        source.apply(to: &data)
        return data
    }

    /// Where the design comes from.
    var modelSource: AnalysisPlan.ModelSource {
        if let model { return .formula(text: model, coding: coding, centring: centre) }
        let file = design ?? ""
        return file.hasSuffix(".mat") ? .vest(path: file) : .designTable(path: file)
    }
}

/// Which columns and files hold the subjects' maps and variables.
struct SourceOptions: ParsableArguments {
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

    func apply(to data: inout AnalysisPlan.DataSource) {
        data.identifierColumn = idColumn
        data.mapColumn = mapColumn
        data.mapPattern = maps
        data.image4D = image4D
        data.dropsMissing = dropMissing
        for pair in rename { data.renamed.merge(pair) { _, new in new } }
    }
}

/// What is tested: expressions, or FSL's files.
struct ContrastOptions: ParsableArguments {
    @Option(
        help: "What to test: a column, an expression (a - b), a vector ([0,1]), or F: rows; repeatable.")
    var contrast: [String] = []

    @Option(help: "Also test the contrasts of an FSL .con file.")
    var contrastsFrom: String?

    @Option(help: "Also test the F tests of an FSL .fts file, over the rows of --contrasts-from.")
    var fTestsFrom: String?

    func validate() throws {
        guard !contrast.isEmpty || contrastsFrom != nil else {
            throw ValidationError("Missing expected argument '--contrast <contrast>'")
        }
        if fTestsFrom != nil, contrastsFrom == nil {
            throw ValidationError("'--f-tests-from' needs '--contrasts-from'")
        }
    }

    /// Every contrast as an expression.
    func expressions() throws -> [String] {
        guard let contrastsFrom else { return contrast }
        let rows = try VEST.read(contrastsFrom)
        let tests = try fTestsFrom.map { try VEST.read($0) }
        return contrast + (try Contrast.contrasts(rows, fTests: tests, source: contrastsFrom)).map(\.text)
    }
}
