public import CoveyCore
import CoveyKernels

/// An image as its file holds it: the header, and the voxels in the datatype they were stored in.
///
/// Values are made on request by ``decode(volume:into:)``, so that a cohort can be looked at twice for the
/// memory of its files. Reading is a pure function of the file's bytes.
public struct NIfTIImage: Sendable {
    /// What the header says.
    public let header: NIfTIHeader
    /// What should be known of the file: repairs, assumptions.
    public let notes: [Note]
    private let data: [UInt8]
    private let start: Int

    /// Voxel data above this many bytes are refused: a map of a billion voxels is a mistake or an attack.
    public static let maximumByteCount = 1 << 30

    /// Extensions are kept where the voxels begin before this many bytes.
    public static let maximumExtensionByteCount = 16 << 20

    /// Reads an image: `.nii`, `.nii.gz`, or either half of an `.hdr`/`.img` pair, each gzipped or not. The
    /// content, not the name, decides whether a file is gzipped.
    ///
    /// Sizes are checked against the header and the file before memory is taken.
    public init(
        contentsOf path: String, analyzeOrientation: AnalyzeOrientation = .mirrored
    ) throws(FormatError) {
        let names = ImageNames(path)
        if names.isPair {
            let headerFile = try StoredFile(names.header, partnerOf: path)
            let (header, notes) = try NIfTIHeader.parse(
                headerFile.prefix(NIfTIHeader.prefixByteCount), file: path, isPair: true,
                analyze: analyzeOrientation)
            let voxels = try StoredFile(names.voxels, partnerOf: path)
            let (bytes, start, more) = try voxels.data(from: header.voxelOffset, count: header.dataByteCount)
            self.init(header, notes + more, bytes, start)
        } else {
            let file = try StoredFile(path, partnerOf: path)
            var (header, notes) = try NIfTIHeader.parse(
                file.prefix(NIfTIHeader.prefixByteCount), file: path, isPair: false,
                analyze: analyzeOrientation)
            let (bytes, start, more) = try file.data(from: header.voxelOffset, count: header.dataByteCount)
            let flagAt = header.format == .nifti2 ? 540 : 348
            let hasExtensions = try file.prefix(NIfTIHeader.prefixByteCount)[flagAt] != 0
            if hasExtensions, header.voxelOffset > Self.maximumExtensionByteCount {
                notes.append(
                    .warning("more than \(Self.maximumExtensionByteCount) bytes of extensions; ignored"))
            } else if hasExtensions, header.voxelOffset > flagAt + 4 {
                header.extensions = Array(try file.prefix(header.voxelOffset)[(flagAt + 4)...])
            }
            notes += more
            self.init(header, notes, bytes, start)
        }
    }

    private init(_ header: NIfTIHeader, _ notes: [Note], _ data: [UInt8], _ start: Int) {
        self.header = header
        self.notes = notes
        self.data = data
        self.start = start
    }

    /// The values of one 3-D map, scaled as the header says, x fastest.
    ///
    /// - Precondition: `volume` counts from 0 and is below the header's volume count.
    public func decode(volume: Int = 0) -> [Double] {
        var values = [Double](repeating: 0, count: header.voxelsPerVolume)
        decode(volume: volume, into: &values)
        return values
    }

    /// ``decode(volume:)`` into a buffer that is used again.
    public func decode(volume: Int = 0, into values: inout [Double]) {
        precondition(volume >= 0 && volume < header.volumeCount && values.count == header.voxelsPerVolume)
        VoxelCodec.decode(
            data, from: start + volume * values.count * header.datatype.byteCount,
            datatype: header.datatype.code, bytesPerVoxel: header.datatype.byteCount,
            swapsBytes: header.isBigEndian, scaling: header.slope.map { ($0, header.intercept) },
            into: &values)
    }
}

/// The names of the file or files behind a path.
struct ImageNames {
    let isPair: Bool
    let header: String
    let voxels: String

    init(_ path: String) {
        let lower = path.lowercased()
        let isZipped = lower.hasSuffix(".gz")
        let stem = isZipped ? path.dropLast(3) : path[...]
        let zip = isZipped ? String(path.suffix(3)) : ""
        let kind = stem.lowercased()
        guard kind.hasSuffix(".hdr") || kind.hasSuffix(".img") else {
            (isPair, header, voxels) = (false, path, path)
            return
        }
        let isUpper = stem.last.map(\.isUppercase) ?? false
        let base = stem.dropLast(3)
        isPair = true
        header = base + (isUpper ? "HDR" : "hdr") + zip
        voxels = base + (isUpper ? "IMG" : "img") + zip
    }
}

/// A file whose content may be gzipped, read by need.
struct StoredFile {
    private let name: String
    private let file: RegularFile
    /// The compressed bytes, where the content is gzipped.
    private let compressed: [UInt8]?
    /// All of the content, where it is gzipped, sound and small by its own account.
    private let whole: Deflate.Result?

    /// Gzipped content up to this size is inflated once, larger content once for the header and once for the
    /// voxels: what the header asks for is known before much memory is taken.
    private static let smallByteCount = 16 << 20

    init(_ path: String, partnerOf named: String) throws(FormatError) {
        name = named
        do {
            file = try RegularFile(path)
        } catch {
            if path != named, error == .notFound { throw FormatError(named, .missingPartner(path)) }
            throw FormatError(named, .unreadable(error))
        }
        do {
            let head = try file.read(2)
            if Deflate.isGzip(head) {
                guard file.byteCount <= NIfTIImage.maximumByteCount else {
                    throw FormatError(
                        named, .tooLarge(needed: file.byteCount, limit: NIfTIImage.maximumByteCount))
                }
                let data = try file.read(file.byteCount)
                compressed = data
                // The last four bytes of a member are its length. A file that is damaged or of several members
                // goes the long way, where its header is judged first.
                let size = data.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
                let isSmall = size <= min(Self.smallByteCount, data.count * 1040)
                let result = isSmall ? try? Deflate.gunzip(data, limit: size) : nil
                whole = result.flatMap { $0.isCut ? nil : $0 }
            } else {
                (compressed, whole) = (nil, nil)
            }
        } catch let problem as RegularFile.Problem {
            throw FormatError(named, .unreadable(problem))
        } catch let error as FormatError {
            throw error
        } catch {
            throw FormatError(named, .unreadable(.other("\(error)")))
        }
    }

    /// The first `count` bytes of the content, or all of it.
    func prefix(_ count: Int) throws(FormatError) -> [UInt8] {
        if let whole { return Array(whole.bytes.prefix(count)) }
        if let compressed {
            return Array(try inflate(compressed, limit: count).bytes.prefix(count))
        }
        do {
            return try file.read(count)
        } catch {
            throw FormatError(name, .unreadable(error))
        }
    }

    /// Bytes that contain `count` bytes of content from `offset`, where those begin in them, and notes.
    func data(
        from offset: Int, count: Int
    ) throws(FormatError) -> (bytes: [UInt8], start: Int, notes: [Note]) {
        guard let compressed else {
            guard file.byteCount - offset >= count else {
                throw FormatError(name, .truncatedData(found: max(0, file.byteCount - offset), needed: count))
            }
            try checkSize(count)
            let bytes: [UInt8]
            do {
                bytes = try file.read(count, at: offset)
            } catch {
                throw FormatError(name, .unreadable(error))
            }
            guard bytes.count == count else {
                throw FormatError(name, .truncatedData(found: bytes.count, needed: count))
            }
            let extra = file.byteCount - offset - count
            return (bytes, 0, extra > 0 ? [.information("\(extra) bytes follow the voxels; ignored")] : [])
        }
        // Deflate expands at most about 1,032 times: less cannot hold what the header claims.
        guard count / 1040 <= compressed.count, offset / 1040 <= compressed.count else {
            throw FormatError(name, .truncatedData(found: compressed.count, needed: count))
        }
        try checkSize(count + offset)
        // A little past the end, so that the checksum of a file with a short tail is still reached.
        let result: Deflate.Result
        if let whole {
            result = whole
        } else {
            result = try inflate(compressed, limit: offset + count + 65536)
        }
        guard result.bytes.count >= offset + count else {
            throw FormatError(
                name, .truncatedData(found: max(0, result.bytes.count - offset), needed: count))
        }
        var notes: [Note] = []
        if result.isCut {
            notes.append(
                .warning("the file is larger than its header says; the rest was not read or checked"))
        } else if result.bytes.count > offset + count {
            notes.append(
                .information("\(result.bytes.count - offset - count) bytes follow the voxels; ignored"))
        }
        if result.trailingByteCount > 0 {
            notes.append(
                .warning("\(result.trailingByteCount) bytes that are not gzip follow the data; ignored"))
        }
        return (result.bytes, offset, notes)
    }

    private func checkSize(_ count: Int) throws(FormatError) {
        guard count <= NIfTIImage.maximumByteCount else {
            throw FormatError(name, .tooLarge(needed: count, limit: NIfTIImage.maximumByteCount))
        }
    }

    private func inflate(_ data: [UInt8], limit: Int) throws(FormatError) -> Deflate.Result {
        do {
            return try Deflate.gunzip(data, limit: limit)
        } catch {
            throw FormatError(name, .badGzip(error.words))
        }
    }
}
