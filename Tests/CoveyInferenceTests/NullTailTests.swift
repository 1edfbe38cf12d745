import CoveyCore
import CoveyInference
import CoveyTestSupport
import Foundation
import Testing

/// The maximum of `count` standard normals from one uniform number, by the quantile of its distribution.
private func normalMaximum(_ u: Double, of count: Double) -> Double {
    StandardNormal.quantile(survival: -expm1(log(u) / count))
}

@Suite("Tails of the null distribution")
struct NullTailTests {
    private func maxima(_ seed: UInt64, _ count: Int, of tests: Double = 2000) -> [Double] {
        var numbers = PhiloxStream(seed: seed, domain: 0, index: 0)
        return (0..<count).map { _ in normalMaximum(max(numbers.uniform(), 1e-300), of: tests) }
    }

    @Test("counting gives k of N with ties within 1e-9, the identity among them")
    func counting() {
        let tail = NullTail(maxima: [3, 1, 2, 3 - 2e-9, 5, 2], method: .empirical)
        for (x, count) in [(9.0, 1), (5, 1), (4, 1), (3, 3), (2, 5), (1, 6), (0, 6)] {
            #expect(tail.logP(of: x) == log(Double(count) / 6), "\(x)")
        }
        #expect(NullTail(maxima: [3, 3 - 4e-9], method: .empirical).reaching(3) == 1)
        #expect(NullTail(maxima: [-3, -3 - 2e-9, -4], method: .empirical).reaching(-3) == 2)
        #expect(tail.logP(of: .nan).isNaN && tail.floor == 1 / 6.0)
        #expect(tail.logP(of: .infinity) == log(1 / 6.0))
    }

    @Test("no p is 0 or below the floor, however far out, and the outcome says so")
    func floor() {
        var bounded = PhiloxStream(seed: 4, domain: 0, index: 0)
        let uniform = (0..<1000).map { _ in sqrt(bounded.uniform()) }
        for (values, method) in [(maxima(1, 1000), TailMethod.generalizedPareto), (uniform, .gamma)] {
            let tail = NullTail(maxima: values, method: method)
            if case .empirical(let reason) = tail.fit { Issue.record("no fit: \(reason)") }
            #expect(tail.floor == 1 / 10_000.0)
            for x in [1e3, .infinity] {
                let estimate = tail.estimate(of: x)
                #expect(estimate.isFloor && estimate.logP == log(tail.floor) && estimate.method == method)
            }
        }
    }

    @Test("a fit speaks below p = 0.1 only, agrees with counting there, and falls with the statistic")
    func agreement() {
        for method in [TailMethod.generalizedPareto, .gamma] {
            let values = maxima(7, 5000)
            let tail = NullTail(maxima: values, method: method)
            let counted = NullTail(maxima: values, method: .empirical)
            var last = 0.0
            for x in stride(from: 2.0, to: 6.5, by: 0.01) {
                let (fitted, empirical) = (tail.estimate(of: x), counted.estimate(of: x))
                if empirical.logP >= log(0.1) { #expect(fitted == empirical) }
                if fitted.method != .empirical {
                    #expect(fitted.logP <= last)
                    last = fitted.logP
                    // Down to 25 counts the two differ by little more than the counting error of 20 %.
                    if empirical.logP > log(0.005) {
                        #expect(abs(fitted.logP - empirical.logP) < 0.35, "\(x)")
                    }
                }
            }
            #expect(last < log(0.0002), "\(method) never spoke")
        }
    }

    @Test("a known tail is found: p of 5/N to a factor of 3, without bias on the scale of ln p to 0.2")
    func knownTail() {
        let x = normalMaximum(1 - 5e-3, of: 2000)
        for method in [TailMethod.generalizedPareto, .gamma] {
            let errors = (1...20).map { seed in
                NullTail(maxima: maxima(UInt64(seed), 1000), method: method).logP(of: x) - log(5e-3)
            }
            #expect(abs(errors.reduce(0, +) / 20) < 0.2, "\(method): \(errors)")
            #expect(errors.allSatisfy { abs($0) < log(3) }, "\(method): \(errors)")
        }
    }

    @Test("the rejection rate of the identity's maximum keeps its level under the null")
    func calibration() {
        let repeats = 1200
        for method in [TailMethod.generalizedPareto, .gamma] {
            let logP = (0..<UInt64(repeats)).map { seed -> Double in
                let values = maxima(seed + 5000, 250, of: 100)
                return NullTail(maxima: values, method: method).logP(of: values[0])
            }
            for level in [0.05, 0.01] {
                // The 99.9 % interval of a binomial share is level +- 3.3 sd.
                let rate = Double(logP.count { $0 <= log(level) }) / Double(repeats)
                let spread = sqrt(level * (1 - level) / Double(repeats))
                #expect(abs(rate - level) < 3.3 * spread, "\(method): \(rate) at \(level)")
            }
        }
    }

    @Test("where the fit fails, or the shuffles are few or exhaustive, counting stands in and says why")
    func fallBack() {
        // Two atoms far apart are no Pareto tail at any threshold.
        let atoms = (0..<1000).map { $0 % 5 == 0 ? 9.0 : 1.0 + Double($0) * 1e-6 }
        let few = maxima(2, 150)
        let cases: [(NullTail, NullTail.Reason)] = [
            (NullTail(maxima: atoms, method: .generalizedPareto), .noAcceptableFit),
            (NullTail(maxima: few, method: .generalizedPareto), .fewShuffles),
            (NullTail(maxima: Array(few.prefix(20)), method: .gamma), .fewShuffles),
            (NullTail(maxima: [Double](repeating: 2, count: 400), method: .gamma), .noAcceptableFit),
            (
                NullTail(maxima: [1] + [Double](repeating: .infinity, count: 400), method: .gamma),
                .noAcceptableFit
            ),
            (NullTail(maxima: maxima(2, 500), method: .gamma, isExhaustive: true), .exhaustive),
            (NullTail(maxima: few, method: .empirical), .asked),
        ]
        for (tail, reason) in cases {
            #expect(tail.fit == .empirical(reason))
            #expect(tail.estimate(of: 100).logP == log(tail.floor) || tail.count == 401)
            #expect(tail.estimate(of: 3).method == .empirical && tail.floor == 1 / Double(tail.count))
        }
    }

    @Test("the threshold rises until the fit is accepted, and what is below it does not bend the tail")
    func threshold() {
        // Exponential beyond 1, a spike of bulk below it that reaches into the top quarter.
        var numbers = PhiloxStream(seed: 11, domain: 0, index: 0)
        let sample = (0..<2000).map {
            $0 < 300 ? 1 - log(1 - numbers.uniform()) : 0.9 + 0.1 * numbers.uniform()
        }
        let tail = GeneralizedParetoTail(sample: sample)
        let found = try! #require(tail)
        #expect(found.threshold > 0.99 && found.exceedanceCount <= 330 && found.goodnessP > 0.05)
        #expect(abs(found.distribution.shape) < 0.25)
    }

    @Test("the likeliest fit: invariant to scale, above its neighbours, its support holds the sample")
    func likelihood() {
        var numbers = PhiloxStream(seed: 21, domain: 0, index: 0)
        for shape in [-0.3, -0.1, 0.0, 0.2, 0.6] {
            let x = (0..<400).map { _ -> Double in
                let u = 1 - numbers.uniform()
                return shape == 0 ? -2 * log(u) : 2 * (pow(u, -shape) - 1) / shape
            }.filter { $0 > 0 }
            guard let fit = GeneralizedPareto(likeliestFor: x) else {
                Issue.record("no fit for shape \(shape)")
                continue
            }
            func logLikelihood(_ xi: Double, _ sigma: Double) -> Double {
                x.reduce(0) { $0 - log(sigma) - (1 / xi + 1) * log(max(0, 1 + xi * $1 / sigma)) }
            }
            let best = logLikelihood(fit.shape, fit.scale)
            for (a, b) in [(0.01, 0.0), (-0.01, 0), (0, 0.02), (0, -0.02), (0.01, 0.02), (0.01, -0.02)] {
                #expect(
                    logLikelihood(fit.shape + a, fit.scale * (1 + b)) < best,
                    "shape \(shape), step \(a), \(b)")
            }
            #expect(x.allSatisfy { $0 < fit.upperEnd })
            // The standard error is (1 + shape) / sqrt(n).
            #expect(abs(fit.shape - shape) < 4 * (1 + shape) / 20)
            let scaled = GeneralizedPareto(likeliestFor: x.map { $0 * 1000 })
            #expect(abs(scaled!.shape - fit.shape) < 1e-6 && abs(scaled!.scale / fit.scale - 1000) < 1e-3)
        }
        let ramp = (1...300).map { sqrt(Double($0)) }
        #expect(GeneralizedPareto(likeliestFor: ramp) == nil, "a density that rises to its end is refused")
    }

    @Test("the goodness-of-fit test rejects 5 % of true generalised Pareto samples")
    func goodness() {
        var numbers = PhiloxStream(seed: 31, domain: 0, index: 0)
        for shape in [-0.2, 0.0, 0.3] {
            var raised = 0
            for _ in 0..<400 {
                // The top quarter is the whole sample of exceedances; the bulk lies far below.
                let top = (0..<100).map { _ -> Double in
                    let u = 1 - numbers.uniform()
                    return 10 + (shape == 0 ? -log(u) : (pow(u, -shape) - 1) / shape)
                }
                let bulk = (1...300).map { 10 - Double($0) * 1e-6 }
                let tail = GeneralizedParetoTail(sample: top + bulk)
                raised += tail?.exceedanceCount == 100 ? 0 : 1
            }
            // Binomial(400, 0.05) stays within 5...37 with probability 0.999.
            #expect((5...37).contains(raised), "shape \(shape): \(raised) of 400")
        }
    }

    @Test("the summary holds the numbers of the fit that is used, and only those")
    func summary() throws {
        let pareto = NullTail(maxima: maxima(1, 1000), method: .generalizedPareto)
        let found = pareto.summary
        guard case .generalizedPareto(let tail) = pareto.fit else { throw CancellationError() }
        #expect(found.shape == tail.distribution.shape && found.exceedances == tail.exceedanceCount)
        #expect(found.method == .generalizedPareto && found.smallestP == 1e-4 && found.reason == nil)
        #expect(found.mean == nil)
        let few = NullTail(maxima: [1, 2, 3], method: .generalizedPareto).summary
        #expect(few.method == .empirical && few.reason == .fewShuffles && few.shuffles == 3)
        let json = String(decoding: try JSONEncoder().encode(few), as: UTF8.self)
        #expect(json.contains("\"few-shuffles\"") && !json.contains("shape"))
    }

    @Test("the sentence names the method, its test and the least p")
    func words() {
        let text = NullTail(maxima: maxima(1, 1000), method: .generalizedPareto).text
        #expect(text.contains("generalised Pareto") && text.contains("Anderson-Darling p"))
        #expect(text.hasSuffix("the least p is 0.0001"))
        #expect(
            NullTail(maxima: [1, 2], method: .gamma).text
                == "p by counting 2 shuffles, too few for a fit of their tail; the least p is 0.5")
    }
}

/// Fits of four samples computed with mpmath.
@Suite("Tail fits against high-precision references", .enabled(if: SharedData.isAvailable))
struct TailFitReferenceTests {
    private struct Reference: Decodable {
        struct Gamma: Decodable {
            let shape, scale, shift: String
            let sf: [[Cell]]
        }
        struct Moments: Decodable { let xi, scale: String }
        struct Pareto: Decodable {
            let threshold: Double
            let nExceed: Int
            let moments: Moments
            let tailP: [[Cell]]
        }
        /// A number, or a decimal in quotes.
        struct Cell: Decodable {
            let value: Double
            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let number = try? container.decode(Double.self) {
                    value = number
                } else {
                    value = Double(try container.decode(String.self))!
                }
            }
        }
        let name: String
        let sample: [Double]
        let mean, varianceNMinus1, skewnessBiased: String
        let gammaShiftFit: Gamma
        let gpd: Pareto
    }
    private struct References: Decodable { let cases: [Reference] }

    private func references() throws -> [Reference] {
        let data = try Data(contentsOf: SharedData.url("reference/numerics/tail_fits.json"))
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(References.self, from: data).cases
    }

    private func close(_ a: Double, _ b: Double, _ tolerance: Double) -> Bool {
        abs(a - b) <= tolerance * max(abs(a), abs(b))
    }

    @Test("gamma by three moments: moments to 1e-12, tail areas to 1e-10")
    func gamma() throws {
        let cases = try references()
        #expect(cases.count == 4)
        for reference in cases {
            let fit = try #require(GammaApproximation(sample: reference.sample))
            let d = fit.distribution
            #expect(close(d.mean, Double(reference.mean)!, 1e-13))
            #expect(close(d.standardDeviation, sqrt(Double(reference.varianceNMinus1)!), 1e-13))
            #expect(close(d.skewness, Double(reference.skewnessBiased)!, 1e-11))
            for row in reference.gammaShiftFit.sf {
                #expect(close(exp(fit.logSurvival(row[0].value)), row[1].value, 1e-10), "\(reference.name)")
            }
        }
    }

    @Test("generalised Pareto by moments above a given threshold: parameters and tail areas to 1e-11")
    func moments() throws {
        for reference in try references() {
            let u = reference.gpd.threshold
            let exceedances = reference.sample.filter { $0 > u }.map { $0 - u }
            #expect(exceedances.count == reference.gpd.nExceed)
            let fit = GeneralizedPareto(momentsOf: exceedances)
            #expect(close(fit.shape, Double(reference.gpd.moments.xi)!, 1e-11))
            #expect(close(fit.scale, Double(reference.gpd.moments.scale)!, 1e-11))
            let share = Double(exceedances.count) / Double(reference.sample.count)
            for row in reference.gpd.tailP {
                #expect(close(share * exp(fit.logSurvival(row[0].value - u)), row[1].value, 1e-10))
            }
        }
    }

    @Test("the likeliest fit lies within its standard error of the fit by probability-weighted moments")
    func likelihood() throws {
        let weighted = [-0.190802342329933522, 0.306713649612118251]
        for (reference, shape) in zip(try references(), weighted) {
            let u = reference.gpd.threshold
            let fit = try #require(
                GeneralizedPareto(likeliestFor: reference.sample.filter { $0 > u }.map { $0 - u }))
            #expect(abs(fit.shape - shape) < (1 + shape) / sqrt(Double(reference.gpd.nExceed)))
        }
    }
}
