import CoveyFormats
import CoveyKernels
import Foundation

@testable import CoveyDatasets

/// A small localizer on a server of this machine, and a folder to fetch it into.
final class ServedLocalizer {
    typealias Answer = LoopbackServer.Answer

    let server: LoopbackServer
    let folder: String
    let request: FetchRequest
    /// Where the file of the first subject is asked for.
    static let first = "/download/idS01/"

    /// `fault` may answer in place of the server; `nil` lets the server answer.
    init(
        subjects: Int = 3, served: Int? = nil,
        fault: @escaping @Sendable (LoopbackServer.Request) -> Answer? = { _ in nil }
    ) throws {
        request = try FetchRequest(
            .localizer, contrast: "left button press (auditory cue)", subjects: "\(subjects)")
        folder = FileManager.default.temporaryDirectory.path + "/covey-fetch-\(UUID().uuidString)"
        let names = Array(request.subjects.prefix(served ?? subjects))
        let contents = Self.contents(names)
        var index: [String: String] = [:]
        for file in request.files where file.subject.map(names.contains) ?? true {
            index[file.remote] = "/id" + Self.identifier(file)
        }
        let json = try JSONEncoder().encode(index)
        server = LoopbackServer { request in
            if let answer = fault(request) { return answer }
            if request.path == "/hwbm2/download" { return Answer(Array(json)) }
            let parts = request.path.split(separator: "/")
            if parts.count == 2, parts[0] == "download" {
                return Answer(redirect: "/storage/\(parts[1])?sig=a%2Bb")
            }
            let identifier = parts.count == 2 ? String(parts[1].prefix { $0 != "?" }) : ""
            guard parts.first == "storage", let bytes = contents[identifier] else {
                return Answer([], status: 404)
            }
            return Self.part(of: bytes, request)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Fetches, with pauses too short to wait for.
    func fetch(others: [String] = [], stallSeconds: Int = 30) throws -> FetchedFiles {
        var settings = FetchSettings()
        settings.server = server.address
        settings.pausesSeconds = [0.01, 0.01, 0.01, 0.01]
        settings.stallSeconds = stallSeconds
        return try request.fetch(into: CacheFolders(folder, others: others), settings)
    }

    /// Names of files in the cache, below the data set's folder.
    var names: [String] {
        let root = folder + "/brainomics_localizer"
        return (FileManager.default.enumerator(atPath: root)?.allObjects as? [String] ?? []).filter {
            $0.hasSuffix(".gz") || $0.hasSuffix(".tsv") || $0.hasSuffix(".part")
        }.sorted()
    }

    func path(_ subject: String) -> String {
        folder + "/brainomics_localizer/brainomics_data/\(subject)/cmaps_LeftAuditoryClick.nii.gz"
    }

    /// The bytes of a subject's map on the server.
    static func map(_ subject: String) -> [UInt8] {
        image(seed: subject.hashOfLetters)
    }

    /// Bytes, or the part of them that was asked for.
    static func part(of bytes: [UInt8], _ request: LoopbackServer.Request, tag: String = "\"one\"") -> Answer
    {
        let asked = request.fields["range"]?.dropFirst("bytes=".count).prefix { $0 != "-" }
        guard let asked, let first = Int(asked), request.fields["if-range"] == tag else {
            return Answer(bytes, fields: ["ETag": tag])
        }
        return Answer(
            Array(bytes[first...]), status: 206,
            fields: ["ETag": tag, "Content-Range": "bytes \(first)-\(bytes.count - 1)/\(bytes.count)"])
    }

    private static func identifier(_ file: DataSetFile) -> String {
        file.subject ?? (file.local.contains("phenotype") ? "behaviour" : "people")
    }

    private static func contents(_ subjects: [String]) -> [String: [UInt8]] {
        var contents: [String: [UInt8]] = [:]
        for subject in subjects { contents["id" + subject] = image(seed: subject.hashOfLetters) }
        let people = subjects.map { "\($0)\t\(20 + $0.count)\tFrench\n" }.joined()
        contents["idpeople"] = Array(("participant_id\tage\tlanguage\n" + people).utf8)
        let scores = subjects.map { "\($0)\t\($0 == "S02" ? "n/a" : "12.5")\tFrench\t7\n" }.joined()
        contents["idbehaviour"] = Array(("participant_id\tpseudo\tlanguage\tage\n" + scores).utf8)
        return contents
    }

    /// A gzipped map of 5 x 4 x 3 voxels.
    static func image(seed: Int) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 352)
        func put<Value>(_ value: Value, at offset: Int) {
            withUnsafeBytes(of: value) { bytes in
                for (k, byte) in bytes.enumerated() { header[offset + k] = byte }
            }
        }
        put(Int32(348).littleEndian, at: 0)
        for (k, size) in [3, 5, 4, 3, 1, 1, 1, 1].enumerated() {
            put(Int16(size).littleEndian, at: 40 + 2 * k)
        }
        put(Int16(16).littleEndian, at: 70)
        put(Int16(32).littleEndian, at: 72)
        for (k, size) in [1, 3, 3, 3].enumerated() { put(Float(size), at: 76 + 4 * k) }
        put(Float(352), at: 108)
        put(Float(1), at: 112)
        put(Int16(1).littleEndian, at: 254)
        for k in 0..<3 { put(Float(3), at: 280 + 20 * k) }
        for (k, byte) in [UInt8(ascii: "n"), UInt8(ascii: "+"), UInt8(ascii: "1")].enumerated() {
            header[344 + k] = byte
        }
        let values = (0..<60).flatMap { (place: Int) -> [UInt8] in
            let value = Float((seed * 31 + place * 17) % 101) / 7
            return withUnsafeBytes(of: value) { Array($0) }
        }
        return Deflate.gzip(header + values)
    }
}

extension String {
    /// A number that differs between short names.
    fileprivate var hashOfLetters: Int { utf8.reduce(0) { $0 * 31 + Int($1) } % 1000 }
}
