#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Bounds on the true discoveries of any region, calibrated by the shuffles of a permutation test.
///
/// A template of thresholds `t_k = lambda k / m`, k = 1...K, for the k-th smallest of m p-values. Each shuffle
/// has a pivot, the lambda at which its p-values begin to cross the template:
///
///     pivot = min over k <= K of p_(k) m / k
///
/// With B shuffles, the identity among them, lambda is the `(floor(alpha B) + 1)`-th smallest pivot. Then, with
/// probability at least 1 - alpha, fewer than k true null hypotheses have `p < t_k`, for every k at once, so
/// that every region S holds at least
///
///     d(S) = max over k <= K of |{ i in S : p_i < t_k }| - k + 1
///
/// true discoveries (Blanchard, Neuvial and Roquain 2020, Annals of Statistics 48:1281-1303, with the linear
/// template; the single-step calibration of sansSouci, and of pARI and Notip with a template of their own).
/// Unlike ``AllResolutionsInference`` it adapts to the dependence between voxels and needs no inequality of
/// Simes; it needs shuffles that leave the joint distribution at the null voxels as it is. Decide which of the
/// two to report, and K, before looking: the better of two bounds is not a bound.
public struct PermutationCalibration: Sendable, Hashable, Codable {
    /// The number of tests, m.
    public let testCount: Int
    /// The number of thresholds, K.
    public let templateSize: Int
    /// `ln` of the pivot of each shuffle, entry 0 being the identity's.
    public private(set) var logPivots: [Double] = []

    /// A calibration without shuffles.
    ///
    /// A template shorter than m spends nothing on large p-values: with K of m / 10, say, lambda depends on
    /// the smallest tenth alone, and no region gets a bound from larger ones. `nil` for all m.
    ///
    /// - Precondition: at least one test, and `1 <= templateSize <= testCount`.
    public init(testCount: Int, templateSize: Int? = nil) {
        let size = templateSize ?? testCount
        precondition(testCount > 0 && size >= 1 && size <= testCount, "\(size) of \(testCount)")
        self.testCount = testCount
        self.templateSize = size
    }

    /// Takes the map of the next shuffle, the identity's first; see ``logPivot(of:logP:)``.
    public mutating func add(_ statistics: [Double], logP: (Double) -> Double) {
        add(logPivot: logPivot(of: statistics, logP: logP))
    }

    /// Takes a pivot computed elsewhere, so that shuffles may be worked on in parallel.
    ///
    /// - Precondition: a number.
    public mutating func add(logPivot: Double) {
        precondition(!logPivot.isNaN)
        logPivots.append(logPivot)
    }

    /// `ln` of the pivot of one shuffle's map of statistics.
    ///
    /// One sort of the K greatest, and the p-value of some hundreds of them: p rises with the rank, so a stretch of
    /// ranks cannot hold the minimum if its first p over its last rank is not below what was found already.
    ///
    /// - Parameters:
    ///   - statistics: one per voxel, larger ones against the null (of |t| for a two-sided test); NaN is no
    ///     test, and there are `testCount` numbers.
    ///   - logP: `ln p` of a statistic, the same for every voxel and not increasing.
    public func logPivot(of statistics: [Double], logP: (Double) -> Double) -> Double {
        let tests = statistics.filter { !$0.isNaN }
        precondition(tests.count == testCount, "\(tests.count) statistics for \(testCount) tests")
        let sorted = Self.greatest(templateSize, of: tests)
        let m = Double(testCount)
        var best = Double.infinity
        func value(_ index: Int) -> Double { logP(sorted[index]) }
        /// Ranks between two whose `ln p` are known.
        func search(_ first: Int, _ firstLogP: Double, _ last: Int) {
            guard last - first > 1, firstLogP + log(m / Double(last)) < best else { return }
            let middle = (first + last) / 2
            let here = value(middle)
            best = min(best, here + log(m / Double(middle + 1)))
            search(first, firstLogP, middle)
            search(middle, here, last)
        }
        let (first, last) = (value(0), value(templateSize - 1))
        best = min(first + log(m), last + log(m / Double(templateSize)))
        search(0, first, templateSize - 1)
        return best
    }

    /// The `count` greatest values, descending.
    private static func greatest(_ count: Int, of values: [Double]) -> [Double] {
        guard count < values.count else { return values.sorted(by: >) }
        var values = values
        // Hoare's selection: afterwards the greatest stand before `count`, in any order.
        var (low, high) = (0, values.count - 1)
        while low < high {
            let pivot = values[(low + high) / 2]
            var (i, j) = (low, high)
            while i <= j {
                while values[i] > pivot { i += 1 }
                while values[j] < pivot { j -= 1 }
                if i <= j {
                    values.swapAt(i, j)
                    i += 1
                    j -= 1
                }
            }
            if count - 1 <= j {
                high = j
            } else if count - 1 >= i {
                low = i
            } else {
                break
            }
        }
        return values[..<count].sorted(by: >)
    }

    /// The template at a level: the bounds of every region.
    ///
    /// - Precondition: at least one shuffle, and a level between 0 and 1.
    public func bounds(alpha: Double) -> CalibratedBounds {
        precondition(!logPivots.isEmpty && alpha > 0 && alpha < 1, "\(logPivots.count) shuffles at \(alpha)")
        let spared = Int((alpha * Double(logPivots.count) * (1 + 1e-12)).rounded(.down))
        return CalibratedBounds(
            alpha: alpha, logLambda: logPivots.sorted()[spared], testCount: testCount,
            templateSize: templateSize)
    }
}

/// A calibrated template, see ``PermutationCalibration``.
public struct CalibratedBounds: Sendable, Hashable, Codable {
    /// The error rate of all bounds together.
    public let alpha: Double
    /// `ln lambda`: the k-th threshold is `lambda k / m`. lambda equals alpha, about, for independent tests.
    public let logLambda: Double
    /// The number of tests, m.
    public let testCount: Int
    /// The number of thresholds, K.
    public let templateSize: Int

    /// The least k with `p < lambda k / m`, where p may stand for the smallest of several; `Int.max` where no
    /// threshold of the template lies above p.
    ///
    /// A p within 1e-9 of a threshold is not below it: the p that set lambda lies on one.
    public func step(ofLogP logP: Double) -> Int {
        guard !logP.isNaN else { return .max }
        let ratio = exp(logP - logLambda + log(Double(testCount))) * (1 + 1e-9)
        return ratio < Double(templateSize) ? Int(ratio.rounded(.down)) + 1 : .max
    }

    /// The least number of true discoveries in a region, from `ln p` of its voxels in the unshuffled map.
    public func discoveries(logP region: [Double]) -> Int {
        AllResolutionsInference.discoveries(steps: region.map(step))
    }

    /// The least share of true discoveries in a region; 0 for an empty one. NaN voxels count as voxels.
    public func proportion(logP region: [Double]) -> Double {
        region.isEmpty ? 0 : Double(discoveries(logP: region)) / Double(region.count)
    }
}
