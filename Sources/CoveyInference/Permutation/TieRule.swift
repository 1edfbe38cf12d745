/// Which shuffled values count as reaching an observed one.
///
/// Designs with few distinct shuffles are full of exact ties, which rounding must not break: a value within
/// 1e-9 of the observed one, relatively, or within 1e-12 absolutely, reaches it. The smallest true difference
/// seen in exhaustively enumerated examples is 5.9e-7.
enum TieRule {
    private static let relative = 1e-9
    private static let absolute = 1e-12

    /// The least value that reaches `observed`.
    static func threshold(_ observed: Double) -> Double {
        observed - max(relative * abs(observed), absolute)
    }

    /// The least value that `value` does not reach.
    static func beyond(_ value: Double) -> Double {
        guard value.isFinite else { return value }
        var least = max(value + absolute, value / (1 - (value < 0 ? -relative : relative)))
        while threshold(least) <= value { least = least.nextUp }
        return least
    }

    /// The least height that belongs to clusters formed at `height`.
    static func forming(_ height: Double) -> Double { height - relative * abs(height) }
}
