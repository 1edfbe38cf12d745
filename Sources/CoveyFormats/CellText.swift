import CoveyCore

/// Whether a cell is a date: `2024-03-12`, `12.3.2024`, `3/12/24`, `12-Mar-2024`, a time of day behind it or not.
///
/// Three parts of which one is a year; with points or without a year of four digits, numbers of versions are not
/// taken for dates.
func isDate(_ cell: String) -> Bool {
    var day = Substring(cell)
    if let gap = day.firstIndex(where: { $0 == "T" || $0 == " " }), day[gap...].contains(":") {
        day = day[..<gap]
    }
    let separators = Set(day.filter { "-/.".contains($0) })
    guard separators.count == 1, let separator = separators.first else { return false }
    let parts = day.split(separator: separator, omittingEmptySubsequences: false)
    guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty }) else { return false }
    let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    func number(_ part: Substring, _ range: ClosedRange<Int>, lengths: ClosedRange<Int>) -> Bool {
        guard lengths.contains(part.count), part.allSatisfy({ $0.isASCII && $0.isNumber }) else {
            return false
        }
        return Int(part).map(range.contains) ?? false
    }
    func isDay(_ part: Substring) -> Bool { number(part, 1...31, lengths: 1...2) }
    func isMonth(_ part: Substring) -> Bool {
        number(part, 1...12, lengths: 1...2)
            || (part.count >= 3 && part.allSatisfy(\.isLetter)
                && months.contains(part.lowercased().prefix(3).description))
    }
    func isYear(_ part: Substring) -> Bool {
        number(part, 1800...2200, lengths: 4...4)
            || (separator != "." && number(part, 0...99, lengths: 2...2))
    }
    if number(parts[0], 1800...2200, lengths: 4...4) { return isMonth(parts[1]) && isDay(parts[2]) }
    return isYear(parts[2])
        && ((isDay(parts[0]) && isMonth(parts[1])) || (isMonth(parts[0]) && isDay(parts[1])))
}

/// The number that a cell means to a person and not to a program, with a point and no marks: `'36`, `="36"`,
/// `1 234`, `1,234.5`, `12 %` and numbers with a typographic minus or no-break spaces. `nil` where it means none.
///
/// A cell that is a number already is returned as it is.
func numberWithin(_ cell: String) -> String? {
    if decimalNumber(cell) != nil { return cell }
    var text = ""
    for scalar in cell.unicodeScalars {
        switch scalar {
        case "\u{2212}", "\u{2013}": text.unicodeScalars.append("-")
        case "\u{A0}", "\u{202F}", "\u{2009}", "\u{2007}", "\t", "\n": text.unicodeScalars.append(" ")
        default: text.unicodeScalars.append(scalar)
        }
    }
    func trim() {
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
    }
    trim()
    if text.first == "=" { text.removeFirst() }
    if text.first == "'" || text.first == "\u{2019}" { text.removeFirst() }
    if text.count > 1, text.first == "\"", text.last == "\"" { text = String(text.dropFirst().dropLast()) }
    if text.last == "%" { text.removeLast() }
    trim()
    if decimalNumber(text) != nil { return text }
    // Thousands: groups of three digits behind the first.
    for mark in [",", " ", "'", "\u{2019}"] as [Character] {
        let whole = text.prefix { $0 != "." }
        let groups = whole.split(separator: mark, omittingEmptySubsequences: false)
        let first = groups[0].drop { $0 == "-" || $0 == "+" }
        guard groups.count > 1, (1...3).contains(first.count),
            groups.dropFirst().allSatisfy({ $0.count == 3 })
        else { continue }
        let joined = groups.joined() + text.dropFirst(whole.count)
        if decimalNumber(joined) != nil { return joined }
    }
    let point = text.split(separator: ",", omittingEmptySubsequences: false).joined(separator: ".")
    return text.contains(",") && decimalNumber(point) != nil ? point : nil
}
