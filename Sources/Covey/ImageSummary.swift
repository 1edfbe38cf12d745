public import CoveyCore
public import CoveyFormats
public import CoveyImaging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What an image holds, for people and for programs: the content of `covey info`.
public struct ImageSummary: Sendable {
    /// A value at a voxel.
    public struct Sample: Sendable {
        /// Position, counted from 0; a fourth number is the volume.
        public let index: [Int]
        /// The value there.
        public let value: Double
    }

    /// The file's header.
    public let header: NIfTIHeader
    /// What should be known of the file.
    public let notes: [Note]
    /// The path as the user named it.
    public let path: String
    /// Values that are not numbers.
    public private(set) var nanCount = 0
    /// Values that are infinite.
    public private(set) var infinityCount = 0
    /// Values that are exactly 0.
    public private(set) var zeroCount = 0
    /// Finite values.
    public private(set) var finiteCount = 0
    /// Their sum, compensated (Neumaier 1974).
    public private(set) var sum = 0.0
    /// The least finite value.
    public private(set) var minimum = Double.infinity
    /// The greatest finite value.
    public private(set) var maximum = -Double.infinity

    /// Looks at every value of an image, one 3-D map at a time.
    public init(_ file: ImageFile) {
        header = file.image.header
        notes = file.notes
        path = file.path
        var values = [Double](repeating: 0, count: header.voxelsPerVolume)
        var compensation = 0.0
        for volume in 0..<header.volumeCount {
            file.image.decode(volume: volume, into: &values)
            for value in values {
                if value.isNaN {
                    nanCount += 1
                } else if value.isInfinite {
                    infinityCount += 1
                } else {
                    finiteCount += 1
                    if value == 0 { zeroCount += 1 }
                    minimum = min(minimum, value)
                    maximum = max(maximum, value)
                    let next = sum + value
                    compensation += abs(sum) >= abs(value) ? (sum - next) + value : (value - next) + sum
                    sum = next
                }
            }
        }
        sum += compensation.isFinite ? compensation : 0
    }

    /// The value at a voxel.
    ///
    /// - Throws: `FormatError` where the position is outside the image.
    public func sample(_ index: [Int], of file: ImageFile) throws(FormatError) -> Sample {
        let lengths = header.gridShape + [header.volumeCount]
        let full = index + [Int](repeating: 0, count: max(0, 4 - index.count))
        guard index.count >= 3, index.count <= 4, zip(full, lengths).allSatisfy({ $0 >= 0 && $0 < $1 }) else {
            throw FormatError(path, .badField("dim", "gives \(header.shape); \(index) is outside"))
        }
        let values = file.image.decode(volume: full[3])
        return Sample(index: index, value: values[full[0] + lengths[0] * (full[1] + lengths[1] * full[2])])
    }

    /// JSON with the keys shape, affine (3 x 4, as stored), n_nan, n_inf, sum_finite, min, max and samples.
    public func json(samples: [Sample] = []) -> String {
        func number(_ x: Double) -> String {
            x.isFinite ? "\(x)" : x.isNaN ? "\"nan\"" : x > 0 ? "\"inf\"" : "\"-inf\""
        }
        let rows = (0..<3).map { r in
            "[" + (0..<4).map { number(header.affine[r * 4 + $0]) }.joined(separator: ", ") + "]"
        }
        let fields: [(String, String)] = [
            ("file", jsonString(path)), ("format", jsonString(header.format.rawValue)),
            ("byte_order", header.isBigEndian ? "\"big\"" : "\"little\""),
            ("shape", "[" + header.shape.map(String.init).joined(separator: ", ") + "]"),
            ("affine", "[" + rows.joined(separator: ", ") + "]"),
            ("orientation", jsonString(header.orientation.rawValue)),
            ("qform_code", "\(header.qformCode)"), ("sform_code", "\(header.sformCode)"),
            ("datatype", jsonString(header.datatype.name)),
            ("scl_slope", header.slope.map(number) ?? "null"), ("scl_inter", number(header.intercept)),
            ("intent_code", "\(header.intentCode)"),
            ("intent_parameters", "[" + header.intentParameters.map(number).joined(separator: ", ") + "]"),
            ("intent_name", jsonString(header.intentName)), ("descrip", jsonString(header.descrip)),
            ("extension_bytes", "\(header.extensions.count)"),
            ("n_nan", "\(nanCount)"), ("n_inf", "\(infinityCount)"), ("n_zero", "\(zeroCount)"),
            ("n_finite", "\(finiteCount)"), ("sum_finite", number(sum)),
            ("min", finiteCount > 0 ? number(minimum) : "null"),
            ("max", finiteCount > 0 ? number(maximum) : "null"),
            (
                "samples",
                "[" + samples.map { "[\($0.index), \(number($0.value))]" }.joined(separator: ", ") + "]"
            ),
            ("notes", "[" + notes.map { jsonString($0.text) }.joined(separator: ", ") + "]"),
        ]
        return "{\n" + fields.map { "  \"\($0)\": \($1)" }.joined(separator: ",\n") + "\n}"
    }

    /// The summary in words, one fact a line.
    public var text: String {
        let grid = Grid(header)
        let sizes = grid.affine.voxelSizes.map { significant($0, digits: 6) }.joined(separator: " x ")
        let count = header.voxelsPerVolume * header.volumeCount
        var lines = [
            "\(printable(path)): \(header.format.rawValue), \(header.isBigEndian ? "big" : "little")-endian, "
                + "\(header.datatype.name)",
            "shape        \(header.shape.map(String.init).joined(separator: " x "))"
                + (header.volumeCount > 1 ? " (\(header.volumeCount) maps)" : ""),
            "voxels       \(sizes) mm, axes \(grid.affine.axisCodes), from the \(header.orientation.rawValue)",
            "space        qform code \(header.qformCode), sform code \(header.sformCode) (4 is MNI 152)",
            "values       \(finiteCount) of \(count) finite; \(zeroCount) zero, \(nanCount) NaN, \(infinityCount) infinite",
        ]
        if finiteCount > 0 {
            lines.append(
                "range        \(significant(minimum, digits: 7)) to \(significant(maximum, digits: 7)), mean "
                    + significant(sum / Double(finiteCount), digits: 7))
        }
        if let slope = header.slope {
            lines.append("scaling      \(shortest(slope)) x stored + \(shortest(header.intercept))")
        }
        if let meaning = NIfTIIntent.name(of: header.intentCode) {
            let parameters = header.intentParameters.filter { $0 != 0 }.map(shortest).joined(separator: ", ")
            lines.append("intent       \(meaning)" + (parameters.isEmpty ? "" : " (\(parameters))"))
        }
        if !header.descrip.isEmpty { lines.append("description  \(printable(header.descrip))") }
        for note in notes { lines.append("note         \(note.text)") }
        return lines.joined(separator: "\n")
    }
}

/// A string as JSON writes it.
func jsonString(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\u{0}"..<"\u{20}":
            let hex = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}
