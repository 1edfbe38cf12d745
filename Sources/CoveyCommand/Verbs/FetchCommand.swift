import ArgumentParser
import Covey
import Foundation
import Synchronization

/// A public data set as a table and its maps.
struct FetchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Fetch a public data set and make the table for 'covey analyze'.",
        discussion: """
            'covey fetch --list' lists the data sets, 'covey fetch DATASET --list' the contrasts of one.

            Files go to a folder of the data set in DIR, laid out as nilearn lays it out. Without --cache, \
            NILEARN_SHARED_DATA, NILEARN_DATA and ~/nilearn_data are looked into first, and nothing that is there is \
            fetched again. Every file is checked whole, at each run. What was interrupted is continued by the same \
            command.
            """)

    @Argument(help: "The data set: \(DataSet.all.map(\.name).joined(separator: ", ")).")
    var dataSet: String?

    @Option(help: "The contrast, by any of its names; --list shows them (default: the only one).")
    var contrast: String?

    @OptionGroup var choice: CollectionOptions

    @Option(help: "How many subjects (the first ones), or a list: 1,5,10-20 or S01,S05 (default: all).")
    var subjects: String?

    @Option(
        name: .customLong("with"), help: "Further images, separated by commas: t-maps, masks, anatomy.",
        transform: FetchCommand.images)
    var images: [[DataSet.Image]] = []

    @Option(help: "Folder for the files (default: nilearn's).")
    var cache: String?

    @Option(help: "Another server with the same files (https, or http on this machine).")
    var baseUrl: String?

    @Option(
        name: [.short, .long], help: "Write the table here, and the data set's terms beside it as .json.")
    var out: String?

    @Flag(help: "Replace the table if it exists.")
    var overwrite = false

    @Flag(help: "List the data sets, or the contrasts of one and their names, and end.")
    var list = false

    @Flag(name: [.short, .long], help: "Print errors and warnings only.")
    var quiet = false

    static func images(_ text: String) throws -> [DataSet.Image] {
        try text.split(separator: ",").map { word in
            guard let image = DataSet.Image(rawValue: String(word)) else {
                throw ValidationError("\(quoted(word)) is none of t-maps, masks, anatomy")
            }
            return image
        }
    }

    func validate() throws {
        guard list || dataSet != nil else {
            throw ValidationError("Missing expected argument '<data-set>' (or '--list')")
        }
    }

    func run() throws {
        guard let name = dataSet else { return Self.listDataSets() }
        let dataSet = try DataSet.named(name)
        let isCollection = if case .neuroVault = dataSet.listing { true } else { false }
        if let option = choice.firstGiven, !isCollection {
            throw ValidationError("'\(option)' is for collections of NeuroVault")
        }
        if isCollection, !images.isEmpty { throw DatasetError.noImages(images[0][0], dataSet: dataSet.name) }
        if list, !dataSet.contrasts.isEmpty {
            for contrast in dataSet.contrasts { print(contrast.names.joined(separator: " | ")) }
            return
        }
        let environment = ProcessInfo.processInfo.environment
        // As nilearn finds it: what $HOME says comes before what the user database says.
        let folders = CacheFolders(
            named: cache, environment: environment,
            home: environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? NSHomeDirectory())
        let files = try Self.holdingInterrupts { () throws -> FetchedFiles? in
            let request: FetchRequest
            if isCollection {
                let collection = try NeuroVaultCollection(
                    choice.collection, of: dataSet, in: folders, settings, waiting: Self.sayWaiting)
                if list {
                    Self.list(collection)
                    return nil
                }
                if collection.isFromCache, !quiet {
                    Terminal.say(
                        "covey: the list of the collection's images is the one in the cache; remove "
                            + "\(quoted(folders.writable + "/neurovault/collection_\(collection.number)/covey_*.json")) "
                            + "to ask for a new one")
                }
                request = try collection.request(choice.choice(contrast: contrast, subjects: subjects))
            } else {
                request = try FetchRequest(
                    dataSet, contrast: contrast, subjects: subjects, with: images.flatMap { $0 })
            }
            return try request.fetch(
                into: folders, settings, waiting: Self.sayWaiting, progress: Terminal.fetchProgress())
        }
        guard let files else { return }
        Terminal.clearLine()
        let table = try out.map { try files.write(to: $0, overwrites: overwrite) }
        report(files, notes: files.notes + (table?.notes ?? []), rowCount: table?.rowCount)
    }

    private var settings: FetchSettings {
        var settings = FetchSettings()
        settings.server = baseUrl
        settings.userAgent = "covey/\(coveyVersion)"
        return settings
    }

    private static func sayWaiting() {
        Terminal.say("covey: another process fetches into this folder; waiting for it")
    }

    private static func listDataSets() {
        for dataSet in DataSet.all {
            print(dataSet.name)
            print("    " + dataSet.summary)
            print("    \(dataSet.size); \(dataSet.page)")
            print("    " + dataSet.licence)
        }
    }

    private static func list(_ collection: NeuroVaultCollection) {
        print("collection \(collection.number): \(printable(collection.title))")
        for (reason, count) in collection.leftOut.sorted(by: { $0.key < $1.key }) {
            print("left out: \(count) \(reason)")
        }
        print("contrasts (--contrast):")
        for (name, count) in collection.contrasts {
            print("    \(name.map { printable($0) } ?? "none told"): \(count) maps")
        }
        print("told of the maps (--where):")
        for (name, count) in collection.fields {
            print("    \(printable(name)): \(count) value\(count == 1 ? "" : "s")")
        }
    }

    private static func holdingInterrupts<Result>(_ body: () throws -> Result) throws -> Result {
        try Interruption.answering({ "the same command continues where this one stopped" }, body)
    }

    private func report(_ files: FetchedFiles, notes: [Note], rowCount: Int?) {
        for note in notes where note.severity == .warning || !quiet {
            Terminal.say("covey: \(note.severity == .warning ? "warning: " : "")\(note.text)")
        }
        guard !quiet else { return }
        let card = files.card
        print(
            files.fetchedCount == 0
                ? "all \(files.fileCount) files are in the cache; nothing was fetched"
                    + (files.isFromCacheAlone ? ", no network was needed" : "")
                : "\(files.fetchedCount) files fetched (\(FetchLine.amount(files.byteCount))), "
                    + "\(files.fileCount - files.fetchedCount) were in the cache")
        print("\(card.name), \(card.contrast)")
        print("licence: \(card.licence)")
        for citation in card.citations { print("cite: \(citation)") }
        if let rowCount, let out {
            print(
                "\(rowCount) \(card.severalMapsBy == nil ? "subjects" : "maps") in \(printable(out)); the terms in \(printable(DataSetCard.path(besideTable: out)))"
            )
        } else {
            print("'--out \(files.request.dataSet.name).tsv' writes the table for 'covey analyze'")
        }
    }
}

extension Terminal {
    /// A line about a fetch that is kept up to date, where someone is looking.
    static func fetchProgress() -> @Sendable (FetchProgress) -> Void {
        guard isInteractive else { return { _ in } }
        let line = Mutex(FetchLine())
        return { progress in
            if let text = line.withLock({ $0.update(progress, at: .now) }) {
                FileHandle.standardError.write(Data(("\r\u{1B}[K" + text).utf8))
            }
        }
    }
}

/// The progress line of a fetch: files, bytes, speed, and the time left at the pace of the files so far.
struct FetchLine {
    private var began: ContinuousClock.Instant?
    private var last: ContinuousClock.Instant?

    /// The line to show, `nil` where it is too early for a new one.
    mutating func update(_ progress: FetchProgress, at now: ContinuousClock.Instant) -> String? {
        let start = began ?? now
        began = start
        if let last, now - last < .milliseconds(100) { return nil }
        last = now
        var text =
            "fetching: \(progress.doneCount) of \(progress.fileCount) files, \(Self.amount(progress.byteCount))"
        let elapsed = (now - start) / .seconds(1)
        guard elapsed > 0.5 else { return text }
        text += ", \(Self.amount(Int(Double(progress.byteCount) / elapsed)))/s"
        if progress.doneCount > 0 {
            let left = elapsed / Double(progress.doneCount) * Double(progress.fileCount - progress.doneCount)
            text +=
                left < 90
                ? ", \(Int(left.rounded(.up))) s left" : ", \(Int((left / 60).rounded(.up))) min left"
        }
        return text
    }

    /// A number of bytes as people read it.
    static func amount(_ byteCount: Int) -> String {
        let tenths = byteCount / 100_000
        return byteCount < 100_000 ? "\(byteCount / 1000) kB" : "\(tenths / 10).\(tenths % 10) MB"
    }
}
