public import CoveyCore
import CoveyFormats
public import CoveyImaging
import CoveyInference
public import CoveyModel

/// A saved map as `ln p` of every voxel: from t, z or F by their tail areas, or from a map of p itself.
public struct ProbabilityFile: Sendable {
    /// What the numbers of a map of p are.
    public enum Scale: String, Sendable, CaseIterable {
        /// p.
        case p
        /// `-log10 p`.
        case negativeLog10 = "log10p"
    }

    /// The voxels that were tested.
    public let mask: Mask
    /// `ln p` of each of them; NaN where the map has no value.
    public let logP: [Double]
    /// What the map holds, in words.
    public let words: String
    /// What should be known of it.
    public let notes: [Note]

    /// Reads a map of t, z or F, as ``StatisticFile`` does.
    ///
    /// - Parameter tail: which statistics count; F has one tail, whatever is given.
    public init(_ path: String, as statistic: Statistic?, tail: Tail, mask: String? = nil) throws {
        let file = try StatisticFile(path, as: statistic, mask: mask)
        let map = file.map
        let side = map.statistic.isF ? Tail.greater : tail
        self.mask = map.mask
        logP = map.values.map { map.statistic.logP($0, tail: side) }
        words = map.statistic.figureLabel + (map.statistic.isF ? "" : ", \(side.rawValue)")
        notes = file.notes
    }

    /// Reads a map of uncorrected p.
    ///
    /// - Parameters:
    ///   - scale: what its numbers are; `nil`: what the file's intent says.
    ///   - mask: an image whose voxels above 0 were tested; `nil`: voxels that are finite and not 0.
    /// - Throws: ``ProbabilityFileError`` where it holds corrected p-values or numbers that are no p.
    public init(pValues path: String, scale: Scale?, mask: String? = nil) throws {
        let header = try ImageFile(path).image.header
        guard let scale = scale ?? Self.scale(of: header) else {
            throw StatisticFileError.unknownStatistic(path)
        }
        if let correction = Self.correction(of: header) {
            throw ProbabilityFileError.corrected(path, correction)
        }
        // What the numbers are does not matter for reading them; z stands for any.
        let file = try StatisticFile(path, as: .z, mask: mask)
        self.mask = file.map.mask
        var notes = file.notes
        var (outside, zeros) = (0, 0)
        logP = file.map.values.map { value in
            if value.isNaN { return .nan }
            switch scale {
            case .p:
                if value < 0 || value > 1 { outside += 1 }
                if value == 0 { zeros += 1 }
                return LogProbability.fromP(min(max(value, 0), 1))
            case .negativeLog10:
                if value < 0 { outside += 1 }
                return min(0, LogProbability.fromNegativeLog10(value))
            }
        }
        guard outside == 0 else { throw ProbabilityFileError.noProbability(path, count: outside) }
        if zeros > 0 {
            notes.append(
                .warning(
                    "\(zeros) voxels have p = 0, which no test gives: they count as smaller than any threshold"
                ))
        }
        words = scale == .p ? "p" : "-log10 p"
        self.notes = notes
    }

    /// Whether a file says that it holds p.
    public static func holdsP(_ path: String) throws -> Bool {
        scale(of: try ImageFile(path).image.header) != nil
    }

    private static func scale(of header: NIfTIHeader) -> Scale? {
        switch header.intentCode {
        case 22: .p
        case 24: .negativeLog10
        default: nil
        }
    }

    /// The correction that a map of Covey says its p-values have had.
    private static func correction(of header: NIfTIHeader) -> Correction? {
        let words = header.descrip.split(separator: " ").map(String.init)
        let place = words.first == "-log10" ? 2 : 1
        guard words.count > place, let found = Correction(rawValue: words[place]) else { return nil }
        return found == .none ? nil : found
    }
}

/// Why a map cannot be taken for uncorrected p.
public enum ProbabilityFileError: ExplainedError, Equatable {
    /// Its p-values are corrected already.
    case corrected(String, Correction)
    /// It has values that are no p.
    case noProbability(String, count: Int)
    /// A region on another grid.
    case otherGrid(String, GridDifference)
    /// Values that name no region.
    case noLabels(String, value: Double)
    /// No voxel belongs to a region.
    case emptyRegion(String)

    /// What is wrong.
    public var description: String {
        switch self {
        case .corrected(let path, let correction):
            "\(quoted(path)) holds p-values that are corrected already (\(correction.rawValue))"
        case .noProbability(let path, let count):
            "\(quoted(path)) has \(count) value\(count == 1 ? "" : "s") that no p can have"
        case .otherGrid(let path, let difference):
            "\(quoted(path)) does not lie on the map's grid (\(difference))"
        case .noLabels(let path, let value):
            "\(quoted(path)) has the value \(shortest(value)): regions are numbered 1, 2, ... up to 100000"
        case .emptyRegion(let path): "\(quoted(path)) has no voxel above 0"
        }
    }

    /// What to do.
    public var remedy: String {
        switch self {
        case .corrected: "give the map of t, z, F or uncorrected p"
        case .noProbability: "check what the map holds; say it with --statistic"
        case .otherGrid: "resample the regions to the map's grid (nearest neighbour)"
        case .noLabels: "give a mask of 0 and 1, or a label image"
        case .emptyRegion: "check the image"
        }
    }
}

extension ProbabilityFile {
    /// A region of an image, and how much of it lies in the map.
    public struct Region: Sendable, Hashable {
        /// Its value in the image.
        public let label: Int
        /// The columns of the map's mask that belong to it.
        public let columns: [Int]
        /// Voxels of it that were not tested.
        public let untestedCount: Int
    }

    /// The regions that an image draws on the map: one for each whole number above 0, ascending.
    ///
    /// - Throws: ``ProbabilityFileError`` for another grid, other numbers, or no region.
    public func regions(of path: String) throws -> [Region] {
        let image = try ImageFile.readVolume(path)
        if let difference = GridDifference(of: image.grid, from: mask.grid) {
            throw ProbabilityFileError.otherGrid(path, difference)
        }
        let columns = mask.columnOfVoxel()
        var members: [Int: [Int]] = [:]
        var untested: [Int: Int] = [:]
        for (offset, value) in image.values.enumerated() where !value.isNaN && value != 0 {
            guard value > 0, value <= 100_000, value == value.rounded() else {
                throw ProbabilityFileError.noLabels(path, value: value)
            }
            let (label, column) = (Int(value), Int(columns[offset]))
            if column >= 0, !logP[column].isNaN {
                members[label, default: []].append(column)
            } else {
                untested[label, default: 0] += 1
            }
        }
        let labels = Set(members.keys).union(untested.keys).sorted()
        guard !labels.isEmpty else { throw ProbabilityFileError.emptyRegion(path) }
        return labels.map {
            Region(label: $0, columns: members[$0] ?? [], untestedCount: untested[$0] ?? 0)
        }
    }
}
