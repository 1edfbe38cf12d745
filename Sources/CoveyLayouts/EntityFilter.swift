/// A choice among maps by what is said of them: `space=MNI152NLin2009cAsym`, `run=1`, `folder=model*`.
///
/// Filters on one key widen each other, filters on different keys narrow each other. `*` stands for any
/// characters; an empty value for maps of which nothing is said under the key.
public struct EntityFilter: Sendable, Hashable {
    /// The entity.
    public let key: String
    /// The value.
    public let value: String

    /// A filter of the form `key=value`; `nil` where there is no key or no `=`.
    public init?(_ text: String) {
        guard let sign = text.firstIndex(of: "="), sign != text.startIndex else { return nil }
        key = String(text[..<sign])
        value = String(text[text.index(after: sign)...])
    }

    /// The filter as written.
    public var text: String { key + "=" + value }

    /// Whether a map passes.
    public func admits(_ map: FoundMap) -> Bool {
        guard let found = map.entity(key) else { return value.isEmpty }
        if key == "sub" || key == "subject" {
            return Self.matches(found, value) || Self.matches(found, "sub-" + value)
        }
        return Self.matches(found, value)
    }

    /// Whether a text matches a pattern with stars, in time proportional to their product.
    static func matches(_ text: String, _ pattern: String) -> Bool {
        var reachable: Set<Int> = [0]
        let characters = Array(text)
        for symbol in pattern {
            if symbol == "*" {
                guard let least = reachable.min() else { return false }
                reachable = Set(least...characters.count)
            } else {
                reachable = Set(
                    reachable.filter { $0 < characters.count && characters[$0] == symbol }.map { $0 + 1 })
            }
        }
        return reachable.contains(characters.count)
    }
}

/// Whether one name comes before another, numbers in them taken as numbers: `S2` before `S10`.
func naturallyPrecedes(_ one: String, _ other: String) -> Bool {
    var (a, b) = (Substring(one).unicodeScalars, Substring(other).unicodeScalars)
    func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }
    while let x = a.first, let y = b.first {
        if isDigit(x), isDigit(y) {
            let (p, q) = (a.prefix(while: isDigit), b.prefix(while: isDigit))
            let (m, n) = (p.drop { $0 == "0" }, q.drop { $0 == "0" })
            if m.count != n.count { return m.count < n.count }
            if !m.elementsEqual(n) { return m.lexicographicallyPrecedes(n) }
            (a, b) = (a.dropFirst(p.count), b.dropFirst(q.count))
        } else {
            if x != y { return x < y }
            (a, b) = (a.dropFirst(), b.dropFirst())
        }
    }
    if a.isEmpty != b.isEmpty { return a.isEmpty }
    return one.unicodeScalars.lexicographicallyPrecedes(other.unicodeScalars)
}
