import CoveyCore
import CoveyInference
import Foundation
import Testing

@Suite("Permutation-calibrated bounds")
struct PermutationCalibrationTests {
    private func logP(_ z: Double) -> Double { StandardNormal.logSurvival(z) }

    @Test("the pivot equals its definition, with templates of every size and with ties")
    func pivot() {
        for seed in 1...40 as ClosedRange<UInt64> {
            var random = PhiloxStream(seed: seed, domain: 0, index: 0)
            let m = 1 + Int(random.below(300))
            let z = (0..<m).map { _ in
                seed % 3 == 0 ? Double(random.below(5)) : random.normal() + Double(seed % 4)
            }
            for size in Set([1, (m + 1) / 2, m]) {
                let calibration = PermutationCalibration(testCount: m, templateSize: size)
                let ascending = z.map(logP).sorted().prefix(size)
                let expected = ascending.enumerated().map { $1 + log(Double(m) / Double($0 + 1)) }.min()!
                let found = calibration.logPivot(of: z + [.nan], logP: logP)
                #expect(abs(found - expected) < 1e-12, "seed \(seed), size \(size)")
            }
        }
    }

    @Test("few p-values are computed for a pivot")
    func cost() {
        var random = PhiloxStream(seed: 2, domain: 0, index: 0)
        let z = (0..<20_000).map { _ in random.normal() }
        var calls = 0
        _ = PermutationCalibration(testCount: z.count).logPivot(of: z) {
            calls += 1
            return logP($0)
        }
        #expect(calls < 600, "\(calls)")
    }

    @Test("at most floor(alpha B) shuffles cross the template")
    func crossings() {
        for (count, alpha) in [(20, 0.05), (19, 0.05), (100, 0.29), (7, 0.5), (1, 0.9)] {
            var random = PhiloxStream(seed: UInt64(count), domain: 0, index: 0)
            var calibration = PermutationCalibration(testCount: 50)
            for _ in 0..<count { calibration.add((0..<50).map { _ in random.normal() }, logP: logP) }
            let lambda = calibration.bounds(alpha: alpha).logLambda
            let crossing = calibration.logPivots.count { $0 < lambda }
            #expect(crossing == Int((alpha * Double(count) + 1e-9).rounded(.down)))
        }
    }

    @Test("a region's bound equals its definition")
    func definition() {
        for seed in 1...30 as ClosedRange<UInt64> {
            var random = PhiloxStream(seed: seed, domain: 1, index: 0)
            let m = 60
            let z = (0..<m).map { $0 < 20 ? random.normal() + 3.5 : random.normal() }
            var calibration = PermutationCalibration(testCount: m, templateSize: seed % 2 == 0 ? m : 9)
            calibration.add(z, logP: logP)
            for _ in 0..<40 { calibration.add((0..<m).map { _ in random.normal() }, logP: logP) }
            let bounds = calibration.bounds(alpha: 0.1)
            for range in [0..<20, 0..<60, 10..<30, 20..<60, 3..<4] {
                let region = z[range].map(logP)
                let expected = (1...bounds.templateSize).map { k in
                    let threshold = exp(bounds.logLambda) * Double(k) / Double(m)
                    return region.count { exp($0) < threshold * (1 - 1e-9) } - k + 1
                }.max()!
                #expect(bounds.discoveries(logP: region) == max(0, expected))
            }
        }
    }

    @Test("lambda is alpha for independent tests, where Simes' inequality is an equation")
    func relation() {
        var random = PhiloxStream(seed: 5, domain: 2, index: 0)
        var calibration = PermutationCalibration(testCount: 100)
        for _ in 0..<4000 { calibration.add((0..<100).map { _ in random.normal() }, logP: logP) }
        // Simes' test is exact for independent tests: lambda estimates alpha with a standard error of 0.0034.
        #expect(abs(exp(calibration.bounds(alpha: 0.05).logLambda) - 0.05) < 0.012)
    }

    @Test("under sign flips of dependent noise around a true signal the bounds of all regions hold together")
    func calibrationOfErrors() {
        // The mean of 12 subjects at 40 voxels with a shared component; 10 voxels are truly active.
        let (subjects, voxels, active, alpha) = (12, 40, 10, 0.2)
        var violations = 0
        var found = 0
        let repeats = 300
        for seed in 0..<UInt64(repeats) {
            var random = PhiloxStream(seed: seed, domain: 3, index: 0)
            let data = (0..<subjects).map { _ -> [Double] in
                let shared = random.normal()
                return (0..<voxels).map { 0.7 * shared + random.normal() + ($0 < active ? 1.2 : 0) }
            }
            func statistics(_ signs: [Double]) -> [Double] {
                (0..<voxels).map { v in
                    let values = (0..<subjects).map { signs[$0] * data[$0][v] }
                    let mean = values.reduce(0, +) / Double(subjects)
                    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(subjects - 1)
                    return mean / (variance / Double(subjects)).squareRoot()
                }
            }
            let t = StudentT(degreesOfFreedom: Double(subjects - 1))
            var calibration = PermutationCalibration(testCount: voxels)
            let observed = statistics([Double](repeating: 1, count: subjects))
            calibration.add(observed, logP: t.logSurvival)
            for _ in 0..<39 {
                calibration.add(
                    statistics((0..<subjects).map { _ in random.nextUInt32() & 1 == 1 ? -1 : 1 }),
                    logP: t.logSurvival)
            }
            let bounds = calibration.bounds(alpha: alpha)
            let p = observed.map(t.logSurvival)
            // If the bound of any region is too large, that of its null voxels is positive, and so is that of all.
            violations += bounds.discoveries(logP: Array(p[active...])) > 0 ? 1 : 0
            found += bounds.discoveries(logP: Array(p[..<active]))
        }
        // Binomial(300, 0.2): 60 +- 6.9, 99.9 % below 82.
        #expect(violations <= 82, "\(violations) of \(repeats)")
        #expect(Double(found) / Double(repeats) > 2, "no power: \(found)")
    }
}
