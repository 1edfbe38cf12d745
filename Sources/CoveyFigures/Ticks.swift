/// A mark of the colour bar.
struct Tick: Sendable, Hashable {
    let value: Double
    let text: String
    /// Whether it stands for the threshold.
    let isThreshold: Bool

    /// The marks of a bar `height` points high whose labels are `labelHeight` points high, ascending.
    ///
    /// The threshold comes first, then the ends of the range, zero, and round numbers where there is room;
    /// none in the part that the threshold hides, except zero. Of the steps between round numbers the one
    /// that leaves room for most of them is taken.
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
        var ticks: [Tick] = []
        func place(_ value: Double) -> Double { (value - rule.lower) / (rule.upper - rule.lower) * height }
        func add(_ value: Double, _ given: String? = nil, isRound: Bool = false, isThreshold: Bool = false) {
            guard value >= rule.lower, value <= rule.upper else { return }
            let (position, text) = (place(value), given ?? numberText(value))
            guard ticks.allSatisfy({ abs(place($0.value) - position) >= room($0.text, text, isRound) })
            else { return }
            ticks.append(Tick(value: value, text: text, isThreshold: isThreshold))
        }
        if rule.threshold > 0 {
            for value in [rule.threshold, -rule.threshold] {
                add(value, isThreshold: true)
            }
        }
        add(rule.upper, (rule.clipsUpper ? "≥ " : "") + numberText(rule.upper))
        add(rule.lower, (rule.clipsLower ? "≤ " : "") + numberText(rule.lower))
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

    /// The least of 1, 2, 2.5, 5, 10, ... times a power of ten that is at least `rough`.
    static func roundStep(_ rough: Double) -> Double {
        let power = powerOfTen(decimalExponent(rough))
        return ([1, 2, 2.5, 5].first { $0 * power >= rough * (1 - 1e-9) } ?? 10) * power
    }
}
