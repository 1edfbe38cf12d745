import Foundation
import Testing

@testable import CoveyCore

@Suite("Normal numbers from Philox")
struct PhiloxNormalTests {
    @Test("the portable logarithm agrees with the system's to 4e-16 of its size or of 1")
    func logarithm() {
        var stream = PhiloxStream(seed: 1, domain: 1, index: 0)
        for power in -60..<1 {
            for _ in 0..<50 {
                let x = stream.uniform() * Double(sign: .plus, exponent: power, significand: 1) + 1e-300
                let expected = log(x)
                #expect(abs(portableLogarithm(x) - expected) <= 4e-16 * max(1, abs(expected)))
            }
        }
        #expect(portableLogarithm(1) == 0)
    }

    @Test("moments and tail shares are those of the standard normal within four standard errors")
    func moments() {
        var stream = PhiloxStream(seed: 20, domain: 3, index: 7)
        let n = 200_000.0
        var (first, second, fourth, beyond) = (0.0, 0.0, 0.0, 0.0)
        for _ in 0..<Int(n) {
            let x = stream.normal()
            first += x
            second += x * x
            fourth += x * x * x * x
            if abs(x) > 2.575_829_303_548_901 { beyond += 1 }
        }
        // Variances of x, x^2 and x^4 are 1, 2 and 96; one value in a hundred lies beyond 2.576.
        #expect(abs(first / n) < 4 * (1 / n).squareRoot())
        #expect(abs(second / n - 1) < 4 * (2 / n).squareRoot())
        #expect(abs(fourth / n - 3) < 4 * (96 / n).squareRoot())
        #expect(abs(beyond / n - 0.01) < 4 * (0.01 * 0.99 / n).squareRoot())
    }

    @Test("the first numbers of a stream are those of an independent program, and never change")
    func pinned() {
        // From the polar method over Philox written in Python with its own logarithm.
        var stream = PhiloxStream(seed: 42, domain: 0, index: 0)
        let bits = (0..<3).map { _ in stream.normal().bitPattern }
        #expect(bits == [13_824_446_617_405_894_500, 13_834_880_198_991_772_293, 4_604_285_243_115_767_463])
    }
}
