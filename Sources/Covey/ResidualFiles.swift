public import CoveyCore
public import CoveyImaging
public import CoveyInference

extension Smoothness {
    /// The smoothness of residuals in files, as another program left them: every map of a fit, each an image or a
    /// volume of one.
    ///
    /// Maps are read twice, one at a time. Voxels that are not finite in every map, or 0 in all of them, are left
    /// out.
    ///
    /// - Parameter mask: an image whose voxels above 0 count.
    /// - Returns: the smoothness, and what should be known.
    /// - Throws: ``ResidualError`` where the maps do not do, `FormatError` where one cannot be read.
    public static func ofResiduals(
        in paths: [String], mask: String? = nil
    ) throws -> (smoothness: Smoothness, notes: [Note]) {
        var notes: [Note] = []
        var squares: [Double] = []
        var grid: Grid?
        var count = 0
        func forEachMap(_ body: (Volume, String) throws -> Void) throws {
            for path in paths {
                let file = try ImageFile(path)
                for k in 0..<file.volumeCount { try body(file.volume(k), path) }
            }
        }
        try forEachMap { volume, path in
            if let grid, let difference = GridDifference(of: volume.grid, from: grid) {
                throw ResidualError.otherGrid(path, difference)
            }
            if grid == nil {
                grid = volume.grid
                squares = [Double](repeating: 0, count: volume.values.count)
            }
            for (offset, value) in volume.values.enumerated() { squares[offset] += value * value }
            count += 1
        }
        guard let grid, count > 1 else { throw ResidualError.tooFew(count) }
        let sums = squares
        var tested = Mask(grid: grid) { sums[$0] > 0 && sums[$0].isFinite }
        if let mask {
            let (given, more) = try MaskRule.mask(of: try ImageFile.readVolume(mask), name: mask, on: grid)
            notes += more
            tested = Mask(
                grid: grid, offsets: given.offsets.filter { sums[Int($0)] > 0 && sums[Int($0)].isFinite })
        }
        var estimator = SmoothnessEstimator(
            mask: tested, residualSumOfSquares: tested.offsets.map { sums[Int($0)] })
        try forEachMap { volume, _ in estimator.add(tested.values(of: volume)) }
        guard let found = estimator.smoothness() else { throw PlanError.noSmoothness }
        return (found, notes)
    }
}

/// Why maps of residuals do not do.
public enum ResidualError: ExplainedError, Equatable {
    /// There are not enough of them.
    case tooFew(Int)
    /// One lies elsewhere.
    case otherGrid(String, GridDifference)

    /// What is wrong.
    public var description: String {
        switch self {
        case .tooFew(let count):
            "\(count) map\(count == 1 ? "" : "s") of residuals: smoothness needs those of a whole fit"
        case .otherGrid(let path, let difference): "\(quoted(path)) lies on another grid (\(difference))"
        }
    }

    /// What to do.
    public var remedy: String {
        switch self {
        case .tooFew: "give all of them: a 4-D image as FSL's res4d, or SPM's ResI files"
        case .otherGrid: "give residuals of one fit"
        }
    }
}
