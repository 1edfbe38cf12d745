import CoveyTransfer

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A file on its way: what has come of it, and what to ask for to get the rest.
final class PartFile {
    /// The name while it is on its way.
    let path: String
    private let name: String
    private let file: GrowingFile
    private let limit: Int
    /// The entity tag or the date of the file that the part is of.
    private var tag: String?
    /// Whether bytes of the current answer have come.
    private(set) var hasBegun = false
    /// What stood against the bytes of the current answer.
    private(set) var problem: FetchProblem?
    /// The length of the whole, where the server tells.
    private(set) var expectedByteCount: Int?

    init(_ name: String, limit: Int) throws(FetchProblem) {
        self.name = name
        self.limit = limit
        path = name + ".part"
        do throws(SystemProblem) {
            file = try GrowingFile(path)
            tag = try? String(contentsOfFile: path + ".tag", encoding: .utf8)
            if tag == nil || file.byteCount >= limit { try file.empty() }
        } catch {
            throw .cannotWrite(error.description)
        }
    }

    var byteCount: Int { file.byteCount }

    /// The headers that ask for the rest, if the server's file is still the same.
    var headers: [String] {
        guard let tag, byteCount > 0 else { return [] }
        return ["Range: bytes=\(byteCount)-", "If-Range: \(tag)"]
    }

    /// A new answer begins.
    func begin() {
        hasBegun = false
        problem = nil
    }

    /// Takes bytes of an answer; `false` where the rest is not wanted.
    func take(_ bytes: [UInt8], _ head: HTTPHead) -> Bool {
        guard head.status == 200 || head.status == 206 else { return true }
        do throws(FetchProblem) {
            if !hasBegun { try begin(head) }
            hasBegun = true
            guard byteCount + bytes.count <= limit else { throw .tooLarge(limit: limit) }
            do {
                try file.append(bytes)
            } catch {
                throw .cannotWrite(error.description)
            }
            return true
        } catch {
            problem = error
            return false
        }
    }

    /// Puts the file under its name.
    func finish() throws(FetchProblem) {
        do {
            try file.rename(to: name)
        } catch {
            throw .cannotWrite(error.description)
        }
        try? FileManager.default.removeItem(atPath: path + ".tag")
    }

    /// Forgets what has come.
    func discard() {
        tag = nil
        try? FileManager.default.removeItem(atPath: path)
        try? FileManager.default.removeItem(atPath: path + ".tag")
    }

    private func begin(_ head: HTTPHead) throws(FetchProblem) {
        let length = head["content-length"].flatMap { Int($0) }
        if head.status == 206 {
            guard let range = ContentRange(head["content-range"] ?? ""), range.first == byteCount,
                byteCount > 0,
                head["etag"].map({ $0 == tag }) ?? true
            else { throw .wrongRange }
            expectedByteCount = range.total
            return
        }
        expectedByteCount = length
        if let length, length > limit { throw .tooLarge(limit: limit) }
        do {
            try file.empty()
        } catch {
            throw .cannotWrite(error.description)
        }
        // A weak tag promises the same meaning, not the same bytes.
        tag = head["etag"].flatMap { $0.hasPrefix("\"") ? $0 : nil } ?? head["last-modified"]
        try? FileManager.default.removeItem(atPath: path + ".tag")
        if let tag { try? tag.write(toFile: path + ".tag", atomically: true, encoding: .utf8) }
    }
}

/// The header field that tells which part of a file an answer is: `bytes 10-99/100`.
struct ContentRange: Hashable {
    let first: Int
    let total: Int?

    init?(_ text: String) {
        let words = text.split(separator: " ")
        guard words.count == 2, words[0].lowercased() == "bytes" else { return nil }
        let halves = words[1].split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, let dash = halves[0].firstIndex(of: "-"), let first = Int(halves[0][..<dash])
        else { return nil }
        self.first = first
        total = Int(halves[1])
    }
}
