import CoveyCore
import CoveyInference
public import CoveyModel

/// What the permutation test found for one quantity of a contrast where the voxels of all contrasts of the run are one
/// family.
///
/// p compares each value with the greatest of each shuffle over the voxels of all contrasts. The threshold is the same
/// for every contrast; the survivors and the smallest p are those of this one.
public struct JointFinding: Sendable {
    /// p of every voxel, corrected for all contrasts.
    public let p: StatisticMap
    /// The least value, in the direction of the tail, that is significant; `nil` where none can be.
    public let threshold: Double?
    /// Voxels of this contrast with a corrected p at most alpha.
    public let survivorCount: Int
    /// The smallest corrected p of this contrast.
    public let smallestP: Double

    /// The finding of one contrast.
    ///
    /// - Parameters:
    ///   - result: what the contrast's own test found.
    ///   - maxima: the greatest value of each shuffle over all contrasts, as many as the result has.
    init(_ result: PermutationResult, among maxima: [Double], alpha: Double) {
        p = result.familyWiseP(among: maxima)
        threshold = Self.threshold(maxima, alpha: alpha)
        let values = p.values.filter { !$0.isNaN }
        survivorCount = values.count { $0 <= alpha }
        smallestP = values.min() ?? 1
    }

    /// The least value that is significant at `alpha`, by the rule of ``PermutationResult/familyWiseThreshold(alpha:)``:
    /// the least one that the (k+1)-th greatest maximum does not reach, where k maxima may. `nil` where none may.
    static func threshold(_ maxima: [Double], alpha: Double) -> Double? {
        let allowed = Int((alpha * Double(maxima.count) * (1 + 1e-12)).rounded(.down))
        guard allowed >= 1, allowed < maxima.count else { return nil }
        let next = maxima.sorted(by: >)[allowed]
        return next.isFinite ? leastBeyond(next) : nil
    }

    /// The least value that `value` does not reach; one reaches another that is larger by 1e-9 of its size, or by 1e-12.
    private static func leastBeyond(_ value: Double) -> Double {
        func reached(_ other: Double) -> Double { other - max(1e-9 * abs(other), 1e-12) }
        var least = max(value + 1e-12, value / (1 - (value < 0 ? -1e-9 : 1e-9)))
        while reached(least) <= value { least = least.nextUp }
        return least
    }
}

extension JointFinding {
    /// The finding in numbers.
    ///
    /// - Parameter result: what the contrast's own test found: its shuffles tell the interval of p.
    func summary(_ result: PermutationResult) -> Summary.JointSummary {
        Summary.JointSummary(
            threshold: threshold, survivors: survivorCount, smallestP: smallestP,
            smallestPInterval: result.interval(ofP: smallestP).map { [$0.lower, $0.upper] })
    }
}

extension Summary {
    /// One quantity of a permutation test, corrected for all contrasts of the run together.
    public struct JointSummary: Codable, Sendable {
        /// The least significant value, in the direction of the tail, the same for every contrast; absent where none
        /// can be.
        public var threshold: Double?
        /// Voxels of this contrast with a corrected p at most alpha.
        public var survivors: Int
        /// The smallest corrected p of this contrast.
        public var smallestP: Double
        /// Its 95 % Monte-Carlo interval (Clopper-Pearson); absent where p is exact.
        public var smallestPInterval: [Double]?
    }
}

extension Analysis {
    /// Whether p was also corrected for all contrasts of the run together.
    var isCorrectedAcrossContrasts: Bool {
        contrasts.contains { $0.permutation?.voxel.acrossContrasts != nil }
    }
}
