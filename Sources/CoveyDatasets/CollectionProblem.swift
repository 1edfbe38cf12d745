import CoveyCore

/// Why a collection of NeuroVault does not give the maps that were asked for.
public enum CollectionProblem: Sendable, Hashable {
    /// No collection was named.
    case notNamed
    /// Collections have no such numbers.
    case noSuchNumber
    /// More images than are listed.
    case tooLarge(Int)
    /// No map of a single subject; images counted by the reason against them.
    case noMaps([String: Int])
    /// No map has that contrast.
    case unknownContrast(String, known: [String])
    /// The metadata have no such field.
    case unknownField(String, known: [String])
    /// No map has that value.
    case noSuchValue(String, String, known: [String])
    /// Subjects have several maps, told apart by fields.
    case severalMaps(subjects: Int, maps: Int, by: [String])
    /// Maps of several contrasts, and nobody says whose they are.
    case severalContrasts([String])

    /// What is wrong.
    public var description: String {
        switch self {
        case .notNamed: "no collection of NeuroVault is named"
        case .noSuchNumber: "there is no such number"
        case .tooLarge(let limit): "it has more than \(limit) images"
        case .noMaps(let counts):
            "it has no maps of single subjects"
                + (counts.isEmpty
                    ? ""
                    : " ("
                        + counts.sorted { $0.key < $1.key }.map { "\($0.value) \(printable($0.key))" }
                        .joined(separator: ", ") + ")")
        case .unknownContrast(let name, _): "no map has the contrast \(quoted(name))"
        case .unknownField(let name, _): "nothing is told of the maps under the name \(quoted(name))"
        case .noSuchValue(let field, let value, _): "no map has \(quoted(field)) \(quoted(value))"
        case .severalMaps(let subjects, let maps, _): "\(subjects) subjects have \(maps) maps"
        case .severalContrasts(let names):
            "it has maps of \(names.count) contrasts and does not tell whose they are"
        }
    }

    /// What to do about it.
    public var remedy: String {
        switch self {
        case .notNamed, .noSuchNumber:
            "give the number in the address of its page: --collection 504 for neurovault.org/collections/504/"
        case .tooLarge: "fetch it with the tools of NeuroVault"
        case .noMaps: "choose a collection of single-subject maps"
        case .unknownContrast(_, let known), .severalContrasts(let known):
            "choose one with --contrast: " + Self.list(known)
        case .unknownField(_, let known): "there are: " + Self.list(known)
        case .noSuchValue(_, _, let known): "there are: " + Self.list(known)
        case .severalMaps(_, _, let fields):
            "choose one of each with --contrast or --where FIELD=VALUE"
                + (fields.isEmpty ? "" : " (they differ in " + Self.list(fields) + ")")
                + ", or take all with --several-maps"
        }
    }

    private static func list(_ names: [String]) -> String {
        names.isEmpty
            ? "none"
            : names.prefix(12).map { quoted($0, limit: 80) }.joined(separator: ", ")
                + (names.count > 12 ? " and \(names.count - 12) more" : "")
    }
}
