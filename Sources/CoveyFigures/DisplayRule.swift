/// Which values are drawn, and in which colour.
struct DisplayRule: Sendable, Hashable {
    /// The least absolute value shown in full; 0 without a threshold.
    let threshold: Double
    /// The values at the two ends of the colour map.
    let lower: Double
    let upper: Double
    /// Whether some tested value lies beyond the lower or the upper end.
    let clipsLower: Bool
    let clipsUpper: Bool
    /// The opacity of values just below the threshold; 0 hides them.
    let fadedAlpha: Double

    /// Whether the range takes in this value's sign: a range that begins at or above -threshold leaves out
    /// what lies below its start, one that ends at or below the threshold what lies above its end.
    @inline(__always)
    func isInRange(_ value: Double) -> Bool {
        !(lower >= -threshold && value < lower) && !(upper <= threshold && value > upper)
    }

    /// Whether a value survives and is drawn in full. NaN is not.
    @inline(__always)
    func shows(_ value: Double) -> Bool { abs(value) >= threshold && isInRange(value) && value.isFinite }

    /// The opacity of a value: 1 at or above the threshold.
    @inline(__always)
    func opacity(_ value: Double) -> Double {
        if shows(value) { return 1 }
        guard fadedAlpha > 0, value.isFinite, isOnShownSide(value) else { return 0 }
        let ratio = value / threshold
        return fadedAlpha * ratio * ratio
    }

    /// Where a value lies between the ends of the colour map, from 0 to 1.
    @inline(__always)
    func fraction(_ value: Double) -> Double { min(max((value - lower) / (upper - lower), 0), 1) }

    /// Whether only positive, or only negative values can be shown.
    var isPositiveOnly: Bool { lower >= -threshold && lower >= 0 || lower > -threshold }
    var isNegativeOnly: Bool { upper <= threshold && upper <= 0 || upper < threshold }

    @inline(__always)
    private func isOnShownSide(_ value: Double) -> Bool {
        value > 0 ? !isNegativeOnly : value < 0 ? !isPositiveOnly : false
    }

    /// - Throws: ``FigureError/threshold(_:)`` or ``FigureError/range(lower:upper:)``.
    init(
        threshold: Double?, range: ValueRange, belowThreshold: BelowThreshold, isDiverging: Bool,
        least: Double,
        largest: Double
    ) throws(FigureError) {
        if let threshold, !(threshold >= 0 && threshold.isFinite) {
            throw FigureError.threshold(threshold)
        }
        let cut = threshold ?? 0
        self.threshold = cut
        if case .faded(let alpha) = belowThreshold, cut > 0 {
            fadedAlpha = min(max(alpha, 0), 1)
        } else {
            fadedAlpha = 0
        }
        switch range {
        case .automatic where isDiverging:
            let end = max(abs(least), abs(largest), cut)
            upper = end > 0 ? end : 1
            lower = -upper
        case .automatic:
            let start = least < 0 ? min(least, -cut) : 0
            let end = largest > 0 ? max(largest, cut) : least < 0 ? 0 : cut
            lower = start
            upper = end > start ? end : start + 1
        case .fromThreshold where fadedAlpha > 0:
            // What is faint has colours of its own below the threshold's.
            lower = 0
            upper = max(largest, cut)
        case .fromThreshold:
            // Nothing survives: the bar shows, all grey, how far the threshold lies from 0.
            lower = largest >= cut ? cut : 0
            upper = largest > cut ? largest : largest == cut ? cut + max(1, cut) : cut
        case .fixed(let start, let end):
            guard start < end, start.isFinite, end.isFinite else {
                throw FigureError.range(lower: start, upper: end)
            }
            lower = start
            upper = end
        }
        clipsLower = least < lower && !(lower >= -cut)
        clipsUpper = largest > upper && !(upper <= cut)
    }
}
