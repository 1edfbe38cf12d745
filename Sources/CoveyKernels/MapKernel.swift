import CCoveyKernels

/// What the scores of ``ScoreKernel`` stand for.
public enum ScoreMeaning: Sendable, Hashable {
    /// t, from a correlation.
    case correlation
    /// t, from a signed squared partial correlation.
    case signedR2
    /// F, from a correlation.
    case correlationF
    /// F, from a partial R2.
    case partialR2

    fileprivate var code: Int32 {
        switch self {
        case .correlation: Int32(bitPattern: covey_score_correlation.rawValue)
        case .signedR2: Int32(bitPattern: covey_score_r2.rawValue)
        case .correlationF: Int32(bitPattern: covey_score_correlation_f.rawValue)
        case .partialR2: Int32(bitPattern: covey_score_r2_f.rawValue)
        }
    }
}

/// Whole maps of statistics, shuffle by shuffle, written by several threads.
public enum MapKernel {
    /// Has `fill` write all of the first `shuffles x voxels` numbers of an array, which grows where it is too short.
    ///
    /// Fresh memory costs more than the numbers: give the same array again where several batches follow.
    public static func write(
        _ maps: inout [Double], shuffles: Int, voxels: Int, _ fill: (MapWriter) -> Void
    ) {
        if maps.count < shuffles * voxels { maps = [Double](repeating: 0, count: shuffles * voxels) }
        unsafe maps.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            unsafe fill(MapWriter(base: base, shuffles: shuffles, voxels: voxels))
        }
    }

    /// The statistics of the first scores of an array: the bits that ``MapWriter`` gives.
    ///
    /// - Parameters:
    ///   - meaning: what the scores stand for.
    ///   - degreesOfFreedom: of the residuals.
    ///   - rank: numerator degrees of freedom of F.
    public static func statistics(
        of scores: [Double], count: Int, meaning: ScoreMeaning, degreesOfFreedom: Double, rank: Double,
        level: InstructionLevel = .best
    ) -> [Double] {
        precondition(count >= 0 && count <= scores.count)
        return unsafe [Double](unsafeUninitializedCapacity: count) { out, written in
            if let base = out.baseAddress, count > 0 {
                unsafe covey_convert_scores(
                    level.rawValue, meaning.code, degreesOfFreedom, rank, 1, count, scores, count, base, count
                )
            }
            written = count
        }
    }

    /// Adds 1 to the count of every voxel whose value in the direction of `direction` (1: itself, -1: its
    /// negative, 0: its size) reaches its threshold.
    ///
    /// - Returns: the greatest directed value; minus infinity without voxels.
    public static func count(
        _ maps: [Double], from start: Int, direction: Int, reaching thresholds: [Double],
        into counts: inout [Int32]
    ) -> Double {
        let voxels = thresholds.count
        precondition(start >= 0 && start + voxels <= maps.count && counts.count == voxels)
        return unsafe maps.withUnsafeBufferPointer { maps in
            guard let base = maps.baseAddress else { return -.infinity }
            return unsafe covey_count_map(voxels, base + start, Int32(direction), thresholds, &counts)
        }
    }
}

/// Where threads put their columns of the maps of ``MapKernel/write(_:shuffles:voxels:_:)``.
///
/// Safe to share: two calls that write different columns touch different memory, and every write is checked
/// against the bounds. That columns differ is the caller's promise.
@safe public struct MapWriter: @unchecked Sendable {
    private let base: UnsafeMutablePointer<Double>
    private let shuffles: Int
    private let voxels: Int

    fileprivate init(base: UnsafeMutablePointer<Double>, shuffles: Int, voxels: Int) {
        unsafe self.base = unsafe base
        self.shuffles = shuffles
        self.voxels = voxels
    }

    /// Converts the scores of a block (shuffles x `scoreStride`, as ``ScoreKernel/scores(_:panels:rows:twoSided:level:)``
    /// gives them) and writes them into columns `columns` of maps.
    ///
    /// - Parameters:
    ///   - meaning: what the scores stand for.
    ///   - degreesOfFreedom: of the residuals.
    ///   - rank: numerator degrees of freedom of F.
    ///   - maps: which of the maps; `nil`: all.
    public func write(
        _ scores: [Double], scoreStride: Int, meaning: ScoreMeaning, degreesOfFreedom: Double, rank: Double,
        columns: Range<Int>, of maps: Range<Int>? = nil, level: InstructionLevel = .best
    ) {
        let maps = maps ?? 0..<shuffles
        precondition(columns.lowerBound >= 0 && columns.upperBound <= voxels)
        precondition(maps.lowerBound >= 0 && maps.upperBound <= shuffles)
        precondition(columns.count <= scoreStride && scores.count >= maps.count * scoreStride)
        unsafe covey_convert_scores(
            level.rawValue, meaning.code, degreesOfFreedom, rank, maps.count, columns.count, scores,
            scoreStride, base + maps.lowerBound * voxels + columns.lowerBound, voxels)
    }
}
