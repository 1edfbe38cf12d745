/// Where the voxels of a map lie, for questions about neighbours.
///
/// Places are numbered in a lattice padded by one place on every side of a grid, so that every neighbour of a
/// voxel is a place of the lattice.
public struct VoxelLattice: Sendable {
    /// Places along x, y and z, padding included.
    public let shape: [Int]
    /// The place of each voxel, ascending.
    public let positions: [Int32]
    /// 6 (faces), 18 (and edges) or 26 (and corners).
    public let connectivity: Int

    /// The lattice of the voxels at `offsets` of a grid of `gridShape` voxels, x fastest.
    ///
    /// - Precondition: offsets lie in the grid; connectivity is 6, 18 or 26.
    public init(gridShape: [Int], offsets: some Sequence<Int32>, connectivity: Int) {
        precondition([6, 18, 26].contains(connectivity), "connectivity \(connectivity)")
        precondition(gridShape.count == 3)
        let (nx, ny) = (gridShape[0], gridShape[1])
        let shape = gridShape.map { $0 + 2 }
        precondition(shape.reduce(1, *) < Int(Int32.max), "a lattice of \(shape) places")
        self.shape = shape
        self.connectivity = connectivity
        positions = offsets.map { offset in
            let (rest, x) = Int(offset).quotientAndRemainder(dividingBy: nx)
            let (z, y) = rest.quotientAndRemainder(dividingBy: ny)
            precondition(z < gridShape[2])
            return Int32(((z + 1) * shape[1] + y + 1) * shape[0] + x + 1)
        }
    }

    /// Number of voxels.
    public var count: Int { positions.count }
}
