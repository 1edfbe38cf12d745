/// BIDS derivatives: any image under a subject's folder whose name is made of entities. Statistic maps as
/// nilearn and FitLins write them (`_contrast-faces_stat-effect_statmap`) and, by their suffix, fMRIPrep's
/// (`_space-MNI152NLin2009cAsym_label-GM_probseg`).
enum BIDSLayout {
    /// The maps among the files of a folder, and how many statistic maps belong to no subject.
    static func maps(in listing: FolderListing) throws(LayoutError) -> (maps: [FoundMap], groupCount: Int) {
        var candidates: [Candidate] = []
        var groupCount = 0
        for file in listing.files {
            let parts = file.split(separator: "/").map(String.init)
            guard let last = parts.last, let name = BIDSName(last), imageExtension(name.fileExtension) != nil,
                name.fileExtension == imageExtension(last)
            else { continue }
            var entities = pathEntities(parts)
            for pair in name.pairs where pair.key != "sub" && pair.key != "contrast" {
                entities[pair.key] = pair.value
            }
            entities["suffix"] = name.suffix
            entities["extension"] = name.fileExtension
            let candidate = Candidate(
                path: file, layout: .bids, contrast: contrast(name), entities: entities, folders: [])
            if candidate.namedSubject != nil {
                candidates.append(candidate)
            } else if name.suffix == "statmap" {
                groupCount += 1
            }
        }
        return (try withSubjects(candidates), groupCount)
    }

    /// The contrast of a statistic map; of other images, what they show: `GM_probseg`.
    private static func contrast(_ name: BIDSName) -> String {
        if let contrast = name["contrast"] { return contrast }
        return ([name["label"], name["desc"]].compactMap { $0 } + [name.suffix]).joined(separator: "_")
    }
}
