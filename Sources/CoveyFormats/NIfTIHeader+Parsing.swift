import CoveyCore

extension NIfTIHeader {
    /// Bytes that are enough to parse any header.
    static let prefixByteCount = 544

    /// Parses the first bytes of a header file.
    ///
    /// - Parameters:
    ///   - bytes: the first ``prefixByteCount`` bytes, or the whole file if it is shorter.
    ///   - file: its name, for messages.
    ///   - isPair: whether the voxels are expected in another file, which is when ANALYZE is accepted.
    ///   - analyze: how ANALYZE's first axis is taken.
    /// - Returns: the header and what should be known of it.
    static func parse(
        _ bytes: [UInt8], file: String, isPair: Bool, analyze: AnalyzeOrientation
    ) throws(FormatError) -> (NIfTIHeader, [Note]) {
        func fail(_ problem: FormatError.Problem) -> FormatError { FormatError(file, problem) }
        guard !bytes.isEmpty else { throw fail(.empty) }
        guard bytes.count >= 348 else { throw fail(.shortHeader(found: bytes.count, needed: 348)) }
        let little = HeaderFields(bytes: bytes, isBigEndian: false)
        let big = HeaderFields(bytes: bytes, isBigEndian: true)
        for fields in [little, big] {
            if fields.int32(0) == 540 {
                guard bytes.count >= 540 else { throw fail(.shortHeader(found: bytes.count, needed: 540)) }
                let magic = Array(bytes[4..<12])
                guard magic[0] == 0x6E, magic[1] == 0x2B || magic[1] == 0x69, magic[2] == 0x32 else {
                    throw fail(.notAnImage("the header's size is NIfTI-2's, its magic is not"))
                }
                guard magic[3...] == [0, 0x0D, 0x0A, 0x1A, 0x0A] else {
                    throw fail(.notAnImage("the NIfTI-2 magic was damaged by a change of line ends"))
                }
                return try nifti2(fields, isSingle: magic[1] == 0x2B, file: file, isPair: isPair)
            }
            if fields.int32(0) == 348 {
                let magic = Array(bytes[344..<348])
                if magic == [0x6E, 0x2B, 0x31, 0] || magic == [0x6E, 0x69, 0x31, 0] {
                    return try nifti1(fields, isSingle: magic[1] == 0x2B, file: file, isPair: isPair)
                }
                guard isPair else {
                    throw fail(.notAnImage("no NIfTI magic in the header of a single file"))
                }
                return try analyze75(fields, file: file, orientation: analyze)
            }
        }
        throw fail(.notAnImage("sizeof_hdr is neither 348 nor 540; no header of a known format"))
    }

    private static func nifti1(
        _ f: HeaderFields, isSingle: Bool, file: String, isPair: Bool
    ) throws(FormatError) -> (NIfTIHeader, [Note]) {
        var builder = HeaderBuilder(file: file, format: .nifti1, isSingle: isSingle, isPair: isPair)
        builder.isBigEndian = f.isBigEndian
        builder.dim = (0..<8).map { f.int16(40 + 2 * $0) }
        builder.datatypeCode = f.int16(70)
        builder.bitsPerVoxel = f.int16(72)
        builder.pixdim = (0..<8).map { f.float(76 + 4 * $0) }
        builder.offset = f.float(108)
        builder.slope = f.float(112)
        builder.intercept = f.float(116)
        builder.units = Int(f.bytes[123])
        builder.descrip = f.text(148, 80)
        builder.qformCode = f.int16(252)
        builder.sformCode = f.int16(254)
        builder.quaternion = (0..<3).map { f.float(256 + 4 * $0) }
        builder.qoffset = (0..<3).map { f.float(268 + 4 * $0) }
        builder.sform = (0..<12).map { f.float(280 + 4 * $0) }
        builder.intentCode = f.int16(68)
        builder.intentParameters = [56, 60, 64].map(f.float)
        builder.intentName = f.text(328, 16)
        return try builder.build()
    }

    private static func nifti2(
        _ f: HeaderFields, isSingle: Bool, file: String, isPair: Bool
    ) throws(FormatError) -> (NIfTIHeader, [Note]) {
        var builder = HeaderBuilder(file: file, format: .nifti2, isSingle: isSingle, isPair: isPair)
        builder.isBigEndian = f.isBigEndian
        builder.dim = (0..<8).map { f.int64(16 + 8 * $0) }
        builder.datatypeCode = f.int16(12)
        builder.bitsPerVoxel = f.int16(14)
        builder.pixdim = (0..<8).map { f.double(104 + 8 * $0) }
        builder.offset = Double(f.int64(168))
        builder.slope = f.double(176)
        builder.intercept = f.double(184)
        builder.units = f.int32(500)
        builder.descrip = f.text(240, 80)
        builder.qformCode = f.int32(344)
        builder.sformCode = f.int32(348)
        builder.quaternion = (0..<3).map { f.double(352 + 8 * $0) }
        builder.qoffset = (0..<3).map { f.double(376 + 8 * $0) }
        builder.sform = (0..<12).map { f.double(400 + 8 * $0) }
        builder.intentCode = f.int32(504)
        builder.intentParameters = [80, 88, 96].map(f.double)
        builder.intentName = f.text(508, 16)
        return try builder.build()
    }

    /// ANALYZE 7.5 as SPM used it: a scale factor in `funused1`, the origin's voxel in `originator`.
    private static func analyze75(
        _ f: HeaderFields, file: String, orientation: AnalyzeOrientation
    ) throws(FormatError) -> (NIfTIHeader, [Note]) {
        var builder = HeaderBuilder(file: file, format: .analyze, isSingle: false, isPair: true)
        builder.isBigEndian = f.isBigEndian
        builder.dim = (0..<8).map { f.int16(40 + 2 * $0) }
        builder.datatypeCode = f.int16(70)
        builder.bitsPerVoxel = f.int16(72)
        builder.pixdim = (0..<8).map { f.float(76 + 4 * $0) }
        builder.offset = f.float(108)
        builder.slope = f.float(112)
        builder.intercept = 0
        builder.descrip = f.text(148, 80)
        let origin = (0..<3).map { f.int16(253 + 2 * $0) }
        builder.analyzeOrigin = origin
        builder.analyzeOrientation = orientation
        return try builder.build()
    }
}
