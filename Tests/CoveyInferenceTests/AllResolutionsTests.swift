import CoveyCore
import CoveyInference
import Foundation
import Testing

/// Closed testing by its definition, over all subsets of a few tests.
private struct ClosedTesting {
    let p: [Double]
    /// For every subset, as a bit set, whether its intersection hypothesis is rejected by all its supersets.
    private let isRejected: [Bool]

    init(_ p: [Double], alpha: Double) {
        self.p = p
        let simes = (0..<1 << p.count).map { set -> Bool in
            let members = p.indices.filter { set >> $0 & 1 == 1 }.map { p[$0] }.sorted()
            return members.indices.contains { members[$0] <= Double($0 + 1) * alpha / Double(members.count) }
        }
        isRejected = (0..<1 << p.count).map { set in
            (0..<1 << p.count).allSatisfy { $0 & set != set || simes[$0] }
        }
    }

    /// |S| less the size of the greatest subset of S that is not rejected.
    func discoveries(_ region: Int) -> Int {
        let most =
            isRejected.indices.filter { $0 & region == $0 && $0 != 0 && !isRejected[$0] }
            .map(\.nonzeroBitCount).max() ?? 0
        return region.nonzeroBitCount - most
    }
}

@Suite("All-resolutions inference")
struct AllResolutionsTests {
    @Test(
        "h and the bound of every region equal closed testing over all subsets, ties and p on the edge included"
    )
    func bruteForce() {
        var positive = 0
        for seed in 1...50 as ClosedRange<UInt64> {
            var random = PhiloxStream(seed: seed, domain: 0, index: 0)
            let m = 1 + Int(random.below(7))
            // Binary fractions, so that products with alpha = 1/4 and 1/16 are exact and ties real.
            let p = (0..<m).map { _ -> Double in
                let u = random.uniform()
                return seed % 2 == 0 ? u * u * u : Double(random.below(33)) / (seed % 3 == 0 ? 32 : 128)
            }
            for alpha in [0.0625, 0.25] {
                let closed = ClosedTesting(p, alpha: alpha)
                let inference = AllResolutionsInference(logP: p.map { log($0) }, alpha: alpha)
                #expect(inference.hommelValue == m - closed.discoveries(1 << m - 1), "\(p) at \(alpha)")
                for region in 0..<1 << m {
                    let members = p.indices.filter { region >> $0 & 1 == 1 }.map { log(p[$0]) }
                    let found = inference.discoveries(logP: members)
                    #expect(found == closed.discoveries(region), "\(p) at \(alpha), region \(region)")
                    positive += found > 0 ? 1 : 0
                }
            }
        }
        #expect(positive > 500)
    }

    @Test(
        "a region's bound is at least a part's, at most the sum of disjoint parts' plus what they leave open")
    func monotone() {
        var random = PhiloxStream(seed: 9, domain: 0, index: 0)
        let logP = (0..<400).map { _ in log(pow(random.uniform(), 4)) }
        let inference = AllResolutionsInference(logP: logP, alpha: 0.05)
        for cut in stride(from: 10, to: 400, by: 30) {
            let (left, right) = (Array(logP[..<cut]), Array(logP[cut...]))
            let (a, b) = (inference.discoveries(logP: left), inference.discoveries(logP: right))
            let both = inference.discoveries(logP: logP)
            #expect(both >= a + b && both <= min(a + right.count, b + left.count))
        }
        #expect(inference.discoveries(logP: logP) == 400 - inference.hommelValue)
        #expect(inference.proportion(logP: []) == 0)
    }

    @Test("voxels without a statistic are no tests, and an empty map has nothing")
    func missing() {
        let logP = [log(1e-4), .nan, log(0.5), .nan]
        let inference = AllResolutionsInference(logP: logP, alpha: 0.05)
        #expect(inference.testCount == 2 && inference.hommelValue == 1)
        #expect(inference.discoveries(logP: logP) == 1 && inference.proportion(logP: logP) == 0.25)
        #expect(AllResolutionsInference(logP: [], alpha: 0.05).hommelValue == 0)
    }

    /// `_compute_hommel_value` and `_true_positive_fraction` of nilearn 0.14.1 on the same z.
    @Test("h and bounds equal nilearn's on a signal in noise")
    func nilearn() {
        let z = (0..<60).map { 3 * sin(0.7 * Double($0)) + ($0 % 5 == 0 ? 3.5 : 0) }
        let logP = z.map { StandardNormal.logSurvival($0) }
        let answers: [(Double, Int, [Int])] = [
            (0.01, 54, [6, 6, 2, 4]), (0.05, 47, [13, 7, 3, 7]), (0.2, 39, [21, 7, 5, 10]),
        ]
        for (alpha, h, bounds) in answers {
            let inference = AllResolutionsInference(logP: logP, alpha: alpha)
            #expect(inference.hommelValue == h)
            let regions = [
                logP, stride(from: 0, to: 60, by: 5).map { logP[$0] }, Array(logP[10..<30]),
                stride(from: 0, to: 60, by: 2).map { logP[$0] },
            ]
            #expect(regions.map { inference.discoveries(logP: $0) } == bounds)
        }
    }

    @Test("no region has more true discoveries than voxels, where nilearn finds 4/3 of three and 3 of two")
    func withinTheRegion() {
        let all = [6.0, 7, 8].map { StandardNormal.logSurvival($0) }
        let certain = AllResolutionsInference(logP: all, alpha: 0.05)
        #expect(certain.hommelValue == 0 && certain.proportion(logP: all) == 1)
        let region = [40.0, 41, 1].map { StandardNormal.logSurvival($0) }
        let rest = (0..<20).map { StandardNormal.logSurvival(-2 + 4 * Double($0) / 19) }
        #expect(AllResolutionsInference(logP: region + rest, alpha: 0.05).discoveries(logP: region) == 2)
    }
}
