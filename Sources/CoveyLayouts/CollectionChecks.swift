import CoveyCore
import CoveyModel

/// What must hold before maps are a table: one map for each subject and contrast, of one kind throughout.
enum CollectionChecks {
    /// Entities that must be the same for all maps of a contrast: maps that differ in them cannot be averaged.
    private static let mustAgree = [
        "space", "res", "den", "cohort", "hemi", "label", "desc", "task", "stat", "suffix", "across",
    ]
    /// Entities that differ between subjects without meaning.
    private static let mayDiffer: Set = ["folder", "extension", "feat"]

    static func check(
        _ maps: [FoundMap], _ contrasts: [MapCollection.Contrast], filters: [EntityFilter],
        _ notes: inout [Note]
    ) throws(LayoutError) {
        try requireOneSubject(maps)
        try requireOneEach(maps)
        if maps.contains(where: { $0.layout == .feat && $0.entities["space"] == "native" }) {
            notes.append(
                .warning(
                    "maps of single FEAT runs are in each run's own space, not in a common one, unless the runs "
                        + "were registered before; 'featregapply' makes reg_standard, which is found here too"
                ))
        }
        for contrast in contrasts {
            let mine = maps.filter { $0.contrast == contrast.label }
            try requireOneName(mine, contrast.label)
            let known = Set(mine.flatMap(\.entities.keys))
            for key in mustAgree where known.contains(key) {
                let values = values(of: key, in: mine)
                guard values.count > 1 else { continue }
                throw .mixed(contrast: contrast.label, key: key, values: values, rarest: rarest(key, mine))
            }
            for key in known.sorted() where !mustAgree.contains(key) && !mayDiffer.contains(key) {
                let values = values(of: key, in: mine)
                // A different value for everyone says nothing.
                guard values.count > 1, values.count <= max(2, mine.count / 2) else { continue }
                notes.append(
                    .warning(
                        "the maps of \(quoted(contrast.label)) differ in \(key): "
                            + values.map { "\(printable($0.value, limit: 60)) (\($0.count))" }.joined(
                                separator: ", ")))
            }
        }
    }

    /// The values of an entity and how often they occur; what lacks it counts under the empty value.
    static func values(of key: String, in maps: [FoundMap]) -> [LayoutError.Tally] {
        var counts: [String: Int] = [:]
        for map in maps { counts[map.entity(key) ?? "", default: 0] += 1 }
        return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
            .init(value: $0.key, count: $0.value)
        }
    }

    /// All entities of some maps.
    static func keys(of maps: [FoundMap]) -> [String] {
        Set(maps.flatMap(\.entities.keys)).union(["subject", "contrast", "layout"]).sorted()
    }

    private static func rarest(_ key: String, _ maps: [FoundMap]) -> [String] {
        let value = values(of: key, in: maps).last?.value ?? ""
        return maps.filter { ($0.entity(key) ?? "") == value }.map(\.path)
    }

    /// Refuses maps whose path names two subjects: `sub-01/sub-02_statmap.nii.gz`.
    private static func requireOneSubject(_ maps: [FoundMap]) throws(LayoutError) {
        for map in maps where map.layout != .pattern {
            let named = map.path.split(separator: "/").compactMap {
                Subjects.subjectIdentifier(inPath: String($0))
            }
            if let other = named.first(where: { $0 != named.last }), let last = named.last {
                throw .twoSubjects(path: map.path, subjects: [other, last])
            }
        }
    }

    private static func requireOneEach(_ maps: [FoundMap]) throws(LayoutError) {
        let cells = Dictionary(grouping: maps) { $0.subject + "\u{0}" + $0.contrast }
            .filter { $0.value.count > 1 }.values
            .sorted { naturallyPrecedes($0[0].path, $1[0].path) }
        guard let first = cells.first else { return }
        var keys: [String] = []
        for key in Set(cells.joined().flatMap(\.entities.keys)).union(["layout"]).sorted() {
            if cells.contains(where: { cell in Set(cell.map { $0.entity(key) ?? "" }).count > 1 }) {
                keys.append(key)
            }
        }
        // The folder differs wherever another entity of it does.
        if keys.count > 1 { keys.removeAll { $0 == "folder" } }
        throw .severalMaps(
            subject: first[0].subject, contrast: first[0].contrast, paths: first.map(\.path),
            others: cells.count - 1,
            choices: keys.map { .init(key: $0, values: values(of: $0, in: Array(cells.joined()))) })
    }

    private static func requireOneName(_ maps: [FoundMap], _ label: String) throws(LayoutError) {
        let named = maps.filter { $0.contrastName != nil }
        let names = values(of: "name", in: named)
        guard names.count > 1 else { return }
        let rare = names[names.count - 1].value
        throw .contrastNames(
            contrast: label, names: names,
            rarest: named.filter { $0.contrastName == rare }.map(\.subject).sorted(by: naturallyPrecedes))
    }
}
