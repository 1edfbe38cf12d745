import CoveyCore

/// Why a map cannot take part in an analysis.
public enum MapProblem: Hashable, Sendable, CustomStringConvertible {
    /// It could not be read; `reason` says why and names the file.
    case unreadable(name: String, reason: String)
    /// It lies on another grid than the map `reference`.
    case otherGrid(name: String, GridDifference, reference: String)
    /// None of its voxels is finite.
    case noFiniteVoxel(name: String, nanCount: Int, infiniteCount: Int)
    /// All its voxels are exactly 0.
    case allZero(name: String)
    /// All its finite voxels have one value.
    case constant(name: String, value: Double)
    /// All `count` maps hold the same values, so that no voxel varies over subjects.
    case allIdentical(count: Int)

    /// The problem in one line.
    public var description: String { "\(start) \(detail)" }

    private var start: String {
        switch self {
        case .unreadable(_, let reason): printable(reason)
        case .otherGrid(let name, _, _), .noFiniteVoxel(let name, _, _), .allZero(let name),
            .constant(let name, _):
            quoted(name)
        case .allIdentical(let count): "all \(count) maps"
        }
    }

    private var detail: String {
        switch self {
        case .unreadable: ""
        case .otherGrid(_, let difference, let reference):
            "lies on another grid than \(quoted(reference)): \(difference)"
        case .noFiniteVoxel(_, let nanCount, let infiniteCount):
            "has no finite voxel (\(nanCount) NaN, \(infiniteCount) infinite)"
        case .allZero: "holds only zeros"
        case .constant(_, let value): "is constant (every finite voxel is \(significant(value, digits: 6)))"
        case .allIdentical: "hold identical voxels (duplicates): there is no variance to analyse"
        }
    }

    /// Problems of the same rank are told together.
    private var rank: Int {
        switch self {
        case .unreadable: 0
        case .otherGrid: 1
        case .noFiniteVoxel: 2
        case .allZero: 3
        case .constant: 4
        case .allIdentical: 5
        }
    }

    /// All problems in one line: each kind once, with the first three maps that have it.
    static func summary(of problems: [MapProblem]) -> String {
        (0...5).compactMap { rank in
            let same = problems.filter { $0.rank == rank }
            guard let first = same.first else { return nil }
            let rest = same.dropFirst()
            if rest.isEmpty { return first.description.trimmedEnd }
            let more = same.count > 3 ? " and \(same.count - 3) more" : ""
            switch first {
            case .otherGrid(_, _, let reference):
                let named = same.prefix(3).map { problem in
                    guard case .otherGrid(let name, let difference, _) = problem else { return "" }
                    return "\(quoted(name)) (\(difference))"
                }
                return
                    "\(same.count) maps lie on another grid than \(quoted(reference)): "
                    + named.joined(separator: ", ") + more
            case .unreadable:
                return same.prefix(3).map(\.start).joined(separator: "; ") + more
            default:
                return same.prefix(3).map(\.description).joined(separator: ", ") + more
            }
        }.joined(separator: "; ")
    }

    static func remedy(for problems: [MapProblem]) -> String {
        let ranks = Set(problems.map(\.rank))
        if ranks.contains(1) { return "resample the maps to one grid, or leave these out" }
        return ranks == [0] ? "" : "check how these maps were made, or leave them out"
    }
}

extension String {
    fileprivate var trimmedEnd: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
