import CoveyCore
import CoveyInference
import CoveyModel

/// Against effects that matter: what is ruled out, and where.
struct EquivalenceFinding: Sendable {
    /// The level of each one-sided test.
    static let level = 0.05

    /// The largest effect in the direction of the tail that is not ruled out, by voxel, in units of the effect.
    let largest: StatisticMap
    /// -log10 p of an effect of at least the smallest one of interest, where one was named.
    let negativeLogP: StatisticMap?
    private let logP: [Double]?

    init(_ found: ContrastAnalysis, _ fit: Fit) {
        let dof = Double(found.partition.degreesOfFreedom)
        let quantile = StudentT(degreesOfFreedom: dof).quantile(logSurvival: LogProbability.fromP(Self.level))
        let effects = fit.effect(found.partition).values
        let errors = fit.standardError(found.partition)
        let tail = found.tail
        largest = StatisticMap(
            .named("ruledout"), mask: errors.mask,
            values: zip(effects, errors.values).map {
                $1.isNaN
                    ? .nan
                    : Equivalence.largestNotRuledOut(
                        effect: $0, standardError: $1, quantile: quantile, tail: tail)
            })
        logP = found.smallestEffect.map { smallest in
            zip(effects, errors.values).map {
                $1.isNaN
                    ? .nan
                    : Equivalence.logP(
                        effect: $0, standardError: $1, smallest: smallest, degreesOfFreedom: dof, tail: tail)
            }
        }
        negativeLogP = logP.map {
            StatisticMap(
                .negativeLog10P(tail, .none, .equivalence), mask: errors.mask,
                values: $0.map(LogProbability.negativeLog10))
        }
    }

    /// -log10 of p corrected in one of the ways asked for.
    func corrected(_ correction: Correction, _ tail: Tail) -> StatisticMap? {
        guard let logP, let method = correction.method else { return nil }
        return StatisticMap(
            .negativeLog10P(tail, correction, .equivalence), mask: largest.mask,
            values: MultipleTesting(logP: logP).adjusted(by: method).map(LogProbability.negativeLog10))
    }

    /// In numbers.
    ///
    /// - Parameter thresholds: the corrections asked for, with their levels.
    func summary(_ thresholds: [ThresholdFinding], smallestEffect: Double?) -> Summary.EquivalenceSummary {
        let sorted = largest.values.filter { !$0.isNaN }.sorted()
        func quantile(_ share: Double) -> Double {
            sorted.isEmpty ? .nan : sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
        }
        var counts: [Summary.EquivalenceSummary.Count] = []
        if let logP {
            let alone = LogProbability.fromP(Self.level)
            counts.append(.init(correction: .none, level: Self.level, voxels: logP.count { $0 <= alone }))
            let tests = MultipleTesting(logP: logP)
            for threshold in thresholds {
                guard let method = threshold.correction.method else { continue }
                let limit = LogProbability.fromP(threshold.level)
                counts.append(
                    .init(
                        correction: threshold.correction, level: threshold.level,
                        voxels: tests.adjusted(by: method).count { $0 <= limit }))
            }
        }
        return Summary.EquivalenceSummary(
            level: Self.level, median: quantile(0.5), nearlyAll: quantile(0.95),
            smallestEffect: smallestEffect, testCount: sorted.count, counts: counts)
    }
}

extension Correction {
    /// The method that a parametric correction is computed by; `nil` for none and for those of shuffles.
    var method: MultipleTesting.Method? {
        switch self {
        case .bonferroni: .bonferroni
        case .falseDiscoveryRate: .falseDiscoveryRate
        case .adaptiveFalseDiscoveryRate: .adaptiveFalseDiscoveryRate
        case .none, .familyWiseError, .familyWiseErrorAcrossContrasts: nil
        }
    }
}

extension ContrastAnalysis {
    /// Hedges' g where means are compared, else the signed partial correlation.
    func standardisedMaps(_ fit: Fit) -> [StatisticMap] {
        let dof = Double(partition.degreesOfFreedom)
        let plain = fit.t(partition)
        if comparesMeans {
            guard let correction = hedgesCorrection(degreesOfFreedom: dof) else { return [] }
            let factor = correction * partition.effectScale
            return [StatisticMap(.named("g"), mask: plain.mask, values: plain.values.map { $0 * factor })]
        }
        return [
            StatisticMap(
                .named("r"), mask: plain.mask, values: plain.values.map { $0 / ($0 * $0 + dof).squareRoot() })
        ]
    }

    /// What is ruled out, and the tests of the smallest effect of interest.
    func equivalenceMaps(_ fit: Fit) -> [StatisticMap] {
        let finding = EquivalenceFinding(self, fit)
        return [finding.largest] + [finding.negativeLogP].compactMap { $0 }
            + thresholds.compactMap { finding.corrected($0.correction, tail) }
    }
}

extension Summary {
    /// What the data say against effects that matter.
    public struct EquivalenceSummary: Codable, Sendable {
        /// The level of each one-sided test.
        public var level: Double
        /// Effects beyond this are ruled out in half of the voxels.
        public var median: Double
        /// Effects beyond this are ruled out in 95 % of the voxels.
        public var nearlyAll: Double
        /// The smallest effect of interest, where one was named.
        public var smallestEffect: Double?
        /// Voxels tested.
        public var testCount: Int
        /// Voxels in which the smallest effect of interest is ruled out.
        public var counts: [Count]

        /// Voxels by a correction.
        public struct Count: Codable, Sendable {
            /// How the number of tests was accounted for.
            public var correction: Correction
            /// The level.
            public var level: Double
            /// Voxels.
            public var voxels: Int
        }

        /// In sentences.
        func lines(_ tail: Tail) -> [String] {
            let sizes = tail == .twoSided ? "of either sign" : tail == .greater ? "above 0" : "below 0"
            var lines = [
                "ruled out, each voxel on its own at \(shortest(level)): effects \(sizes) beyond "
                    + "\(significant(median, digits: 3)) in half of the voxels, beyond \(significant(nearlyAll, digits: 3)) in 95 % of them"
            ]
            if let smallestEffect {
                let found = counts.map { count in
                    let how: String =
                        switch count.correction {
                        case .bonferroni: "family-wise error \(shortest(count.level)) by Bonferroni"
                        case .falseDiscoveryRate: "false discovery rate \(shortest(count.level))"
                        case .adaptiveFalseDiscoveryRate:
                            "adaptive false discovery rate \(shortest(count.level))"
                        default: "uncorrected \(shortest(count.level))"
                        }
                    return "\(count.voxels) (\(how))"
                }
                lines.append(
                    "effects \(sizes) of \(shortest(smallestEffect)) or more are ruled out in "
                        + found.joined(separator: ", ") + " of \(testCount) voxels")
            }
            return lines
        }
    }
}
