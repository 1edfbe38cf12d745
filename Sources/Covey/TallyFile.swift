public import CoveyCore
import CoveyFormats
public import CoveyInference
import CoveyKernels

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Tallies of shuffles on disk: the shard of a cluster job, or the checkpoint of a run.
///
/// The file is gzip: the line `covey tally 4`, a line of JSON (fingerprint, shard, and for each contrast its
/// name, shuffles and numbers of maxima, counts, rungs and pivots), then of every contrast the maxima (64-bit IEEE) and
/// the counts (32-bit) of every quantity, the numbers of clusters (32-bit) and steps (64-bit) of those that are of
/// clusters, and the pivots (64-bit IEEE), little-endian.
public struct TallyFile: Sendable {
    /// What the tallies depend on.
    public let fingerprint: Fingerprint
    /// The share of the shuffles; `nil` for a checkpoint.
    public let shard: Shard?
    /// One tally per contrast; of a checkpoint the last may be unfinished.
    public let tallies: [PermutationTally]

    /// Tallies to write.
    public init(fingerprint: Fingerprint, shard: Shard?, tallies: [PermutationTally]) {
        self.fingerprint = fingerprint
        self.shard = shard
        self.tallies = tallies
    }

    private static let magic = "covey tally 4"

    private struct Head: Codable {
        struct Part: Codable {
            let firstShuffle: Int
            let endShuffle: Int
            let voxelCounts: [Int]
            /// Of quantities that are of no cluster, `nil`.
            let rungCounts: [Int?]
            /// Absent where no bounds are calibrated.
            let pivotCount: Int?
        }
        let fingerprint: Fingerprint
        let shard: Shard?
        let parts: [Part]
    }

    /// Writes the file beside its place and renames it into it.
    public func write(to path: String) throws {
        let head = Head(
            fingerprint: fingerprint, shard: shard,
            parts: tallies.map {
                Head.Part(
                    firstShuffle: $0.shuffles.lowerBound, endShuffle: $0.shuffles.upperBound,
                    voxelCounts: $0.counts.map(\.count), rungCounts: $0.pools.map { $0?.steps.count },
                    pivotCount: $0.logPivots.isEmpty ? nil : $0.logPivots.count)
            })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var bytes = Array((Self.magic + "\n").utf8) + [UInt8](try encoder.encode(head)) + [10]
        for tally in tallies {
            for maxima in tally.maxima {
                for value in maxima { bytes.append(littleEndian: value.bitPattern) }
            }
            for counts in tally.counts {
                for count in counts { bytes.append(littleEndian: UInt32(bitPattern: count)) }
            }
            for pool in tally.pools.compactMap(\.self) {
                for number in pool.numbers { bytes.append(littleEndian: UInt32(bitPattern: number)) }
                for step in pool.steps { bytes.append(littleEndian: UInt64(bitPattern: step)) }
            }
            for pivot in tally.logPivots { bytes.append(littleEndian: pivot.bitPattern) }
        }
        try writeFile(Deflate.gzip(bytes), to: path)
    }

    /// Reads a file and checks that it is whole.
    ///
    /// - Parameter limit: bytes that the tallies may have; a file that unpacks to more is no tally of the
    ///   analysis.
    /// - Throws: ``TallyError/damaged(_:reason:)``.
    public init(contentsOf path: String, limit: Int) throws {
        func damaged(_ reason: String) -> TallyError { .damaged(path, reason: reason) }
        let file: RegularFile
        let packed: [UInt8]
        do {
            file = try RegularFile(path)
            packed = try file.read(min(file.byteCount, limit))
        } catch {
            throw damaged("it cannot be read")
        }
        guard Deflate.isGzip(packed) else { throw damaged("it is no tally") }
        guard let unpacked = try? Deflate.gunzip(packed, limit: limit), !unpacked.isCut else {
            throw damaged("it is cut off, or larger than a tally of this analysis")
        }
        var reader = ByteReader(unpacked.bytes)
        guard reader.line() == Self.magic else { throw damaged("it is no tally, or one of another version") }
        guard let text = reader.line(),
            let head = try? JSONDecoder().decode(Head.self, from: Data(text.utf8))
        else { throw damaged("its head is not readable") }
        var tallies: [PermutationTally] = []
        for part in head.parts {
            guard part.firstShuffle >= 0, part.endShuffle >= part.firstShuffle,
                part.endShuffle < 1 << 40, part.voxelCounts.allSatisfy({ $0 >= 0 && $0 < 1 << 31 }),
                part.rungCounts.count == part.voxelCounts.count,
                part.rungCounts.allSatisfy({ $0 == nil || $0! >= 0 && $0! < 1 << 31 })
            else { throw damaged("its head makes no sense") }
            let shuffles = part.firstShuffle..<part.endShuffle
            let pivots = part.pivotCount ?? 0
            guard pivots == 0 || pivots == shuffles.count else { throw damaged("its head makes no sense") }
            let rungs = part.rungCounts.compactMap(\.self)
            let (need, tooMany) = (shuffles.count * 8).multipliedReportingOverflow(
                by: part.voxelCounts.count + (pivots > 0 ? 1 : 0))
            let (numbers, tooManyNumbers) = (shuffles.count * 4).multipliedReportingOverflow(by: rungs.count)
            guard !tooMany, !tooManyNumbers,
                reader.remaining - numbers >= need + part.voxelCounts.reduce(0, +) * 4 + rungs.reduce(0, +)
                    * 8
            else {
                throw damaged("it is shorter than its head says")
            }
            let maxima = part.voxelCounts.map { _ in
                shuffles.map { _ in Double(bitPattern: reader.number()) }
            }
            let counts = part.voxelCounts.map { voxels in
                (0..<voxels).map { _ in Int32(bitPattern: reader.number() as UInt32) }
            }
            let pools = part.rungCounts.map { rungs -> ClusterPool? in
                rungs.map { rungs in
                    ClusterPool(
                        numbers: shuffles.map { _ in Int32(bitPattern: reader.number()) },
                        steps: (0..<rungs).map { _ in Int64(bitPattern: reader.number()) })
                }
            }
            guard pools.allSatisfy({ $0 == nil || $0!.numbers.allSatisfy { $0 >= 0 } }) else {
                throw damaged("a number of clusters is negative")
            }
            let logPivots = (0..<pivots).map { _ in Double(bitPattern: reader.number()) }
            guard logPivots.allSatisfy({ !$0.isNaN }) else { throw damaged("a pivot is not a number") }
            tallies.append(
                PermutationTally(
                    shuffles: shuffles, maxima: maxima, counts: counts, logPivots: logPivots, pools: pools))
        }
        guard reader.remaining == 0 else { throw damaged("it is longer than its head says") }
        fingerprint = head.fingerprint
        shard = head.shard
        self.tallies = tallies
    }
}

/// Why tallies cannot be used.
public enum TallyError: ExplainedError, Equatable {
    /// The file is not what it should be.
    case damaged(String, reason: String)
    /// The file belongs to another analysis.
    case foreign(String, differing: [String])
    /// A checkpoint where a shard was needed, or the other way round.
    case wrongKind(String)
    /// Two files hold the same shard.
    case doubled(String, String, index: Int)
    /// The files divide the shuffles into different numbers of shards.
    case differentDivision(String, String)
    /// Shards that no file holds.
    case missing([Int], of: Int)
    /// The plan has no permutation test.
    case nothingToShuffle(String)

    /// What is wrong.
    public var description: String {
        switch self {
        case .damaged(let path, let reason): "tally \(quoted(path)) cannot be used: \(reason)"
        case .foreign(let path, let differing):
            "tally \(quoted(path)) belongs to another analysis: different \(differing.joined(separator: ", "))"
        case .wrongKind(let path): "tally \(quoted(path)) is a checkpoint, not a shard"
        case .doubled(let a, let b, let index): "\(quoted(a)) and \(quoted(b)) both hold shard \(index)"
        case .differentDivision(let a, let b):
            "\(quoted(a)) and \(quoted(b)) divide the shuffles into different numbers of shards"
        case .missing(let shards, let count):
            "shard\(shards.count > 1 ? "s" : "") \(shards.map(String.init).joined(separator: ", ")) of \(count) "
                + "\(shards.count > 1 ? "are" : "is") missing"
        case .nothingToShuffle(let path): "\(quoted(path)) has no permutation test"
        }
    }

    /// What to do.
    public var remedy: String {
        switch self {
        case .damaged: "make it again with 'covey shuffle'"
        case .foreign: "use the plan, data and version of Covey that made it"
        case .wrongKind: "merge the files that 'covey shuffle --shard' wrote"
        case .doubled: "give each shard once"
        case .differentDivision: "merge the shards of one division"
        case .missing: "make them with 'covey shuffle PLAN --shard I/N', or name their files"
        case .nothingToShuffle: "give a plan made with --n-perm"
        }
    }
}

extension PreparedAnalysis {
    /// Bytes that tallies of all shuffles have at most, with room for the head of the file.
    var tallyByteLimit: Int {
        zip(tests, observations).reduce(1 << 20) { sum, pair in
            let (test, observation) = pair
            return sum
                + observation.quantityCounts.reduce(test.shuffles.count * 8) {
                    $0 + test.shuffles.count * 8 + $1 * 4
                }
                + observation.rungCounts.compactMap(\.self).reduce(0) {
                    $0 + test.shuffles.count * 4 + $1 * 8
                }
        }
    }

    /// The whole tallies from the files of all shards, in any order.
    ///
    /// - Throws: ``TallyError`` that names what is foreign, doubled or missing; ``PlanError/stoppingShards``.
    public func merge(_ paths: [String]) throws -> [PermutationTally] {
        guard plan.permutation?.stopsEarly != true else { throw PlanError.stoppingShards }
        let own = Fingerprint(self)
        var byIndex: [Int: (path: String, file: TallyFile)] = [:]
        var first: (path: String, count: Int)?
        for path in paths {
            let file = try TallyFile(contentsOf: path, limit: tallyByteLimit)
            let differing = file.fingerprint.differences(from: own)
            guard differing.isEmpty else { throw TallyError.foreign(path, differing: differing) }
            guard let shard = file.shard, file.tallies.count == tests.count else {
                throw TallyError.wrongKind(path)
            }
            if let first, first.count != shard.count { throw TallyError.differentDivision(first.path, path) }
            first = first ?? (path, shard.count)
            if let other = byIndex[shard.index] {
                throw TallyError.doubled(other.path, path, index: shard.index)
            }
            byIndex[shard.index] = (path, file)
        }
        let count = first?.count ?? 1
        let missing = (1...count).filter { byIndex[$0] == nil }
        guard missing.isEmpty else { throw TallyError.missing(missing, of: count) }
        return try tests.indices.map { k in
            var whole: PermutationTally?
            for index in 1...count {
                let (path, file) = byIndex[index]!
                let tally = file.tallies[k]
                guard tally.shuffles == Shard(index: index, count: count).range(of: tests[k].shuffles.count),
                    tally.counts.map(\.count) == observations[k].quantityCounts,
                    tally.pools.map({ $0?.steps.count }) == observations[k].rungCounts,
                    (tests[k].choice.boundTemplateSize == nil) == tally.logPivots.isEmpty
                        || tally.shuffles.isEmpty
                else { throw TallyError.damaged(path, reason: "its shuffles are not those of its shard") }
                if whole == nil { whole = tally } else { whole!.append(tally) }
            }
            return whole!
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append<Number: FixedWidthInteger>(littleEndian number: Number) {
        var bits = number
        for _ in 0..<MemoryLayout<Number>.size {
            append(UInt8(truncatingIfNeeded: bits))
            bits >>= 8
        }
    }
}

/// Reads lines and little-endian numbers from bytes.
private struct ByteReader {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var remaining: Int { bytes.count - place }

    mutating func line() -> String? {
        guard let end = bytes[place...].prefix(1 << 20).firstIndex(of: 10) else { return nil }
        defer { place = end + 1 }
        return String(decoding: bytes[place..<end], as: UTF8.self)
    }

    mutating func number<Number: FixedWidthInteger>() -> Number {
        var value: Number = 0
        for shift in 0..<MemoryLayout<Number>.size {
            value |= Number(truncatingIfNeeded: UInt64(bytes[place + shift])) << (8 * Number(shift))
        }
        place += MemoryLayout<Number>.size
        return value
    }
}
