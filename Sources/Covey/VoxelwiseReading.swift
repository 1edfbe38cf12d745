public import CoveyCore
public import CoveyModel

/// The data of an analysis with voxelwise regressors: maps and images, all over one mask.
public struct VoxelwiseReading: Sendable {
    /// The maps, at the voxels where every image has a value too.
    public let cohort: Cohort
    /// The images by design column.
    public let regressors: [Int: Cohort]
    /// What was found on reading them.
    public let notes: [Note]

    /// Reads the images of a table's columns where the maps are.
    ///
    /// - Parameters:
    ///   - maps: the maps, read.
    ///   - places: by design column, the column of the table that names its images.
    ///   - subjects: the subjects in the order of the maps, with the paths in their cells.
    ///   - reader: how images are read; what it says of masks and zeros is not used.
    /// - Throws: `ModelError` for the cells, `ImagingError` for the images.
    public init(
        _ maps: Cohort, places: [Int: String], subjects: Subjects, reader: CohortReader,
        threads: Int = availableThreads(), progress: ProgressListener = .silent
    ) throws {
        var mask = maps.mask
        var read: [Int: Cohort] = [:]
        var notes: [Note] = []
        for (place, column) in places.sorted(by: { $0.key < $1.key }) {
            let sources = zip(subjects.identifiers, try subjects.imagePaths(column: column)).map {
                MapSource(identifier: $0, path: $1)
            }
            let reading = try reader.readRegressor(sources, over: mask, threads: threads, progress: progress)
            notes.append(
                .warning(
                    "column \(quoted(column)) stands for images: its numbers in the table of the design, and "
                        + "the condition number, inflation and leverage told of the design, are placeholders")
            )
            notes += reading.notes.map { Note($0.severity, "\(quoted(column)): \($0.text)") }
            mask = reading.cohort.mask
            read[place] = reading.cohort
        }
        cohort = maps.selecting(mask: mask)
        regressors = read.mapValues { $0.selecting(mask: mask) }
        self.notes = notes
    }
}
