import CoveyCore
import CoveyKernels
import CoveyTestSupport
import Testing

@testable import CoveyModel

@Suite("Deviates of t by interpolation")
struct DeviateTableTests {
    /// Values of t of every size, of both signs, 0 and infinity among them.
    private static let values: [Double] = {
        var numbers = TestNumbers(5)
        let small = (0..<300).map { _ in numbers.normal() * 3 }
        let large = (0..<200).map { _ in numbers.normal() * 40 }
        return small + large + [0, -0.0, 1e-150, -1e-9, 1e9, -1e120, 1e200, .infinity]
    }()

    private func check(_ t: [Double], _ deviates: [Double], _ degrees: (Int) -> Double) {
        for (i, value) in t.enumerated() {
            let z = StudentT(degreesOfFreedom: degrees(i)).z(of: value)
            #expect(
                deviates[i] == z || abs(deviates[i] - z) <= 1e-10 * abs(z),
                "t \(value) with \(degrees(i)): \(deviates[i]) and \(z)")
        }
    }

    @Test("for any one number of degrees of freedom from 3 on they are z to 1e-10, relatively")
    func single() throws {
        for dof in [3.0, 3.7, 5, 8, 12, 27.4, 87, 1000, 1e6] {
            let table = try #require(DeviateTable(degreesOfFreedom: dof, to: dof))
            check(Self.values, table.deviates(of: Self.values, degreesOfFreedom: [dof])) { _ in dof }
        }
        #expect(DeviateTable(degreesOfFreedom: 2.9, to: 10) == nil)
    }

    @Test("over a range of degrees of freedom too")
    func ranges() throws {
        var numbers = TestNumbers(6)
        for (least, greatest) in [(3.0, 5.0), (3, 60), (6, 18), (19, 500), (3, 1e4)] {
            let table = try #require(DeviateTable(degreesOfFreedom: least, to: greatest))
            let degrees = Self.values.indices.map { i -> Double in
                i % 50 == 0
                    ? least
                    : i % 50 == 1
                        ? greatest
                        : 1 / (1 / greatest + numbers.uniform() * (1 / least - 1 / greatest))
            }
            check(Self.values, table.deviates(of: Self.values, degreesOfFreedom: degrees)) { degrees[$0] }
        }
    }

    @Test("a value does not depend on its neighbours; instruction levels agree to rounding")
    func independence() throws {
        let table = try #require(DeviateTable(degreesOfFreedom: 5, to: 20))
        let t = Array(Self.values.prefix(50))
        let degrees = t.indices.map { 5 + Double($0) / 4 }
        let all = table.deviates(of: t, degreesOfFreedom: degrees)
        for i in t.indices {
            #expect(table.deviates(of: [t[i]], degreesOfFreedom: [degrees[i]]) == [all[i]])
        }
        for level in InstructionLevel.available {
            let other = table.deviates(of: t, degreesOfFreedom: degrees, level: level)
            for (a, b) in zip(other, all) { #expect(abs(a - b) <= 1e-13 * abs(b)) }
            if level > .baseline { #expect(other == all) }
        }
    }
}
