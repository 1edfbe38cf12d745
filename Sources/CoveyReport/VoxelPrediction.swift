import CoveyImaging

/// Whole numbers at voxels as differences from what the voxels before them predict: small numbers where a map is smooth.
///
/// At a voxel `(i, j, k)` all of whose seven neighbours towards the origin, `(i-1, j, k)` to `(i-1, j-1, k-1)`, are
/// among the voxels, the prediction is the one that is exact for every function without a term in `ijk`:
/// `x + y + z - xy - xz - yz + xyz` (Ibarria et al. 2003, Computer Graphics Forum 22:343-348). Elsewhere it is the number
/// of the voxel before.
struct VoxelPrediction: Sendable {
    /// Seven for each voxel, by their places among the voxels; -1 where one is missing.
    private let neighbours: [Int32]
    /// How many voxels there are.
    let count: Int

    /// For voxels by their ascending offsets in a grid.
    init(_ grid: Grid, offsets: [Int]) {
        let (width, plane) = (grid.shape[0], grid.shape[0] * grid.shape[1])
        var places = [Int32](repeating: -1, count: grid.count)
        for (place, offset) in offsets.enumerated() { places[offset] = Int32(place) }
        let steps = [1, width, plane, 1 + width, 1 + plane, width + plane, 1 + width + plane]
        var neighbours: [Int32] = []
        neighbours.reserveCapacity(7 * offsets.count)
        for offset in offsets {
            let isInside = offset % width > 0 && offset % plane >= width && offset >= plane
            let near = steps.map { isInside ? places[offset - $0] : -1 }
            neighbours += near.contains(-1) ? [Int32](repeating: -1, count: 7) : near
        }
        self.neighbours = neighbours
        count = offsets.count
    }

    /// For the voxels of a mask, or some of them by their columns.
    init(_ mask: Mask, columns: [Int]? = nil) {
        self.init(
            mask.grid,
            offsets: columns.map { $0.map { Int(mask.offsets[$0]) } } ?? mask.offsets.map { Int($0) })
    }

    /// Numbers of so many bits, one per voxel, as differences modulo 2 to the power of `bits`, their sign folded
    /// into the lowest bit.
    func folded(_ values: [UInt32], bits: UInt32) -> [UInt32] {
        precondition(values.count == count, "\(values.count) numbers for \(count) voxels")
        let shift = 32 - bits
        return (0..<count).map { place in
            let near = 7 * place
            let guess: UInt32
            if neighbours[near] >= 0 {
                func at(_ k: Int) -> UInt32 { values[Int(neighbours[near + k])] }
                guess = at(0) &+ at(1) &+ at(2) &- at(3) &- at(4) &- at(5) &+ at(6)
            } else {
                guess = place > 0 ? values[place - 1] : 0
            }
            // The difference in the upper bits of 32, so that its sign is theirs.
            let difference = Int32(bitPattern: (values[place] &- guess) << shift)
            return UInt32(bitPattern: (difference &<< 1) ^ (difference &>> 31)) >> shift
        }
    }
}
