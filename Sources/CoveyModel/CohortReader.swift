public import CoveyCore
public import CoveyFormats
public import CoveyImaging

/// Which map belongs to which subject.
public struct MapSource: Sendable, Hashable {
    /// The subject.
    public let identifier: String
    /// The image file.
    public let path: String
    /// Which of the file's maps, counted from 0.
    public let volume: Int

    /// A subject's map.
    public init(identifier: String, path: String, volume: Int = 0) {
        self.identifier = identifier
        self.path = path
        self.volume = volume
    }
}

/// Reads the maps of a cohort: files -> checks -> mask -> smoothed values, complete for every subject.
///
/// All problems of all maps are found before anything is refused. A voxel is tested where the mask rule lets
/// it in and every map has a value there; how many maps have one is kept for every voxel of the grid.
public struct CohortReader: Sendable {
    /// What happens to maps on another grid than the first.
    public enum OtherGrids: Sendable {
        /// They are an error that names them.
        case refuse
        /// They are interpolated onto the first map's grid.
        case resample(Resampling.Interpolation)
    }

    /// The rule for voxels.
    public var maskRule = MaskRule.automatic
    /// What an exact 0 is.
    public var zeros = ZeroMeaning.automatic
    /// What the maps are smoothed with; `nil`: nothing.
    public var smoothing: Smoothing?
    /// Maps on other grids.
    public var otherGrids = OtherGrids.refuse
    /// How ANALYZE's first axis is taken.
    public var analyzeOrientation = AnalyzeOrientation.mirrored

    /// A reader that masks automatically and does not smooth.
    public init() {}

    /// What was read.
    public struct Reading: Sendable {
        /// The data, complete.
        public let cohort: Cohort
        /// For every voxel of the grid, the number of maps with a value there.
        public let mapCounts: Volume
        /// Per map: counts, range, background.
        public let summaries: [MapSummary]
        /// Per map: what it lacks.
        public let losses: [MapLoss]
        /// What should be known.
        public let notes: [Note]
    }

    /// Reads the maps.
    ///
    /// - Throws: `ImagingError` with every problem of every map, or because of the mask; `FormatError` is told
    ///   within it.
    public func read(
        _ sources: [MapSource], threads: Int = availableThreads(), progress: ProgressListener = .silent
    ) throws(ImagingError) -> Reading {
        let maps = try survey(sources, threads: threads, progress: progress)
        let (mask, maskNotes) = try maskRule.mask(from: maps.tally)
        let notes = maps.notes + maskNotes + maps.tally.notes(names: sources.map(\.identifier))
        let smoother = try smoother(grid: maps.grid, mask: mask)
        let losses = LossCounter(maps.tally, maskRule)
        let cohort = Cohort(
            identifiers: sources.map(\.identifier), mask: mask, threads: threads,
            scratch: { maps.makeScratch(smoother) }
        ) { scratch, map in
            maps.load(map, &scratch)
            losses.count(map, scratch.values, zeroIsMissing: maps.zeroIsMissing[map])
            maps.smooth(map, smoother, &scratch)
            progress.report(
                smoother == nil ? "reading values" : "smoothing", done: map + 1, of: sources.count)
            return mask.offsets.map { scratch.values[Int($0)] }
        }
        return Reading(
            cohort: cohort, mapCounts: maps.tally.volume, summaries: maps.summaries, losses: losses.losses,
            notes: notes)
    }

    /// Maps that have passed every check, and where they have values.
    struct Maps: Sendable {
        /// The grid of all of them.
        let grid: Grid
        /// Where they have values.
        let tally: SupportTally
        /// Whether an exact 0 of a map is the absence of a value.
        let zeroIsMissing: [Bool]
        /// Per map: counts, range, background.
        let summaries: [MapSummary]
        /// What should be known.
        let notes: [Note]
        fileprivate let values: @Sendable (Int, inout [Double]) -> Void

        /// One map and room to smooth it in.
        struct Scratch {
            var values: [Double]
            var smoother: Smoother.Scratch?
        }

        func makeScratch(_ smoother: Smoother?) -> Scratch {
            Scratch(
                values: [Double](repeating: 0, count: grid.count), smoother: smoother?.makeScratch())
        }

        /// Loads a map as it is.
        func load(_ map: Int, _ scratch: inout Scratch) { values(map, &scratch.values) }

        /// Loads a map and smooths it.
        func load(_ map: Int, _ smoother: Smoother?, _ scratch: inout Scratch) {
            load(map, &scratch)
            smooth(map, smoother, &scratch)
        }

        /// Smooths a map that is loaded.
        func smooth(_ map: Int, _ smoother: Smoother?, _ scratch: inout Scratch) {
            smoother?.smooth(
                &scratch.values, zeroIsMissing: zeroIsMissing[map], scratch: &scratch.smoother!)
        }
    }

    /// What smooths the maps; `nil`: nothing does.
    func smoother(grid: Grid, mask: Mask) throws(ImagingError) -> Smoother? {
        guard let smoothing, !smoothing.isIdentity else { return nil }
        // Normalised edges are those of the mask: values outside the brain do not leak in.
        return try Smoother(smoothing, grid: grid, mask: smoothing.edges == .normalised ? mask : nil)
    }

    /// Opens and checks the maps and finds where they have values.
    func survey(
        _ sources: [MapSource], threads: Int, progress: ProgressListener
    ) throws(ImagingError) -> Maps {
        let files = open(sources, threads: threads, progress: progress)
        var notes = Self.combined(files.compactMap { try? $0.get().notes }, of: files.count)
        let (summaries, unreadable) = summarise(sources, files, threads: threads)
        let resamples = if case .resample = otherGrids { true } else { false }
        let survey = MapSurvey(summaries, unreadable: unreadable, allowsOtherGrids: resamples)
        try survey.check()
        notes += survey.notes

        let images = files.compactMap { try? $0.get() }
        precondition(images.count == sources.count, "a map that could not be read passed the survey")
        let grid = images[0].grid
        let zeroMeaning = maskRule.zeroMeaning(zeros)
        let zeroIsMissing = summaries.map(zeroMeaning.isMissing)
        let values: @Sendable (Int, inout [Double]) -> Void = { map, buffer in
            if images[map].grid.isSame(as: grid) {
                images[map].image.decode(volume: sources[map].volume, into: &buffer)
            } else if case .resample(let interpolation) = otherGrids {
                buffer =
                    Resampling.resample(
                        images[map].volume(sources[map].volume), to: grid, interpolation
                    ).values
            }
        }
        let moved = images.indices.filter { !images[$0].grid.isSame(as: grid) }
        if !moved.isEmpty {
            notes.append(
                .warning(
                    "\(moved.count) maps were resampled onto the grid of \(quoted(sources[0].path)): "
                        + moved.prefix(5).map { printable(sources[$0].path) }.joined(separator: ", ")
                        + (moved.count > 5 ? ", …" : "")))
        }
        let tally = Self.tally(
            sources.count, grid, threads: threads, zeroIsMissing: zeroIsMissing, values: values)
        return Maps(
            grid: grid, tally: tally, zeroIsMissing: zeroIsMissing, summaries: summaries, notes: notes,
            values: values)
    }

    /// Every file once, also where it holds many of the maps.
    func open(
        _ sources: [MapSource], threads: Int, progress: ProgressListener
    ) -> [Result<ImageFile, FormatError>] {
        var places: [String: Int] = [:]
        var distinct: [String] = []
        for source in sources where places[source.path] == nil {
            places[source.path] = distinct.count
            distinct.append(source.path)
        }
        let paths = distinct
        let read = mapBlocks(paths.count, threads: threads) { (k: Int) -> Result<ImageFile, FormatError> in
            progress.report("reading maps", done: k, of: paths.count)
            return Result { () throws(FormatError) in
                try ImageFile(paths[k], analyzeOrientation: analyzeOrientation)
            }
        }
        return sources.map { read[places[$0.path]!] }
    }

    func summarise(
        _ sources: [MapSource], _ files: [Result<ImageFile, FormatError>], threads: Int
    ) -> (summaries: [MapSummary], unreadable: [(name: String, reason: String)]) {
        let shared = Set(sources.map(\.path)).count < sources.count
        let results = mapBlocks(sources.count, threads: threads) {
            (map: Int) -> Result<MapSummary, FormatError> in
            Result { () throws(FormatError) in
                let (source, file) = (sources[map], try files[map].get())
                guard shared || file.volumeCount == 1, source.volume < file.volumeCount else {
                    throw FormatError(
                        source.path,
                        .badField(
                            "dim", "gives \(file.volumeCount) volumes (4D); one 3-D map per subject is needed"
                        ))
                }
                let name = shared ? "\(source.path) volume \(source.volume + 1)" : source.path
                return MapSummary(file.volume(source.volume), name: name)
            }
        }
        var summaries: [MapSummary] = []
        var unreadable: [(name: String, reason: String)] = []
        var told = Set<String>()
        for (source, result) in zip(sources, results) {
            switch result {
            case .success(let summary): summaries.append(summary)
            case .failure(let error):
                if told.insert(error.description).inserted {
                    unreadable.append((source.path, error.description))
                }
            }
        }
        return (summaries, unreadable)
    }

    static func tally(
        _ maps: Int, _ grid: Grid, threads: Int, zeroIsMissing: [Bool],
        values: @Sendable (Int, inout [Double]) -> Void
    ) -> SupportTally {
        let total = TallyBox(grid: grid)
        forEachBlock(
            maps, threads: threads,
            scratch: { (tally: SupportTally(grid: grid), buffer: [Double](repeating: 0, count: grid.count)) },
            { scratch, map in
                values(map, &scratch.buffer)
                scratch.tally.add(scratch.buffer, map: map, zeroIsMissing: zeroIsMissing[map])
            },
            finish: { total.merge($0.tally) })
        return total.tally
    }

    /// Notes on many files, each text told once with how many files it concerns.
    private static func combined(_ notes: [[Note]], of total: Int) -> [Note] {
        var counts: [Note: Int] = [:]
        var order: [Note] = []
        for note in notes.joined() {
            if counts[note] == nil { order.append(note) }
            counts[note, default: 0] += 1
        }
        return order.map { Note($0.severity, "\(counts[$0]!) of \(total) maps: \($0.text)") }
    }
}
