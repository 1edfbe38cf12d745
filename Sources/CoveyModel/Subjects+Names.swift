/// A subject whose map seems to be somebody else's, by the name of the file.
public struct NameMismatch: Sendable, Hashable {
    /// The subject, as the table has it.
    public let identifier: String
    /// The subject's map.
    public let path: String
    /// Whom the file's name names.
    public let named: String
}

extension Subjects {
    /// The subjects whose map bears another subject's name.
    ///
    /// A path names a subject by `sub-XX`, or by an identifier of the table that stands in its last four parts
    /// between characters that are no letters and no digits. It is a mismatch where it names another subject of
    /// the table and not the own one, and where it names a stranger while at least half of the paths name their
    /// own subject. Leading zeros do not count.
    public static func nameMismatches(identifiers: [String], paths: [String]) -> [NameMismatch] {
        precondition(identifiers.count == paths.count)
        func label(_ identifier: some StringProtocol) -> String {
            let plain = canonicalIdentifier(subject(ofRow: identifier)).lowercased()
            let digits = plain.drop { $0 == "0" }
            return plain.allSatisfy(\.isNumber) && !digits.isEmpty ? String(digits) : plain
        }
        var owners: [String: String] = [:]
        for identifier in identifiers { owners[label(identifier)] = identifier }
        var agreeing = 0
        var mismatches: [(found: NameMismatch, isStranger: Bool)] = []
        for (identifier, path) in zip(identifiers, paths) {
            let own = label(identifier)
            if let entity = subjectIdentifier(inPath: path) {
                let named = label(entity)
                if named == own {
                    agreeing += 1
                } else {
                    let other = owners[named]
                    mismatches.append(
                        (
                            NameMismatch(identifier: identifier, path: path, named: other ?? entity),
                            other == nil
                        ))
                }
                continue
            }
            let tokens = path.split(separator: "/").suffix(4).flatMap { part in
                part.split { !($0.isLetter || $0.isNumber) }
            }
            let labels = tokens.map { label($0) }
            // Identifiers with characters between words are looked for as they are.
            if labels.contains(own)
                || (own.contains { !($0.isLetter || $0.isNumber) } && path.lowercased().contains(own))
            {
                agreeing += 1
            } else if let other = zip(tokens, labels).first(where: { $0.count >= 2 && owners[$1] != nil })?.1
            {
                mismatches.append(
                    (NameMismatch(identifier: identifier, path: path, named: owners[other]!), false))
            }
        }
        return mismatches.filter { !$0.isStranger || 2 * agreeing >= paths.count }.map(\.found)
    }

    /// The subject of a row of repeated measures: `sub-01` of `sub-01#2`.
    public static func subject(ofRow identifier: some StringProtocol) -> String {
        guard let mark = identifier.lastIndex(of: "#"), mark != identifier.startIndex else {
            return String(identifier)
        }
        let number = identifier[identifier.index(after: mark)...]
        let isNumber = !number.isEmpty && number.allSatisfy { $0.isASCII && $0.isNumber }
        return String(isNumber ? identifier[..<mark] : identifier[...])
    }
}
