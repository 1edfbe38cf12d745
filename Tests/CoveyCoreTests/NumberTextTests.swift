import CoveyTestSupport
import Testing

@testable import CoveyCore

@Suite("Numbers as text")
struct NumberTextTests {
    @Test(
        "decimal numbers are read",
        arguments: [
            ("1", 1.0), ("-1.5", -1.5), ("+.5", 0.5), ("2.", 2), ("1e-3", 0.001), ("6.02E+23", 6.02e23),
            (" 7\t", 7),
            ("1e-400", 0),
        ])
    func readable(text: String, value: Double) {
        #expect(decimalNumber(text) == value)
    }

    @Test(
        "nothing else is a number",
        arguments: [
            "", " ", "-", ".", "e5", "1e", "1e+", "0x10", "1_000", "1,5", "1 000", "inf", "nan", "1e999",
            "１２", "1.2.3",
            "--1", "1\u{0}",
        ])
    func unreadable(text: String) {
        #expect(decimalNumber(text) == nil)
    }

    @Test("the shortest text reads back to the bit")
    func shortestRoundTrip() {
        var numbers = TestNumbers(2)
        for _ in 0..<500 {
            let value = numbers.normal() * [1e-300, 1e-8, 1, 1e12, 1e290][numbers.below(5)]
            #expect(decimalNumber(shortest(value))?.bitPattern == value.bitPattern)
        }
        #expect(shortest(3) == "3" && shortest(-0.25) == "-0.25")
    }

    @Test("rounded text is within half a unit of its last digit")
    func rounding() {
        var numbers = TestNumbers(4)
        for _ in 0..<500 {
            let value = numbers.normal() * [1e-12, 1e-3, 1, 1e6, 1e20][numbers.below(5)]
            for digits in [1, 4, 7] {
                let back = decimalNumber(significant(value, digits: digits)) ?? .nan
                var half = 0.5
                for _ in 0..<digits - 1 { half /= 10 }
                #expect(abs(back - value) <= abs(value) * half * (1 + 1e-9))
            }
            if abs(value) < 1e9 {
                #expect(
                    abs((decimalNumber(fixed(value, decimals: 3)) ?? .nan) - value) <= 0.0005 * (1 + 1e-9))
            }
        }
        #expect(fixed(-0.0001, decimals: 2) == "0.00" && fixed(1.25, decimals: 0) == "1")
        #expect(significant(9.99996, digits: 5) == "10" && significant(9.9999e-7, digits: 3) == "1e-6")
        #expect(significant(0.00012345, digits: 3) == "0.000123" && fixed(.nan, decimals: 2) == "nan")
    }
}
