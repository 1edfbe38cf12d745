import CoveyCore
import CoveyInference
import Foundation
import Testing

@Suite("Monte-Carlo intervals")
struct MonteCarloIntervalTests {
    @Test("bounds equal scipy 1.17.1's beta.ppf and beta.isf to 1e-11")
    func reference() {
        let cases: [(Int, Int, Double, Double, Double)] = [
            (0, 100, 0.95, 0.0, 0.03621669264517641),
            (1, 100, 0.95, 0.00025314603297742086, 0.054459385392080645),
            (49, 999, 0.95, 0.03650378349045797, 0.06432986442771636),
            (499, 9999, 0.95, 0.04571860220967452, 0.054355934102656864),
            (5, 9999, 0.99, 0.00010781935996441947, 0.0014144701113171134),
            (9999, 9999, 0.95, 0.9996311432065048, 1.0),
            (500, 1000, 0.9, 0.47351773123569124, 0.5264822687643087),
            (3, 3, 0.95, 0.29240177382128674, 1.0),
            (999_998, 1_000_000, 0.95, 0.9999927753312056, 0.9999997577906297),
            (0, 10000, 0.999, 0.0, 0.0007598014505380381),
        ]
        for (b, n, confidence, lower, upper) in cases {
            let found = MonteCarloInterval(exceedances: b, shuffles: n, confidence: confidence)
            #expect(abs(found.lower - lower) <= 1e-11 * lower, "\(b) of \(n): \(found.lower)")
            #expect(abs(found.upper - upper) <= 1e-11 * upper, "\(b) of \(n): \(found.upper)")
        }
    }

    @Test("the binomial tails at the bounds are what is left outside, and the reported p lies between them")
    func definition() {
        for n in [1, 2, 7, 30] {
            for b in 0...n {
                let interval = MonteCarloInterval(exceedances: b, shuffles: n, confidence: 0.9)
                func tail(_ p: Double, _ counts: ClosedRange<Int>) -> Double {
                    counts.reduce(0) {
                        let ways =
                            logGamma(Double(n + 1)) - logGamma(Double($1 + 1)) - logGamma(Double(n - $1 + 1))
                        return $0 + exp(ways) * pow(p, Double($1)) * pow(1 - p, Double(n - $1))
                    }
                }
                if b > 0 { #expect(abs(tail(interval.lower, b...n) - 0.05) < 1e-12) }
                if b < n { #expect(abs(tail(interval.upper, 0...b) - 0.05) < 1e-12) }
                let p = Double(b + 1) / Double(n + 1)
                #expect(interval.lower < p && p <= interval.upper)
            }
        }
    }

    @Test("exhaustive shuffles have no interval, and counts with the identity are taken apart")
    func conventions() {
        #expect(MonteCarloInterval(reaching: 3, of: 32, isExhaustive: true) == nil)
        #expect(MonteCarloInterval(reaching: 1, of: 1, isExhaustive: false) == nil)
        #expect(
            MonteCarloInterval(reaching: 50, of: 1000, isExhaustive: false)
                == MonteCarloInterval(exceedances: 49, shuffles: 999))
    }

    @Test("beta quantiles to 1e-13 of mpmath's, far tails and shapes below 1 included")
    func quantiles() {
        let cases: [(Double, Double, Double, Double)] = [
            (500, 9501, 0.025, -3.083254132844365153382589825239725905227),
            (6, 9994, 0.995, -6.561000297656493115224834696314131673873),
            (0.5, 3, 1e-8, -38.09857880674947918185055376057226720125),
            (40, 0.5, 0.3, -0.01351151348597166170634832630832717327435),
        ]
        for (a, b, p, expected) in cases {
            let found = IncompleteBeta(a: a, b: b).logQuantile(logLower: log(p))
            #expect(abs(found - expected) < 1e-13 * max(1, abs(expected)), "\(a), \(b), \(p): \(found)")
        }
        let beta = IncompleteBeta(a: 2, b: 2)
        #expect(beta.logQuantile(logLower: 0) == 0 && beta.logQuantile(logLower: -.infinity) == -.infinity)
        #expect(beta.logQuantile(logLower: 0.1).isNaN)
    }
}
