import CoveyCore
import CoveyInference

extension Measure {
    /// A value as readers see it; empty where there is none.
    func text(_ value: MeasuredValue?) -> String {
        switch value {
        case .number(let number): text(number)
        case .interval(let low, let high): "\(text(low)) to \(text(high))"
        case .text(let text): style == .sign ? (text == "positive" ? "+" : "−") : text
        case .shares(let shares): Self.text(shares)
        case nil: ""
        }
    }

    /// The largest parts, at most three of at least 5 %, and what is left.
    private static func text(_ shares: [MeasuredValue.Share]) -> String {
        var shown = Array(shares.prefix(3).filter { $0.share >= 0.05 })
        if shown.isEmpty { shown = Array(shares.prefix(1)) }
        let rest = 1 - shown.reduce(0) { $0 + $1.share }
        return (shown + (rest >= 0.005 ? [MeasuredValue.Share("others", rest)] : []))
            .map { "\($0.name) \(fixed(100 * $0.share, decimals: 0)) %" }.joined(separator: ", ")
    }

    private func text(_ number: Double) -> String {
        switch style {
        case .text, .sign: minus(shortest(number))
        case .count: minus(fixed(number, decimals: 0))
        case .decimals(let decimals): minus(fixed(number, decimals: decimals))
        case .significant(let digits): minus(significant(number, digits: digits))
        case .p: pText(number)
        case .percent: minus(significant(100 * number, digits: 3))
        }
    }
}

/// p to three digits, to two and a power of ten below 0.0001.
func pText(_ p: Double) -> String {
    guard p.isFinite, p > 0 else { return p == 0 ? "0" : "n/a" }
    if p >= 1e-4 { return significant(p, digits: 3) }
    let exponent = Int((-LogProbability.negativeLog10(LogProbability.fromP(p))).rounded(.down))
    let mantissa = significant(p * power(ten: -exponent), digits: 2)
    return mantissa == "10" ? "1e−\(-exponent - 1)" : "\(mantissa)e−\(-exponent)"
}

/// 10 to a whole power.
private func power(ten exponent: Int) -> Double { Double("1e\(exponent)")! }

/// A number with a true minus sign.
func minus(_ text: String) -> String { text.hasPrefix("-") ? "−" + text.dropFirst() : text }
