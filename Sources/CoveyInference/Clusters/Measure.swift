/// What a column of a table tells: its name in files and before readers, and how its numbers are written.
public struct Measure: Sendable, Hashable {
    /// How values are written for readers; files have every digit.
    public enum Style: Sendable, Hashable {
        /// As it is.
        case text
        /// `positive` and `negative` as + and −.
        case sign
        /// A whole number.
        case count
        /// With a fixed number of decimals.
        case decimals(Int)
        /// With a number of significant digits.
        case significant(Int)
        /// A probability.
        case p
        /// A share of 1 as per cent, without the sign.
        case percent
    }

    /// The name in files, unique in its table.
    public let name: String
    /// The name before readers, in the report and in Markdown; `nil`: the column is in files alone.
    public let heading: String?
    /// What the values are, in a sentence without its full stop.
    public let meaning: String
    /// The unit of the values in files; `nil` where they have none.
    public let unit: String?
    /// How values are written for readers.
    public let style: Style
    /// Whether the values are intervals.
    public let isInterval: Bool

    /// A measure from its parts.
    public init(
        _ name: String, heading: String?, meaning: String, unit: String? = nil, style: Style,
        isInterval: Bool = false
    ) {
        self.isInterval = isInterval
        self.name = name
        self.heading = heading
        self.meaning = meaning
        self.unit = unit
        self.style = style
    }
}

/// A cell of a table that is not empty.
public enum MeasuredValue: Sendable, Hashable {
    /// A number; NaN counts as no value.
    case number(Double)
    /// Two bounds; a file has a column for each, `low` and `high`.
    case interval(Double, Double)
    /// Words.
    case text(String)
    /// Parts of a whole, the largest first.
    case shares([Share])

    /// A part of a whole.
    public struct Share: Sendable, Hashable {
        /// What it is.
        public let name: String
        /// Its size, where the whole is 1.
        public let share: Double

        /// A part.
        public init(_ name: String, _ share: Double) {
            self.name = name
            self.share = share
        }
    }

    /// Whether a number is not a number.
    var isMissing: Bool {
        switch self {
        case .number(let value): value.isNaN
        case .interval(let low, let high): low.isNaN && high.isNaN
        case .text: false
        case .shares(let shares): shares.isEmpty
        }
    }
}

/// A measure that every voxel of a map has, for the peaks of tables.
public struct PeakMeasure: Sendable {
    /// What it tells.
    public let measure: Measure
    /// The value at a column of the map's mask; `nil` where it has none.
    public let value: @Sendable (Int) -> MeasuredValue?

    /// A measure and its values.
    public init(_ measure: Measure, value: @escaping @Sendable (Int) -> MeasuredValue?) {
        self.measure = measure
        self.value = value
    }

    /// A measure with a number for each column of the mask.
    public init(_ measure: Measure, _ values: [Double]) {
        self.init(measure) { .number(values[$0]) }
    }
}
