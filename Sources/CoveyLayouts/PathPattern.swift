/// A pattern of paths with places for what they say: `sub-{subject}/maps/{contrast}.nii.gz`.
///
/// - `{name}` stands for one or more characters that are no slash, as few as fit; a name that stands twice must
///   be the same text. `{subject}` is required.
/// - `*` stands for any characters but a slash, `**` for any characters.
public struct PathPattern: Sendable, Hashable {
    /// The pattern as written.
    public let text: String
    /// The names of the places, in order, each once.
    public let names: [String]
    private let elements: [Element]

    private enum Element: Hashable {
        case literal(Character)
        case place(String)
        case star(crossesFolders: Bool)
    }

    /// Reads a pattern.
    ///
    /// - Throws: ``LayoutError/pattern(_:_:)`` where it lacks `{subject}` or a brace does not close.
    public init(_ text: String) throws(LayoutError) {
        guard text.count <= 1000 else { throw .pattern(text, .tooLong) }
        var elements: [Element] = []
        var names: [String] = []
        var rest = Substring(text)
        while rest.hasPrefix("./") { rest = rest.dropFirst(2) }
        while let next = rest.popFirst() {
            switch next {
            case "{":
                guard let end = rest.firstIndex(of: "}") else { throw .pattern(text, .openBrace) }
                let name = String(rest[..<end])
                guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else {
                    throw .pattern(text, .badName(name))
                }
                elements.append(.place(name))
                if !names.contains(name) { names.append(name) }
                rest = rest[rest.index(after: end)...]
            case "}": throw .pattern(text, .openBrace)
            case "*":
                let isDouble = rest.first == "*"
                if isDouble { rest.removeFirst() }
                elements.append(.star(crossesFolders: isDouble))
            default: elements.append(.literal(next))
            }
        }
        guard names.contains("subject") else { throw .pattern(text, .noSubject) }
        self.text = text
        self.names = names
        self.elements = elements
    }

    /// What the places hold in a path; `nil` where it does not match.
    ///
    /// The subject keeps a `sub-` that stands before its place in the pattern.
    public func match(_ path: String) -> [String: String]? {
        var matcher = Matcher(elements: elements, text: Array(path))
        guard var found = matcher.match(0, 0) else { return nil }
        if text.contains("sub-{subject}"), let subject = found["subject"] {
            found["subject"] = "sub-" + subject
        }
        return found
    }

    /// Tries the shortest text for each place first; a limit on the steps keeps hostile patterns from running
    /// away.
    private struct Matcher {
        let elements: [Element]
        let text: [Character]
        var values: [String: String] = [:]
        var steps = 0

        mutating func match(_ element: Int, _ at: Int) -> [String: String]? {
            steps += 1
            guard steps < 100_000 else { return nil }
            guard element < elements.count else { return at == text.count ? values : nil }
            switch elements[element] {
            case .literal(let character):
                guard at < text.count, text[at] == character else { return nil }
                return match(element + 1, at + 1)
            case .place(let name):
                if let known = values[name] {
                    let end = at + known.count
                    guard end <= text.count, text[at..<end].elementsEqual(known) else { return nil }
                    return match(element + 1, end)
                }
                var end = at + 1
                while end <= text.count, text[end - 1] != "/" {
                    values[name] = String(text[at..<end])
                    if let found = match(element + 1, end) { return found }
                    end += 1
                }
                values[name] = nil
                return nil
            case .star(let crossesFolders):
                var end = at
                while true {
                    if let found = match(element + 1, end) { return found }
                    guard end < text.count, crossesFolders || text[end] != "/" else { return nil }
                    end += 1
                }
            }
        }
    }
}

/// Maps by a pattern.
enum PatternLayout {
    /// The maps among the files of a folder that match.
    static func maps(in listing: FolderListing, _ pattern: PathPattern) throws(LayoutError) -> [FoundMap] {
        let maps = listing.files.compactMap { (file: String) -> FoundMap? in
            guard imageExtension(file) != nil || file.hasSuffix(".hdr"), let values = pattern.match(file),
                let subject = values["subject"]
            else { return nil }
            var entities = values
            entities["subject"] = nil
            entities["contrast"] = nil
            return FoundMap(
                path: file, layout: .pattern, subject: subject, contrast: values["contrast"] ?? "map",
                contrastName: nil, entities: entities, variance: nil)
        }
        guard !maps.isEmpty else {
            throw .nothingMatches(
                pattern.text, folder: listing.root,
                examples: listing.files.filter { imageExtension($0) != nil })
        }
        return maps
    }
}
