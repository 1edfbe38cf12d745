public import CoveyCore
public import CoveyImaging

extension CohortReader {
    /// Reads the images of a voxelwise regressor where the maps of a cohort are.
    ///
    /// An exact 0 is a value, whatever this reader takes it for in maps; everything else is done as this
    /// reader does it. Voxels at which an image has no value leave the mask, with a note: restrict the cohort
    /// of the data to the mask that comes back (``Cohort/selecting(mask:)``).
    ///
    /// - Parameters:
    ///   - sources: one image per subject, in the order of the data.
    ///   - mask: the mask of the data.
    /// - Throws: `ImagingError` with every problem of every image.
    public func readRegressor(
        _ sources: [MapSource], over mask: Mask, threads: Int = availableThreads(),
        progress: ProgressListener = .silent
    ) throws(ImagingError) -> Reading {
        var reader = self
        reader.zeros = .value
        reader.maskRule = .image(
            mask.volume([Double](repeating: 1, count: mask.count), outside: 0), name: "voxels of the maps")
        return try reader.read(sources, threads: threads, progress: progress)
    }
}

extension Subjects {
    /// The files that a column of images names, row by row, relative paths taken from the table's folder.
    ///
    /// - Throws: ``ModelError`` where the column is unknown, a cell is empty or two subjects share a file.
    public func imagePaths(column: String) throws(ModelError) -> [String] {
        try requireValues(in: [column])
        let folder = table.source.lastIndex(of: "/").map { String(table.source[...$0]) } ?? ""
        let paths = try cells(of: column).map { $0.hasPrefix("/") ? $0 : folder + $0 }
        var owners: [String: [String]] = [:]
        for (path, identifier) in zip(paths, identifiers) { owners[path, default: []].append(identifier) }
        if let path = paths.first(where: { owners[$0]!.count > 1 }) {
            throw .sharedMap(path: path, identifiers: owners[path]!)
        }
        return paths
    }
}

extension Cohort {
    /// The voxels of a smaller mask only.
    ///
    /// - Precondition: `mask` is part of the cohort's own mask, on the same grid.
    public func selecting(mask smaller: Mask) -> Cohort {
        if smaller == mask { return self }
        let columnOf = mask.columnOfVoxel()
        let columns = smaller.offsets.map { Int(columnOf[Int($0)]) }
        precondition(smaller.grid.shape == mask.grid.shape && columns.allSatisfy { $0 >= 0 })
        return Cohort(identifiers: identifiers, mask: smaller) { subject in
            columns.map { self[subject, $0] }
        }
    }
}
