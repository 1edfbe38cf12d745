import ArgumentParser
import Covey

/// A table of maps from a folder.
struct CollectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "collect",
        abstract: "Find the subjects' maps in a folder and make the table for 'covey analyze'.",
        discussion: """
            Knows SPM (con_0001.nii), FEAT (stats/cope1.nii.gz, .gfeat), BIDS derivatives (nilearn, FitLins; \
            others with --filter suffix=...), or any names by --pattern 'sub-{subject}/maps/{contrast}.nii.gz'.

            Prints subjects x contrasts: x is a map, - is none. Two maps for one place, two spaces under one \
            contrast or a contrast with two names are errors that name the files and the filter to choose with.
            """)

    @Argument(help: "Folder with the subjects' results.")
    var folder: String

    @Option(
        help: """
            Where subject and contrast stand in the path below the folder: {subject}, {contrast}, {any name}; \
            * for part of a name, ** for folders.
            """)
    var pattern: String?

    @Option(
        help: "Take maps by an entity: space=MNI152NLin2009cAsym, run=1, stat=t, folder=model*; repeatable.",
        transform: CollectCommand.filter)
    var filter: [EntityFilter] = []

    @Option(help: "Take this contrast, by label, name or number; repeatable (default: all).")
    var contrast: [String] = []

    @Option(help: "Table of subjects to join (default: participants.tsv in the folder or above it).")
    var participants: String?

    @Option(help: "Its column of identifiers (default: participant_id).")
    var idColumn: String?

    @Flag(help: "Join no table of subjects.")
    var noParticipants = false

    @Option(
        name: [.short, .long],
        help: "Write the table here: one row per map, long where there are several contrasts.")
    var out: String?

    @Flag(help: "Replace the table if it exists.")
    var overwrite = false

    @Flag(name: [.short, .long], help: "Print errors and warnings only.")
    var quiet = false

    static func filter(_ text: String) throws -> EntityFilter {
        guard let filter = EntityFilter(text) else {
            throw ValidationError("KEY=VALUE, such as space=MNI152NLin2009cAsym")
        }
        return filter
    }

    func validate() throws {
        if noParticipants, participants != nil {
            throw ValidationError("give '--participants' or '--no-participants', not both")
        }
    }

    func run() throws {
        var search = MapCollection.Search()
        search.pattern = try pattern.map { try PathPattern($0) }
        search.filters = filter
        search.contrasts = contrast
        let found = try CollectedMaps(
            folder, search, participants: noParticipants ? .none : participants.map { .file($0) } ?? .nearby)
        let table = try out.map { try found.write(to: $0, identifierColumn: idColumn, overwrites: overwrite) }
        for note in found.notes + (table?.notes ?? []) where note.severity == .warning || !quiet {
            Terminal.say("covey: \(note.severity == .warning ? "warning: " : "")\(note.text)")
        }
        guard !quiet else { return }
        for line in found.collection.lines() { print(line) }
        if let table, let out {
            print("\(table.rowCount) rows in \(printable(out))")
            if found.collection.contrasts.count > 1 {
                print(
                    "one contrast by itself: collect it with --contrast; differences between contrasts: "
                        + "analyze the table with --repeated participant_id")
            }
        }
    }
}
