/// What a shuffle does to the subjects.
public enum ExchangeScheme: String, Sendable, Codable, CaseIterable {
    /// Moves the design's rows among the subjects: right where errors are exchangeable.
    case permute
    /// Flips the signs of rows: right where errors are independent and symmetric about 0.
    case flip
    /// Both at once: needs both assumptions.
    case both
}
