import CoveyCore
import CoveyTestSupport
import Foundation
import Testing

@Suite("Tail distributions")
struct TailDistributionTests {
    @Test("generalised Pareto: 0 at the threshold, falling, and without a step through shape 0")
    func paretoShape() {
        for shape in [-0.5, -0.1, 0, 0.1, 2] {
            let distribution = GeneralizedPareto(shape: shape, scale: 0.7)
            #expect(distribution.logSurvival(0) == 0 && distribution.logSurvival(-1) == 0)
            let values = stride(from: 0.05, to: min(distribution.upperEnd, 9), by: 0.05).map {
                distribution.logSurvival($0)
            }
            #expect(zip(values, values.dropFirst()).allSatisfy { $0 > $1 })
        }
        for shape in [1e-18, -1e-18, 1e-15, -1e-15, 1e-10, -1e-10] {
            let found = GeneralizedPareto(shape: shape, scale: 2).logSurvival(6)
            #expect(abs(found + 3) < 1e-15 + 9 * abs(shape))
        }
        #expect(GeneralizedPareto(shape: -0.5, scale: 1).upperEnd == 2)
        #expect(GeneralizedPareto(shape: -0.5, scale: 1).logSurvival(2) == -.infinity)
        #expect(GeneralizedPareto(shape: 0.5, scale: 1).logSurvival(.nan).isNaN)
    }

    @Test("Pearson III: mirrored by the sign of the skewness, normal at 0, exponential at 2")
    func pearson() {
        for x in [-2.5, -0.3, 0, 0.4, 1.7, 4.2] {
            for g in [0.01, 0.3, 1.1, 2.5] {
                let right = PearsonThree(mean: 0, standardDeviation: 1, skewness: g).logSurvival(x)
                let left = PearsonThree(mean: 0, standardDeviation: 1, skewness: -g).logSurvival(-x)
                #expect(abs(exp(right) + exp(left) - 1) < 1e-13)
            }
            let exponential = PearsonThree(mean: 1, standardDeviation: 1, skewness: 2)
            #expect(abs(exponential.logSurvival(x) - min(0, -x)) < 1e-14)
            let normal = StandardNormal.logSurvival(x)
            let nearly = PearsonThree(mean: 0, standardDeviation: 1, skewness: 1.01e-4).logSurvival(x)
            #expect(abs(nearly - normal) < 1e-4 * (1 + abs(x * x * x)) * max(1, -normal))
            #expect(PearsonThree(mean: 0, standardDeviation: 1, skewness: 0).logSurvival(x) == normal)
        }
        let bounded = PearsonThree(mean: 3, standardDeviation: 2, skewness: -0.8)
        #expect(
            bounded.upperEnd == 8 && bounded.logSurvival(8) == -.infinity && bounded.logSurvival(7.99) > -40)
    }

    @Test("generalised Pareto survival against mpmath, to 1e-13", .enabled(if: SharedData.isAvailable))
    func paretoReference() throws {
        var worst = WorstError()
        var beyond = 0
        for row in try numericsTable("gpd_sf.tsv") {
            let distribution = GeneralizedPareto(
                shape: Double(row["shape_xi"]!)!, scale: Double(row["scale"]!)!)
            let (x, expected) = (Double(row["x"]!)!, Double(row["sf"]!)!)
            if expected == 0 {
                beyond += distribution.logSurvival(x) == -.infinity ? 1 : -1000
            } else {
                worst.add(exp(distribution.logSurvival(x)), expected, "\(row)")
            }
        }
        #expect(
            worst.count > 80 && worst.relative < 1e-13 && beyond > 0, "\(worst), \(beyond) beyond the end")
    }
}
