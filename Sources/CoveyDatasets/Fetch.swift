import CoveyCore
import CoveyFormats
import CoveyTransfer
import Dispatch
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What to fetch of a data set.
public struct FetchRequest: Sendable, Hashable {
    /// The data set.
    public let dataSet: DataSet
    /// The contrast.
    public let contrast: DataSet.Contrast
    /// The subjects.
    public let subjects: [String]
    /// The kinds of images; the map of the contrast is always among them.
    public let images: [DataSet.Image]
    /// What is known of subjects without a table of the data set; the first column is theirs.
    let variables: Table?
    /// What should be known of the choice.
    let notes: [Note]
    /// What an analysis of the table must heed.
    let cautions: [String]
    /// The column of the table that names subjects who have several maps; `nil` where each has one.
    let severalMapsBy: String?
    /// The files of an image, by kind and subject: the one that a table names first.
    private let imageFiles: [DataSet.Image: [String: [DataSetFile]]]

    /// A request from words.
    ///
    /// - Parameter contrast: one of its names; `nil` for the only one.
    /// - Throws: `DatasetError` where the data set has no such contrast, subjects or images.
    public init(
        _ dataSet: DataSet, contrast: String?, subjects: String? = nil, with images: [DataSet.Image] = []
    ) throws(DatasetError) {
        guard let name = contrast ?? (dataSet.contrasts.count == 1 ? dataSet.contrasts[0].label : nil) else {
            throw .noContrast(dataSet: dataSet.name, known: dataSet.contrasts.map { $0.names[0] })
        }
        let contrast = try dataSet.contrast(named: name)
        let subjects =
            try subjects.map { text throws(DatasetError) in try dataSet.subjects(text) } ?? dataSet.subjects
        var files: [DataSet.Image: [String: [DataSetFile]]] = [:]
        for kind in Set(images + [.map]) {
            guard let naming = dataSet.images[kind] else { throw .noImages(kind, dataSet: dataSet.name) }
            for subject in subjects {
                files[kind, default: [:]][subject] = naming.images(of: subject, contrast: contrast.label)
            }
        }
        self.init(dataSet, contrast: contrast, subjects: subjects, files: files)
    }

    init(
        _ dataSet: DataSet, contrast: DataSet.Contrast, subjects: [String],
        files: [DataSet.Image: [String: [DataSetFile]]], variables: Table? = nil, notes: [Note] = [],
        cautions: [String] = [], severalMapsBy: String? = nil
    ) {
        self.dataSet = dataSet
        self.contrast = contrast
        self.subjects = subjects
        images = DataSet.Image.allCases.filter { files[$0] != nil }
        imageFiles = files
        self.variables = variables
        self.notes = notes
        self.cautions = cautions
        self.severalMapsBy = severalMapsBy
    }

    /// Every file of the request: first the tables, then each subject's images.
    var files: [DataSetFile] {
        dataSet.tableFiles + subjects.flatMap { subject in images.flatMap { files($0, of: subject) } }
    }

    func files(_ kind: DataSet.Image, of subject: String) -> [DataSetFile] {
        imageFiles[kind]?[subject] ?? []
    }

    /// Brings every file of the request into the cache: those that are there and sound stay, the rest is fetched.
    ///
    /// No network is touched where the cache has all. Two processes that fetch into one folder take turns.
    ///
    /// - Parameters:
    ///   - waiting: called where another process holds the folder.
    ///   - progress: called as bytes come, from several threads.
    /// - Throws: `DatasetError`. Files that came before stay in the cache.
    public func fetch(
        into cache: CacheFolders, _ settings: FetchSettings = .init(), waiting: () -> Void = {},
        progress: @escaping @Sendable (FetchProgress) -> Void = { _ in }
    ) throws(DatasetError) -> FetchedFiles {
        let route = try Route(dataSet, server: settings.server)
        var store = CacheStore(folder: dataSet.folder, checksums: dataSet.checksums, cache)
        var missing = store.look(for: files)
        guard !missing.isEmpty else { return FetchedFiles(self, store, fetchedCount: 0, byteCount: 0) }

        let lock = try store.lock(waiting: waiting)
        defer { withExtendedLifetime(lock) {} }
        // Another process may have brought them while this one waited.
        missing = store.look(for: missing)
        guard !missing.isEmpty else { return FetchedFiles(self, store, fetchedCount: 0, byteCount: 0) }

        let addresses = try self.addresses(of: missing, &store, route, settings)
        var jobs: [(file: DataSetFile, job: Download.Job)] = []
        for file in missing {
            guard let address = addresses[file] else {
                store.absent.append(file)
                continue
            }
            let path = try store.place(for: file)
            let sum = dataSet.checksums[file.remote]
            jobs.append((file, Download.Job(address: address, path: path, check: file.check, checksum: sum)))
        }
        let lacking = Set(store.absent)
        guard !dataSet.tableFiles.contains(where: lacking.contains),
            subjects.contains(where: { files(.map, of: $0).allSatisfy { !lacking.contains($0) } })
        else { throw .notInIndex(store.absent.map(\.remote)) }
        let (problems, byteCount) = Self.run(jobs.map(\.job), route, settings, progress)
        let failures = zip(jobs, problems).compactMap { pair, problem in
            problem.map {
                DatasetError.FailedFile(file: pair.file.remote, address: pair.job.address.text, problem: $0)
            }
        }
        let kept = files.count - store.absent.count - failures.count
        if let first = failures.first(where: { $0.problem.isUnreachable }) {
            throw .offline(
                first.problem, address: route.server.text, missing: failures.map(\.file), cached: kept,
                folder: store.folder)
        }
        guard failures.isEmpty else { throw .files(failures, kept: kept, folder: store.folder) }
        for (file, job) in jobs { store.found[file] = job.path }
        return FetchedFiles(self, store, fetchedCount: jobs.count, byteCount: byteCount)
    }

    /// Where files are served; files that the data set has not are left out.
    private func addresses(
        of missing: [DataSetFile], _ store: inout CacheStore, _ route: Route, _ settings: FetchSettings
    ) throws(DatasetError) -> [DataSetFile: WebAddress] {
        guard case .index(let path, let local, let filePath) = dataSet.listing else {
            return Dictionary(uniqueKeysWithValues: missing.map { ($0, route.address($0.remote)) })
        }
        let index = try index(&store, route, settings, missing, path: path, local: local)
        var addresses: [DataSetFile: WebAddress] = [:]
        for file in missing {
            guard let identifier = index.identifier(of: file.remote) else { continue }
            addresses[file] = route.address(filePath.replacing("{id}", with: identifier))
        }
        return addresses
    }

    /// The index from the server; without a server, the one fetched earlier where it has none of the missing files.
    private func index(
        _ store: inout CacheStore, _ route: Route, _ settings: FetchSettings, _ missing: [DataSetFile],
        path: String, local: String
    ) throws(DatasetError) -> FileIndex {
        let address = route.address(path)
        do throws(FetchProblem) {
            let place = store.folder + "/" + local
            try Download(route, settings, received: { _ in }).run(
                Download.Job(address: address, path: place, check: .index, checksum: nil))
            return try FileIndex(contentsOf: place)
        } catch {
            guard error.isUnreachable else { throw .index(address.text, error) }
            // What the data set never had is not missing.
            let earlier = store.index(named: local)
            let there = missing.filter { earlier?.identifier(of: $0.remote) != nil || earlier == nil }
            if let earlier, there.isEmpty {
                store.notes.append(
                    .information("no connection to \(route.server.text): the index fetched earlier is used"))
                return earlier
            }
            throw .offline(
                error, address: route.server.text, missing: there.map(\.remote),
                cached: files.count - missing.count, folder: store.folder)
        }
    }

    /// Runs jobs on a few threads of their own; the problem of each, and the bytes received.
    private static func run(
        _ jobs: [Download.Job], _ route: Route, _ settings: FetchSettings,
        _ progress: @escaping @Sendable (FetchProgress) -> Void
    ) -> (problems: [FetchProblem?], byteCount: Int) {
        let state = Mutex(FetchProgress(doneCount: 0, fileCount: jobs.count, byteCount: 0))
        let next = Mutex(0)
        let isGone = Mutex(false)
        let problems = Mutex([FetchProblem?](repeating: nil, count: jobs.count))
        let workers = DispatchGroup()
        let share = Shared(state: state, next: next, isGone: isGone, problems: problems)
        for number in 0..<max(1, min(settings.connections, jobs.count)) {
            // A serial queue has a thread of its own while it works, however few processors there are.
            DispatchQueue(label: "covey.fetch.\(number)").async(group: workers) {
                let download = Download(route, settings) { count in share.add(bytes: count, progress) }
                while let place = share.take(of: jobs.count) {
                    let problem = share.isGone.withLock { $0 } ? .notTried : download.problem(jobs[place])
                    if let problem, problem.isUnreachable { share.isGone.withLock { $0 = true } }
                    share.problems.withLock { $0[place] = problem }
                    if problem == nil { share.add(files: 1, progress) }
                }
            }
        }
        workers.wait()
        return (share.problems.withLock { $0 }, share.state.withLock { $0.byteCount })
    }
}

/// What the threads of a fetch share.
private final class Shared: Sendable {
    let state: Mutex<FetchProgress>
    let next: Mutex<Int>
    let isGone: Mutex<Bool>
    let problems: Mutex<[FetchProblem?]>

    init(
        state: consuming Mutex<FetchProgress>, next: consuming Mutex<Int>, isGone: consuming Mutex<Bool>,
        problems: consuming Mutex<[FetchProblem?]>
    ) {
        self.state = state
        self.next = next
        self.isGone = isGone
        self.problems = problems
    }

    func take(of count: Int) -> Int? {
        next.withLock { next in
            defer { next += 1 }
            return next < count ? next : nil
        }
    }

    func add(files: Int = 0, bytes: Int = 0, _ progress: @Sendable (FetchProgress) -> Void) {
        progress(
            state.withLock { state in
                state.doneCount += files
                state.byteCount += bytes
                return state
            })
    }
}

extension Download {
    /// Brings a file under its name; what stood against it.
    func problem(_ job: Job) -> FetchProblem? {
        do {
            try run(job)
            return nil
        } catch {
            return error
        }
    }
}
