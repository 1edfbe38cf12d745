import CoveyCanvas
import CoveyImaging
import CoveyModel
import Testing

@testable import CoveyFigures

@Suite("Colours, thresholds and numbers of figures")
struct DisplayTests {
    func rule(
        _ threshold: Double?, _ range: ValueRange = .automatic, map: ColorMap = .redBlue, least: Double = -4,
        largest: Double = 6, faded: Double? = nil
    ) throws -> DisplayRule {
        try DisplayRule(
            threshold: threshold, range: range, belowThreshold: faded.map { .faded(alpha: $0) } ?? .hidden,
            isDiverging: map.isDiverging, least: least, largest: largest)
    }

    @Test("a value at the threshold survives, of either sign; the next smaller Double does not")
    func atThreshold() throws {
        let rule = try rule(3)
        #expect(rule.shows(3) && rule.shows(-3))
        #expect(!rule.shows((3.0).nextDown) && !rule.shows((-3.0).nextUp))
        #expect(!rule.shows(.nan) && !rule.shows(.infinity))
    }

    @Test("a diverging map is symmetric about zero, whichever sign is larger")
    func symmetric() throws {
        let rule = try rule(nil)
        #expect(rule.lower == -6 && rule.upper == 6)
        #expect(rule.fraction(0) == 0.5)
        for value in [0.3, 2, 5.5] { #expect(abs(rule.fraction(value) + rule.fraction(-value) - 1) < 1e-15) }
        // Cold-hot: swapping the sign swaps red and blue.
        for x in [0.55, 0.7, 0.95] {
            let (hot, cold) = (ColorMap.coldHot.color(at: x), ColorMap.coldHot.color(at: 1 - x))
            #expect(abs(hot.red - cold.blue) < 1e-12 && abs(hot.blue - cold.red) < 1e-12)
        }
    }

    @Test("a range from the threshold shows large positive values alone")
    func oneSided() throws {
        let rule = try rule(1, .fromThreshold, map: .inferno)
        #expect(rule.lower == 1 && rule.upper == 6)
        #expect(rule.shows(1) && !rule.shows(-4) && !rule.shows(0.99))
        #expect(try self.rule(1, .fixed(lower: -5, upper: 0), map: .hot).shows(-2))
        #expect(try !self.rule(1, .fixed(lower: -5, upper: 0), map: .hot).shows(2))
    }

    @Test("where voxels below the threshold are faint, a range from the threshold begins at 0 and marks it")
    func faintOneSided() throws {
        // Survivors in a hair's breadth: the faint ones must not all have the lowest of their colours.
        let rule = try rule(1.301, .fromThreshold, map: .viridis, least: 0, largest: 1.347, faded: 0.7)
        #expect(rule.lower == 0 && rule.upper == 1.347)
        #expect(rule.fraction(0.5) < 0.4 && rule.fraction(1.301) > 0.9)
        #expect(
            rule.opacity(0.6) > 0 && rule.opacity(0.6) < 0.2 && rule.opacity(-0.6) == 0
                && rule.opacity(1.31) == 1)
        #expect(!rule.shows(-2))
        #expect(
            Tick.ticks(rule, height: 150, labelHeight: 6).contains { $0.isThreshold && $0.value == 1.301 })
        // The end has its number too: the threshold's gives way.
        let ends = Tick.ticks(rule, height: 150, labelHeight: 6).suffix(2)
        #expect(ends.map(\.text) == ["1.3", "1.35"])
        #expect(abs(ends.first!.shift + 6.6 - (1.347 - 1.301) / 1.347 * 150) < 1e-6)
    }

    @Test("values beyond a fixed range are drawn in the end's colour and marked on the bar")
    func clipping() throws {
        let rule = try rule(1, .fixed(lower: -3, upper: 5))
        #expect(rule.shows(6) && rule.fraction(6) == 1 && rule.clipsUpper && rule.clipsLower)
        let ticks = Tick.ticks(rule, height: 150, labelHeight: 6)
        #expect(ticks.last?.text == "≥ 5" && ticks.first?.text == "≤ −3")
    }

    @Test("fading follows the square of the value and ends at the threshold")
    func fading() throws {
        let rule = try rule(3, faded: 0.8)
        #expect(rule.opacity(3) == 1 && rule.opacity(0) == 0)
        #expect(abs(rule.opacity(1.5) - 0.2) < 1e-12 && abs(rule.opacity(-1.5) - 0.2) < 1e-12)
        #expect(try self.rule(3).opacity(2.9) == 0)
    }

    @Test("ticks ascend, keep their distance, show the threshold and the ends, and spare the hidden part")
    func ticks() throws {
        for (threshold, largest) in [(3.69, 6.38), (0.001, 0.02), (31, 1234), (2, 2.01)] {
            let rule = try rule(threshold, least: -1e-3, largest: largest)
            let ticks = Tick.ticks(rule, height: 160, labelHeight: 6.2)
            let places = ticks.map { rule.fraction($0.value) * 160 + $0.shift }
            #expect(zip(places, places.dropFirst()).allSatisfy { $1 - $0 >= 1.1 * 6.2 })
            #expect(ticks.count { $0.isThreshold } == (threshold < 0.05 * largest ? 1 : 2))
            #expect(ticks.allSatisfy { $0.value == 0 || abs($0.value) >= threshold })
        }
        let sequential = try rule(1, .fromThreshold, map: .inferno, least: 0, largest: 5.2)
        #expect(
            Tick.ticks(sequential, height: 160, labelHeight: 6.2).map(\.text) == ["1", "2", "3", "4", "5.2"])
        #expect(Tick.roundStep(0.3) == 0.5 && Tick.roundStep(2.1) == 2.5 && Tick.roundStep(7) == 10)
    }

    @Test("ticks of a narrow range have the digits that tell them apart")
    func narrow() throws {
        for (threshold, largest) in [(1.301, 1.3032), (100, 100.02), (1e-7, 1.00001e-7)] {
            let rule = try rule(threshold, .fromThreshold, map: .viridis, least: 0, largest: largest)
            let ticks = Tick.ticks(rule, height: 160, labelHeight: 6.2)
            #expect(ticks.count >= 3 && Set(ticks.map(\.text)).count == ticks.count)
            for tick in ticks {
                let printed = try #require(Double(tick.text.replacing("−", with: "-")))
                #expect(abs(printed - tick.value) <= 0.0100001 * (rule.upper - rule.lower))
            }
        }
    }

    @Test("numbers are printed to the digits they need, with a true minus sign")
    func numbers() {
        let cases: [(Double, String)] = [
            (6.3758, "6.38"), (-3.0, "−3"), (0, "0"), (-0.0, "0"), (1234.5, "1235"), (0.05, "0.05"),
            (0.99999, "1"), (9.996, "10"), (1.5e-7, "1.5e−7"), (-9.999e-6, "−1e−5"), (2.5e8, "2.5e8"),
            (.infinity, "∞"),
        ]
        for (value, text) in cases { #expect(numberText(value) == text) }
        #expect(millimeterText(-4.96) == "−5" && millimeterText(30.5) == "30.5")
        #expect(millimeterText(-0.04) == "0" && millimeterText(10) == "10")
    }

    @Test("the ends and the middle of the colour maps are the published ones")
    func tables() {
        func hex(_ map: ColorMap, _ x: Double) -> UInt32 {
            let pixel = Picture.pixel(map.color(at: x))
            return (pixel & 255) << 16 | (pixel >> 8 & 255) << 8 | pixel >> 16 & 255
        }
        // matplotlib 3: colormaps[name].colors[0], [-1]; RdBu_r at 0, 0.5, 1.
        #expect(hex(.inferno, 0) == 0x000004 && hex(.inferno, 1) == 0xFCFFA4)
        #expect(hex(.viridis, 0) == 0x440154 && hex(.viridis, 1) == 0xFDE725)
        #expect(hex(.magma, 1) == 0xFCFDBF && hex(.plasma, 0) == 0x0D0887)
        #expect(
            hex(.redBlue, 0) == 0x053061 && hex(.redBlue, 0.5) == 0xF7F7F7 && hex(.redBlue, 1) == 0x67001F)
        #expect(hex(.gray, 0.5) == 0x808080 && hex(.hot, 1) == 0xFFFFFF)
    }

    @Test("a map's colour bar says what its numbers are")
    func labels() {
        #expect(Statistic.t(degreesOfFreedom: 86).figureLabel == "t (86)")
        #expect(
            Statistic.negativeLog10P(.greater, .familyWiseError, .permutation(.voxel)).figureLabel
                == "−log₁₀ p (FWE)"
        )
        #expect(Statistic.p(.twoSided, .falseDiscoveryRate, .parametric).figureLabel == "q (FDR)")
    }
}
