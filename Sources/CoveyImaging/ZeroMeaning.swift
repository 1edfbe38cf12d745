/// Whether an exact 0 is a value or the absence of one.
public enum ZeroMeaning: String, Sendable, Codable, CaseIterable {
    /// The absence of a value in maps with a background of 0 (``MapSummary/hasZeroBackground``), a value in
    /// all others.
    case automatic
    /// A value like any other.
    case value
    /// Always the absence of a value.
    case missing

    /// Whether a 0 of this map is the absence of a value.
    public func isMissing(in map: MapSummary) -> Bool {
        switch self {
        case .automatic: map.hasZeroBackground
        case .value: false
        case .missing: true
        }
    }
}
