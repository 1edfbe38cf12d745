#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// How many voxels of any region are truly active, at least: bounds that hold for all regions at once.
///
/// Closed testing with Simes tests (Rosenblatt, Finos, Weeda, Solari and Goeman 2018, NeuroImage 181:786-796),
/// by the shortcut of Goeman, Meijer, Krebs and Solari (2019, Biometrika 106:841-856). With m p-values and
///
///     h = max { i : i p_(m - i + j) > j alpha for j = 1...i }
///
/// (0 where there is none), the number of true discoveries in a region S is at least
///
///     d(S) = max over u = 1...|S| of 1 - u + |{ i in S : h p_i <= u alpha }|
///
/// With probability at least 1 - alpha every bound of every region is true, whatever made the reader choose the
/// region: clusters, anatomy, a threshold moved until the picture pleases. What it takes is that Simes'
/// inequality holds for the p-values of the true null hypotheses, as it does under positive dependence.
///
/// Time: O(m) after one sort, and O(|S|) for each region.
public struct AllResolutionsInference: Sendable, Hashable {
    /// The error rate of all bounds together.
    public let alpha: Double
    /// The number of tests, m.
    public let testCount: Int
    /// Hommel's h: with confidence 1 - alpha, no more than h of the m null hypotheses are true.
    public let hommelValue: Int

    /// The inference of a map, from `ln p` of every voxel; NaN is no test.
    ///
    /// - Precondition: no logarithm above 0, and a level between 0 and 1.
    public init(logP: [Double], alpha: Double) {
        precondition(alpha > 0 && alpha < 1, "level \(alpha)")
        let p = logP.filter { !$0.isNaN }.map(Self.p).sorted()
        precondition(p.last.map { $0 <= 1 } ?? true, "p = \(p.last ?? 0)")
        self.alpha = alpha
        testCount = p.count
        // The condition for j, with rank k = m - i + j, reads i (alpha - p_k) < (m - k) alpha; it binds only
        // for k > m - i, and never where p_k > alpha. As i grows it can only fail, so h is the least of the
        // greatest i that each rank allows.
        let m = p.count
        var h = m
        for (index, value) in p.enumerated() where value < alpha {
            let above = m - (index + 1)
            guard h > above else { continue }
            let limit = Double(above) * alpha / (alpha - value)
            let allowed = limit <= Double(h) ? Int(limit.rounded(.up)) - 1 : h
            h = min(h, max(above, allowed))
        }
        hommelValue = h
    }

    /// p less the rounding that ``MultipleTesting/tieTolerance`` allows for: a p on the edge counts as below it.
    private static func p(_ logP: Double) -> Double { exp(logP - MultipleTesting.tieTolerance) }

    /// The step at which a p-value begins to count: the least u >= 1 with `h p <= u alpha`.
    ///
    /// The steps of a region's voxels, whole numbers, are all that ``discoveries(steps:)`` needs.
    public func step(ofLogP logP: Double) -> Int {
        guard !logP.isNaN else { return .max }
        let step = (Double(hommelValue) * Self.p(logP) / alpha).rounded(.up)
        return step < 0x1p53 ? max(1, Int(step)) : .max
    }

    /// The least number of true discoveries in a region, from `ln p` of its voxels, a part of the map's.
    public func discoveries(logP region: [Double]) -> Int { Self.discoveries(steps: region.map(step)) }

    /// The least share of true discoveries in a region; 0 for an empty one. NaN voxels count as voxels.
    public func proportion(logP region: [Double]) -> Double {
        region.isEmpty ? 0 : Double(discoveries(logP: region)) / Double(region.count)
    }

    /// `max over u of 1 - u + |{ i : step_i <= u }|`, at least 0, by counting; O(n).
    ///
    /// - Precondition: steps are at least 1.
    public static func discoveries(steps: [Int]) -> Int {
        var counts = [Int](repeating: 0, count: steps.count + 1)
        for step in steps where step <= steps.count { counts[step] += 1 }
        var (best, sum) = (0, 0)
        for u in counts.indices.dropFirst() {
            sum += counts[u]
            best = max(best, sum + 1 - u)
        }
        return best
    }
}
