import CoveyCore

/// How one map of a cohort compares with the others: whether it is flipped, in other units, of another contrast,
/// or full of holes.
public struct MapQuality: Sendable, Hashable {
    /// The map, as the user knows it.
    public let name: String
    /// Of the voxels that at least half of the maps have, the share that this one lacks.
    public let lostShare: Double
    /// Voxels that every other map has and this one lacks: what it costs a mask of complete voxels.
    public let soleLossCount: Int
    /// Pearson's correlation over voxels with the mean of all other maps, each brought to mean 0 and standard
    /// deviation 1 first, so that one map in other units cannot rule the mean. `nil` where it is not defined.
    public let correlation: Double?
    /// The same after left and right of this map are exchanged about x = 0 mm.
    public let mirroredCorrelation: Double?
    /// The mean over voxels, in the map's units.
    public let level: Double
    /// The standard deviation over voxels, in the map's units.
    public let spread: Double
    /// The robust z of Fisher's transform of ``correlation`` among the maps.
    public let correlationScore: Double?
    /// The robust z of ``level`` among the maps.
    public let levelScore: Double?
    /// The robust z of the logarithm of ``spread`` among the maps.
    public let spreadScore: Double?
    /// What the numbers suggest; empty for most maps.
    public let suspicions: [Suspicion]

    /// Something that a person should look at.
    public enum Suspicion: Sendable, Hashable {
        /// The map resembles the others with the opposite sign.
        case flippedSign(correlation: Double)
        /// The map resembles the others better with left and right exchanged.
        case leftAndRight(mirrored: Double, correlation: Double)
        /// The map resembles the others much less than they do one another.
        case unlikeOthers(correlation: Double)
        /// The spread is so many times the median: other units, or not scaled.
        case scale(factor: Double)
        /// The mean lies so many robust standard deviations from the others'.
        case level(score: Double)
        /// The map lacks many voxels that most others have.
        case holes(share: Double)
        /// The map is another one times a number.
        case copy(of: String, correlation: Double)
    }

    /// Robust z beyond which level and spread are suspicious.
    public static let scoreLimit = 5.0
    /// Robust z below which a correlation is suspicious.
    public static let correlationLimit = -4.0
    /// Robust z below which a negative correlation is suspicious where its opposite would be an ordinary one: at
    /// least half of the median (both by Fisher's transform).
    public static let flipLimit = -2.5
    /// The median correlation (Fisher's transform) above which maps are alike enough for a flipped one to be told.
    public static let likenessLimit = 0.1
    /// The share of lost voxels above which a map is suspicious.
    public static let lossLimit = 0.1
    /// Two maps whose correlation is beyond this are copies of one another.
    public static let copyLimit = 0.999
}

extension MapQuality.Suspicion: CustomStringConvertible {
    /// The suspicion in words, to follow the map's name.
    public var description: String {
        func r(_ value: Double) -> String { fixed(value, decimals: 2) }
        return switch self {
        case .flippedSign(let correlation):
            "sign flipped? it correlates \(r(correlation)) with the mean of the others"
        case .leftAndRight(let mirrored, let correlation):
            "left and right exchanged? it correlates \(r(mirrored)) with the mean of the others when mirrored, \(r(correlation)) as it is"
        case .unlikeOthers(let correlation):
            "another contrast, space or person? it correlates only \(r(correlation)) with the mean of the others"
        case .scale(let factor):
            "not scaled, or in other units? its spread is \(significant(factor, digits: 3)) times the median"
        case .level(let score):
            "its mean lies \(r(abs(score))) robust standard deviations \(score > 0 ? "above" : "below") the others'"
        case .holes(let share):
            "\(fixed(share * 100, decimals: 1)) % of the voxels that most maps have are missing"
        case .copy(let other, let correlation):
            "a copy of \(quoted(other))\(correlation < 0 ? " with the opposite sign" : "") up to a factor (correlation \(fixed(correlation, decimals: 4)))"
        }
    }
}

/// How far each value lies from the median, in robust standard deviations: `(x - median) / (1.4826 MAD)`, with the
/// median of the absolute deviations. `nil` where a value is missing or half of the values are equal.
///
/// Iglewicz and Hoaglin 1993, How to detect and handle outliers.
public func robustScores(_ values: [Double?]) -> [Double?] {
    let known = values.compactMap { $0 }.filter(\.isFinite)
    guard let center = median(known), let deviation = median(known.map { abs($0 - center) }), deviation > 0
    else {
        return values.map { _ in nil }
    }
    return values.map { value in value.flatMap { $0.isFinite ? ($0 - center) / (1.4826 * deviation) : nil } }
}

/// The median; the mean of the middle two of an even number; `nil` of none.
func median(_ values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let half = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}
