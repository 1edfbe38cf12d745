/// What one pass over a map tells: enough to check it against others without keeping its voxels.
public struct MapSummary: Sendable, Hashable {
    /// The file, as the user named it.
    public let name: String
    /// Where the voxels lie.
    public let grid: Grid
    /// Number of NaN voxels.
    public let nanCount: Int
    /// Number of voxels that are +Inf or -Inf.
    public let infiniteCount: Int
    /// Number of voxels that are exactly 0.
    public let zeroCount: Int
    /// Least finite value; +Inf where there is none.
    public let minimum: Double
    /// Greatest finite value; -Inf where there is none.
    public let maximum: Double
    /// Mean of the finite values; NaN where there is none.
    public let mean: Double
    /// Of the voxels on the six faces of the image, the share that is exactly 0.
    public let borderZeroShare: Double
    /// 128 bits that depend on every bit of every value and on their order. Maps with equal fingerprints
    /// hold the same values.
    public let fingerprint: Fingerprint

    /// A 128-bit digest of voxel values, to find copies; not a cryptographic one.
    public struct Fingerprint: Sendable, Hashable {
        /// The halves of the digest.
        public let first: UInt64, second: UInt64
    }

    /// Number of finite voxels.
    public var finiteCount: Int { grid.count - nanCount - infiniteCount }

    /// Whether the map marks "no value" by an exact 0: at least a quarter of the voxels on the faces of the
    /// image are exactly 0.
    ///
    /// The brain touches the faces of its box in few places, so that a background of 0 fills most of them
    /// even in a tightly cropped image; values that happen to be 0 do not reach a quarter.
    public var hasZeroBackground: Bool { borderZeroShare >= 0.25 }

    /// The summary of a map.
    public init(_ volume: Volume, name: String) {
        let values = volume.values
        var (nan, infinite, zero) = (0, 0, 0)
        var (least, greatest, sum) = (Double.infinity, -Double.infinity, 0.0)
        var (a, b): (UInt64, UInt64) = (0x9E37_79B9_7F4A_7C15, 0xD1B5_4A32_D192_ED03)
        for i in values.indices {
            let v = values[i]
            let bits = v.bitPattern
            // The rotations carry high bits to low places, which a product alone never reaches.
            a = ((a ^ bits) << 29 | (a ^ bits) >> 35) &* 0xBF58_476D_1CE4_E5B9
            b = ((b &+ bits) << 41 | (b &+ bits) >> 23) &* 0x94D0_49BB_1331_11EB
            if v.isFinite {
                least = v < least ? v : least
                greatest = v > greatest ? v : greatest
                sum += v
                zero += v == 0 ? 1 : 0
            } else if v.isNaN {
                nan += 1
            } else {
                infinite += 1
            }
        }
        self.name = name
        grid = volume.grid
        nanCount = nan
        infiniteCount = infinite
        zeroCount = zero
        minimum = least
        maximum = greatest
        mean = sum / Double(values.count - nan - infinite)
        borderZeroShare = Self.borderZeroShare(volume)
        fingerprint = Fingerprint(first: a, second: b)
    }

    private static func borderZeroShare(_ volume: Volume) -> Double {
        let (nx, ny, nz) = (volume.grid.shape[0], volume.grid.shape[1], volume.grid.shape[2])
        var (border, zeros) = (0, 0)
        for z in 0..<nz {
            for y in 0..<ny {
                let isFace = z == 0 || z == nz - 1 || y == 0 || y == ny - 1
                let row = (z * ny + y) * nx
                for x in stride(from: 0, to: nx, by: isFace || nx < 3 ? 1 : nx - 1) {
                    border += 1
                    zeros += volume.values[row + x] == 0 ? 1 : 0
                }
            }
        }
        return Double(zeros) / Double(border)
    }
}
