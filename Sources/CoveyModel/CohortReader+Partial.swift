public import CoveyCore
public import CoveyImaging

extension CohortReader {
    /// What was read of maps with gaps.
    public struct PartialReading: Sendable {
        /// The data, with who is present where.
        public let cohort: PartialCohort
        /// For every voxel of the grid, the number of maps with a value there.
        public let mapCounts: Volume
        /// Per map: counts, range, background.
        public let summaries: [MapSummary]
        /// Per map: what it lacks.
        public let losses: [MapLoss]
        /// What should be known.
        public let notes: [Note]

        /// The voxels that every map has, as if nothing else had been read; there may be none.
        public var complete: Reading {
            let everyone = cohort.parts.first { $0.present.count == cohort.subjectCount }?.cohort
            let none = Mask(grid: cohort.mask.grid, offsets: [])
            return Reading(
                cohort: everyone ?? Cohort(identifiers: cohort.identifiers, mask: none) { _ in [] },
                mapCounts: mapCounts, summaries: summaries, losses: losses, notes: notes)
        }
    }

    /// Reads maps, some of which may have no value at some voxels.
    ///
    /// A voxel is tested where the mask rule lets it in and at least `minimumSubjects` maps have a value
    /// there: finite and, in maps whose background is 0, not 0. Smoothing gives no map a value that it did not
    /// have.
    ///
    /// - Throws: `ImagingError` with every problem of every map, or because of the mask.
    /// - Precondition: `minimumSubjects > 0`.
    public func readPartial(
        _ sources: [MapSource], minimumSubjects: Int, threads: Int = availableThreads(),
        progress: ProgressListener = .silent
    ) throws(ImagingError) -> PartialReading {
        precondition(minimumSubjects > 0)
        let maps = try survey(sources, threads: threads, progress: progress)
        let (mask, maskNotes) = try mask(of: maps.tally, minimumSubjects: minimumSubjects)
        let smoother = try smoother(grid: maps.grid, mask: mask)
        let losses = LossCounter(maps.tally, maskRule)
        let cohort = PartialCohort(
            identifiers: sources.map(\.identifier), mask: mask, minimumSubjects: minimumSubjects,
            threads: threads,
            scratch: { (maps.makeScratch(smoother), [Bool](repeating: false, count: mask.count)) }
        ) { scratch, map in
            maps.load(map, &scratch.0)
            let zeroIsMissing = maps.zeroIsMissing[map]
            losses.count(map, scratch.0.values, zeroIsMissing: zeroIsMissing)
            for (column, offset) in mask.offsets.enumerated() {
                let value = scratch.0.values[Int(offset)]
                scratch.1[column] = value.isFinite && !(zeroIsMissing && value == 0)
            }
            if let smoother {
                smoother.smooth(
                    &scratch.0.values, zeroIsMissing: zeroIsMissing, scratch: &scratch.0.smoother!)
            }
            progress.report(
                smoother == nil ? "reading values" : "smoothing", done: map + 1, of: sources.count)
            return mask.offsets.enumerated().map { column, offset in
                scratch.1[column] ? scratch.0.values[Int(offset)] : .nan
            }
        }
        let incomplete = cohort.subjectCounts.count { $0 < sources.count }
        var notes = maps.notes + maskNotes
        if incomplete > 0 {
            notes.append(
                .information(
                    "\(incomplete) of \(counted(mask.count, "voxel")): a value is missing in some maps; "
                        + "tested with the subjects present, at least \(minimumSubjects)"))
        }
        return PartialReading(
            cohort: cohort, mapCounts: maps.tally.volume, summaries: maps.summaries, losses: losses.losses,
            notes: notes)
    }

    /// The voxels that the mask rule lets in and that enough maps have.
    private func mask(
        of tally: SupportTally, minimumSubjects: Int
    ) throws(ImagingError) -> (mask: Mask, notes: [Note]) {
        let least = Int32(min(minimumSubjects, tally.mapCount))
        guard case .image(let image, let name) = maskRule else {
            let mask = Mask(grid: tally.grid) { tally.counts[$0] >= least }
            guard mask.count > 0 else {
                throw .noCommonVoxel(
                    maps: tally.mapCount, most: Int(tally.counts.max() ?? 0), least: Int(least))
            }
            return (mask, [])
        }
        var (given, notes) = try MaskRule.mask(of: image, name: name, on: tally.grid)
        let kept = Mask(grid: tally.grid, offsets: given.offsets.filter { tally.counts[Int($0)] >= least })
        guard kept.count > 0 else {
            throw .mask(
                name: name, .noCommonVoxel(voxels: given.count, maps: tally.mapCount, least: Int(least)))
        }
        let lost = given.count - kept.count
        if lost > 0 {
            notes.append(
                .warning(
                    "\(lost) of \(given.count) voxels of the mask \(quoted(name)) have a value in fewer than "
                        + "\(least) maps and are left out"))
        }
        return (kept, notes)
    }
}
