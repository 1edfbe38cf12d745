public import CoveyCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

extension GeneralizedPareto {
    /// The fit by mean and variance: `shape = (1 - mean^2 / variance) / 2`, `scale = mean (1 - shape)`.
    ///
    /// Hosking and Wallis (1987), section 3.2. Its support may end below the greatest value.
    ///
    /// - Precondition: at least two exceedances, all positive and not all equal.
    public init(momentsOf exceedances: [Double]) {
        precondition(exceedances.count > 1)
        let n = Double(exceedances.count)
        let mean = exceedances.reduce(0, +) / n
        let variance = exceedances.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)
        let ratio = mean * mean / variance
        self.init(shape: 0.5 * (1 - ratio), scale: 0.5 * mean * (1 + ratio))
    }

    /// The fit of greatest likelihood among shapes above -1/2; `nil` where the likelihood still grows at -1/2.
    ///
    /// With `theta = shape / scale` the likeliest shape is `mean ln(1 + theta x)`, which leaves one unknown:
    /// the profile likelihood per value, `-ln(shape / theta) - shape - 1` (Grimshaw 1993, Technometrics
    /// 35:185-191). It may have more than one peak, so a grid over theta finds the highest and a golden
    /// section refines it.
    ///
    /// - Precondition: at least two exceedances, all positive.
    public init?(likeliestFor exceedances: [Double]) {
        precondition(exceedances.count > 1)
        let count = Double(exceedances.count)
        let greatest = exceedances.reduce(0, max)
        let mean = exceedances.reduce(0, +) / count

        // theta = -(1 - u) / greatest for the bounded tails, theta = v / mean for the heavy ones.
        func shape(_ theta: Double) -> Double {
            exceedances.reduce(0) { $0 + log1p(theta * $1) } / count
        }
        func logLikelihood(_ theta: Double) -> Double {
            guard abs(theta) * greatest > 1e-9 else { return -log(mean) - 1 }
            let shape = shape(theta)
            return shape > Self.leastShape ? -log(shape / theta) - shape - 1 : -.infinity
        }
        let steps = 48
        let bounded = (0..<steps).map { -(1 - exp(Double($0 - steps) * 0.4)) / greatest }
        let heavy = (0...steps).map { (exp(Double($0) * 0.125) - 1) * 0.05 / mean }
        let grid = bounded.sorted() + heavy
        let heights = grid.map(logLikelihood)
        let peak = heights.indices.max { heights[$0] < heights[$1] }!
        guard heights[peak] > -.infinity else { return nil }
        var (low, high) = (grid[max(peak - 1, 0)], grid[min(peak + 1, grid.count - 1)])
        let golden = 0.618_033_988_749_894_8
        var (left, right) = (high - golden * (high - low), low + golden * (high - low))
        var (atLeft, atRight) = (logLikelihood(left), logLikelihood(right))
        for _ in 0..<45 {
            if atLeft < atRight {
                (low, left, atLeft) = (left, right, atRight)
                right = low + golden * (high - low)
                atRight = logLikelihood(right)
            } else {
                (high, right, atRight) = (right, left, atLeft)
                left = high - golden * (high - low)
                atLeft = logLikelihood(left)
            }
        }
        let theta = 0.5 * (low + high)
        guard abs(theta) * greatest > 1e-9 else {
            self.init(shape: 0, scale: mean)
            return
        }
        let best = shape(theta)
        guard best > Self.leastShape + 1e-3 else { return nil }
        self.init(shape: best, scale: best / theta)
    }

    private static let leastShape = -0.5
}
