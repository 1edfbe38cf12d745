import CoveyModel

/// What the kernel's scores mean for one contrast, tail and kind of shuffle, and back.
///
/// The kernel ranks shuffles by a score that is monotone in the statistic and cheap: a correlation, a signed
/// squared partial correlation, or a partial R2. This type holds the correspondence.
struct ScoreScale: Sendable {
    /// Whether magnitudes count: of t when both tails are tested, of the one projection behind a rank-1 F.
    let isTwoSided: Bool
    /// -1 where small statistics count.
    let direction: Double
    private let degreesOfFreedom: Double
    private let rank: Double
    /// Whether scores are correlations rather than their squares.
    private let isCorrelation: Bool
    private let isF: Bool

    init(_ partition: ContrastPartition, tail: Tail, isCorrelation: Bool) {
        direction = tail == .less ? -1 : 1
        isF = partition.isF
        isTwoSided = tail == .twoSided || (isF && partition.testedRank == 1)
        degreesOfFreedom = Double(partition.degreesOfFreedom)
        rank = Double(partition.testedRank)
        self.isCorrelation = isCorrelation
    }

    /// The least score that still ties with an observed one.
    func tieThreshold(_ observed: Double) -> Double {
        let relative = 1e-9
        let statistic = extreme(observed)
        let lowered =
            isF || isTwoSided
            ? statistic * (1 - relative) : statistic - relative * abs(statistic)
        // On the scale of correlations a dot product of unit vectors is good to about 1e-15 per subject.
        let rounding = isCorrelation ? 1e-13 : 1e-13 * max(2 * abs(observed).squareRoot(), 1e-13)
        let (byRatio, byRounding) = (score(ofExtreme: lowered), observed - rounding)
        return min(byRatio, byRounding)
    }

    /// The statistic of a score in the direction under test: larger is more extreme. The same operations as
    /// ``MapWriter``'s, so that the greatest of a map is the statistic of its greatest score to the bit.
    func extreme(_ score: Double) -> Double {
        let share = isCorrelation ? score * score : abs(score)
        let ratio = degreesOfFreedom * share / max(1 - share, 1e-16)
        if isF { return ratio / rank }
        return score < 0 ? -ratio.squareRoot() : ratio.squareRoot()
    }

    /// The score of such a statistic.
    func score(ofExtreme value: Double) -> Double {
        if isF {
            let explained = rank * value / (rank * value + degreesOfFreedom)
            return isCorrelation ? explained.squareRoot() : explained
        }
        let squared = value * value / (degreesOfFreedom + value * value)
        let magnitude = isCorrelation ? squared.squareRoot() : squared
        return value < 0 ? -magnitude : magnitude
    }
}
