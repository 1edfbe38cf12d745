import CoveyCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Corrections for many tests at once, over natural logarithms of p-values so that none underflows.
///
/// NaN marks a voxel without a statistic: it is not a test, does not count, and stays NaN in every result.
/// Sorts once, in O(n log n); every correction after that is O(n) or O(n log n).
public struct MultipleTesting: Sendable {
    /// How the number of tests is accounted for.
    public enum Method: Sendable, Hashable, CaseIterable {
        /// Family-wise error: `m p`. Valid under any dependence.
        case bonferroni
        /// Family-wise error, step-down: never less powerful than Bonferroni, and as generally valid.
        ///
        /// Holm (1979), Scandinavian Journal of Statistics 6:65-70.
        case holm
        /// False discovery rate, step-up: q-values. Valid under independence and positive dependence.
        ///
        /// Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57:289-300.
        case falseDiscoveryRate
        /// False discovery rate, two-stage: the number of true null hypotheses is estimated by a first pass
        /// at `q / (1 + q)`. Proven for independent tests only.
        ///
        /// Benjamini, Krieger and Yekutieli (2006), Biometrika 93:491-507, definition 6.
        case adaptiveFalseDiscoveryRate
    }

    /// What a level rejects.
    public struct Rejection: Sendable, Hashable {
        /// `ln` of the largest p-value that is rejected: the threshold on p, itself included.
        public let largestLogP: Double
        /// Number of tests rejected.
        public let count: Int
    }

    /// By how much, in relative terms, a corrected p may exceed the level and still count as equal to it.
    ///
    /// The rules are "at most the level" (`<=`). Products such as `0.0125 * 4` miss the level that they equal
    /// on paper by a rounding error, in either direction; this keeps the rule independent of it.
    public static let tieTolerance = 1e-12

    /// The p-values as given, as natural logarithms; NaN where there is no test.
    public let logP: [Double]
    /// The positions of the tests in ``logP``, by ascending p.
    private let order: [Int32]

    /// The tests with the given `ln p`.
    ///
    /// - Precondition: no logarithm is above 0, and there are fewer than 2^31.
    public init(logP: [Double]) {
        var tests: [(logP: Double, position: Int32)] = []
        tests.reserveCapacity(logP.count)
        for (position, value) in logP.enumerated() where !value.isNaN {
            precondition(value <= 0, "ln p = \(value) at position \(position)")
            tests.append((value, Int32(position)))
        }
        tests.sort { $0.logP < $1.logP }
        self.logP = logP
        order = tests.map(\.position)
    }

    /// Number of tests.
    public var count: Int { order.count }

    /// The smallest `ln p`, `nil` where there is no test.
    public var smallestLogP: Double? { order.first.map { logP[Int($0)] } }

    /// `ln` of the corrected p-value of every test: the smallest level at which the method rejects it, at most
    /// `ln 1 = 0`. NaN where there is no test.
    public func adjusted(by method: Method) -> [Double] {
        let sorted: [Double]
        switch method {
        case .bonferroni: sorted = ascending.map { min(0, $0 + log(Double(count))) }
        case .holm: sorted = holm()
        case .falseDiscoveryRate: sorted = benjaminiHochberg()
        case .adaptiveFalseDiscoveryRate: sorted = benjaminiKriegerYekutieli()
        }
        var result = [Double](repeating: .nan, count: logP.count)
        for (rank, position) in order.enumerated() { result[Int(position)] = sorted[rank] }
        return result
    }

    /// What the method rejects at the given level; `nil` where nothing survives.
    ///
    /// A test is rejected where its corrected p is at most the level, see ``tieTolerance``.
    ///
    /// - Precondition: the level lies between 0 and 1, both excluded.
    public func rejection(by method: Method, level: Double) -> Rejection? {
        precondition(level > 0 && level < 1, "level \(level)")
        let limit = log(level) + Self.tieTolerance
        let adjusted = adjusted(by: method)
        // Corrected p-values ascend with p, so the rejected tests come first.
        guard let last = order.lastIndex(where: { adjusted[Int($0)] <= limit }) else { return nil }
        return Rejection(largestLogP: logP[Int(order[last])], count: last + 1)
    }

    private var ascending: [Double] { order.map { logP[Int($0)] } }

    /// `max over j <= i of (m - j + 1) p_(j)`.
    private func holm() -> [Double] {
        var largest = -Double.infinity
        return ascending.enumerated().map { rank, value in
            largest = max(largest, min(0, value + log(Double(count - rank))))
            return largest
        }
    }

    /// `min over j >= i of p_(j) m / j`.
    private func benjaminiHochberg() -> [Double] {
        var result = ascending
        var smallest = 0.0
        for rank in result.indices.reversed() {
            smallest = min(smallest, result[rank] + log(Double(count) / Double(rank + 1)))
            result[rank] = smallest
        }
        return result
    }

    /// The smallest q at which the two stages reject each test.
    ///
    /// With `s = q / (1 + q)` and the Benjamini-Hochberg values a, the first stage rejects the r tests with
    /// `a <= s`, and the second those with `a <= s m / (m - r)`. So test i is rejected once, for some r, both
    /// `s >= a_(r)` and `s >= a_i (m - r) / m`: one grows with r and the other falls, and the smallest s lies
    /// where they cross.
    private func benjaminiKriegerYekutieli() -> [Double] {
        let a = benjaminiHochberg()
        let m = a.count
        func grows(_ r: Int) -> Double { r == 0 ? -.infinity : a[r - 1] }
        func falls(_ r: Int, _ i: Int) -> Double {
            r == m ? -.infinity : a[i] + log(Double(m - r) / Double(m))
        }
        return a.indices.map { i in
            var (low, high) = (0, m)  // The first r with grows >= falls lies in low...high.
            while low < high {
                let middle = (low + high) / 2
                if grows(middle) >= falls(middle, i) { high = middle } else { low = middle + 1 }
            }
            let s = min(grows(low), low > 0 ? falls(low - 1, i) : 0)
            // q = s / (1 - s) reaches 1 at s = 1/2.
            return s < -LogProbability.ln2 ? s - log1p(-exp(s)) : 0
        }
    }
}
