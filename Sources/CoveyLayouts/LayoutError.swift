public import CoveyCore

/// Why the maps of a folder are no table.
public enum LayoutError: ExplainedError, Equatable {
    /// There is no such folder.
    case noFolder(String)
    /// It is a file.
    case notAFolder(String)
    /// The system will not list it.
    case unreadableFolder(String)
    /// No file is recognised; `images` are the images that are there.
    case noMaps(String, images: [String])
    /// No file matches the pattern; `examples` are images that are there.
    case nothingMatches(String, folder: String, examples: [String])
    /// The pattern cannot be read.
    case pattern(String, PatternProblem)
    /// Neither names nor folders tell the subject of these files; levels of folders whose names differ.
    case noSubject([String], varying: [Int])
    /// A path that names two subjects.
    case twoSubjects(path: String, subjects: [String])
    /// Maps of several programs.
    case severalLayouts([Tally])
    /// Images, but none of an effect.
    case noEffects(String, stats: [Tally], suffixes: [Tally])
    /// A filter lets nothing through.
    case filterLeavesNothing([String], key: String, values: [Tally], keys: [String])
    /// No contrast, or several, answer to a name.
    case unknownContrast(String, candidates: [String], contrasts: [String])
    /// Several maps for one subject and contrast.
    case severalMaps(subject: String, contrast: String, paths: [String], others: Int, choices: [Choice])
    /// Maps of one contrast that cannot be averaged.
    case mixed(contrast: String, key: String, values: [Tally], rarest: [String])
    /// A contrast with different names in different subjects.
    case contrastNames(contrast: String, names: [Tally], rarest: [String])
    /// The participants table has none of the subjects.
    case nobodyKnown(participants: String, itsSubjects: [String], subjects: [String])
    /// Something stands where a file should be written.
    case fileExists(String)
    /// A value and how many maps have it.
    public struct Tally: Sendable, Hashable {
        /// The value; empty where maps have none.
        public let value: String
        /// How many have it.
        public let count: Int
    }

    /// An entity and the values to choose from.
    public struct Choice: Sendable, Hashable {
        /// The entity.
        public let key: String
        /// Its values.
        public let values: [Tally]
    }

    /// What is wrong with a pattern.
    public enum PatternProblem: Sendable, Hashable {
        /// A brace without its partner.
        case openBrace
        /// A name in braces that is none.
        case badName(String)
        /// No `{subject}`.
        case noSubject
        /// Far too long.
        case tooLong
    }

    /// What is wrong.
    public var description: String {
        switch self {
        case .noFolder(let path): "\(quoted(path)): no such folder"
        case .notAFolder(let path): "\(quoted(path)) is a file, not a folder"
        case .unreadableFolder(let path): "\(quoted(path)) cannot be listed"
        case .noMaps(let folder, let images):
            images.isEmpty
                ? "\(quoted(folder)) holds no images"
                : "\(quoted(folder)) holds \(images.count) images, but none with a name of SPM (con_0001.nii), "
                    + "FEAT (stats/cope1.nii.gz) or BIDS (sub-01_..._statmap.nii.gz): \(listed(images))"
        case .nothingMatches(let pattern, let folder, let examples):
            "no image in \(quoted(folder)) matches the pattern \(quoted(pattern))"
                + (examples.isEmpty ? "; there are no images" : "; there are \(listed(examples))")
        case .pattern(let text, let problem): "pattern \(quoted(text)): \(problem.words)"
        case .noSubject(let paths, let varying):
            "the subject of \(paths.count == 1 ? "a map" : "\(paths.count) maps") cannot be told: no sub-XX in the path and "
                + (varying.count > 1
                    ? "folders differ at levels \(varying.map(String.init).joined(separator: " and "))"
                    : "no one level of folders that differs") + ": \(listed(paths))"
        case .twoSubjects(let path, let subjects):
            "the path \(quoted(path)) names two subjects: \(listed(subjects))"
        case .severalLayouts(let tallies):
            "maps of several programs: " + tallies.map { "\($0.count) \($0.value)" }.joined(separator: ", ")
        case .noEffects(let folder, let stats, let suffixes):
            "\(quoted(folder)) holds no maps of effects (stat=effect), but "
                + (stats.isEmpty ? suffixes : stats).prefix(8).map { "\($0.count) \(printable($0.value))" }
                .joined(separator: ", ")
        case .filterLeavesNothing(let filters, let key, let values, let keys):
            values.allSatisfy(\.value.isEmpty)
                ? "filter \(listed(filters)): no map has an entity \(quoted(key)); there are \(keys.joined(separator: ", "))"
                : "filter \(listed(filters)) leaves no map; values of \(key): \(Self.words(values))"
        case .unknownContrast(let word, let candidates, let contrasts):
            candidates.isEmpty
                ? "no contrast answers to \(quoted(word)); contrasts: \(listed(contrasts, limit: 12))"
                : "several contrasts answer to \(quoted(word)): \(listed(candidates, limit: 12))"
        case .severalMaps(let subject, let contrast, let paths, let others, _):
            "\(quoted(subject)) has \(paths.count) maps of \(quoted(contrast)): \(listed(paths, limit: 4))"
                + (others > 0 ? "; the same for \(others) more pairs of subject and contrast" : "")
        case .mixed(let contrast, let key, let values, let rarest):
            "the maps of \(quoted(contrast)) are of \(values.count) kinds, by \(key): \(Self.words(values)); "
                + "the fewest are \(listed(rarest))"
        case .contrastNames(let contrast, let names, let rarest):
            "\(quoted(contrast)) is not the same contrast everywhere: \(Self.words(names)); "
                + "the rarest in \(listed(rarest))"
        case .nobodyKnown(let file, let theirs, let subjects):
            "none of the \(subjects.count) subjects is in \(quoted(file)): the maps are of \(listed(subjects)), "
                + "the table has \(listed(theirs))"
        case .fileExists(let path): "\(quoted(path)) exists already"
        }
    }

    /// What to do.
    public var remedy: String {
        switch self {
        case .noFolder, .notAFolder, .unreadableFolder: "name the folder that holds the subjects' results"
        case .noMaps, .noSubject:
            "say where subject and contrast stand in the path, as in --pattern '{subject}/maps/{contrast}.nii.gz'"
        case .nothingMatches:
            "the pattern is for the whole path below the folder; * stands for part of a name, ** for folders"
        case .pattern(_, let problem): problem.remedy
        case .twoSubjects: "move or rename it, or say which of them is meant with --pattern"
        case .severalLayouts(let tallies): "choose with --filter layout=\(tallies[0].value)"
        case .noEffects(_, let stats, let suffixes):
            stats.isEmpty
                ? (suffixes.first.map { "choose with --filter suffix=\(printable($0.value))" } ?? "")
                : "choose with --filter stat=\(printable(stats[0].value)); group tests want effects, not t or z"
        case .filterLeavesNothing: "filters are written KEY=VALUE, with * for any characters"
        case .unknownContrast: "name one of them with --contrast"
        case .severalMaps(_, _, _, _, let choices):
            choices.isEmpty
                ? "remove one of them, or tell them apart with --pattern"
                : "choose with "
                    + choices.map { choice in
                        "--filter \(choice.key)=\(choice.values.first.map { printable($0.value) } ?? "") (of \(Self.words(choice.values)))"
                    }.joined(separator: " or ")
        case .mixed(_, let key, let values, _):
            "choose with --filter \(key)=\(printable(values[0].value))"
        case .contrastNames(_, let names, _):
            "take maps by the name, whatever their number, with --filter 'name=\(printable(names[0].value))'"
        case .nobodyKnown: "name the right table with --participants, or leave it away with --no-participants"
        case .fileExists: "choose another name, or replace it with --overwrite"
        }
    }

    private static func words(_ tallies: [Tally]) -> String {
        tallies.prefix(8).map { "\($0.value.isEmpty ? "none" : quoted($0.value)) (\($0.count))" }.joined(
            separator: ", ")
            + (tallies.count > 8 ? ", …" : "")
    }
}

extension LayoutError.PatternProblem {
    var words: String {
        switch self {
        case .openBrace: "a brace stands alone"
        case .badName(let name): "\(quoted(name)) is no name: letters, digits and _"
        case .noSubject: "it does not say where the subject stands"
        case .tooLong: "it is too long"
        }
    }

    var remedy: String {
        switch self {
        case .noSubject: "put {subject} in its place, as in 'sub-{subject}/{contrast}.nii.gz'"
        default: "write places as {subject}, {contrast}, {run}"
        }
    }
}

/// Names for a message: so many, and how many more there are.
func listed(_ names: [String], limit: Int = 3) -> String {
    let shown = names.prefix(limit).map { quoted($0) }
    if names.count > limit { return shown.joined(separator: ", ") + " and \(names.count - limit) more" }
    guard shown.count > 1 else { return shown.first ?? "nothing" }
    return shown.dropLast().joined(separator: ", ") + " and " + shown[shown.count - 1]
}
