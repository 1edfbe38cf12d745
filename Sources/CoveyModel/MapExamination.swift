public import CoveyCore
import CoveyFormats
public import CoveyImaging

/// The maps of a cohort looked at one by one and against each other, whatever is wrong with them.
public struct MapExamination: Sendable {
    /// Why an analysis would refuse the maps; empty where it would not.
    public let problems: [MapProblem]
    /// What should be known.
    public let notes: [Note]
    /// One per map that could be read and lies on the common grid, in the order given.
    public let qualities: [MapQuality]
    /// Where the voxels lie; `nil` where no map could be read.
    public let grid: Grid?
    /// Voxels over which maps are compared: those of the mask image, else those that at least half of the maps have.
    public let comparedVoxelCount: Int
    /// `voxelCounts[k]`: the voxels (of the mask image, where there is one) that at least `k` maps have.
    public let voxelCounts: [Int]
    /// For every voxel, the number of maps with a value there.
    public let mapCounts: Volume?
    /// For every voxel compared, the number of maps without a value there; 0 elsewhere.
    public let lossCounts: Volume?
}

extension CohortReader {
    /// Looks at the maps by the reader's rules for voxels, zeros and grids, without smoothing and without stopping
    /// at a problem.
    ///
    /// - Throws: `ImagingError` because of the mask image only.
    public func examine(
        _ sources: [MapSource], threads: Int = availableThreads(), progress: ProgressListener = .silent
    ) throws(ImagingError) -> MapExamination {
        let files = open(sources, threads: threads, progress: progress)
        let (summaries, unreadable) = summarise(sources, files, threads: threads)
        let survey = MapSurvey(summaries, unreadable: unreadable)
        // Summaries come in the order of the sources, without those that could not be read.
        var readable: [(source: MapSource, file: ImageFile, summary: MapSummary)] = []
        var next = 0
        for (source, file) in zip(sources, files) {
            guard let file = try? file.get(), next < summaries.count,
                Self.isSummary(summaries[next], of: source)
            else { continue }
            readable.append((source, file, summaries[next]))
            next += 1
        }
        precondition(next == summaries.count, "a summary of no map")
        guard let grid = survey.commonGrid else {
            return MapExamination(
                problems: survey.problems, notes: survey.notes, qualities: [], grid: nil,
                comparedVoxelCount: 0,
                voxelCounts: [], mapCounts: nil, lossCounts: nil)
        }
        let maps = readable.filter { $0.file.grid.isSame(as: grid) }
        let meaning = maskRule.zeroMeaning(zeros)
        let zeroIsMissing = maps.map { meaning.isMissing(in: $0.summary) }
        let tally = Self.tally(maps.count, grid, threads: threads, zeroIsMissing: zeroIsMissing) {
            map, buffer in
            maps[map].file.image.decode(volume: maps[map].source.volume, into: &buffer)
        }
        var notes = survey.notes
        let mask: Mask
        if case .image(let image, let name) = maskRule {
            let drawn = try MaskRule.mask(of: image, name: name, on: grid)
            mask = drawn.mask
            notes += drawn.notes
        } else {
            mask = Mask(grid: grid) { 2 * Int(tally.counts[$0]) >= max(maps.count, 1) }
        }
        var isInside = [Bool](repeating: false, count: grid.count)
        for offset in mask.offsets { isInside[Int(offset)] = true }
        let hasImage = if case .image = maskRule { true } else { false }
        let sole = tally.soleAbsences { !hasImage || isInside[$0] }
        let rows = mapBlocks(maps.count, threads: threads) { (map: Int) -> [Float] in
            progress.report("comparing maps", done: map, of: maps.count)
            let values = maps[map].file.image.decode(volume: maps[map].source.volume)
            return mask.offsets.map { offset in
                let value = values[Int(offset)]
                return value.isFinite && !(zeroIsMissing[map] && value == 0) ? Float(value) : .nan
            }
        }
        let comparison = MapComparison(
            mask: mask, names: maps.map(\.source.identifier), rows: rows,
            soleLosses: maps.indices.map { sole[$0] ?? 0 }, threads: threads)
        var losses = Volume(grid: grid, repeating: 0)
        for offset in mask.offsets {
            losses.values[Int(offset)] = Double(maps.count - Int(tally.counts[Int(offset)]))
        }
        return MapExamination(
            problems: survey.problems, notes: notes, qualities: comparison.qualities(), grid: grid,
            comparedVoxelCount: mask.count, voxelCounts: tally.voxelCounts { !hasImage || isInside[$0] },
            mapCounts: tally.volume, lossCounts: losses)
    }

    private static func isSummary(_ summary: MapSummary, of source: MapSource) -> Bool {
        summary.name == source.path || summary.name == "\(source.path) volume \(source.volume + 1)"
    }
}
