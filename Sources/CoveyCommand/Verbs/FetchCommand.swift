import ArgumentParser
import Covey
import Dispatch
import Foundation
import Synchronization

/// A public data set as a table and its maps.
struct FetchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Fetch a public data set and make the table for 'covey analyze'.",
        discussion: """
            Data sets: localizer (Brainomics Localizer, 94 subjects).

            Files go to DIR/brainomics_localizer, laid out as nilearn lays it out. Without --cache, NILEARN_SHARED_DATA, \
            NILEARN_DATA and ~/nilearn_data are looked into first, and nothing that is there is fetched again. Every \
            file is checked whole, at each run. What was interrupted is continued by the same command.
            """)

    @Argument(help: "The data set: localizer.")
    var dataSet: String

    @Option(help: "The contrast, by any of its names; --list shows them.")
    var contrast: String?

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

    @Flag(help: "List the contrasts and their names, and end.")
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
        guard list || contrast != nil else {
            throw ValidationError("Missing expected argument '--contrast <contrast>' (or '--list')")
        }
    }

    func run() throws {
        guard let dataSet = DataSet.all.first(where: { $0.name == dataSet.lowercased() }) else {
            throw DatasetError.unknownDataSet(self.dataSet, known: DataSet.all.map(\.name))
        }
        if list {
            for contrast in dataSet.contrasts { print(contrast.names.joined(separator: " | ")) }
            return
        }
        let request = try FetchRequest(
            dataSet, contrast: contrast ?? "", subjects: subjects, with: images.flatMap { $0 })
        let folders = CacheFolders(
            named: cache, environment: ProcessInfo.processInfo.environment, home: NSHomeDirectory())
        let files = try Self.fetch(request, into: folders, server: baseUrl)
        Terminal.clearLine()
        let table = try out.map { try files.write(to: $0, overwrites: overwrite) }
        report(files, notes: files.notes + (table?.notes ?? []), rowCount: table?.rowCount)
    }

    private static func fetch(
        _ request: FetchRequest, into folders: CacheFolders, server: String?
    ) throws -> FetchedFiles {
        ProcessUsage.holdInterrupts()
        let queue = DispatchQueue(label: "covey.interrupts", qos: .userInteractive)
        let sources = [SIGINT, SIGTERM].map { number in
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                Terminal.clearLine()
                Terminal.say("covey: interrupted; the same command continues where this one stopped")
                Foundation.exit(number == SIGINT ? 130 : 143)
            }
            source.resume()
            return source
        }
        defer { for source in sources { source.cancel() } }
        var settings = FetchSettings()
        settings.server = server
        settings.userAgent = "covey/\(coveyVersion)"
        return try request.fetch(
            into: folders, settings,
            waiting: { Terminal.say("covey: another process fetches into this folder; waiting for it") },
            progress: Terminal.fetchProgress())
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
                "\(rowCount) subjects in \(printable(out)); the terms in \(printable(DataSetCard.path(besideTable: out)))"
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
