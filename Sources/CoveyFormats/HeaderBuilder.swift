import CoveyCore

/// The fields of a header as stored, before they are checked and made into a ``NIfTIHeader``.
struct HeaderBuilder {
    let file: String
    let format: NIfTIHeader.Format
    let isSingle: Bool
    let isPair: Bool
    var isBigEndian = false
    var dim: [Int] = []
    var datatypeCode = 0
    var bitsPerVoxel = 0
    var pixdim: [Double] = []
    var offset = 0.0
    var slope = 0.0
    var intercept = 0.0
    var units = 0
    var descrip = ""
    var qformCode = 0
    var sformCode = 0
    var quaternion: [Double] = []
    var qoffset: [Double] = []
    var sform: [Double] = []
    var intentCode = 0
    var intentParameters: [Double] = []
    var intentName = ""
    var analyzeOrigin: [Int]?
    var analyzeOrientation = AnalyzeOrientation.mirrored

    private func fail(_ field: String, _ reason: String) -> FormatError {
        FormatError(file, .badField(field, reason))
    }

    func build() throws(FormatError) -> (NIfTIHeader, [Note]) {
        var notes: [Note] = []
        if isSingle == isPair {
            throw FormatError(
                file,
                .notAnImage(
                    isSingle
                        ? "the header says that its voxels follow in the same file (NIfTI magic n+), but it is one of a pair"
                        : "the header says that its voxels are in another file, an .img (NIfTI magic ni)"))
        }
        let shape = try checkedShape()
        let datatype = try checkedDatatype(&notes)
        let offset = try checkedOffset()
        let scaling = try checkedScaling()
        let (affine, orientation) = try checkedAffine(shape, &notes)
        let bytes = try byteCount(shape, datatype)
        guard bytes <= Int.max - offset else { throw fail("vox_offset", "\(offset) is beyond any file") }
        let millimeters: Double =
            switch units & 7 {
            case 1: 1000
            case 3: 0.001
            default: 1
            }
        if millimeters != 1 {
            notes.append(
                .warning(
                    "the header's spatial unit is \(units & 7 == 1 ? "metres" : "microns"); converted to mm"))
        }
        let header = NIfTIHeader(
            format: format, isSingleFile: isSingle, isBigEndian: isBigEndian, shape: shape,
            datatype: datatype,
            voxelOffset: offset, slope: scaling?.slope, intercept: scaling?.intercept ?? 0, affine: affine,
            orientation: orientation, qformCode: qformCode, sformCode: sformCode,
            millimetersPerUnit: millimeters, intentCode: intentCode, intentParameters: intentParameters,
            intentName: intentName, descrip: descrip)
        return (header, notes)
    }

    private func checkedShape() throws(FormatError) -> [Int] {
        let count = dim[0]
        guard (1...7).contains(count) else { throw fail("dim[0]", "is \(count), it must be from 1 to 7") }
        let shape = Array(dim[1...count])
        for (k, length) in shape.enumerated() where length <= 0 {
            throw fail("dim[\(k + 1)]", "is \(length), it must be positive")
        }
        if shape.count > 4, shape[4...].contains(where: { $0 != 1 }) {
            throw fail(
                "dim", "gives \(shape.count) dimensions \(shape); a map has 3, a list of maps 4")
        }
        return shape
    }

    private func byteCount(_ shape: [Int], _ datatype: Datatype) throws(FormatError) -> Int {
        var bytes = datatype.byteCount
        for length in shape {
            let (product, overflow) = bytes.multipliedReportingOverflow(by: length)
            guard !overflow else { throw fail("dim", "\(shape) overflows: more voxels than any file holds") }
            bytes = product
        }
        return bytes
    }

    private func checkedDatatype(_ notes: inout [Note]) throws(FormatError) -> Datatype {
        guard let datatype = Datatype(code: datatypeCode) else {
            throw fail("datatype", "is \(datatypeCode), which the standard does not know")
        }
        guard datatype.isRealScalar else {
            throw FormatError(file, .unsupportedDatatype(code: datatypeCode, name: datatype.name))
        }
        if bitsPerVoxel != datatype.byteCount * 8 {
            notes.append(
                .warning(
                    "bitpix is \(bitsPerVoxel), but \(datatype.name) has \(datatype.byteCount * 8) bits; the datatype is believed"
                ))
        }
        return datatype
    }

    private func checkedOffset() throws(FormatError) -> Int {
        guard offset.isFinite, offset >= 0, offset < 9e18 else {
            throw fail("vox_offset", "is \(offset), no place in a file")
        }
        guard isSingle else { return Int(offset) }
        let least = format == .nifti2 ? 544 : 352
        guard Int(offset) >= least else {
            throw fail("vox_offset", "is \(offset); voxels of a single file begin at \(least) or later")
        }
        return Int(offset)
    }

    private func checkedScaling() throws(FormatError) -> (slope: Double, intercept: Double)? {
        // The standard: a slope of 0 means that the values are not scaled; so does one that is no number.
        guard slope.isFinite, slope != 0 else { return nil }
        guard intercept.isFinite else {
            throw fail("scl_inter", "is \(intercept) beside a valid scl_slope of \(slope)")
        }
        return slope == 1 && intercept == 0 ? nil : (slope, intercept)
    }

    private func checkedAffine(
        _ shape: [Int], _ notes: inout [Note]
    ) throws(FormatError) -> ([Double], NIfTIHeader.Orientation) {
        let (affine, source) = try affine(shape, &notes)
        let name = source == .sform ? "sform" : source == .qform ? "qform" : "pixdim"
        guard affine.allSatisfy(\.isFinite) else {
            throw fail(name, "gives an orientation (affine) that is not finite")
        }
        let a = affine
        let minors: [Double] = [
            a[5] * a[10] - a[6] * a[9], a[4] * a[10] - a[6] * a[8], a[4] * a[9] - a[5] * a[8],
        ]
        let determinant = a[0] * minors[0] - a[1] * minors[1] + a[2] * minors[2]
        let lengths = (0..<3).map { (c: Int) -> Double in norm([a[c], a[4 + c], a[8 + c]]) }
        guard abs(determinant) > 1e-6 * lengths.reduce(1, *), lengths.allSatisfy({ $0 > 0 }) else {
            throw fail(name, "gives an orientation (affine) that cannot be inverted")
        }
        return (affine, source)
    }

    private func affine(
        _ shape: [Int], _ notes: inout [Note]
    ) throws(FormatError) -> ([Double], NIfTIHeader.Orientation) {
        if format != .analyze, sformCode > 0 {
            if sformCode > 5 { notes.append(.warning("unknown sform_code \(sformCode); the sform is used")) }
            if qformCode > 0, let q = try? quaternionAffine(),
                zip(q, sform).contains(where: { abs($0 - $1) > 1e-2 * max(1, abs($1)) })
            {
                notes.append(.information("sform and qform disagree; the sform is used"))
            }
            return (sform, .sform)
        }
        if format != .analyze, qformCode > 0 { return (try quaternionAffine(), .qform) }

        // Nothing says where left is. SPM and nibabel take the first axis towards the subject's left and
        // the centre of the box as origin; ANALYZE may name the origin's voxel, counted from 1.
        let sizes = (0..<3).map { k -> Double in
            let size = abs(pixdim[k + 1])
            return size > 0 ? size : 1
        }
        let lengths = (0..<3).map { $0 < shape.count ? shape[$0] : 1 }
        let storedOrigin = plausibleOrigin(lengths, &notes)
        let origin = (0..<3).map { k -> Double in
            storedOrigin.map { Double($0[k] - 1) } ?? Double(lengths[k] - 1) / 2
        }
        let signs = [analyzeOrientation == .mirrored ? -1.0 : 1, 1, 1]
        var affine = [Double](repeating: 0, count: 12)
        for k in 0..<3 {
            affine[k * 4 + k] = signs[k] * sizes[k]
            affine[k * 4 + 3] = -signs[k] * sizes[k] * origin[k]
        }
        let side = analyzeOrientation == .mirrored ? "left" : "right"
        notes.append(
            .warning(
                "\(format == .analyze ? "ANALYZE has no" : "neither sform nor qform: no") reliable left and right; the first axis is taken to point to the subject's \(side)"
            ))
        return (affine, .voxelSizes)
    }

    /// ANALYZE's origin where it names a voxel in or near the box. Other programs keep text in that field; like
    /// nibabel, an origin more than a box away is not believed.
    private func plausibleOrigin(_ lengths: [Int], _ notes: inout [Note]) -> [Int]? {
        guard let origin = analyzeOrigin, origin.contains(where: { $0 != 0 }) else { return nil }
        if zip(origin, lengths).allSatisfy({ $0 > -$1 && $0 < 2 * $1 }) { return origin }
        notes.append(.warning("the origin \(origin) is far outside the image; the centre is taken instead"))
        return nil
    }

    /// The standard's method 2: a rotation from a quaternion, voxel sizes, and qfac on the third axis.
    private func quaternionAffine() throws(FormatError) -> [Double] {
        let (b, c, d) = (quaternion[0], quaternion[1], quaternion[2])
        let square = b * b + c * c + d * d
        guard square.isFinite else { throw fail("qform", "has an orientation quaternion that is not finite") }
        // Rounding to float may take the length a little past 1.
        guard square <= 1 + 1e-5 else {
            throw fail("qform", "has an orientation quaternion longer than 1 (squared length \(square))")
        }
        let a = max(0, 1 - square).squareRoot()
        let scale = square > 1 ? 1 / square.squareRoot() : 1
        let (x, y, z) = (b * scale, c * scale, d * scale)
        let (xx, yy, zz, aa) = (x * x, y * y, z * z, a * a)
        let (xy, xz, yz) = (x * y, x * z, y * z)
        let (ax, ay, az) = (a * x, a * y, a * z)
        let rotation: [Double] = [
            aa + xx - yy - zz, 2 * (xy - az), 2 * (xz + ay),
            2 * (xy + az), aa + yy - xx - zz, 2 * (yz - ax),
            2 * (xz - ay), 2 * (yz + ax), aa + zz - yy - xx,
        ]
        let qfac = pixdim[0] < 0 ? -1.0 : 1
        let sizes = [pixdim[1], pixdim[2], pixdim[3]]
        guard sizes.allSatisfy({ $0.isFinite && $0 != 0 }) else {
            throw fail(
                "pixdim", "has voxel sizes \(sizes), from which the qform's orientation cannot be made")
        }
        var affine = [Double](repeating: 0, count: 12)
        for r in 0..<3 {
            for k in 0..<3 { affine[r * 4 + k] = rotation[r * 3 + k] * abs(sizes[k]) * (k == 2 ? qfac : 1) }
            affine[r * 4 + 3] = qoffset[r]
        }
        return affine
    }
}
