public import CoveyCore

/// Count, sum, sum of squares and sum of cubes of bounded values for many voxels, in whole numbers: tallies
/// merge in any order to the same bits.
///
/// A value x in -bound...bound is rounded to a multiple of `bound / 8192`; values beyond are held at the bound
/// and counted. Cubes of 2^13 over at most 2^23 values stay below 2^62, so that nothing overflows. Rounding
/// adds `unit^2 / 12` to the variance, 1e-9 of `bound^2`. Meant for gamma tails of uncorrected p
/// (``GammaApproximation``) where the values themselves, one per voxel and shuffle, would not fit in memory: 24
/// bytes a voxel.
public struct MomentTally: Sendable, Hashable, Codable {
    /// The largest size of a value that is kept as it is.
    public let bound: Double
    /// Number of values per voxel.
    public private(set) var count = 0
    /// How many values of all voxels lay beyond the bound.
    public private(set) var clippedCount = 0
    private var sums: [Int64]
    private var squares: [Int64]
    private var cubes: [Int64]

    /// Steps from 0 to the bound.
    private static let steps = 8192.0
    /// The largest number of values.
    public static let largestCount = 1 << 23

    /// An empty tally.
    ///
    /// - Precondition: a positive finite bound.
    public init(voxelCount: Int, bound: Double) {
        precondition(bound > 0 && bound.isFinite, "bound \(bound)")
        self.bound = bound
        sums = [Int64](repeating: 0, count: voxelCount)
        squares = sums
        cubes = sums
    }

    /// Takes one shuffle's map.
    ///
    /// - Precondition: one number per voxel, none NaN, and fewer than ``largestCount`` maps so far.
    public mutating func add(_ map: [Double]) {
        precondition(map.count == sums.count && count < Self.largestCount, "\(map.count) values")
        count += 1
        let scale = Self.steps / bound
        for voxel in map.indices {
            let scaled = map[voxel] * scale
            precondition(!scaled.isNaN, "NaN at voxel \(voxel)")
            if abs(scaled) > Self.steps { clippedCount += 1 }
            let step = Int64(min(max(scaled, -Self.steps), Self.steps).rounded())
            sums[voxel] += step
            squares[voxel] += step * step
            cubes[voxel] += step * step * step
        }
    }

    /// Adds what another tally of the same voxels and bound counted.
    ///
    /// - Precondition: equal bounds and voxel counts, and not more than ``largestCount`` maps in all.
    public mutating func merge(_ other: MomentTally) {
        precondition(other.bound == bound && other.sums.count == sums.count, "tallies of different kinds")
        precondition(count + other.count <= Self.largestCount, "too many maps")
        count += other.count
        clippedCount += other.clippedCount
        for voxel in sums.indices {
            sums[voxel] += other.sums[voxel]
            squares[voxel] += other.squares[voxel]
            cubes[voxel] += other.cubes[voxel]
        }
    }

    /// The distribution with a voxel's mean, variance (divisor n - 1) and skewness (divisor n); `nil` below
    /// ``GammaApproximation/leastSample`` values or without variance.
    public func distribution(ofVoxel voxel: Int) -> PearsonThree? {
        guard count >= GammaApproximation.leastSample else { return nil }
        // Central sums times powers of n, exactly: n S2 - S1^2 and n^2 S3 - 3 n S1 S2 + 2 S1^3.
        let n = Int128(count)
        let (s1, s2, s3) = (Int128(sums[voxel]), Int128(squares[voxel]), Int128(cubes[voxel]))
        let second = n * s2 - s1 * s1
        guard second > 0 else { return nil }
        let third = n * (n * s3 - 3 * s1 * s2) + 2 * s1 * s1 * s1
        let unit = bound / Self.steps
        let (m, variance) = (Double(count), Double(second))
        return PearsonThree(
            mean: Double(s1) / m * unit, standardDeviation: (variance / (m * (m - 1))).squareRoot() * unit,
            skewness: Double(third) / (variance * variance.squareRoot()))
    }
}
