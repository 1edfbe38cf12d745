import CoveyCore
import CoveyFormats

/// SPM's first-level results: `con_0001.nii` (contrast), `spmT_0001.nii` (t), in a folder per subject, as
/// NIfTI or as pairs. `SPM.mat` is not needed: SPM writes the contrast's name into each image.
enum SPMLayout {
    private static let kinds = [("con_", "effect"), ("spmT_", "t"), ("spmF_", "F"), ("ess_", "ess")]

    /// The maps among the files of a folder.
    static func maps(in listing: FolderListing) throws(LayoutError) -> [FoundMap] {
        var candidates: [Candidate] = []
        for file in listing.files {
            let parts = file.split(separator: "/").map(String.init)
            guard let name = parts.last, let end = imageExtension(name) else { continue }
            for (prefix, stat) in kinds {
                guard let number = digits(of: name.dropLast(end.count), after: prefix), number.count == 4
                else { continue }
                candidates.append(
                    Candidate(
                        path: file, layout: .spm, contrast: "con_" + number,
                        entities: ["stat": stat, "extension": end].merging(pathEntities(parts)) { own, _ in
                            own
                        },
                        folders: parts.dropLast()))
            }
        }
        let paths = candidates.map { listing.place($0.path) }
        let names = mapBlocks(paths.count, threads: availableThreads()) { contrastName(inFile: paths[$0]) }
        for place in candidates.indices { candidates[place].contrastName = names[place] }
        return try withSubjects(candidates)
    }

    /// The name that SPM wrote into the header: `Contrast 1: faces > houses`, before SPM12 revised it
    /// `SPM contrast - 1: faces > houses`, in t images `SPM{T_[28.0]} - contrast 1: faces > houses`.
    static func contrastName(in descrip: String) -> String? {
        guard let colon = descrip.firstIndex(of: ":"), descrip[..<colon].lowercased().contains("contrast")
        else { return nil }
        let name = descrip[descrip.index(after: colon)...].drop { $0 == " " }
        return name.isEmpty ? nil : String(name)
    }

    /// An image that cannot be read here is told of where it is used.
    private static func contrastName(inFile path: String) -> String? {
        (try? NIfTIImage(contentsOf: path)).flatMap { contrastName(in: $0.header.descrip) }
    }
}

/// Entities that folders carry in the BIDS way, such as `ses-1` and `run-2`; the subject is not among them.
func pathEntities(_ parts: [String]) -> [String: String] {
    var found: [String: String] = [:]
    for part in parts.dropLast() {
        for piece in part.split(separator: "_") {
            guard let dash = piece.firstIndex(of: "-") else { continue }
            let (key, value) = (String(piece[..<dash]), String(piece[piece.index(after: dash)...]))
            if ["ses", "task", "run", "acq", "space", "res", "desc", "node"].contains(key), !value.isEmpty {
                found[key] = value
            }
        }
    }
    return found
}
