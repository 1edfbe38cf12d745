import CoveyCore
import CoveyTestSupport
import Foundation
import Testing

/// Against tables computed with mpmath at 70 digits; inputs are exact doubles, so the only errors are ours
/// and one rounding of the expected value.
@Suite("Distributions against 70-digit references", .enabled(if: SharedData.isAvailable))
struct DistributionReferenceTests {
    private let ln10 = LogProbability.ln10

    @Test("t: every tail area and z to 1e-12, p down to 1e-52073")
    func studentT() throws {
        var logs = WorstError(zeroTolerance: 1e-60)
        var deviates = WorstError(floor: 1e-305, zeroTolerance: 1e-305)
        for row in try numericsTable("t_p_z.tsv") {
            let (t, df) = (Double(row["t"]!)!, Double(row["df"]!)!)
            let distribution = StudentT(degreesOfFreedom: df)
            let place = "t = \(t), df = \(df)"
            let upper = Double(row["log10_p_upper"]!)!
            logs.add(distribution.logSurvival(t) / ln10, upper, "upper \(place)")
            logs.add(distribution.logCumulative(-t) / ln10, upper, "lower \(place)")
            logs.add(
                distribution.logTwoSided(t) / ln10, Double(row["log10_p_two_sided"]!)!, "two-sided \(place)")
            deviates.add(distribution.z(of: t), Double(row["z"]!)!, place)
        }
        #expect(logs.count > 2000 && logs.relative < 1e-12, "\(logs)")
        #expect(deviates.relative < 1e-12, "\(deviates)")
    }

    @Test("F: upper area and z to 1e-12, also where p is almost 1")
    func f() throws {
        var logs = WorstError(zeroTolerance: 1e-60)
        var deviates = WorstError(zeroTolerance: 1e-15)
        for row in try numericsTable("f_p_z.tsv") {
            let (f, d1, d2) = (Double(row["F"]!)!, Double(row["df1"]!)!, Double(row["df2"]!)!)
            let distribution = FDistribution(numerator: d1, denominator: d2)
            let place = "F = \(f), df = \(d1), \(d2)"
            logs.add(distribution.logSurvival(f) / ln10, Double(row["log10_p"]!)!, place)
            deviates.add(distribution.z(of: f), Double(row["z"]!)!, place)
        }
        #expect(logs.count > 1000 && logs.relative < 1e-12, "\(logs)")
        #expect(deviates.relative < 1e-12, "\(deviates)")
    }

    @Test("normal: tail areas to 1e-13 for |z| up to 1000")
    func normalTails() throws {
        var logs = WorstError(zeroTolerance: 1e-60)
        for row in try numericsTable("z_to_p.tsv") {
            let z = Double(row["z"]!)!
            logs.add(StandardNormal.logSurvival(z) / ln10, Double(row["log10_p_upper"]!)!, "upper \(z)")
            logs.add(StandardNormal.logCumulative(-z) / ln10, Double(row["log10_p_upper"]!)!, "lower \(z)")
            logs.add(StandardNormal.logTwoSided(z) / ln10, Double(row["log10_p_two_sided"]!)!, "both \(z)")
        }
        #expect(logs.count > 90 && logs.relative < 1e-13, "\(logs)")
    }

    @Test("normal: deviates to 1e-12 from p, 1 - p and log10 p down to -1e6")
    func normalQuantiles() throws {
        var deviates = WorstError()
        for row in try numericsTable("p_to_z.tsv") {
            let (value, z) = (Double(row["value"]!)!, Double(row["z"]!)!)
            let kind = row["kind"]!
            switch kind {
            case "p": deviates.add(StandardNormal.quantile(survival: value), z, "p = \(value)")
            case "one_minus_p": deviates.add(-StandardNormal.quantile(survival: value), z, "1 - \(value)")
            default:
                deviates.add(
                    StandardNormal.quantile(negativeLog10Survival: -value), z, "log10 p = \(value)")
                // -0.30103 leaves z = 1e-8 of a difference that ln p has already rounded.
                if z > 1e-6 {
                    deviates.add(StandardNormal.quantile(logSurvival: value * ln10), z, "\(value) ln 10")
                }
            }
        }
        #expect(deviates.count > 40 && deviates.relative < 1e-12, "\(deviates)")
    }

    @Test("incomplete beta to 1e-11, 1e-10 where a parameter exceeds 1e3")
    func incompleteBeta() throws {
        var small = WorstError(zeroTolerance: 1e-60)
        var large = small
        for row in try numericsTable("betainc.tsv") {
            let (a, b, x) = (Double(row["a"]!)!, Double(row["b"]!)!, Double(row["x"]!)!)
            let beta = IncompleteBeta(a: a, b: b)
            let (lower, upper) = (Double(row["I_x"]!)!, Double(row["one_minus_I_x"]!)!)
            let place = "a = \(a), b = \(b), x = \(x)"
            let isLarge = max(a, b) > 1e3
            func check(_ found: Double, _ expected: Double, _ what: String) {
                if isLarge {
                    large.add(found, expected, what + place)
                } else {
                    small.add(found, expected, what + place)
                }
            }
            check(beta.logLower(x) / ln10, Double(row["log10_I_x"]!)!, "log ")
            if lower > 1e-300 { check(exp(beta.logLower(x)), lower, "lower ") }
            if upper > 1e-300 { check(exp(beta.logUpper(x)), upper, "upper ") }
        }
        #expect(small.count > 50 && small.relative < 1e-11, "\(small)")
        #expect(large.count > 50 && large.relative < 1e-10, "\(large)")
    }

    @Test("incomplete gamma and log-gamma to 1e-11, 1e-10 where a exceeds 1e3")
    func incompleteGamma() throws {
        var small = WorstError(zeroTolerance: 1e-60)
        var large = small
        for row in try numericsTable("gamma.tsv") {
            let (a, x) = (Double(row["a"]!)!, Double(row["x"]!)!)
            let gamma = IncompleteGamma(a: a)
            var worst = WorstError(zeroTolerance: 1e-15)
            let (p, q) = (Double(row["P"]!)!, Double(row["Q"]!)!)
            if p > 1e-300 { worst.add(exp(gamma.logLower(x)), p, "P(\(a), \(x))") }
            if q > 1e-300 { worst.add(exp(gamma.logUpper(x)), q, "Q(\(a), \(x))") }
            worst.add(gamma.logUpper(x) / ln10, Double(row["log10_Q"]!)!, "log10 Q(\(a), \(x))")
            worst.add(logGamma(a), Double(row["lgamma_a"]!)!, "ln Gamma(\(a))")
            if a > 1e3 { large.merge(worst) } else { small.merge(worst) }
        }
        #expect(small.count > 100 && small.relative < 1e-11, "\(small)")
        #expect(large.count > 10 && large.relative < 1e-10, "\(large)")
    }
}

extension WorstError {
    mutating func merge(_ other: WorstError) {
        count += other.count
        if other.relative > relative { (relative, place) = (other.relative, other.place) }
    }
}
