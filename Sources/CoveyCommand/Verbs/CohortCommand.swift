import ArgumentParser
import Covey

/// Cohorts made by the program.
struct CohortCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cohort", abstract: "Make a cohort for planning and teaching.",
        subcommands: [SynthesizeCommand.self])
}

/// A synthetic cohort whose truth is known.
struct SynthesizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "synthesize",
        abstract:
            "Make maps with smooth noise, a main effect and a planted association; same seed, same bytes.",
        discussion: """
            On the Localizer's grid (53 x 63 x 46, 3 mm): one map per subject, participants.tsv with a score \
            (pseudo) that some subjects lack, and truth.nii.gz with the correlation that was planted.
            """)

    @Option(help: "Subjects.", transform: Read.shuffleCount)
    var subjects = 94

    @Option(help: "Seed.", transform: Read.seed)
    var seed: UInt64 = 2009

    @Option(help: "Subjects whose score is missing.", transform: Read.count)
    var missing = 5

    @Option(help: "Height of the main effect in noise SD.", transform: Read.number)
    var mainEffect = 1.0

    @Option(help: "Correlation of map and score at the planted peak.", transform: Read.number)
    var association = 0.55

    @Option(help: "Voxel size in mm.", transform: Read.number)
    var spacing = 3.0

    @Flag(help: "NaN outside the brain instead of 0.")
    var nanOutside = false

    @Option(name: [.short, .long], help: "Folder for the cohort.")
    var out: String

    @Flag(help: "Replace the folder if it exists.")
    var overwrite = false

    @Option(help: "Threads (default: all processors); changes no byte.", transform: Read.threads)
    var threads: Int?

    @Flag(name: [.short, .long], help: "Print errors only.")
    var quiet = false

    func run() throws {
        var options = SyntheticCohort.Options(seed: seed)
        options.subjectCount = subjects
        options.missingCount = missing
        options.mainEffect = mainEffect
        options.association = association
        options.spacingMillimeters = spacing
        options.isNaNOutside = nanOutside
        let cohort = try SyntheticCohort(options)
        let folder = try ResultFolder(out, overwrites: overwrite)
        try Interruption.guarding(folder) {
            try cohort.write(into: folder, threads: threads ?? availableThreads())
            try folder.commit()
        }
        if !quiet {
            print(
                "\(subjects) maps of \(cohort.brain.count) brain voxels and participants.tsv in \(printable(out))"
            )
        }
    }
}
