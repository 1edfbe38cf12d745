import CoveyCore
import CoveyKernels
import CoveyModel

/// What the kernel's scores mean for one contrast, tail and kind of shuffle, and back.
///
/// The kernel ranks shuffles by a score that is monotone in the statistic and cheap: a correlation, a signed
/// squared partial correlation, or a partial R2. This type holds the correspondence.
struct ScoreScale: Sendable {
    /// The statistic that scores stand for.
    let kind: Statistic
    /// Whether magnitudes count: of t when both tails are tested, of the one projection behind a rank-1 F.
    let isTwoSided: Bool
    /// Rows the kernel needs for each shuffle.
    let rowsPerShuffle: Int

    private let tested: Matrix
    private let nuisance: Matrix
    private let direction: Double
    private let degreesOfFreedom: Double
    private let rank: Double
    /// Whether scores are correlations rather than their squares.
    private let isCorrelation: Bool
    private let isF: Bool

    init(_ partition: ContrastPartition, tail: Tail, flipsSigns: Bool) {
        tested = partition.testedBasis
        direction = tail == .less ? -1 : 1
        isF = partition.isF
        isTwoSided = tail == .twoSided || (isF && tested.columns == 1)
        degreesOfFreedom = Double(partition.degreesOfFreedom)
        rank = Double(partition.testedRank)
        // A constant column is left in place by every permutation, and residuals are orthogonal to it: its
        // row would add 0 to every denominator.
        let all = partition.nuisanceBasis
        let skip = partition.constantIsNuisance && !flipsSigns ? 1 : 0
        nuisance =
            all.columns == skip
            ? Matrix(rows: all.rows, columns: 0) : Matrix(columns: (skip..<all.columns).map(all.column))
        rowsPerShuffle = tested.columns + nuisance.columns
        isCorrelation = tested.columns == 1 && nuisance.columns == 0
        kind =
            isF
            ? .f(numerator: rank, denominator: degreesOfFreedom) : .t(degreesOfFreedom: degreesOfFreedom)
    }

    /// The kernel's rows for a range of shuffles.
    func rows(of shuffles: ShuffleSet, in range: Range<Int>) -> ShuffledRows {
        var rows = ShuffledRows(
            count: range.count, subjects: tested.rows, tested: tested.columns, nuisance: nuisance.columns)
        for (place, index) in range.enumerated() {
            let shuffle = shuffles[index]
            for subject in 0..<tested.rows {
                let source = shuffle.source[subject]
                let sign = Double(shuffle.signs[subject])
                for c in 0..<tested.columns {
                    rows[place, c, subject] = sign * direction * tested[source, c]
                }
                for c in 0..<nuisance.columns {
                    rows[place, tested.columns + c, subject] = sign * nuisance[source, c]
                }
            }
        }
        rows.closeLastTile()
        return rows
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
        return min(score(ofExtreme: lowered), observed - rounding)
    }

    /// The statistic of a score with the sign it has for the contrast. A two-sided score has lost its sign
    /// and takes that of `parametric`, the statistic of the unshuffled data.
    func statistic(_ score: Double, signedAs parametric: Double) -> Double {
        let value = direction * extreme(score)
        return isTwoSided && !isF && parametric < 0 ? -value : value
    }

    /// The statistic of a score in the direction under test: larger is more extreme.
    func extreme(_ score: Double) -> Double {
        if isF {
            let explained = min(isCorrelation ? score * score : abs(score), 1)
            return explained / rank / ((1 - explained) / degreesOfFreedom)
        }
        let squared = isCorrelation ? score * score : abs(score)
        let magnitude = (degreesOfFreedom * squared / max(1 - squared, 0)).squareRoot()
        return score < 0 ? -magnitude : magnitude
    }

    private func score(ofExtreme value: Double) -> Double {
        if isF {
            let explained = rank * value / (rank * value + degreesOfFreedom)
            return isCorrelation ? explained.squareRoot() : explained
        }
        let squared = value * value / (degreesOfFreedom + value * value)
        let magnitude = isCorrelation ? squared.squareRoot() : squared
        return value < 0 ? -magnitude : magnitude
    }
}
