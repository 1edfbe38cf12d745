public import CoveyCore
public import CoveyInference

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The tallies of a run so far, kept beside its result folder, so that a run that was killed can go on.
///
/// A checkpoint is written whole and renamed into place: whenever the process ends, the last one is readable.
public final class Checkpoint {
    /// The file: `.NAME.checkpoint` beside the result folder.
    public let path: String
    private let fingerprint: Fingerprint
    private let byteLimit: Int
    private let interval: Duration
    private let clock = ContinuousClock()
    private var last: ContinuousClock.Instant

    /// The checkpoint of a run into a folder.
    ///
    /// - Parameter interval: the shortest time between two checkpoints.
    public init(for folder: ResultFolder, _ prepared: PreparedAnalysis, interval: Duration) {
        path = Self.path(for: folder)
        fingerprint = Fingerprint(prepared)
        byteLimit = prepared.tallyByteLimit
        self.interval = interval
        last = clock.now
    }

    /// Where the checkpoint of a run into a folder stands.
    public static func path(for folder: ResultFolder) -> String {
        let slash = folder.destination.lastIndex(of: "/")
        let parent = slash.map { String(folder.destination[...$0]) } ?? ""
        let name = slash.map { String(folder.destination[folder.destination.index(after: $0)...]) }
        return "\(parent).\(name ?? folder.destination).checkpoint"
    }

    /// The tallies to continue; `nil` where there is no checkpoint.
    ///
    /// - Throws: ``CheckpointError`` where the checkpoint is of another analysis, ``TallyError`` where it is damaged.
    public func load() throws -> [PermutationTally]? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let file = try TallyFile(contentsOf: path, limit: byteLimit)
        let differing = file.fingerprint.differences(from: fingerprint)
        guard differing.isEmpty else { throw CheckpointError.foreign(path, differing: differing) }
        return file.tallies
    }

    /// Keeps the tallies so far, where enough time has passed since the last ones were kept.
    public func save(_ tallies: [PermutationTally]) throws {
        guard clock.now - last >= interval else { return }
        try TallyFile(fingerprint: fingerprint, shard: nil, tallies: tallies).write(to: path)
        last = clock.now
    }

    /// Removes the checkpoint, once the results are in place.
    public func remove() { try? FileManager.default.removeItem(atPath: path) }
}

/// Why a checkpoint cannot be gone on from.
public enum CheckpointError: ExplainedError, Equatable {
    /// It was left by another analysis.
    case foreign(String, differing: [String])

    /// What is wrong.
    public var description: String {
        switch self {
        case .foreign(let path, let differing):
            "checkpoint \(quoted(path)) belongs to another analysis: different \(differing.joined(separator: ", "))"
        }
    }

    /// What to do.
    public var remedy: String {
        switch self {
        case .foreign:
            "run without --resume to begin anew, or with the plan, data and version of Covey that left it"
        }
    }
}
