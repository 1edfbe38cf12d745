/// The datatypes of NIfTI and ANALYZE headers.
public struct Datatype: Sendable, Hashable {
    /// The code in the header.
    public let code: Int
    /// What the standard calls it.
    public let name: String
    /// Bytes of one voxel.
    public let byteCount: Int
    /// Whether a voxel is one real number.
    public let isRealScalar: Bool

    /// A datatype by its code; `nil` where the standard has none.
    public init?(code: Int) {
        guard let known = Self.known[code] else { return nil }
        self.code = code
        (name, byteCount, isRealScalar) = known
    }

    private static let known: [Int: (String, Int, Bool)] = [
        2: ("uint8", 1, true), 4: ("int16", 2, true), 8: ("int32", 4, true), 16: ("float32", 4, true),
        64: ("float64", 8, true), 256: ("int8", 1, true), 512: ("uint16", 2, true), 768: ("uint32", 4, true),
        1024: ("int64", 8, true), 1280: ("uint64", 8, true), 1: ("bit", 0, false),
        32: ("complex64", 8, false),
        128: ("RGB24", 3, false), 1536: ("float128", 16, false), 1792: ("complex128", 16, false),
        2048: ("complex256", 32, false), 2304: ("RGBA32", 4, false),
    ]

    /// 32-bit floating point.
    public static let float32 = Datatype(code: 16)!
    /// 64-bit floating point.
    public static let float64 = Datatype(code: 64)!
    /// 16-bit signed integers.
    public static let int16 = Datatype(code: 4)!
    /// 32-bit signed integers.
    public static let int32 = Datatype(code: 8)!
    /// 8-bit unsigned integers.
    public static let uint8 = Datatype(code: 2)!
}
