/// A mark of the colour bar.
struct Tick: Sendable, Hashable {
    let value: Double
    let text: String
    /// Whether it stands for the threshold.
    let isThreshold: Bool
    /// How far along the bar, in points, the text stands from the mark: a threshold's gives way to the end's.
    var shift = 0.0

    /// The marks of a bar `height` points high whose labels are `labelHeight` points high, ascending.
    ///
    /// The threshold comes first, then the ends of the range, zero, and round numbers where there is room;
    /// none in the part that the threshold hides, except zero. Of the steps between round numbers the one
    /// that leaves room for most of them is taken. Numbers have three digits, or as many as it takes to print
    /// each within a hundredth of the range.
    static func ticks(_ rule: DisplayRule, height: Double, labelHeight: Double) -> [Tick] {
        ticks(rule, length: height, coarseness: 4 * labelHeight) { _, _, isRound in
            (isRound ? 2.2 : 1.1) * labelHeight
        }
    }

    /// The marks of a bar so long.
    ///
    /// - Parameters:
    ///   - coarseness: how far apart round numbers lie, about.
    ///   - room: the least distance of two marks by their texts; larger where one is a round number.
    static func ticks(
        _ rule: DisplayRule, length height: Double, coarseness: Double,
        room: (String, String, _ isRound: Bool) -> Double
    ) -> [Tick] {
        for digits in 3..<12 {
            let ticks = ticks(rule, length: height, coarseness: coarseness, digits: digits, room: room)
            let tolerance = (rule.upper - rule.lower) / 100
            if ticks.allSatisfy({ abs(rounded($0.value, digits: digits) - $0.value) <= tolerance }) {
                return ticks
            }
        }
        return ticks(rule, length: height, coarseness: coarseness, digits: 12, room: room)
    }

    private static func ticks(
        _ rule: DisplayRule, length height: Double, coarseness: Double, digits: Int,
        room: (String, String, _ isRound: Bool) -> Double
    ) -> [Tick] {
        var ticks: [Tick] = []
        func place(_ value: Double) -> Double { (value - rule.lower) / (rule.upper - rule.lower) * height }
        func text(_ value: Double) -> String { numberText(value, significantDigits: digits) }
        func clash(_ tick: Tick, _ position: Double, _ text: String, isRound: Bool) -> Double {
            room(tick.text, text, isRound) - abs(place(tick.value) + tick.shift - position)
        }
        func add(_ value: Double, _ given: String? = nil, isRound: Bool = false, isThreshold: Bool = false) {
            guard value >= rule.lower, value <= rule.upper else { return }
            let (position, text) = (place(value), given ?? text(value))
            guard ticks.allSatisfy({ clash($0, position, text, isRound: isRound) <= 0 }) else { return }
            ticks.append(Tick(value: value, text: text, isThreshold: isThreshold))
        }
        /// An end that lies close to the threshold pushes the threshold's text away, where there is room.
        func addEnd(_ value: Double, _ text: String, away: Double) {
            let position = place(value)
            if let i = ticks.firstIndex(where: { clash($0, position, text, isRound: false) > 0 }),
                ticks[i].value != value
            {
                let shift = clash(ticks[i], position, text, isRound: false)
                let moved = place(ticks[i].value) + away * shift
                if moved >= 0, moved <= height,
                    ticks.indices.allSatisfy({
                        $0 == i || clash(ticks[$0], moved, ticks[i].text, isRound: false) <= 0
                    })
                {
                    // A hair more than the room, so that rounding does not refuse the end.
                    ticks[i].shift = away * (shift + 1e-9 * height)
                }
            }
            add(value, text)
        }
        if rule.threshold > 0 {
            for value in [rule.threshold, -rule.threshold] {
                add(value, isThreshold: true)
            }
        }
        addEnd(rule.upper, (rule.clipsUpper ? "≥ " : "") + text(rule.upper), away: -1)
        addEnd(rule.lower, (rule.clipsLower ? "≤ " : "") + text(rule.lower), away: 1)
        if rule.lower < 0 { add(0) }
        let fixed = ticks
        var best = fixed
        var step = roundStep((rule.upper - rule.lower) / max(2, height / coarseness))
        for _ in 0..<4 {
            ticks = fixed
            var multiple = (rule.lower / step).rounded(.up)
            while multiple * step <= rule.upper {
                let value = multiple * step
                if abs(value) >= rule.threshold { add(value, isRound: true) }
                multiple += 1
            }
            if ticks.count > best.count { best = ticks }
            step = roundStep(step * 1.01)
        }
        return best.sorted { $0.value < $1.value }
    }

    private static func rounded(_ value: Double, digits: Int) -> Double {
        guard value != 0 else { return 0 }
        let unit = powerOfTen(decimalExponent(abs(value)) - digits + 1)
        return (value / unit).rounded() * unit
    }

    /// The least of 1, 2, 2.5, 5, 10, ... times a power of ten that is at least `rough`.
    static func roundStep(_ rough: Double) -> Double {
        let power = powerOfTen(decimalExponent(rough))
        return ([1, 2, 2.5, 5].first { $0 * power >= rough * (1 - 1e-9) } ?? 10) * power
    }
}
