/// What the header of a NIfTI-1, NIfTI-2 or ANALYZE image says, checked.
public struct NIfTIHeader: Sendable, Hashable {
    /// The layout the header is in.
    public enum Format: String, Sendable, Codable {
        /// NIfTI-1 (348-byte header).
        case nifti1 = "NIfTI-1"
        /// NIfTI-2 (540-byte header).
        case nifti2 = "NIfTI-2"
        /// ANALYZE 7.5, with SPM's use of its spare fields.
        case analyze = "ANALYZE 7.5"
    }

    /// Where the affine was taken from.
    public enum Orientation: String, Sendable, Codable {
        /// The sform.
        case sform
        /// The qform.
        case qform
        /// The voxel sizes alone; left and right are a guess.
        case voxelSizes = "voxel sizes"
    }

    /// The layout.
    public let format: Format
    /// Whether header and voxels are in one file.
    public let isSingleFile: Bool
    /// Whether numbers are stored most significant byte first.
    public let isBigEndian: Bool
    /// Lengths of all dimensions that the header counts.
    public let shape: [Int]
    /// How a voxel is stored.
    public let datatype: Datatype
    /// Where voxels begin, in bytes, in the file that holds them.
    public let voxelOffset: Int
    /// `value = slope * stored + intercept`, where the header scales; `nil` otherwise.
    public let slope: Double?
    /// See ``slope``; 0 where it is `nil`.
    public let intercept: Double
    /// The 3 x 4 matrix from voxel positions to the header's spatial unit, row by row.
    public let affine: [Double]
    /// Where ``affine`` comes from.
    public let orientation: Orientation
    /// The space that the qform leads to; 0: none.
    public let qformCode: Int
    /// The space that the sform leads to; 0: none.
    public let sformCode: Int
    /// Millimetres in the header's spatial unit: 1, 1000 (metres) or 0.001 (microns).
    public let millimetersPerUnit: Double
    /// What the values are, by the standard's list; 0: nothing said.
    public let intentCode: Int
    /// Up to three numbers that go with the intent.
    public let intentParameters: [Double]
    /// The intent's name.
    public let intentName: String
    /// Free text.
    public let descrip: String
    /// The bytes of the extensions, as stored after the header's extension flag.
    public var extensions: [UInt8] = []

    /// Voxels of one 3-D map.
    public var voxelsPerVolume: Int { shape.prefix(3).reduce(1, *) }
    /// 3-D maps in the file.
    public var volumeCount: Int { shape.count > 3 ? shape[3...].reduce(1, *) : 1 }
    /// The first three lengths; 1 for dimensions that are not there.
    public var gridShape: [Int] { (0..<3).map { $0 < shape.count ? shape[$0] : 1 } }
    /// Bytes of all voxels.
    public var dataByteCount: Int { voxelsPerVolume * volumeCount * datatype.byteCount }
}

/// How the first axis of an image without orientation (ANALYZE) is taken.
public enum AnalyzeOrientation: String, Sendable, Codable, CaseIterable {
    /// Towards the subject's left, as SPM and nibabel take it.
    case mirrored
    /// Towards the subject's right.
    case plain
}
