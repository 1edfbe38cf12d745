/// The voxels under test, and the only translation between a voxel of a grid and a column of a cohort.
///
/// Column `c` of every matrix or map over the mask is the voxel at storage offset `offsets[c]`; offsets
/// ascend.
public struct Mask: Sendable, Hashable {
    /// Where the voxels lie.
    public let grid: Grid
    /// The storage offsets of the voxels in the mask, ascending.
    public let offsets: [Int32]

    /// A mask of the voxels at `offsets`.
    ///
    /// - Precondition: offsets ascend strictly and lie within the grid.
    public init(grid: Grid, offsets: [Int32]) {
        precondition(
            zip(offsets, offsets.dropFirst()).allSatisfy { $0 < $1 }, "mask offsets must ascend")
        precondition(offsets.isEmpty || (offsets[0] >= 0 && Int(offsets[offsets.count - 1]) < grid.count))
        self.grid = grid
        self.offsets = offsets
    }

    /// A mask of the voxels for which `isInside` answers true, asked once for every storage offset.
    public init(grid: Grid, where isInside: (Int) -> Bool) {
        self.init(grid: grid, offsets: (0..<grid.count).filter(isInside).map(Int32.init))
    }

    /// Number of voxels in the mask.
    public var count: Int { offsets.count }

    /// The voxel of a column.
    public func voxel(of column: Int) -> VoxelIndex { grid.index(at: Int(offsets[column])) }

    /// The centre of the voxel of a column, in mm.
    public func world(of column: Int) -> WorldPoint { grid.affine.world(voxel(of: column)) }

    /// One column number per voxel of the grid, -1 outside the mask: the inverse of ``offsets``.
    public func columnOfVoxel() -> [Int32] {
        var columns = [Int32](repeating: -1, count: grid.count)
        for (column, offset) in offsets.enumerated() { columns[Int(offset)] = Int32(column) }
        return columns
    }

    /// Spreads one value per column over the grid, with `outside` in every other voxel.
    ///
    /// - Precondition: `values.count == count`.
    public func volume(_ values: [Double], outside: Double = .nan) -> Volume {
        precondition(values.count == count, "\(values.count) values for \(count) voxels of the mask")
        var volume = Volume(grid: grid, repeating: outside)
        for (column, offset) in offsets.enumerated() { volume.values[Int(offset)] = values[column] }
        return volume
    }

    /// The values of a volume at the mask's voxels, in column order.
    ///
    /// - Precondition: the volume lies on the mask's grid.
    public func values(of volume: Volume) -> [Double] {
        precondition(volume.grid.shape == grid.shape, "volume and mask lie on different grids")
        return offsets.map { volume.values[Int($0)] }
    }
}
