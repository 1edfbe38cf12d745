import ArgumentParser
import Covey

/// The pre-flight page.
struct PreflightCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Look at a table and its maps, or at maps alone: who is in, what is odd; test nothing.",
        discussion: """
            Says who is joined, missing, extra or double; whose file bears another name; what columns hold and who \
            is left out; and how each map compares with the mean of the others, so that a flipped, unscaled or \
            swapped map shows. Exit status 1 where an analysis would be refused.

            Without a table, map files, a folder of maps, --maps or --image-4d are compared with one another.
            """)

    @Argument(help: "Table of subjects (TSV or CSV); or map files, or a folder of maps.")
    var inputs: [String] = []

    @Option(help: "Model as a formula: only its columns are looked at, and who misses one is told.")
    var model: String?

    @OptionGroup var source: SourceOptions

    @Option(help: "Column of subjects who recur: one row per map.")
    var repeated: String?

    @Option(help: "Voxels to compare: automatic (those most maps have), finite, or an image.")
    var mask = "automatic"

    @Option(
        help: "An exact 0 is: missing in maps with a background of 0 (automatic), always data, or missing.")
    var zeros = AnalysisPlan.ZeroChoice.automatic

    @Option(help: "ANALYZE images have no reliable left and right: mirrored (as SPM and nibabel) or plain.")
    var analyzeOrientation = AnalysisPlan.AnalyzeChoice.mirrored

    @Option(help: "Also count the voxels that at least so many maps have.", transform: Read.count)
    var minSubjects: Int?

    @Option(
        name: [.short, .long],
        help: "Folder for the page (text, JSON, TSV) and the images of map counts and lost voxels.")
    var out: String?

    @Flag(help: "Replace the folder if it exists.")
    var overwrite = false

    @Option(help: "Threads (default: all processors); changes no result.", transform: Read.threads)
    var threads: Int?

    func validate() throws {
        guard !inputs.isEmpty || source.maps != nil || source.image4D != nil else {
            throw ValidationError(
                "give a table of subjects, or maps: files, a folder, '--maps' or '--image-4d'")
        }
        let withoutTable = inputs.isEmpty || PreflightQuestion.isMaps(inputs[0])
        guard withoutTable || inputs.count == 1 else {
            throw ValidationError("give one table, or only maps; \(quoted(inputs[0])) is no map")
        }
        if withoutTable, !inputs.isEmpty, source.maps != nil || source.image4D != nil {
            throw ValidationError("give maps in one way: as files, by '--maps' or by '--image-4d'")
        }
        if withoutTable,
            model != nil || source.idColumn != nil || source.mapColumn != nil || repeated != nil
                || !source.rename.isEmpty
        {
            throw ValidationError("'--model' and options of columns need a table of subjects")
        }
    }

    func run() throws {
        let hasTable = inputs.count == 1 && !PreflightQuestion.isMaps(inputs[0])
        var question =
            hasTable || inputs.isEmpty
            ? PreflightQuestion(data: AnalysisPlan.DataSource(table: hasTable ? inputs[0] : nil))
            : try PreflightQuestion(files: inputs)
        var data = question.data
        source.apply(to: &data)
        data.repeated = repeated
        data.zeros = zeros
        data.analyzeOrientation = analyzeOrientation
        question.data = data
        question.formula = model
        question.minimumSubjects = minSubjects
        switch mask {
        case "automatic": question.mask = .automatic
        case "finite": question.mask = .finite
        default: question.mask = .image(path: mask)
        }
        let preflight = try Preflight(
            question, threads: threads ?? availableThreads(), progress: Terminal.progress())
        Terminal.clearLine()
        if let out {
            let folder = try ResultFolder(out, overwrites: overwrite)
            try Interruption.guarding(folder) {
                try preflight.write(into: folder)
                try folder.commit()
            }
        }
        for line in preflight.page.lines { print(line) }
        let count = preflight.page.problems.count
        if count > 0 { throw PreflightRefusal(count: count) }
    }
}
