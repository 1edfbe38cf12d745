import CoveyFormats

/// FSL's FEAT: `NAME.feat/stats/cope1.nii.gz` (one run, in its own space), `NAME.feat/reg_standard/stats/...`
/// (the same in standard space) and `NAME.gfeat/cope1.feat/stats/cope1.nii.gz` (runs combined: contrast 1 of
/// the runs, contrast 1 across them), each with `varcope`, `tstat` and `zstat` beside it.
enum FEATLayout {
    private static let kinds = [
        ("cope", "effect"), ("varcope", "variance"), ("tstat", "t"), ("zstat", "z"),
    ]

    /// The maps among the files of a folder.
    static func maps(in listing: FolderListing) throws(LayoutError) -> [FoundMap] {
        var names = ContrastNames(listing)
        var candidates: [Candidate] = []
        for file in listing.files {
            let parts = file.split(separator: "/").map(String.init)
            guard parts.count >= 2, parts[parts.count - 2] == "stats", let name = parts.last,
                let end = imageExtension(name)
            else { continue }
            for (prefix, stat) in kinds {
                guard let number = digits(of: name.dropLast(end.count), after: prefix) else { continue }
                var folders = Array(parts.dropLast(2))
                var entities = pathEntities(parts)
                entities["stat"] = stat
                entities["extension"] = end
                var isStandard = false
                if folders.last == "reg_standard" {
                    folders.removeLast()
                    isStandard = true
                }
                let analysis = folders.joined(separator: "/")
                var contrast = "cope" + number
                var contrastName = names.name(number: number, in: analysis)
                if let lower = folders.last, lower.hasSuffix(".feat"),
                    let inner = digits(of: lower.dropLast(5), after: "cope"),
                    folders.dropLast().last?.hasSuffix(".gfeat") == true
                {
                    contrast = "cope" + inner
                    entities["across"] = number
                    contrastName = names.lowerName(in: analysis)
                    folders.removeLast()
                    isStandard = true
                }
                entities["space"] = entities["space"] ?? (isStandard ? "standard" : "native")
                if let last = folders.last {
                    let plain =
                        [".gfeat", ".feat"].first { last.hasSuffix($0) }.map {
                            String(last.dropLast($0.count))
                        } ?? last
                    folders[folders.count - 1] = plain
                    entities["feat"] = plain
                }
                candidates.append(
                    Candidate(
                        path: file, layout: .feat, contrast: contrast, contrastName: contrastName,
                        entities: entities, folders: folders))
            }
        }
        return try withSubjects(candidates)
    }

    /// Contrast names, as FEAT leaves them beside its results.
    private struct ContrastNames {
        let listing: FolderListing
        let known: Set<String>
        var tables: [String: [String: String]] = [:]

        init(_ listing: FolderListing) {
            self.listing = listing
            known = Set(listing.files)
        }

        /// The name of a contrast in `design.con`: `/ContrastName1 <name>`.
        mutating func name(number: String, in analysis: String) -> String? {
            if let table = tables[analysis] { return table[number] }
            var table: [String: String] = [:]
            for line in lines(analysis + "/design.con") {
                let words = line.split(maxSplits: 1) { $0 == "\t" || $0 == " " }
                guard words.count == 2, let number = digits(of: words[0], after: "/ContrastName") else {
                    continue
                }
                table[number] = String(words[1].drop { $0 == "\t" || $0 == " " })
            }
            tables[analysis] = table
            return table[number]
        }

        /// The name of the runs' contrast that a `.gfeat/copeN.feat` combines: the text of `design.lev`.
        func lowerName(in analysis: String) -> String? {
            lines(analysis + "/design.lev").first { !$0.isEmpty }
        }

        private func lines(_ file: String) -> [String] {
            let place = file.hasPrefix("/") ? String(file.dropFirst()) : file
            guard known.contains(place), let text = try? readText(listing.place(place)) else { return [] }
            return text.split(separator: "\n").map { line in
                var part = line
                while let last = part.last, last == " " || last == "\t" || last == "\r" { part.removeLast() }
                return String(part)
            }
        }
    }
}
