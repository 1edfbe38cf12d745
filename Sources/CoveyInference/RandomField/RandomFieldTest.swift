import CoveyCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// p-values of peaks, clusters and their number from random field theory, as SPM12 computes them.
///
/// With resel counts R_d of the search region and Euler characteristic densities E_d(u):
///
///     expected clusters above u    C(u) = sum over d of R_d E_d(u)
///     peak, family-wise            P(max >= u) = 1 - exp(-C(u))
///     resels of one cluster        P(K >= k) = exp(-beta k^(2/D)),
///                                  beta = (Gamma(D/2 + 1) E_D(u) / E_0(u))^(2/D)
///     cluster, family-wise         1 - exp(-C(u) P(K >= k))
///     set: c clusters or more      P(Poisson(C(u) P(K >= k)) >= c)
///
/// Worsley et al. (1996), Human Brain Mapping 4:58-73; Friston, Worsley, Frackowiak, Mazziotta and Evans (1994),
/// Human Brain Mapping 1:210-220. As in SPM, the cluster formula for a Gaussian field serves t and F too.
///
/// Use a permutation test where there is one. What is known to go wrong here:
/// * Cluster p-values are too small where the forming threshold is low (p above 0.001), where smoothness varies
///   over the brain, and where the spatial autocorrelation has longer tails than a Gaussian: with p = 0.01 the
///   true error rate reached 70 % (Eklund, Nichols and Knutsson 2016, PNAS 113:7900-7905).
/// * Peak p-values are conservative, more so the rougher the map (below a FWHM of 3 voxels Bonferroni may be
///   less so) and the fewer the degrees of freedom (below 20 or so).
/// * Errors are taken for Gaussian; a skewed few subjects break it.
/// * At low heights C(u) is no probability; heights with p above 0.05 at a point say nothing.
public struct RandomFieldTest: Sendable, Hashable, Codable {
    /// The field.
    public let field: RandomField
    /// The resel counts of the search region in dimensions 0 to 3.
    public let resels: [Double]

    /// A test of a field over a region.
    ///
    /// - Precondition: four finite counts; those of dimensions 1 to 3 are not negative.
    public init(field: RandomField, resels: [Double]) {
        precondition(
            resels.count == 4 && resels.allSatisfy(\.isFinite) && resels.dropFirst().allSatisfy { $0 >= 0 },
            "resels \(resels)")
        self.field = field
        self.resels = resels
    }

    /// The dimension of the region: the last with resels.
    public var dimension: Int { resels.lastIndex { $0 > 0 } ?? 0 }

    // MARK: Peaks

    /// `ln` of the expected number of clusters above u.
    ///
    /// Never below `ln` of the p of one point: any region holds one, though the sum may fall below it where a
    /// region with holes has a negative R_0.
    public func logExpectedClusters(at u: Double) -> Double {
        let logs = field.logDensities(at: u)
        let greatest = logs.reduce(-.infinity, max)
        guard greatest > -.infinity else { return logs[0] }
        let sum = zip(resels, logs).reduce(0) { $0 + $1.0 * exp($1.1 - greatest) }
        return max(sum > 0 ? greatest + log(sum) : -.infinity, logs[0])
    }

    /// `ln` of the family-wise p of a peak of height u.
    public func logPeakP(_ u: Double) -> Double { Self.logAny(logExpectedClusters(at: u)) }

    /// The height at which the family-wise p of a peak equals alpha: the greatest such height, since at low
    /// ones the formula does not fall.
    ///
    /// - Precondition: alpha between 0 and 1, both excluded.
    public func height(alpha: Double) -> Double {
        precondition(alpha > 0 && alpha < 1, "level \(alpha)")
        let target = log(alpha)
        // In steps of the one-point p, where all three fields look alike: up until p is below alpha, then down.
        var logP = target
        while logPeakP(field.quantile(logSurvival: logP)) > target, logP > -700 { logP -= 1 }
        var (low, high) = (
            field.quantile(logSurvival: min(logP + 1, target)), field.quantile(logSurvival: logP)
        )
        for _ in 0..<200 {
            let middle = 0.5 * (low + high)
            guard middle > low, middle < high else { break }
            if logPeakP(middle) > target { low = middle } else { high = middle }
        }
        return high
    }

    // MARK: Clusters

    /// The expected number of resels of one cluster above u: the resels above it over their clusters.
    public func expectedClusterResels(at u: Double) -> Double {
        let logs = field.logDensities(at: u)
        return exp(logs[0] - logs[dimension])
    }

    /// `ln P` that one cluster above `threshold` has at least `resels` resels (voxels over voxels per resel).
    ///
    /// 0 for no extent or a region of single points.
    ///
    /// - Precondition: the height is one at which the field has clusters, as any with p below 0.05 is.
    public func logClusterP(resels extent: Double, threshold u: Double) -> Double {
        guard extent > 0, dimension > 0 else { return 0 }
        let d = Double(dimension)
        let logBeta = 2 / d * (logGamma(0.5 * d + 1) - log(expectedClusterResels(at: u)))
        return -exp(logBeta + 2 / d * log(extent))
    }

    /// `ln` of the family-wise p of a cluster of at least `resels` resels above `threshold`.
    public func logClusterFamilyWiseP(resels extent: Double, threshold u: Double) -> Double {
        Self.logAny(logExpectedClusters(at: u) + logClusterP(resels: extent, threshold: u))
    }

    /// `ln P` of `count` or more clusters of at least `resels` resels above `threshold`: the set-level p.
    ///
    /// - Precondition: a count of at least 1.
    public func logSetP(count: Int, resels extent: Double, threshold u: Double) -> Double {
        precondition(count >= 1, "\(count) clusters")
        let logMean = logExpectedClusters(at: u) + logClusterP(resels: extent, threshold: u)
        guard count > 1 else { return Self.logAny(logMean) }
        let mean = exp(logMean)
        // The mean underflows long before its power does: P = mean^c / c! (1 + ...).
        guard mean > 1e-290 else { return Double(count) * logMean - logGamma(Double(count) + 1) }
        return IncompleteGamma(a: Double(count)).logLower(mean)
    }

    /// `ln(1 - exp(-mean))`: a Poisson count with this mean is not 0.
    private static func logAny(_ logMean: Double) -> Double {
        // Below 1e-8 the next term of the series is beyond Double.
        logMean < -20 ? logMean - 0.5 * exp(logMean) : LogProbability.complement(-exp(logMean))
    }
}
