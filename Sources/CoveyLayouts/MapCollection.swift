public import CoveyCore

/// The maps of a folder as a table of subjects by contrasts: at most one map for each, gaps visible.
///
/// Nothing is guessed: two maps for one place of the table, maps of two spaces under one contrast, a contrast
/// that bears different names in different subjects are errors that name the files and the entity to filter by.
public struct MapCollection: Sendable {
    /// The folder that was searched, as the user named it.
    public let folder: String
    /// Whose habits the maps follow.
    public let layout: FoundMap.Layout
    /// The subjects, in natural order (`S2` before `S10`).
    public let subjects: [String]
    /// The contrasts, in natural order of their labels.
    public let contrasts: [Contrast]
    /// `maps[s][c]`: the map of subject `s` and contrast `c`; `nil` is a gap.
    public let maps: [[FoundMap?]]
    /// What should be known.
    public let notes: [Note]

    /// A contrast of the collection.
    public struct Contrast: Sendable, Hashable {
        /// As files call it: `con_0001`, `cope1`, `faces`.
        public let label: String
        /// As the analysis called it, where it left word.
        public let name: String?

        /// Label and name for a message.
        public var text: String { name.map { $0 == label ? label : "\(label) (\($0))" } ?? label }

        /// Whether a user means this contrast: by label, by name, or by the number in the label.
        func answers(to word: String) -> Bool {
            if word == label || word == name { return true }
            guard let number = Int(word) else { return false }
            return ["con_", "cope"].contains { prefix in
                digits(of: label, after: prefix).flatMap { Int($0) } == number
            }
        }
    }

    /// What to look for.
    public struct Search: Sendable {
        /// A pattern; `nil`: the layouts of SPM, FEAT and BIDS are recognised.
        public var pattern: PathPattern?
        /// Which maps to take. Without a filter on `stat` or `suffix`, effects are taken.
        public var filters: [EntityFilter] = []
        /// Which contrasts to take, by label, name or number; empty: all.
        public var contrasts: [String] = []

        /// Everything.
        public init() {}
    }

    /// Collects the maps of a folder.
    ///
    /// - Throws: ``LayoutError``.
    public init(_ folder: String, _ search: Search = Search()) throws(LayoutError) {
        let listing = try FolderListing(folder)
        var notes: [Note] = []
        let lost = listing.unreachable.filter { imageExtension($0) != nil || !$0.contains(".") }
        if !lost.isEmpty {
            notes.append(
                .warning(
                    "\(lost.count) link\(lost.count == 1 ? "" : "s") or folder\(lost.count == 1 ? "" : "s") cannot be followed "
                        + "(not fetched yet?) and count as not there: \(listed(lost))"))
        }
        var maps = try Self.allMaps(listing, search.pattern, &notes)
        let variances = Self.variances(among: maps)
        maps = try Self.filtered(maps, search.filters, folder: listing.root)
        maps = maps.map { $0.entities["stat"] == "effect" ? $0.with(variance: variances[Key($0)]) : $0 }
        if search.filters.contains(where: { $0.key == "name" }) {
            maps = maps.map { map in map.contrastName.map { map.with(contrast: $0) } ?? map }
        }
        let layouts = Set(maps.map(\.layout))
        guard layouts.count == 1 else {
            throw .severalLayouts(
                FoundMap.Layout.allCases.compactMap { kind in
                    let count = maps.count { $0.layout == kind }
                    return count > 0 ? .init(value: kind.rawValue, count: count) : nil
                })
        }

        var contrasts = Set(maps.map(\.contrast)).sorted(by: naturallyPrecedes).map { label in
            Contrast(
                label: label,
                name: maps.first { $0.contrast == label && $0.contrastName != nil }?.contrastName)
        }
        contrasts = try Self.chosen(contrasts, search.contrasts)
        let labels = Set(contrasts.map(\.label))
        maps = maps.filter { labels.contains($0.contrast) }
        try CollectionChecks.check(maps, contrasts, filters: search.filters, &notes)

        subjects = Set(maps.map(\.subject)).sorted(by: naturallyPrecedes)
        var cells: [String: FoundMap] = [:]
        for map in maps { cells[map.subject + "\u{0}" + map.contrast] = map }
        self.maps = subjects.map { subject in contrasts.map { cells[subject + "\u{0}" + $0.label] } }
        self.folder = listing.root
        self.layout = layouts.first!
        self.contrasts = contrasts
        self.notes = notes
    }

    /// The subjects without a map of a contrast.
    public func gaps(of contrast: Int) -> [String] {
        subjects.indices.filter { maps[$0][contrast] == nil }.map { subjects[$0] }
    }

    private static func allMaps(
        _ listing: FolderListing, _ pattern: PathPattern?, _ notes: inout [Note]
    ) throws(LayoutError) -> [FoundMap] {
        var maps: [FoundMap]
        if let pattern {
            maps = try PatternLayout.maps(in: listing, pattern)
        } else {
            let bids = try BIDSLayout.maps(in: listing)
            maps = try SPMLayout.maps(in: listing) + FEATLayout.maps(in: listing) + bids.maps
            if bids.groupCount > 0 {
                notes.append(
                    .information(
                        "\(bids.groupCount) statistic maps of no subject (of a group?) were passed over"))
            }
        }
        guard !maps.isEmpty else {
            throw .noMaps(listing.root, images: listing.files.filter { imageExtension($0) != nil })
        }
        return maps.map { map in
            var entities = map.entities
            let folders = map.path.split(separator: "/").dropLast().filter { $0 != map.subject }
            if !folders.isEmpty { entities["folder"] = folders.joined(separator: "/") }
            return FoundMap(
                path: map.path, layout: map.layout, subject: map.subject, contrast: map.contrast,
                contrastName: map.contrastName, entities: entities, variance: nil)
        }
    }

    /// All that a map of an effect and one of its variance share.
    private struct Key: Hashable {
        let layout: FoundMap.Layout
        let subject: String
        let contrast: String
        let entities: [String: String]

        init(_ map: FoundMap) {
            (layout, subject, contrast) = (map.layout, map.subject, map.contrast)
            entities = map.entities.filter { $0.key != "stat" }
        }
    }

    private static func variances(among maps: [FoundMap]) -> [Key: String] {
        var found: [Key: String] = [:]
        for map in maps where map.entities["stat"] == "variance" { found[Key(map)] = map.path }
        return found
    }

    private static func filtered(
        _ all: [FoundMap], _ filters: [EntityFilter], folder: String
    ) throws(LayoutError) -> [FoundMap] {
        var maps = all
        for (key, group) in Dictionary(grouping: filters, by: \.key).sorted(by: { $0.key < $1.key }) {
            let kept = maps.filter { map in group.contains { $0.admits(map) } }
            guard !kept.isEmpty else {
                throw .filterLeavesNothing(
                    group.map(\.text), key: key, values: CollectionChecks.values(of: key, in: maps),
                    keys: CollectionChecks.keys(of: all))
            }
            maps = kept
        }
        guard !filters.contains(where: { ["stat", "suffix"].contains($0.key) }) else { return maps }
        let effects = maps.filter { map in
            map.layout == .pattern
                || (map.entities["stat"] == "effect" && map.entities["suffix"] ?? "statmap" == "statmap")
        }
        guard !effects.isEmpty else {
            let stats = CollectionChecks.values(of: "stat", in: maps.filter { $0.entities["stat"] != nil })
            let suffixes = CollectionChecks.values(
                of: "suffix", in: maps.filter { $0.entities["suffix"] != nil })
            throw .noEffects(folder, stats: stats, suffixes: suffixes)
        }
        return effects
    }

    private static func chosen(
        _ contrasts: [Contrast], _ words: [String]
    ) throws(LayoutError) -> [Contrast] {
        guard !words.isEmpty else { return contrasts }
        var places = Set<Int>()
        for word in words {
            let exact = contrasts.indices.filter { contrasts[$0].answers(to: word) }
            let loose = contrasts.indices.filter {
                contrasts[$0].label.lowercased() == word.lowercased()
                    || contrasts[$0].name?.lowercased() == word.lowercased()
            }
            let found = exact.isEmpty ? loose : exact
            guard found.count == 1 else {
                throw .unknownContrast(
                    word, candidates: found.map { contrasts[$0].text }, contrasts: contrasts.map(\.text))
            }
            places.insert(found[0])
        }
        return places.sorted().map { contrasts[$0] }
    }
}
