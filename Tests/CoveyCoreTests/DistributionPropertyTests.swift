import CoveyCore
import Foundation
import Testing

@Suite("Properties of the distributions")
struct DistributionPropertyTests {
    private let dofs = [0.5, 1, 2, 3.7, 10, 88, 250, 1e4, 1e6]
    /// From almost 1 (ln p = -1e-12) to 1e-4000.
    private let logPs = [-1e-12, -1e-6, -0.01, -0.3, -0.69, -0.7, -1, -3, -10, -50, -300, -1000, -9210]

    @Test("t squared with nu degrees of freedom is F with 1 and nu")
    func tSquaredIsF() {
        for dof in dofs {
            let (t, f) = (StudentT(degreesOfFreedom: dof), FDistribution(numerator: 1, denominator: dof))
            for x in [1e-6, 0.3, 0.9, 1.5, 3, 8, 40, 1000] {
                let (left, right) = (t.logTwoSided(x), f.logSurvival(x * x))
                #expect(abs(left - right) <= 1e-12 * abs(left), "t = \(x), dof = \(dof)")
            }
        }
    }

    @Test("an F turned over exchanges its degrees of freedom and its tails")
    func reciprocalF() {
        for (d1, d2) in [(1.0, 1.0), (2, 7), (5, 88), (10, 1e4), (300, 250)] {
            for x in [1e-8, 0.01, 0.5, 0.97, 1, 1.3, 4, 90, 1e6] {
                let left = FDistribution(numerator: d1, denominator: d2).logSurvival(x)
                let right = FDistribution(numerator: d2, denominator: d1).logCumulative(1 / x)
                #expect(abs(left - right) <= 1e-12 * abs(left) + 1e-300, "F = \(x), \(d1), \(d2)")
            }
        }
    }

    @Test("with 1 and 2 degrees of freedom t has its closed forms")
    func closedForms() {
        let (one, two) = (StudentT(degreesOfFreedom: 1), StudentT(degreesOfFreedom: 2))
        for t in [0.001, 0.2, 0.99, 1, 1.3, 2, 5, 30, 1e4] {
            let cauchy = log(atan(1 / t) / .pi)
            #expect(abs(one.logSurvival(t) - cauchy) <= 1e-14 * abs(cauchy))
            let root = (2 + t * t).squareRoot()
            let algebraic = log(1 / (root * (root + t)))
            #expect(abs(two.logSurvival(t) - algebraic) <= 1e-14 * abs(algebraic))
        }
    }

    @Test("upper and lower areas add up to 1 and change sides with the sign")
    func complements() {
        for dof in dofs {
            let t = StudentT(degreesOfFreedom: dof)
            for x in [0, 1e-9, 0.1, 0.8, 1.2, 1.7, 2.4, 3, 6] {
                #expect(abs(exp(t.logSurvival(x)) + exp(t.logCumulative(x)) - 1) < 1e-15)
                #expect(t.logSurvival(-x) == t.logCumulative(x))
                #expect(t.z(of: -x) == -t.z(of: x))
            }
        }
    }

    @Test("larger statistics have smaller p and larger z, also across the changes of method")
    func monotone() {
        for dof in dofs {
            let t = StudentT(degreesOfFreedom: dof)
            let f = FDistribution(numerator: 3, denominator: dof)
            var last = (t: t.tailAndZ(-30), f: f.tailAndZ(1e-3))
            for step in 1...1500 {
                let here = (
                    t: t.tailAndZ(-30 + 0.04 * Double(step)), f: f.tailAndZ(0.001 + 0.01 * Double(step))
                )
                #expect(here.t.logSurvival < last.t.logSurvival && here.t.z > last.t.z)
                #expect(here.f.logSurvival < last.f.logSurvival && here.f.z > last.f.z)
                last = here
            }
        }
    }

    @Test("quantiles undo survival functions")
    func quantilesInvert() {
        for logP in logPs {
            let z = StandardNormal.quantile(logSurvival: logP)
            #expect(abs(StandardNormal.logSurvival(z) - logP) <= 1e-13 * abs(logP), "z, ln p = \(logP)")
            let both = StandardNormal.quantile(logTwoSided: logP)
            #expect(abs(StandardNormal.logTwoSided(both) - logP) <= 1e-13 * abs(logP), "|z|, \(logP)")
            for dof in dofs where logP / dof > -700 {
                let student = StudentT(degreesOfFreedom: dof)
                let t = student.quantile(logSurvival: logP)
                #expect(abs(student.logSurvival(t) - logP) <= 1e-12 * abs(logP), "t, \(dof), \(logP)")
                let twoSided = student.quantile(logTwoSided: logP)
                #expect(
                    abs(student.logTwoSided(twoSided) - logP) <= 1e-12 * abs(logP), "|t|, \(dof), \(logP)")
                for numerator in [1.0, 3, 24] where logP / dof > -300 {
                    let fisher = FDistribution(numerator: numerator, denominator: dof)
                    let f = fisher.quantile(logSurvival: logP)
                    #expect(
                        abs(fisher.logSurvival(f) - logP) <= 1e-12 * abs(logP),
                        "F, \(numerator), \(dof), \(logP)")
                }
            }
        }
    }

    @Test("the density is the slope of the survival function")
    func densities() {
        for dof in dofs {
            let (t, f) = (StudentT(degreesOfFreedom: dof), FDistribution(numerator: 3, denominator: dof))
            for x in [0.2, 1, 2.5, 7] {
                let h = 1e-4 * x
                let tSlope = (exp(t.logSurvival(x - h)) - exp(t.logSurvival(x + h))) / (2 * h)
                let fSlope = (exp(f.logSurvival(x - h)) - exp(f.logSurvival(x + h))) / (2 * h)
                #expect(abs(tSlope / exp(t.logDensity(x)) - 1) < 1e-5)
                #expect(abs(fSlope / exp(f.logDensity(x)) - 1) < 1e-5)
            }
        }
    }

    @Test("the ends are exact and NaN stays NaN")
    func ends() {
        let (t, f) = (StudentT(degreesOfFreedom: 7), FDistribution(numerator: 2, denominator: 9))
        #expect(t.tailAndZ(.infinity) == (-.infinity, .infinity))
        #expect(t.tailAndZ(-.infinity) == (0, -.infinity))
        #expect(f.tailAndZ(0) == (0, -.infinity))
        #expect(f.tailAndZ(.infinity) == (-.infinity, .infinity))
        #expect(t.z(of: .nan).isNaN && f.z(of: .nan).isNaN && t.logSurvival(.nan).isNaN)
        #expect(t.logCumulative(.nan).isNaN && t.logTwoSided(.nan).isNaN && f.logCumulative(.nan).isNaN)
        let beta = IncompleteBeta(a: 2, b: 3)
        #expect(beta.logLower(0) == -.infinity && beta.logUpper(0) == 0 && beta.logLower(.nan).isNaN)
        #expect(beta.logLower(1) == 0 && beta.logUpper(1) == -.infinity)
        #expect(StandardNormal.logSurvival(.nan).isNaN && StandardNormal.quantile(survival: .nan).isNaN)
        #expect(StandardNormal.quantile(logSurvival: 0) == -.infinity)
        #expect(StandardNormal.quantile(logSurvival: -.infinity) == .infinity)
        #expect(StandardNormal.quantile(logSurvival: 0.1).isNaN && t.quantile(logSurvival: 0.1).isNaN)
        #expect(t.quantile(logSurvival: -.infinity) == .infinity && t.quantile(logSurvival: 0) == -.infinity)
    }

    @Test("every finite statistic has a finite p")
    func finite() {
        let largest = Double.greatestFiniteMagnitude
        for dof in dofs {
            #expect(StudentT(degreesOfFreedom: dof).logSurvival(largest).isFinite)
            #expect(StudentT(degreesOfFreedom: dof).z(of: largest).isFinite)
            let f = FDistribution(numerator: 3, denominator: dof)
            #expect(f.logSurvival(largest).isFinite && f.z(of: .leastNonzeroMagnitude).isFinite)
        }
        #expect(StandardNormal.quantile(logSurvival: -largest).isFinite)
    }

    @Test("-log10 p is never minus zero, and the complement is its own inverse")
    func logProbability() {
        #expect(LogProbability.negativeLog10(0).sign == .plus)
        #expect(LogProbability.p(-1e5) == 0 && LogProbability.p(0) == 1)
        #expect(abs(LogProbability.negativeLog10(log(0.001)) - 3) < 1e-15)
        for logP in [-1e-10, -0.1, -0.7, -5] {
            let back = LogProbability.complement(LogProbability.complement(logP))
            #expect(abs(back - logP) <= 1e-13 * abs(logP) + 1e-16)
        }
    }
}
