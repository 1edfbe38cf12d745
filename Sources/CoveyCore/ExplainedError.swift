/// A fault of the user's or of the data's, told in one sentence with its remedy.
///
/// Each module has one enum that conforms. Cases are named for the problem and carry structured
/// payloads (which file, what was expected, what was found); the words are made here and nowhere else.
/// `description` names the file, row, column or option and quotes the offending value through
/// ``quoted(_:limit:)``, so that control characters never reach a terminal. `remedy` says what to do;
/// it may be empty.
public protocol ExplainedError: Error, Sendable, CustomStringConvertible {
    /// What is wrong and where, in one line without a full stop.
    var description: String { get }
    /// What to do about it, in one line; empty where there is nothing to add.
    var remedy: String { get }
}

/// Text made safe for one line of a message: control characters are escaped as in `\n` or `\u{1B}`, and
/// what goes past `limit` characters is cut and marked with an ellipsis.
public func printable(_ text: some StringProtocol, limit: Int = 200) -> String {
    var result = ""
    var count = 0
    for scalar in text.unicodeScalars {
        if count == limit {
            result += "…"
            break
        }
        count += 1
        switch scalar {
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        case "\u{0}"..<"\u{20}", "\u{7F}"..<"\u{A0}", "\u{202A}"..<"\u{202F}", "\u{2028}"..<"\u{202A}":
            result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}

/// `printable(text)` between single quotes, for names and values in messages.
public func quoted(_ text: some StringProtocol, limit: Int = 200) -> String {
    "'" + printable(text, limit: limit) + "'"
}

/// A number with its noun, "1 voxel", "2 voxels".
public func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
