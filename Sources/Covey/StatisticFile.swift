public import CoveyCore
import CoveyFigures
import CoveyFormats
public import CoveyImaging
public import CoveyModel

/// A statistic map read back from a file: what it holds is taken from the NIfTI intent, from SPM's or
/// nilearn's description, or from the user.
public struct StatisticFile: Sendable {
    /// The map, over the voxels that were tested.
    public let map: StatisticMap
    /// What should be known of it.
    public let notes: [Note]

    /// Reads a map.
    ///
    /// Voxels that are NaN were not tested; without a mask neither were voxels that are exactly 0, which is
    /// how many programs mark the outside.
    ///
    /// - Parameters:
    ///   - statistic: what the map holds; `nil`: what the file says.
    ///   - mask: an image whose voxels above 0 were tested.
    public init(_ path: String, as statistic: Statistic? = nil, mask: String? = nil) throws {
        let file = try ImageFile(path)
        guard file.volumeCount == 1 else {
            throw FormatError(path, .badField("dim", "gives \(file.volumeCount) volumes; one map is needed"))
        }
        guard let statistic = statistic ?? Self.statistic(of: file.image.header) else {
            throw StatisticFileError.unknownStatistic(path)
        }
        let volume = file.volume()
        var notes = file.notes
        let chosen: Mask
        if let mask {
            let (given, more) = try MaskRule.mask(
                of: try ImageFile.readVolume(mask), name: mask, on: volume.grid)
            notes += more
            chosen = given
        } else {
            chosen = Mask(grid: volume.grid) { volume.values[$0].isFinite && volume.values[$0] != 0 }
            notes.append(
                .information(
                    "no mask given: the \(chosen.count) voxels that are finite and not 0 count as tested"))
        }
        guard chosen.count > 0 else { throw StatisticFileError.nothingTested(path) }
        map = StatisticMap(statistic, mask: chosen, values: chosen.values(of: volume))
        self.notes = notes
    }

    /// What an image's numbers are, in the words of a colour bar; empty where the file does not say.
    public static func label(of file: ImageFile) -> String {
        if let statistic = statistic(of: file.image.header) { return statistic.figureLabel }
        switch file.image.header.intentCode {
        case 22: return "p"
        case 24: return "−log₁₀ p"
        default: return ""
        }
    }

    /// What a header says its map holds.
    static func statistic(of header: NIfTIHeader) -> Statistic? {
        let p = header.intentParameters
        switch header.intentCode {
        case 3 where p[0] > 0: return .t(degreesOfFreedom: p[0])
        case 4 where p[0] > 0 && p[1] > 0: return .f(numerator: p[0], denominator: p[1])
        case 5: return .z
        default: break
        }
        // SPM: "SPM{T_[28.0]} - contrast 1: name".
        let text = header.descrip
        if let match = text.firstMatch(of: /SPM\{T_\[([0-9.]+)\]\}/), let dof = decimalNumber(match.1) {
            return .t(degreesOfFreedom: dof)
        }
        if let match = text.firstMatch(of: /SPM\{F_\[([0-9.]+),([0-9.]+)\]\}/),
            let a = decimalNumber(match.1),
            let b = decimalNumber(match.2)
        {
            return .f(numerator: a, denominator: b)
        }
        return text.hasPrefix("SPM{Z}") || text.hasPrefix("z_score") ? .z : nil
    }
}

/// Why a file cannot be taken for a statistic map.
public enum StatisticFileError: ExplainedError, Equatable {
    /// Nothing says what the values are.
    case unknownStatistic(String)
    /// No voxel has a value.
    case nothingTested(String)

    /// What is wrong.
    public var description: String {
        switch self {
        case .unknownStatistic(let path): "\(quoted(path)) does not say what its values are (no intent code)"
        case .nothingTested(let path): "\(quoted(path)) has no voxel with a value"
        }
    }

    /// What to do.
    public var remedy: String {
        switch self {
        case .unknownStatistic: "say it with --statistic z, --statistic t --dof N, or --statistic F --dof A,B"
        case .nothingTested: "check the map, or give --mask"
        }
    }
}
