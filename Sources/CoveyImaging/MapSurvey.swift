public import CoveyCore

/// The maps of an analysis looked at together, before anything is computed: every problem and everything
/// worth a note, at once.
public struct MapSurvey: Sendable {
    /// The summaries, in the order given.
    public let summaries: [MapSummary]
    /// Why the maps cannot be analysed; empty where they can.
    public let problems: [MapProblem]
    /// Copies, infinite voxels, and how zeros are used.
    public let notes: [Note]
    /// The grid that most maps share; `nil` where no map could be read.
    public let commonGrid: Grid?

    /// Compares maps.
    ///
    /// The grid that most maps share (the first of them, if several are as frequent) is the reference; a map
    /// on another grid is a problem unless `allowsOtherGrids`.
    ///
    /// - Parameters:
    ///   - summaries: one per map, in the order of the subjects.
    ///   - unreadable: maps that could not be read, with the reason in one line that names the file.
    ///   - allowsOtherGrids: the maps are going to be resampled.
    public init(
        _ summaries: [MapSummary], unreadable: [(name: String, reason: String)] = [],
        allowsOtherGrids: Bool = false
    ) {
        self.summaries = summaries
        var problems = unreadable.map { MapProblem.unreadable(name: $0.name, reason: $0.reason) }
        let reference = Self.reference(of: summaries)
        commonGrid = reference?.grid
        if let reference, !allowsOtherGrids {
            for map in summaries {
                guard let difference = GridDifference(of: map.grid, from: reference.grid) else { continue }
                problems.append(.otherGrid(name: map.name, difference, reference: reference.name))
            }
        }
        for map in summaries {
            if map.finiteCount == 0 {
                problems.append(
                    .noFiniteVoxel(
                        name: map.name, nanCount: map.nanCount, infiniteCount: map.infiniteCount))
            } else if map.minimum == map.maximum {
                problems.append(
                    map.minimum == 0
                        ? .allZero(name: map.name) : .constant(name: map.name, value: map.minimum))
            }
        }
        let copies = Self.copies(among: summaries)
        if summaries.count > 1, copies.first?.count == summaries.count {
            problems.append(.allIdentical(count: summaries.count))
        }
        self.problems = problems
        notes = Self.notes(on: summaries, copies: copies)
    }

    /// Refuses the maps if anything is wrong with them.
    ///
    /// - Throws: ``ImagingError/maps(_:)`` with all ``problems``.
    public func check() throws(ImagingError) {
        if !problems.isEmpty { throw .maps(problems) }
    }

    /// The first of the maps on the most frequent grid.
    private static func reference(of summaries: [MapSummary]) -> MapSummary? {
        var kinds: [(first: MapSummary, count: Int)] = []
        for map in summaries {
            if let at = kinds.firstIndex(where: { $0.first.grid.isSame(as: map.grid) }) {
                kinds[at].count += 1
            } else {
                kinds.append((map, 1))
            }
        }
        let most = kinds.map(\.count).max()
        return kinds.first { $0.count == most }?.first
    }

    /// Groups of two or more maps with the same values on the same shape, in order of their first map.
    private static func copies(among summaries: [MapSummary]) -> [[MapSummary]] {
        var position: [MapSummary.Fingerprint: Int] = [:]
        var groups: [[MapSummary]] = []
        for map in summaries {
            if let at = position[map.fingerprint], groups[at][0].grid.shape == map.grid.shape {
                groups[at].append(map)
            } else {
                position[map.fingerprint] = groups.count
                groups.append([map])
            }
        }
        return groups.filter { $0.count > 1 }
    }

    private static func notes(on summaries: [MapSummary], copies: [[MapSummary]]) -> [Note] {
        var notes: [Note] = []
        for group in copies {
            let names = Set(group.map(\.name))
            notes.append(
                .warning(
                    names.count == 1
                        ? "duplicate: \(quoted(group[0].name)) is listed \(times(group.count))"
                        : "duplicate: \(listed(group.map(\.name))) hold identical voxels"))
        }
        let infinite = summaries.filter { $0.infiniteCount > 0 }
        if !infinite.isEmpty {
            let voxels = infinite.reduce(0) { $0 + $1.infiniteCount }
            notes.append(
                .warning(
                    "\(voxels) infinite voxel\(voxels == 1 ? "" : "s") in \(listed(infinite.map(\.name))) "
                        + "count\(voxels == 1 ? "s" : "") as not finite and without a value"))
        }
        let zero = summaries.filter(\.hasZeroBackground)
        let other = summaries.filter { !$0.hasZeroBackground }
        if !zero.isEmpty && !other.isEmpty {
            let few = zero.count < other.count ? zero : other
            notes.append(
                .warning(
                    "\(zero.count) maps have a background of 0 and \(other.count) do not (the fewer are "
                        + "\(listed(few.map(\.name))))"))
        }
        return notes
    }

    private static func times(_ count: Int) -> String { count == 2 ? "twice" : "\(count) times" }
}

/// Names for a message: three at most, and how many more there are.
func listed(_ names: [String]) -> String {
    let shown = names.prefix(3).map { quoted($0) }
    if names.count > 3 { return shown.joined(separator: ", ") + " and \(names.count - 3) more" }
    if shown.count < 2 { return shown.first ?? "" }
    return shown.dropLast().joined(separator: ", ") + " and " + shown[shown.count - 1]
}
