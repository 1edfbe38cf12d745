import CoveyCore
import CoveyKernels

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Writes NIfTI files: NIfTI-1, or NIfTI-2 where a dimension does not fit; gzipped where the name ends in
/// `.gz`.
///
/// Little-endian, `scl_slope` 1, millimetres. The sform holds the affine; the qform the same where it is a
/// rotation with voxel sizes, else it is left out. The same content gives the same bytes.
public struct NIfTIWriter: Sendable {
    /// Lengths of x, y, z, and of a fourth dimension for a list of maps.
    public let shape: [Int]
    /// 3 x 4, row by row, mm.
    public let affine: [Double]
    /// The space that the qform leads to.
    public var qformCode: Int
    /// The space that the sform leads to.
    public var sformCode: Int
    /// How voxels are stored.
    public var datatype = Datatype.float32
    /// What the values are.
    public var intent = NIfTIIntent.none
    /// Free text of at most 79 bytes; longer text is cut.
    public var descrip = ""
    /// Extensions, as another file held them.
    public var extensions: [UInt8] = []

    /// A writer for images of a shape and place.
    ///
    /// - Precondition: 3 or 4 positive lengths, 12 elements.
    public init(shape: [Int], affine: [Double], qformCode: Int, sformCode: Int) {
        precondition((3...4).contains(shape.count) && shape.allSatisfy { $0 > 0 } && affine.count == 12)
        self.shape = shape
        self.affine = affine
        self.qformCode = qformCode
        self.sformCode = sformCode
    }

    /// The whole file, not compressed.
    ///
    /// Values are rounded to the datatype; integers to the nearest, values that do not fit to the limit, NaN
    /// to 0.
    ///
    /// - Precondition: one value per voxel.
    public func bytes(_ values: [Double]) -> [UInt8] {
        precondition(values.count == shape.reduce(1, *), "\(values.count) values for shape \(shape)")
        var writer = ByteWriter()
        let usesNIfTI2 = shape.contains { $0 > Int(Int16.max) }
        let headerSize = usesNIfTI2 ? 540 : 348
        let padded = (extensions.count + 15) / 16 * 16
        let offset = headerSize + 4 + padded
        if usesNIfTI2 { writeHeader2(&writer, offset) } else { writeHeader1(&writer, offset) }
        precondition(writer.bytes.count == headerSize)
        writer.bytes += [extensions.isEmpty ? 0 : 1, 0, 0, 0]
        writer.bytes += extensions + [UInt8](repeating: 0, count: padded - extensions.count)
        writer.append(values, as: datatype)
        return writer.bytes
    }

    /// Writes the file beside its place and moves it there.
    ///
    /// - Throws: ``FormatError`` where it cannot be written; nothing is left then.
    public func write(_ values: [Double], to path: String) throws(FormatError) {
        let content = bytes(values)
        let isZipped = path.lowercased().hasSuffix(".gz")
        try writeFile(isZipped ? Deflate.gzip(content) : content, to: path)
    }

    private var sizes: [Double] {
        (0..<3).map { (c: Int) -> Double in norm([affine[c], affine[4 + c], affine[8 + c]]) }
    }

    /// A file must lead somewhere: where neither form would, the sform is said to align with something (2).
    private func writtenSformCode(_ quaternion: Quaternion?) -> Int {
        sformCode == 0 && (quaternion == nil || qformCode == 0) ? 2 : sformCode
    }

    private func writeHeader1(_ w: inout ByteWriter, _ offset: Int) {
        let quaternion = Quaternion(affine: affine, sizes: sizes)
        w.int32(348)
        w.zeros(36)
        w.int16(shape.count)
        for k in 0..<7 { w.int16(k < shape.count ? shape[k] : 1) }
        for k in 0..<3 { w.float(k < intent.parameters.count ? intent.parameters[k] : 0) }
        w.int16(intent.code)
        w.int16(datatype.code)
        w.int16(datatype.byteCount * 8)
        w.int16(0)
        w.float(quaternion?.qfac ?? 1)
        for k in 0..<7 { w.float(k < 3 ? sizes[k] : k < shape.count ? 1 : 0) }
        w.float(Double(offset))
        w.float(1)
        w.float(0)
        w.int16(0)
        w.bytes += [0, 2]  // slice_code; xyzt_units: mm
        w.zeros(24)
        w.text(descrip, 80)
        w.zeros(24)
        w.int16(quaternion == nil ? 0 : qformCode)
        w.int16(writtenSformCode(quaternion))
        for value in quaternion?.parameters ?? [Double](repeating: 0, count: 6) { w.float(value) }
        for value in affine { w.float(value) }
        w.text(intent.name, 16)
        w.bytes += [0x6E, 0x2B, 0x31, 0]
    }

    private func writeHeader2(_ w: inout ByteWriter, _ offset: Int) {
        let quaternion = Quaternion(affine: affine, sizes: sizes)
        w.int32(540)
        w.bytes += [0x6E, 0x2B, 0x32, 0, 0x0D, 0x0A, 0x1A, 0x0A]
        w.int16(datatype.code)
        w.int16(datatype.byteCount * 8)
        w.int64(shape.count)
        for k in 0..<7 { w.int64(k < shape.count ? shape[k] : 1) }
        for k in 0..<3 { w.double(k < intent.parameters.count ? intent.parameters[k] : 0) }
        w.double(quaternion?.qfac ?? 1)
        for k in 0..<7 { w.double(k < 3 ? sizes[k] : k < shape.count ? 1 : 0) }
        w.int64(offset)
        w.double(1)
        w.double(0)
        w.zeros(48)
        w.text(descrip, 80)
        w.zeros(24)
        w.int32(quaternion == nil ? 0 : qformCode)
        w.int32(writtenSformCode(quaternion))
        for value in quaternion?.parameters ?? [Double](repeating: 0, count: 6) { w.double(value) }
        for value in affine { w.double(value) }
        w.int32(0)
        w.int32(2)
        w.int32(intent.code)
        w.text(intent.name, 16)
        w.zeros(16)
    }
}

/// Writes bytes beside their place and moves them there, so that no reader ever sees half a file.
public func writeFile(_ bytes: [UInt8], to path: String) throws(FormatError) {
    do {
        try Data(bytes).write(to: URL(filePath: path), options: .atomic)
    } catch {
        throw FormatError(path, .unwritable(plainReason(error)))
    }
}

/// What a Foundation error about a file says, in a few words.
public func plainReason(_ error: any Error) -> String {
    guard let cocoa = error as? CocoaError else { return "\(error)" }
    switch cocoa.code {
    case .fileWriteOutOfSpace: return "no space left on the device"
    case .fileWriteNoPermission, .fileReadNoPermission: return "permission denied"
    case .fileNoSuchFile, .fileReadNoSuchFile: return "no such file or folder"
    case .fileWriteVolumeReadOnly: return "the file system is read-only"
    case .fileWriteFileExists: return "a file of that name exists"
    default: return "\(cocoa)"
    }
}

/// A rotation as the quaternion of a qform.
struct Quaternion {
    /// b, c, d and the offsets x, y, z.
    let parameters: [Double]
    /// -1 where the axes are left-handed.
    let qfac: Double

    /// `nil` where the affine has shears, which a qform cannot say.
    init?(affine a: [Double], sizes: [Double]) {
        var r = (0..<9).map { (k: Int) -> Double in a[k / 3 * 4 + k % 3] / sizes[k % 3] }
        let minor0: Double = r[4] * r[8] - r[5] * r[7]
        let minor1: Double = r[3] * r[8] - r[5] * r[6]
        let minor2: Double = r[3] * r[7] - r[4] * r[6]
        let determinant: Double = r[0] * minor0 - r[1] * minor1 + r[2] * minor2
        qfac = determinant < 0 ? -1 : 1
        for row in 0..<3 { r[row * 3 + 2] *= qfac }
        for c in 0..<3 {
            for d in 0..<c {
                let dot: Double = r[c] * r[d] + r[3 + c] * r[3 + d] + r[6 + c] * r[6 + d]
                guard abs(dot) < 1e-5 else { return nil }
            }
        }
        // The standard's own order of cases, which avoids dividing by a small number.
        let trace = r[0] + r[4] + r[8] + 1
        let (qa, qb, qc, qd): (Double, Double, Double, Double)
        if trace > 0.5 {
            qa = 0.5 * trace.squareRoot()
            qb = 0.25 * (r[7] - r[5]) / qa
            qc = 0.25 * (r[2] - r[6]) / qa
            qd = 0.25 * (r[3] - r[1]) / qa
        } else {
            let xd = 1 + r[0] - (r[4] + r[8])
            let yd = 1 + r[4] - (r[0] + r[8])
            let zd = 1 + r[8] - (r[0] + r[4])
            if xd > 1 {
                qb = 0.5 * xd.squareRoot()
                qc = 0.25 * (r[1] + r[3]) / qb
                qd = 0.25 * (r[2] + r[6]) / qb
                qa = 0.25 * (r[7] - r[5]) / qb
            } else if yd > 1 {
                qc = 0.5 * yd.squareRoot()
                qb = 0.25 * (r[1] + r[3]) / qc
                qd = 0.25 * (r[5] + r[7]) / qc
                qa = 0.25 * (r[2] - r[6]) / qc
            } else {
                qd = 0.5 * zd.squareRoot()
                qb = 0.25 * (r[2] + r[6]) / qd
                qc = 0.25 * (r[5] + r[7]) / qd
                qa = 0.25 * (r[3] - r[1]) / qd
            }
        }
        let sign = qa < 0 ? -1.0 : 1
        parameters = [sign * qb, sign * qc, sign * qd, a[3], a[7], a[11]]
    }
}

/// Builds the bytes of a little-endian file.
struct ByteWriter {
    var bytes: [UInt8] = []

    private mutating func append(_ word: UInt64, _ size: Int) {
        for k in 0..<size { bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(8 * k))) }
    }

    mutating func int16(_ value: Int) { append(UInt64(bitPattern: Int64(value)), 2) }
    mutating func int32(_ value: Int) { append(UInt64(bitPattern: Int64(value)), 4) }
    mutating func int64(_ value: Int) { append(UInt64(bitPattern: Int64(value)), 8) }
    mutating func float(_ value: Double) { append(UInt64(Float(value).bitPattern), 4) }
    mutating func double(_ value: Double) { append(value.bitPattern, 8) }
    mutating func zeros(_ count: Int) { bytes += [UInt8](repeating: 0, count: count) }

    /// Text cut to leave a zero at the end, never within a character.
    mutating func text(_ text: String, _ size: Int) {
        var encoded: [UInt8] = []
        for character in text {
            let more = Array(String(character).utf8)
            if encoded.count + more.count > size - 1 { break }
            encoded += more
        }
        bytes += encoded
        zeros(size - encoded.count)
    }

    mutating func append(_ values: [Double], as datatype: Datatype) {
        let size = datatype.byteCount
        let start = bytes.count
        bytes += [UInt8](repeating: 0, count: values.count * size)
        func rounded(_ value: Double, _ low: Double, _ high: Double) -> Int64 {
            value.isNaN ? 0 : Int64(min(max(value.rounded(), low), high))
        }
        for (i, value) in values.enumerated() {
            let word: UInt64 =
                switch datatype.code {
                case 16: UInt64(Float(value).bitPattern)
                case 64: value.bitPattern
                case 2: UInt64(bitPattern: rounded(value, 0, 255))
                case 256: UInt64(bitPattern: rounded(value, -128, 127))
                case 4: UInt64(bitPattern: rounded(value, -32768, 32767))
                case 512: UInt64(bitPattern: rounded(value, 0, 65535))
                case 8: UInt64(bitPattern: rounded(value, -2_147_483_648, 2_147_483_647))
                case 768: UInt64(bitPattern: rounded(value, 0, 4_294_967_295))
                default: preconditionFailure("cannot write \(datatype.name)")
                }
            for k in 0..<size {
                bytes[start + i * size + k] = UInt8(truncatingIfNeeded: word >> UInt64(8 * k))
            }
        }
    }
}
