public import CoveyCore
public import CoveyInference

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The tallies of a run or of a shard so far, kept beside its results, so that one that was killed can go on.
///
/// A checkpoint is written whole and renamed into place: whenever the process ends, the last one is readable.
public final class Checkpoint {
    /// The file: `.NAME.checkpoint` beside the results.
    public let path: String
    private let fingerprint: Fingerprint
    private let shard: Shard?
    private let byteLimit: Int
    private let canContinue: ([PermutationTally]) -> Bool
    private let interval: Duration
    private let clock = ContinuousClock()
    private var last: ContinuousClock.Instant

    /// The checkpoint of a run.
    ///
    /// - Parameters:
    ///   - results: the folder, or the tally of a shard, that the run is to leave.
    ///   - shard: the share of the shuffles; `nil`: all of them.
    ///   - interval: the shortest time between two checkpoints.
    public init(
        for results: String, _ prepared: PreparedAnalysis, shard: Shard? = nil, interval: Duration
    ) {
        path = Self.path(for: results)
        fingerprint = Fingerprint(prepared)
        byteLimit = prepared.tallyByteLimit
        canContinue = prepared.canContinue
        self.shard = shard
        self.interval = interval
        last = clock.now
    }

    /// Where the checkpoint of a run with such results stands.
    public static func path(for results: String) -> String {
        let slash = results.lastIndex(of: "/")
        let parent = slash.map { String(results[...$0]) } ?? ""
        let name = slash.map { String(results[results.index(after: $0)...]) }
        return "\(parent).\(name ?? results).checkpoint"
    }

    /// The tallies to continue; `nil` where there is no checkpoint.
    ///
    /// - Throws: ``CheckpointError`` where the checkpoint is of another analysis, ``TallyError`` where it is damaged.
    public func load() throws -> [PermutationTally]? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let file = try TallyFile(contentsOf: path, limit: byteLimit)
        let differing =
            file.fingerprint.differences(from: fingerprint) + (file.shard == shard ? [] : ["shard"])
        guard differing.isEmpty else { throw CheckpointError.foreign(path, differing: differing) }
        guard canContinue(file.tallies) else {
            throw TallyError.damaged(path, reason: "its contrasts do not end at the same shuffle")
        }
        return file.tallies
    }

    /// Keeps the tallies so far, where enough time has passed since the last ones were kept.
    public func save(_ tallies: [PermutationTally]) throws {
        guard clock.now - last >= interval else { return }
        try TallyFile(fingerprint: fingerprint, shard: shard, tallies: tallies).write(to: path)
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
