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

    /// A request from words.
    ///
    /// - Throws: `DatasetError` where the data set has no such contrast, subjects or images.
    public init(
        _ dataSet: DataSet, contrast: String, subjects: String? = nil, with images: [DataSet.Image] = []
    ) throws(DatasetError) {
        self.dataSet = dataSet
        self.contrast = try dataSet.contrast(named: contrast)
        self.subjects =
            try subjects.map { text throws(DatasetError) in try dataSet.subjects(text) } ?? dataSet.subjects
        let wanted = Set(images + [.map])
        self.images = DataSet.Image.allCases.filter(wanted.contains)
        for kind in self.images where dataSet.images[kind] == nil {
            throw .noImages(kind, dataSet: dataSet.name)
        }
    }

    /// Every file of the request: first the tables, then each subject's images.
    var files: [DataSetFile] {
        dataSet.tables.map { $0.file() }
            + subjects.flatMap { subject in images.compactMap { file($0, of: subject) } }
    }

    func file(_ kind: DataSet.Image, of subject: String) -> DataSetFile? {
        dataSet.images[kind]?.file(subject: subject, contrast: contrast.label)
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
        var store = CacheStore(dataSet, cache)
        var missing = store.look(for: files)
        guard !missing.isEmpty else { return FetchedFiles(self, store, fetchedCount: 0, byteCount: 0) }

        let lock = try store.lock(waiting: waiting)
        defer { withExtendedLifetime(lock) {} }
        // Another process may have brought them while this one waited.
        missing = store.look(for: missing)
        guard !missing.isEmpty else { return FetchedFiles(self, store, fetchedCount: 0, byteCount: 0) }

        let index = try self.index(&store, route, settings, missing)
        var jobs: [(file: DataSetFile, job: Download.Job)] = []
        for file in missing {
            guard let identifier = index.identifier(of: file.remote) else {
                store.absent.append(file)
                continue
            }
            let address = route.address(dataSet.filePath.replacing("{id}", with: identifier))
            jobs.append(
                (
                    file,
                    Download.Job(
                        address: address, path: try store.place(for: file), check: FileCheck(file.local),
                        checksum: dataSet.checksums[file.remote])
                ))
        }
        let lacking = store.absent.map(\.remote)
        guard store.absent.count < files.count,
            !dataSet.tables.contains(where: { lacking.contains($0.remote) }),
            subjects.contains(where: { subject in
                file(.map, of: subject).map { !lacking.contains($0.remote) } ?? false
            })
        else { throw .notInIndex(lacking) }
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

    /// The index from the server; without a server, the one fetched earlier where it has none of the missing files.
    private func index(
        _ store: inout CacheStore, _ route: Route, _ settings: FetchSettings, _ missing: [DataSetFile]
    ) throws(DatasetError) -> FileIndex {
        let address = route.address(dataSet.indexPath)
        do throws(FetchProblem) {
            let path = store.folder + "/" + dataSet.indexFile
            try Download(route, settings, received: { _ in }).run(
                Download.Job(address: address, path: path, check: .index, checksum: nil))
            return try FileIndex(contentsOf: path)
        } catch {
            guard error.isUnreachable else { throw .index(address.text, error) }
            // What the data set never had is not missing.
            let earlier = store.index(named: dataSet.indexFile)
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
