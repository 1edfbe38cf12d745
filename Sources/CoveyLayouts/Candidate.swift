import CoveyModel

/// A map whose subject is not yet known.
struct Candidate {
    let path: String
    let layout: FoundMap.Layout
    let contrast: String
    var contrastName: String?
    var entities: [String: String]
    /// The folders above the file that may tell the subject, outermost first.
    var folders: [String]

    /// The subject that the path names in the BIDS way.
    var namedSubject: String? { Subjects.subjectIdentifier(inPath: path) }

    func found(subject: String) -> FoundMap {
        FoundMap(
            path: path, layout: layout, subject: subject, contrast: contrast, contrastName: contrastName,
            entities: entities, variance: nil)
    }
}

/// Gives every candidate of one layout its subject: the `sub-XX` of its path; where no path has one, the one
/// level of folders whose names differ.
///
/// - Throws: ``LayoutError/noSubject(_:varying:)`` where neither tells.
func withSubjects(_ candidates: [Candidate]) throws(LayoutError) -> [FoundMap] {
    let nameless = candidates.filter { $0.namedSubject == nil }
    if nameless.isEmpty { return candidates.map { $0.found(subject: $0.namedSubject!) } }
    guard nameless.count == candidates.count else {
        throw .noSubject(nameless.map(\.path), varying: [])
    }
    let depth = candidates.map(\.folders.count).max() ?? 0
    var varying = (0..<depth).filter { level in
        Set(candidates.map { level < $0.folders.count ? $0.folders[level] : "" }).count > 1
    }
    // The name of an analysis comes after the subject's, where both differ.
    if varying.count == 2, candidates.allSatisfy({ $0.entities["feat"] == $0.folders.last }),
        varying[1] == depth - 1
    {
        varying.removeLast()
    }
    guard varying.count == 1, candidates.allSatisfy({ varying[0] < $0.folders.count }) else {
        throw .noSubject(candidates.map(\.path), varying: varying.map { $0 + 1 })
    }
    return candidates.map { $0.found(subject: $0.folders[varying[0]]) }
}
