import CoveyCore
import CoveyFormats
import CoveyKernels
import Crypto

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a file must be before it gets its name.
enum FileCheck: Sendable, Hashable {
    /// A gzipped NIfTI image: the checksum and the length of the gzip data, the header, and as many voxels as it
    /// promises.
    case image
    /// A table of text with rows and a column of subjects.
    case table
    /// A table of that many rows, without identifiers.
    case rows(Int)
    /// One of the two files of an image: its checksum alone tells that it is whole.
    case part
    /// A JSON object of paths and identifiers.
    case index
    /// A page of the list of a NeuroVault collection's images.
    case page
    /// What a NeuroVault collection says of itself.
    case record

    /// More bytes than any such file has.
    var maximumByteCount: Int {
        switch self {
        case .image, .part: 512 << 20
        case .table, .rows, .index: 64 << 20
        case .page, .record: 8 << 20
        }
    }

    /// Throws where the file is not what it should be.
    func verify(_ path: String, checksum: String?) throws(FetchProblem) {
        let bytes = try Self.contents(path, limit: maximumByteCount)
        guard !bytes.isEmpty else { throw .empty }
        if let other = Self.impostor(bytes) {
            guard [.index, .page, .record].contains(self), case .serverMessage = other else { throw other }
        }
        if let checksum {
            let found = SHA256.hash(data: bytes).map {
                String($0 >> 4, radix: 16) + String($0 & 15, radix: 16)
            }
            .joined()
            guard found == checksum.lowercased() else { throw .checksum(expected: checksum, found: found) }
        }
        switch self {
        case .image: try Self.verifyImage(bytes, path)
        case .table: try Self.verifyTable(bytes, path, rowCount: nil)
        case .rows(let count): try Self.verifyTable(bytes, path, rowCount: count)
        case .part: precondition(checksum != nil, "\(path): nothing tells whether it is whole")
        case .index: _ = try FileIndex(bytes)
        case .page: _ = try NeuroVaultPage(bytes)
        case .record: _ = try NeuroVaultRecord(bytes)
        }
    }

    static func contents(_ path: String, limit: Int) throws(FetchProblem) -> [UInt8] {
        do {
            let file = try RegularFile(path)
            guard file.byteCount <= limit else { throw FetchProblem.tooLarge(limit: limit) }
            return try file.read(file.byteCount)
        } catch let problem as FetchProblem {
            throw problem
        } catch {
            throw .damaged("it cannot be read (\(error))")
        }
    }

    /// What servers send in place of a file.
    private static func impostor(_ bytes: [UInt8]) -> FetchProblem? {
        let start = bytes.prefix(1024).drop { $0 <= 0x20 || [0xEF, 0xBB, 0xBF].contains($0) }
        let text = String(decoding: start.prefix(200), as: UTF8.self)
        let lower = text.lowercased()
        if lower.hasPrefix("<!doctype") || lower.hasPrefix("<html") || lower.hasPrefix("<head") {
            return .webPage
        }
        return lower.hasPrefix("{") ? .serverMessage(text) : nil
    }

    private static func verifyImage(_ bytes: [UInt8], _ path: String) throws(FetchProblem) {
        guard Deflate.isGzip(bytes), bytes.count >= 18 else { throw .damaged("it is not gzip data") }
        // The last four bytes of gzip data are the length of what was compressed.
        let length = bytes.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length <= NIfTIImage.maximumByteCount else {
            throw .damaged("the gzip data are corrupt or truncated")
        }
        do {
            let content = try Deflate.gunzip(bytes, limit: length)
            guard !content.isCut, content.trailingByteCount == 0, content.bytes.count == length else {
                throw FetchProblem.damaged("the gzip data are corrupt: their length is not the one they tell")
            }
            let image = try NIfTIImage(contentsOf: path)
            guard image.header.voxelOffset + image.header.dataByteCount <= length else {
                throw FetchProblem.damaged("the image has fewer voxels than its header tells")
            }
        } catch let problem as FetchProblem {
            throw problem
        } catch is Deflate.Problem {
            throw .damaged("the gzip data are corrupt or truncated (their CRC or length is wrong)")
        } catch let error as any ExplainedError {
            throw .damaged(error.description)
        } catch {
            throw .damaged("\(error)")
        }
    }

    private static func verifyTable(
        _ bytes: [UInt8], _ path: String, rowCount: Int?
    ) throws(FetchProblem) {
        do {
            let (table, _) = try Table.parse(bytes, source: path)
            if let rowCount {
                guard table.rows.count == rowCount else {
                    throw FetchProblem.damaged(
                        "the table has \(table.rows.count) rows where there are \(rowCount) subjects")
                }
                return
            }
            guard table.position(of: DataSet.subjectColumn) != nil else {
                throw FetchProblem.damaged("the table has no column \(DataSet.subjectColumn)")
            }
        } catch let problem as FetchProblem {
            throw problem
        } catch {
            throw .damaged((error as? any ExplainedError)?.description ?? "\(error)")
        }
    }
}

/// Paths in a data set and the identifiers under which they are served.
struct FileIndex: Sendable {
    private let identifiers: [String: String]

    init(_ bytes: [UInt8]) throws(FetchProblem) {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let data = Data(bytes.starts(with: mark) ? bytes.dropFirst(3) : bytes[...])
        do {
            identifiers = try JSONDecoder().decode([String: String].self, from: data)
        } catch {
            throw .damaged("the index is no JSON object of paths and identifiers")
        }
        guard !identifiers.isEmpty else { throw .damaged("the index is empty") }
    }

    init(contentsOf path: String) throws(FetchProblem) {
        try self.init(FileCheck.contents(path, limit: FileCheck.index.maximumByteCount))
    }

    /// The identifier of a file; `nil` where the index has none that is letters and digits, as an address needs.
    func identifier(of path: String) -> String? {
        guard let value = identifiers[path] else { return nil }
        let word = value.hasPrefix("/") ? value.dropFirst() : value[...]
        let isPlain = word.utf8.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
        }
        return isPlain && (3...64).contains(word.utf8.count) ? String(word) : nil
    }
}

extension DataSet {
    /// The column that names the subject in the tables of a data set, as BIDS has it.
    static let subjectColumn = "participant_id"
}
