/// The box of voxels that an image fills: how many along each axis, and where they lie in the world.
///
/// Voxels are stored x fastest, then y, then z (the order of a NIfTI file).
public struct Grid: Hashable, Sendable, Codable {
    /// Number of voxels along x, y and z.
    public let shape: [Int]
    /// Voxel positions to millimetres.
    public let affine: Affine
    /// The NIfTI code that says which space the affine leads to (1 scanner, 2 aligned, 3 Talairach,
    /// 4 MNI 152, 0 unknown), as the qform carried it.
    public let qformCode: Int
    /// The same code as the sform carried it.
    public let sformCode: Int

    /// A grid of `shape` voxels.
    ///
    /// - Precondition: `shape` has three positive entries.
    public init(shape: [Int], affine: Affine, qformCode: Int = 0, sformCode: Int = 2) {
        precondition(shape.count == 3 && shape.allSatisfy { $0 > 0 }, "bad grid shape \(shape)")
        self.shape = shape
        self.affine = affine
        self.qformCode = qformCode
        self.sformCode = sformCode
    }

    /// Number of voxels.
    public var count: Int { shape[0] * shape[1] * shape[2] }

    /// Volume of a voxel in mm3.
    public var voxelVolume: Double { abs(affine.determinant) }

    /// The position of a voxel in storage order.
    public func offset(of index: VoxelIndex) -> Int {
        index.x + shape[0] * (index.y + shape[1] * index.z)
    }

    /// The voxel at a position in storage order.
    public func index(at offset: Int) -> VoxelIndex {
        let (row, x) = offset.quotientAndRemainder(dividingBy: shape[0])
        let (z, y) = row.quotientAndRemainder(dividingBy: shape[1])
        return VoxelIndex(x, y, z)
    }

    /// Whether a voxel lies in the grid.
    public func contains(_ index: VoxelIndex) -> Bool {
        index.x >= 0 && index.y >= 0 && index.z >= 0
            && index.x < shape[0] && index.y < shape[1] && index.z < shape[2]
    }

    /// The greatest distance in mm between where two grids put the same corner of the box; infinite where
    /// the shapes differ.
    ///
    /// Two grids are taken for the same below ``sameGridTolerance``.
    public func greatestDistance(to other: Grid) -> Double {
        guard shape == other.shape else { return .infinity }
        var greatest = 0.0
        for corner in 0..<8 {
            let x = corner & 1 == 0 ? 0 : Double(shape[0] - 1)
            let y = corner & 2 == 0 ? 0 : Double(shape[1] - 1)
            let z = corner & 4 == 0 ? 0 : Double(shape[2] - 1)
            let (a, b) = (affine.world(x, y, z), other.affine.world(x, y, z))
            let (dx, dy, dz) = (a.x - b.x, a.y - b.y, a.z - b.z)
            greatest = max(greatest, (dx * dx + dy * dy + dz * dz).squareRoot())
        }
        return greatest
    }

    /// Grids whose corners agree to this many mm are the same.
    public static let sameGridTolerance = 1e-3

    /// Whether the two grids put every voxel at the same place, to ``sameGridTolerance``.
    public func isSame(as other: Grid) -> Bool { greatestDistance(to: other) <= Self.sameGridTolerance }
}
