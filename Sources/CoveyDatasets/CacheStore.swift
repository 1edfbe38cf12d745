import CoveyCore
import CoveyFormats
import CoveyTransfer

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A data set's files in the folders of a cache.
struct CacheStore: Sendable {
    /// The folder of the data set that is written.
    let folder: String
    private let others: [String]
    private let checksums: [String: String]
    /// Where each sound file is.
    var found: [DataSetFile: String] = [:]
    /// Files that the data set has not.
    var absent: [DataSetFile] = []
    /// What was wrong with files that were there.
    var notes: [Note] = []

    init(folder name: String, checksums: [String: String] = [:], _ cache: CacheFolders) {
        folder = cache.writable + "/" + name
        others = cache.others.map { $0 + "/" + name }
        self.checksums = checksums
    }

    /// Finds sound files; those that are missing or damaged.
    mutating func look(for files: [DataSetFile]) -> [DataSetFile] {
        var missing: [DataSetFile] = []
        for file in files {
            if let path = sound(file) { found[file] = path } else { missing.append(file) }
        }
        return missing
    }

    private mutating func sound(_ file: DataSetFile) -> String? {
        for folder in [folder] + others {
            let path = folder + "/" + file.local
            guard FileManager.default.fileExists(atPath: path) else { continue }
            do throws(FetchProblem) {
                try file.check.verify(path, checksum: checksums[file.remote])
                return path
            } catch {
                let note = Note.warning("\(quoted(path)) in the cache is not used: \(error.description)")
                if !notes.contains(note) { notes.append(note) }
            }
        }
        return nil
    }

    /// The index that was fetched earlier, where it is sound.
    func index(named name: String) -> FileIndex? {
        for folder in [folder] + others {
            if let index = try? FileIndex(contentsOf: folder + "/" + name) { return index }
        }
        return nil
    }

    /// Waits for its turn to write.
    func lock(waiting: () -> Void) throws(DatasetError) -> FileLock {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            return try FileLock(folder + "/.covey-lock", busy: waiting)
        } catch {
            throw .cannotWrite(folder, (error as? SystemProblem)?.description ?? plainReason(error))
        }
    }

    /// Where a file of the data set's folder is, in the folder that is written or else in another.
    func path(ofExisting name: String) -> String? {
        ([folder] + others).map { $0 + "/" + name }.first { FileManager.default.fileExists(atPath: $0) }
    }

    /// The path of a file to be written, in a folder that exists.
    func place(for file: DataSetFile) throws(DatasetError) -> String {
        let path = folder + "/" + file.local
        let parent = String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
        do {
            try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        } catch {
            throw .cannotWrite(parent, plainReason(error))
        }
        return path
    }
}
