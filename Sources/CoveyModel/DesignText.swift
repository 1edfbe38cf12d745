import CoveyCore

/// Names made safe for a message, `limit` of them at most.
func listed(_ names: [String], joiner: String = ", ", limit: Int = 12) -> String {
    let shown = names.prefix(limit).map { printable($0, limit: 80) }.joined(separator: joiner)
    return names.count > limit ? shown + " and \(names.count - limit) more" : shown
}

/// "; did you mean 'fluency'?" where one of the names is near, else nothing.
func suggestion(for name: String, among names: [String]) -> String {
    nearest(to: name, among: names).map { "; did you mean \(quoted($0))?" } ?? ""
}

/// The name that differs by case alone, or by the fewest edits, where these are few.
func nearest(to name: String, among names: [String]) -> String? {
    guard name.count <= 100 else { return nil }
    let lowered = Array(name.lowercased())
    var best: (name: String, distance: Int)?
    for candidate in names.prefix(500) where candidate.count <= 100 {
        let distance = editDistance(lowered, Array(candidate.lowercased()))
        if distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    guard let best, best.distance <= max(1, min(3, name.count / 3)) else { return nil }
    return best.name
}

/// Levenshtein's distance: insertions, deletions and substitutions.
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
    var previous = Array(0...b.count)
    for (i, x) in a.enumerated() {
        var current = [i + 1]
        for (j, y) in b.enumerated() {
            current.append(min(previous[j + 1] + 1, current[j] + 1, previous[j] + (x == y ? 0 : 1)))
        }
        previous = current
    }
    return previous[b.count]
}
