/// Something the user should know that did not stop the work: a repair, an assumption, an exclusion.
///
/// Notes are values. They travel in results, and whoever talks to the user prints them; library code
/// never does.
public struct Note: Sendable, Hashable, Codable {
    /// How much attention a note asks for.
    public enum Severity: String, Sendable, Codable {
        /// A choice or a count worth recording.
        case information
        /// Something that may change what the result means.
        case warning
    }

    /// How much attention the note asks for.
    public let severity: Severity
    /// One sentence, without a full stop.
    public let text: String

    /// A note of the given severity.
    public init(_ severity: Severity, _ text: String) {
        self.severity = severity
        self.text = text
    }

    /// A choice or a count worth recording.
    public static func information(_ text: String) -> Note { Note(.information, text) }

    /// Something that may change what the result means.
    public static func warning(_ text: String) -> Note { Note(.warning, text) }
}
