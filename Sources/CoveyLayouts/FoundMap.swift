/// A map found in a folder, and everything that its place and name say about it.
public struct FoundMap: Sendable, Hashable {
    /// Whose habits the file's place and name follow.
    public enum Layout: String, Sendable, Hashable, CaseIterable {
        /// SPM: `con_0001.nii` in a folder per subject.
        case spm
        /// FSL's FEAT: `stats/cope1.nii.gz` in `.feat` and `.gfeat` folders.
        case feat
        /// BIDS derivatives: `sub-01_contrast-faces_stat-effect_statmap.nii.gz`.
        case bids
        /// A pattern that the user gave.
        case pattern

        /// The layout's name in a sentence.
        public var name: String {
            switch self {
            case .spm: "SPM"
            case .feat: "FEAT"
            case .bids: "BIDS derivatives"
            case .pattern: "the pattern"
            }
        }
    }

    /// The file, relative to the folder that was searched.
    public let path: String
    /// Whose habits it follows.
    public let layout: Layout
    /// The subject.
    public let subject: String
    /// The contrast, as the file's name tells it: `con_0001`, `cope1`, `faces`.
    public let contrast: String
    /// What the analysis that made the map called the contrast, where it left word.
    public let contrastName: String?
    /// What else is said of the map: `ses`, `task`, `run`, `space`, `stat`, `suffix`, `extension`, ...
    public let entities: [String: String]
    /// The map of the effect's variance beside it, relative to the same folder.
    public let variance: String?

    /// The entity under a key; the subject, the contrast, its name and the layout count as entities.
    public func entity(_ key: String) -> String? {
        switch key {
        case "sub", "subject": subject
        case "contrast": contrast
        case "name": contrastName
        case "layout": layout.rawValue
        default: entities[key]
        }
    }

    func with(contrast: String) -> FoundMap {
        FoundMap(
            path: path, layout: layout, subject: subject, contrast: contrast, contrastName: contrastName,
            entities: entities, variance: variance)
    }

    func with(variance: String?) -> FoundMap {
        FoundMap(
            path: path, layout: layout, subject: subject, contrast: contrast, contrastName: contrastName,
            entities: entities, variance: variance)
    }
}

/// The image extension at the end of a name, `nil` where there is none. The header of a pair does not count: its
/// image does.
func imageExtension(_ name: some StringProtocol) -> String? {
    [".nii.gz", ".nii", ".img.gz", ".img"].first { name.hasSuffix($0) }
}

/// Whether `text` is `prefix` followed by digits, and the digits.
func digits(of text: some StringProtocol, after prefix: String) -> String? {
    guard text.hasPrefix(prefix) else { return nil }
    let rest = text.dropFirst(prefix.count)
    guard !rest.isEmpty, rest.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
    return String(rest)
}
