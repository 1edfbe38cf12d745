import CoveyCore
import CoveyKernels
import CoveyTestSupport
import Foundation
import Testing

@testable import CoveyModel

@Suite("Deviates of F by interpolation")
struct FDeviateTableTests {
    /// Values of F of every size, 0 and infinity among them.
    private static let values: [Double] = {
        var numbers = TestNumbers(7)
        let usual = (0..<400).map { _ in exp(numbers.normal()) }
        let others = (0..<400).map { _ in exp(40 * (numbers.uniform() - 0.5)) }
        return usual + others + [0, 1e-300, exp(-16), exp(16), 1e30, .infinity]
    }()

    @Test(
        "for any degrees of freedom they are z to 1e-10",
        arguments: [1.0, 2, 3, 7, 40], [1.0, 2, 4.5, 12, 85, 1e3, 1e6])
    func exactness(numerator: Double, denominator: Double) {
        let f = FDistribution(numerator: numerator, denominator: denominator)
        let deviates = FDeviateTable(f).deviates(of: Self.values)
        for (value, deviate) in zip(Self.values, deviates) {
            let z = f.finiteZ(of: value)
            #expect(
                deviate == z || abs(deviate - z) <= 1e-10 * max(1, abs(z)), "F \(value): \(deviate) and \(z)")
        }
    }

    @Test("they rise with F, a value does not depend on its neighbours, instruction levels agree to rounding")
    func order() {
        let table = FDeviateTable(FDistribution(numerator: 3, denominator: 85))
        let values = Self.values.sorted()
        let deviates = table.deviates(of: values)
        for (a, b) in zip(deviates, deviates.dropFirst()) { #expect(b >= a - 1e-12 * max(1, abs(a))) }
        for (value, deviate) in zip(values, deviates) { #expect(table.deviates(of: [value]) == [deviate]) }
        for level in InstructionLevel.available {
            let other = table.deviates(of: values, level: level)
            #expect(zip(other, deviates).allSatisfy { $0 == $1 || abs($0 - $1) <= 1e-13 * max(1, abs($1)) })
            if level > .baseline { #expect(other == deviates) }
        }
    }
}
