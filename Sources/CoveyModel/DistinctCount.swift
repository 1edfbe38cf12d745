import CoveyCore

/// A number that may be beyond the range of Int.
public struct DistinctCount: Sendable, Hashable, CustomStringConvertible {
    /// The number; `nil` beyond the range of Int.
    public let count: Int?
    /// Its logarithm to base 10.
    public let log10: Double

    /// A number and its logarithm.
    public init(count: Int?, log10: Double) {
        self.count = count
        self.log10 = log10
    }

    /// The number in words: exact to nine digits, else rounded.
    public var description: String {
        if let count, count < 1_000_000_000 { return String(count) }
        // 89! is about 1.7e136, and 5000 flips are beyond what a Double holds.
        let exponent = log10.rounded(.down)
        return "about \(fixed(powerOfTen(log10 - exponent), decimals: 1))e\(Int(exponent))"
    }
}
