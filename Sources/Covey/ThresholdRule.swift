import CoveyCore
import CoveyInference
public import CoveyModel

/// A threshold to put on a statistic map.
public enum ThresholdRule: Sendable, Hashable {
    /// A value of the statistic.
    case value(Double)
    /// p of each voxel on its own.
    case uncorrected(Double)
    /// Family-wise error by Bonferroni.
    case bonferroni(Double)
    /// False discovery rate by Benjamini and Hochberg.
    case falseDiscoveryRate(Double)
    /// False discovery rate by Benjamini, Krieger and Yekutieli.
    case adaptiveFalseDiscoveryRate(Double)

    /// The least magnitude of the statistic that survives; `nil` where nothing does.
    ///
    /// - Precondition: the map holds t, z or F; F is tested with `.greater`.
    public func threshold(of map: StatisticMap, tail: Tail) -> Double? {
        if case .value(let value) = self { return value }
        let logP = map.values.map { map.statistic.logP($0, tail: tail) }
        let tests = MultipleTesting(logP: logP)
        let limit: Double? =
            switch self {
            case .value: nil
            case .uncorrected(let p): LogProbability.fromP(p)
            case .bonferroni(let level): tests.rejection(by: .bonferroni, level: level)?.largestLogP
            case .falseDiscoveryRate(let q): tests.rejection(by: .falseDiscoveryRate, level: q)?.largestLogP
            case .adaptiveFalseDiscoveryRate(let q):
                tests.rejection(by: .adaptiveFalseDiscoveryRate, level: q)?.largestLogP
            }
        guard let limit else { return nil }
        return logP.indices.filter { logP[$0] <= limit }.map { abs(map.values[$0]) }.min()
    }

    /// How the rule accounts for the number of tests, and at which level; `nil` for a value.
    var control: (correction: Correction?, level: Double?) {
        switch self {
        case .value: (nil, nil)
        case .uncorrected(let p): (Correction.none, p)
        case .bonferroni(let level): (.bonferroni, level)
        case .falseDiscoveryRate(let q): (.falseDiscoveryRate, q)
        case .adaptiveFalseDiscoveryRate(let q): (.adaptiveFalseDiscoveryRate, q)
        }
    }

    /// The rule in words.
    public var words: String {
        switch self {
        case .value(let value): "threshold \(shortest(value))"
        case .uncorrected(let p): "uncorrected p \(shortest(p))"
        case .bonferroni(let level): "Bonferroni \(shortest(level))"
        case .falseDiscoveryRate(let q): "false discovery rate \(shortest(q)) (Benjamini-Hochberg)"
        case .adaptiveFalseDiscoveryRate(let q):
            "false discovery rate \(shortest(q)) (Benjamini-Krieger-Yekutieli)"
        }
    }
}
