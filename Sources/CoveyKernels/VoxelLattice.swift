import CCoveyKernels

/// Where the voxels of a map lie, for questions about neighbours.
///
/// Places are numbered in the smallest box around the voxels, padded by one place on every side, so that every neighbour
/// of a voxel is a place of the lattice.
public struct VoxelLattice: Sendable {
    /// Places along x, y and z, padding included.
    public let shape: [Int]
    /// The place of each voxel, ascending.
    public let positions: [Int32]
    /// 6 (faces), 18 (and edges) or 26 (and corners).
    public let connectivity: Int
    /// All voxels, as stretches along x.
    let runs: [covey_run]

    /// The greatest number of voxels.
    public static let mostVoxels = 1 << 28

    /// The lattice of the voxels at `offsets` of a grid of `gridShape` voxels, x fastest.
    ///
    /// - Precondition: offsets ascend and lie in the grid; there are fewer than ``mostVoxels``; connectivity is 6, 18 or
    ///   26.
    public init(gridShape: [Int], offsets: some Sequence<Int32>, connectivity: Int) {
        precondition([6, 18, 26].contains(connectivity), "connectivity \(connectivity)")
        precondition(gridShape.count == 3)
        let indices = offsets.map { offset in
            let (rest, x) = Int(offset).quotientAndRemainder(dividingBy: gridShape[0])
            let (z, y) = rest.quotientAndRemainder(dividingBy: gridShape[1])
            precondition(z < gridShape[2])
            return SIMD3(Int32(x), Int32(y), Int32(z))
        }
        precondition(indices.count < Self.mostVoxels, "\(indices.count) voxels")
        let none = SIMD3<Int32>(0, 0, 0)
        let least = indices.reduce(indices.first ?? none) { pointwiseMin($0, $1) }
        let greatest = indices.reduce(indices.first ?? none) { pointwiseMax($0, $1) }
        let shape = (0..<3).map { Int(greatest[$0] - least[$0]) + 3 }
        precondition(shape.reduce(1, *) < Int(Int32.max) - 64, "a lattice of \(shape) places")
        self.shape = shape
        self.connectivity = connectivity
        let (row, plane) = (Int32(shape[0]), Int32(shape[0] * shape[1]))
        positions = indices.map { index in
            let at = index &- least &+ 1
            return at.z * plane + at.y * row + at.x
        }
        var runs: [covey_run] = []
        for (voxel, place) in positions.enumerated() {
            if let last = runs.last, last.place + last.length == place {
                runs[runs.count - 1].length += 1
            } else {
                runs.append(covey_run(voxel: Int32(voxel), place: place, length: 1))
            }
        }
        self.runs = runs
    }

    /// Number of voxels.
    public var count: Int { positions.count }

    /// Number of places.
    public var placeCount: Int { shape.reduce(1, *) }

    /// Has `body` read the lattice as the kernels do.
    func withGeometry<Result>(_ body: (UnsafePointer<covey_lattice>) -> Result) -> Result {
        unsafe positions.withUnsafeBufferPointer { positions in
            unsafe runs.withUnsafeBufferPointer { runs in
                var geometry = unsafe covey_lattice(
                    count: positions.count, position: positions.baseAddress, runs: runs.count,
                    run: runs.baseAddress, row: Int32(shape[0]),
                    plane: Int32(shape[0] * shape[1]), connectivity: Int32(connectivity))
                return unsafe withUnsafePointer(to: &geometry) { unsafe body($0) }
            }
        }
    }
}
