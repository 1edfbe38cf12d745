import Testing

@testable import CoveyCore

@Suite("Philox4x32-10")
struct PhiloxTests {
    @Test("gives the known answers of its authors' Random123 library")
    func knownAnswers() {
        let ones = UInt32.max
        #expect(Philox(seed: 0).words((0, 0, 0, 0)) == (0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
        #expect(
            Philox(seed: .max).words((ones, ones, ones, ones))
                == (0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
        #expect(
            Philox(seed: 0x299f_31d0_a409_3822).words((0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344))
                == (0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
    }

    @Test("bounded numbers are uniform within a binomial interval")
    func bounded() {
        var stream = PhiloxStream(seed: 5, domain: 9, index: 3)
        var counts = [Int](repeating: 0, count: 7)
        for _ in 0..<70_000 { counts[Int(stream.below(7))] += 1 }
        // Four standard deviations of a binomial(70000, 1/7) are 370.
        #expect(counts.allSatisfy { abs($0 - 10_000) < 370 })
    }

    @Test("streams of different domains, indices and seeds differ")
    func separation() {
        var seen = Set<UInt64>()
        for seed in 0..<4 {
            for domain in 0..<4 {
                for index in 0..<4 {
                    var stream = PhiloxStream(
                        seed: UInt64(seed), domain: UInt32(domain), index: UInt64(index))
                    seen.insert(stream.nextUInt64())
                }
            }
        }
        #expect(seen.count == 64)
    }
}
