import ArgumentParser
import Covey

/// A contrast of a fit that was saved.
struct ContrastCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contrast",
        abstract: "Compute a contrast from a folder that an analysis left with --save-model.")

    @Argument(help: "Folder of results.")
    var folder: String

    @Option(help: "What to test; repeatable.")
    var contrast: [String]

    @Option(help: "Which statistics count: greater, less or two-sided (default; F has one tail).")
    var tail = Tail.twoSided

    @Option(name: [.short, .long], help: "Folder for the maps.")
    var out: String

    @Flag(help: "Replace the folder if it exists.")
    var overwrite = false

    func run() throws {
        let fit = try SavedFit(folder: folder)
        let questions = try contrast.map { try Contrast($0).weights(in: fit.design) }
        let labels = Contrast.labels(of: questions.map(\.contrast))
        let results = try ResultFolder(out, overwrites: overwrite)
        try Interruption.guarding(results) {
            for (label, question) in zip(labels, questions) {
                var maps = try fit.maps(question)
                let test = ParametricTest(maps[maps.count - 1], tail: question.isF ? .greater : tail)
                maps += [test.z, test.p, test.negativeLog10P]
                for map in maps {
                    let name = map.fileName(contrastLabel: label)
                    try map.write(to: results.path(name), description: question.name)
                    print(out + "/" + name)
                }
            }
            try results.commit()
        }
    }
}

/// The design doctor alone.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract:
            "Say in words what each contrast tests, what is shuffled, and what that leans on; read no map.")

    @OptionGroup var subjects: SubjectOptions

    @Option(help: "Which statistics count: greater, less or two-sided (default).")
    var tail = Tail.twoSided

    @Option(help: "Number of random shuffles.", transform: Read.shuffleCount)
    var nPerm: Int?

    @Option(help: "What is shuffled: permute, flip or both (default: by the contrast).")
    var exchange: ExchangeScheme?

    @OptionGroup(title: "Exchangeability") var rows: ExchangeOptions

    @Option(help: "Write the blocks as an FSL group file, for randomise -e.")
    var writeGroups: String?

    func run() throws {
        var plan = AnalysisPlan(
            data: subjects.data, model: subjects.modelSource, contrasts: try subjects.questions.expressions(),
            tail: tail)
        if let nPerm { plan.permutation = .init(count: nPerm, exchange: exchange, seed: 0) }
        rows.apply(to: &plan)
        let (doctor, notes) = try plan.examine()
        if let writeGroups {
            for line in try plan.writeGroups(to: writeGroups) { print(line) }
        }
        for note in notes { print("\(note.severity == .warning ? "warning: " : "")\(note.text)") }
        for line in doctor.lines { print(line) }
    }
}

/// A permutation test alone.
struct PermuteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "permute",
        abstract:
            """
            Test contrasts by permutation (1000 shuffles unless --n-perm says otherwise) with correction by the \
            maximum: voxels, clusters, TFCE; no parametric thresholds, no figures.
            """
    )

    @OptionGroup var subjects: SubjectOptions
    @OptionGroup(title: "Images") var images: ImageOptions

    @Option(help: "Which statistics count: greater, less or two-sided (default; F has one tail).")
    var tail = Tail.twoSided

    @OptionGroup(title: "Permutation") var permutation: PermutationOptions
    @OptionGroup(title: "Statistic") var variant: VariantOptions
    @OptionGroup(title: "Exchangeability") var exchange: ExchangeOptions

    @Option(help: "Neighbours: 6, 18 or 26 (default).", transform: Read.connectivity)
    var connectivity = 26

    @OptionGroup(title: "Tables of clusters") var peaks: PeakOptions

    @Option(name: [.short, .long], help: "Folder for the results; not needed with --print-plan.")
    var out: String?

    @Flag(help: "Replace the folder if it exists.")
    var overwrite = false

    @OptionGroup(title: "Machine") var execution: ExecutionOptions

    func run() throws {
        var plan = AnalysisPlan(
            data: subjects.data, model: subjects.modelSource, contrasts: try subjects.questions.expressions(),
            tail: tail)
        images.apply(to: &plan)
        plan.permutation = try permutation.choice(defaultCount: 1000)
        plan.variant = try variant.variant()
        try exchange.applyToTest(&plan)
        plan.clusters.connectivity = connectivity
        try peaks.apply(to: &plan)
        plan.figures = nil
        try execute(plan, into: out, overwrites: overwrite, execution)
    }
}
