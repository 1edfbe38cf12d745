public import CoveyCore
import CoveyFormats
import CoveyKernels

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A folder that is written beside its place and moved there when it is whole.
///
/// Until ``commit()`` everything stands in a hidden sibling, so that an interrupted run leaves nothing that
/// looks like a result. An existing folder is refused, or replaced in the last step.
public struct ResultFolder: Sendable {
    /// Where the results will stand.
    public let destination: String
    /// Where they are written until then.
    public let staging: String
    private let overwrites: Bool

    /// Makes the staging folder.
    ///
    /// - Parameters:
    ///   - path: where the results shall stand.
    ///   - overwrites: whether an existing folder there is replaced.
    /// - Throws: ``ResultFolderError`` where the folder exists or cannot be made.
    public init(_ path: String, overwrites: Bool) throws(ResultFolderError) {
        let manager = FileManager.default
        var trimmed = path
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
        guard !trimmed.isEmpty else { throw .emptyPath }
        if manager.fileExists(atPath: trimmed), !overwrites {
            let contents = try? manager.contentsOfDirectory(atPath: trimmed)
            // An empty folder is nobody's result.
            guard contents?.isEmpty == true else { throw .exists(path) }
        }
        let slash = trimmed.lastIndex(of: "/")
        let parent = slash.map { $0 == trimmed.startIndex ? "/" : String(trimmed[..<$0]) } ?? "."
        let name = slash.map { String(trimmed[trimmed.index(after: $0)...]) } ?? trimmed
        guard name != "." && name != ".." else { throw .exists(path) }
        destination = trimmed
        staging = "\(parent)/.\(name).partial-\(ProcessInfo.processInfo.processIdentifier)"
        self.overwrites = overwrites
        do {
            try manager.createDirectory(atPath: staging, withIntermediateDirectories: true)
        } catch {
            throw .cannotCreate(path, reason: plainReason(error))
        }
    }

    /// Removes staging folders that killed runs into the same place left on this machine.
    public func removeAbandoned() {
        let manager = FileManager.default
        guard let end = staging.lastIndex(of: "-"), let slash = staging.lastIndex(of: "/") else { return }
        let parent = String(staging[..<slash])
        let stem = staging[staging.index(after: slash)...end]
        for name in (try? manager.contentsOfDirectory(atPath: parent)) ?? [] where name.hasPrefix(stem) {
            guard let process = Int32(name.dropFirst(stem.count)), !ProcessUsage.isRunning(process) else {
                continue
            }
            try? manager.removeItem(atPath: parent + "/" + name)
        }
    }

    /// The staged place of a file, whose folder is made where it is missing.
    public func path(_ relative: String) throws(ResultFolderError) -> String {
        let full = staging + "/" + relative
        if let slash = relative.lastIndex(of: "/") {
            do {
                try FileManager.default.createDirectory(
                    atPath: staging + "/" + relative[..<slash], withIntermediateDirectories: true)
            } catch {
                throw .cannotCreate(destination, reason: plainReason(error))
            }
        }
        return full
    }

    /// Writes a text file.
    public func write(_ text: String, to relative: String) throws(ResultFolderError) {
        try write(Array(text.utf8), to: relative)
    }

    /// Writes a file.
    public func write(_ bytes: [UInt8], to relative: String) throws(ResultFolderError) {
        let file = try path(relative)
        do {
            try Data(bytes).write(to: URL(filePath: file))
        } catch {
            throw .cannotWrite(destination + "/" + relative, reason: plainReason(error))
        }
    }

    /// Moves the finished folder into its place.
    public func commit() throws(ResultFolderError) {
        let manager = FileManager.default
        let old = staging + ".old"
        do {
            if manager.fileExists(atPath: destination) {
                try manager.moveItem(atPath: destination, toPath: old)
            }
            try manager.moveItem(atPath: staging, toPath: destination)
            try? manager.removeItem(atPath: old)
        } catch {
            // Whatever stood there before is put back.
            if !manager.fileExists(atPath: destination), manager.fileExists(atPath: old) {
                try? manager.moveItem(atPath: old, toPath: destination)
            }
            throw .cannotCreate(destination, reason: plainReason(error))
        }
    }

    /// Removes what was written; for a run that failed or was interrupted.
    ///
    /// The folder is moved aside first, so that threads that still write to it fail instead of bringing it back.
    public func discard() {
        let aside = staging + ".discarded"
        try? FileManager.default.moveItem(atPath: staging, toPath: aside)
        try? FileManager.default.removeItem(atPath: aside)
    }
}

/// Why a result folder cannot be written.
public enum ResultFolderError: ExplainedError, Equatable {
    /// No path was given.
    case emptyPath
    /// Something stands there already.
    case exists(String)
    /// The folder cannot be made.
    case cannotCreate(String, reason: String)
    /// A file cannot be written.
    case cannotWrite(String, reason: String)

    /// What is wrong.
    public var description: String {
        switch self {
        case .emptyPath: "the output path is empty"
        case .exists(let path): "output folder \(quoted(path)) exists already"
        case .cannotCreate(let path, let reason): "cannot create \(quoted(path)): \(reason)"
        case .cannotWrite(let path, let reason): "cannot write \(quoted(path)): \(reason)"
        }
    }

    /// What to do.
    public var remedy: String {
        switch self {
        case .emptyPath: "name a folder with --out"
        case .exists: "choose another folder, or replace this one with --overwrite"
        case .cannotCreate: "check that the folder above exists and may be written"
        case .cannotWrite: "check the free space and the permissions; nothing was left half-written"
        }
    }
}
