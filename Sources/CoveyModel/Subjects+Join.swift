public import CoveyCore

/// What becomes of subjects of the table for whom there is no map.
public enum AbsentSubjects: Sendable, Hashable {
    /// They are an error that names them.
    case refuse
    /// They are left out, and a note names them.
    case drop
}

extension Subjects {
    /// The subjects joined to maps by identifier; `01` and `sub-01` are the same subject.
    ///
    /// Join before leaving out subjects who miss a value: the maps of those already left out would be
    /// strangers.
    ///
    /// - Throws: ``ModelError`` naming subjects without a map (unless they are dropped), maps without a
    ///   subject, and files given to two subjects.
    public func joining(
        mapsByIdentifier maps: [String: String], absent: AbsentSubjects = .refuse
    ) throws(ModelError) -> (subjects: Subjects, notes: [Note]) {
        var paths: [String: String] = [:]
        for (identifier, path) in maps.sorted(by: { $0.key < $1.key }) {
            let key = canonicalIdentifier(identifier)
            if let other = paths[key] { throw .severalMaps(identifier: identifier, paths: [other, path]) }
            paths[key] = path
        }
        let known = Set(identifiers.map(canonicalIdentifier))
        let strangers = paths.filter { !known.contains($0.key) }.values.sorted()
        guard strangers.isEmpty else { throw .mapsWithoutSubject(strangers) }
        let present = (0..<count).filter { paths[canonicalIdentifier(identifiers[$0])] != nil }
        let missing = identifiers.filter { paths[canonicalIdentifier($0)] == nil }
        var notes: [Note] = []
        if !missing.isEmpty {
            guard absent == .drop, !present.isEmpty else { throw .subjectsWithoutMap(missing) }
            notes.append(
                .warning(
                    "\(counted(missing.count, "subject")) left out for want of a map: "
                        + missing.map { printable($0, limit: 80) }.joined(separator: ", ")))
        }
        let chosen = selecting(rows: present)
        return (
            try chosen.with(maps: chosen.identifiers.map { paths[canonicalIdentifier($0)]! }), notes
        )
    }

    /// The subjects joined to files by the `sub-XX` in their paths.
    ///
    /// - Throws: ``ModelError`` as for ``joining(mapsByIdentifier:absent:)``, and naming files without an
    ///   identifier and subjects with several files.
    public func joining(
        files: [String], absent: AbsentSubjects = .refuse
    ) throws(ModelError) -> (subjects: Subjects, notes: [Note]) {
        try joining(mapsByIdentifier: Self.mapsByIdentifier(files), absent: absent)
    }

    /// Files by the subject in their names.
    ///
    /// - Throws: ``ModelError`` naming files without an identifier and subjects with several files.
    public static func mapsByIdentifier(_ files: [String]) throws(ModelError) -> [String: String] {
        var maps: [String: [String]] = [:]
        var nameless: [String] = []
        for file in files {
            if let identifier = subjectIdentifier(inPath: file) {
                maps[identifier, default: []].append(file)
            } else {
                nameless.append(file)
            }
        }
        guard nameless.isEmpty else { throw .fileNamesWithoutSubject(nameless) }
        for (identifier, paths) in maps.sorted(by: { $0.key < $1.key }) where paths.count > 1 {
            throw .severalMaps(identifier: identifier, paths: paths)
        }
        return maps.mapValues { $0[0] }
    }

    /// The BIDS entity `sub-XX` of a path: of the file name, else of the nearest folder that has one.
    ///
    /// The label is what follows `sub-` up to the next character that is no letter and no digit; the entity
    /// begins the name or follows `_`.
    public static func subjectIdentifier(inPath path: String) -> String? {
        for part in path.split(separator: "/").reversed() {
            for entity in part.split(separator: "_") where entity.hasPrefix("sub-") {
                let label = entity.dropFirst(4).prefix { $0.isASCII && ($0.isLetter || $0.isNumber) }
                if !label.isEmpty { return "sub-" + label }
            }
        }
        return nil
    }
}
