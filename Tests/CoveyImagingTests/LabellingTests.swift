import CoveyImaging
import Testing

private let identity = Affine([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0])

/// A mask and a set of its columns, both random, with shapes that make rows and slices short enough to wrap.
private struct RandomSet {
    let mask: Mask
    let isMember: [Bool]

    init(seed: UInt64, shape: [Int], density: Double) {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func uniform() -> Double {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Double(state >> 11) * 0x1p-53
        }
        mask = Mask(grid: Grid(shape: shape, affine: identity)) { _ in uniform() < 0.85 }
        isMember = (0..<mask.count).map { _ in uniform() < density }
    }
}

private let sets: [RandomSet] = (0..<60).map { k in
    let shapes = [[7, 6, 5], [1, 9, 9], [12, 1, 4], [3, 3, 40], [2, 2, 2]]
    let densities = [0.1, 0.25, 0.4, 0.7, 1.0]
    return RandomSet(seed: UInt64(k + 1), shape: shapes[k % 5], density: densities[(k / 5) % 5])
}

/// Components by flood fill over every pair of columns: slow and obvious.
private func floodFill(_ set: RandomSet, _ connectivity: Connectivity) -> [Int32] {
    func touch(_ a: VoxelIndex, _ b: VoxelIndex) -> Bool {
        let (x, y, z) = (abs(a.x - b.x), abs(a.y - b.y), abs(a.z - b.z))
        guard max(x, y, z) == 1 else { return false }
        return switch connectivity {
        case .faces: x + y + z == 1
        case .edges: x + y + z <= 2
        case .corners: true
        }
    }
    let voxels = (0..<set.mask.count).map(set.mask.voxel)
    var labels = [Int32](repeating: 0, count: voxels.count)
    var count: Int32 = 0
    for start in voxels.indices where set.isMember[start] && labels[start] == 0 {
        count += 1
        var stack = [start]
        labels[start] = count
        while let here = stack.popLast() {
            for there in voxels.indices
            where set.isMember[there] && labels[there] == 0 && touch(voxels[here], voxels[there]) {
                labels[there] = count
                stack.append(there)
            }
        }
    }
    return labels
}

@Suite("Connected components")
struct LabellingTests {
    @Test(
        "a connectivity has as many steps as its name says, in opposite pairs",
        arguments: Connectivity.allCases)
    func steps(_ connectivity: Connectivity) {
        let steps = connectivity.steps
        #expect(steps.count == connectivity.rawValue)
        for (step, opposite) in zip(steps, steps.reversed()) {
            #expect((step.x, step.y, step.z) == (-opposite.x, -opposite.y, -opposite.z))
        }
        let grid = Grid(shape: [9, 9, 9], affine: identity)
        let centre = grid.offset(of: VoxelIndex(4, 4, 4))
        let offsets = steps.map { grid.offset(of: VoxelIndex(4 + $0.x, 4 + $0.y, 4 + $0.z)) }
        #expect(offsets.prefix(connectivity.rawValue / 2).allSatisfy { $0 < centre })
    }

    @Test("union-find agrees with flood fill on random sets", arguments: Connectivity.allCases)
    func agreesWithFloodFill(_ connectivity: Connectivity) {
        for set in sets {
            let labelling = Adjacency(set.mask, connectivity).components(of: set.isMember)
            #expect(labelling.labels == floodFill(set, connectivity))
        }
    }

    @Test("sizes and members count the labels")
    func sizes() {
        for set in sets {
            let labelling = Adjacency(set.mask, .edges).components(of: set.isMember)
            #expect(labelling.sizes.reduce(0, +) == set.isMember.count { $0 })
            #expect(labelling.members.map(\.count) == labelling.sizes)
            for (index, members) in labelling.members.enumerated() {
                #expect(members.allSatisfy { labelling.labels[$0] == Int32(index + 1) })
            }
        }
    }

    @Test("the components by faces refine those by edges, and those refine the ones by corners")
    func refinement() {
        for set in sets {
            let labellings = Connectivity.allCases.map {
                Adjacency(set.mask, $0).components(of: set.isMember)
            }
            for (fine, coarse) in zip(labellings, labellings.dropFirst()) {
                #expect(fine.count >= coarse.count)
                for members in fine.members {
                    #expect(Set(members.map { coarse.labels[$0] }).count == 1)
                }
            }
        }
    }

    @Test("two voxels at a corner are one component by corners only")
    func corner() {
        let mask = Mask(grid: Grid(shape: [2, 2, 2], affine: identity)) { $0 == 0 || $0 == 7 }
        let counts = Connectivity.allCases.map { Adjacency(mask, $0).components(of: [true, true]).count }
        #expect(counts == [2, 2, 1])
    }

    @Test("the end of a row does not touch the start of the next")
    func noWrapping() {
        let mask = Mask(grid: Grid(shape: [5, 4, 3], affine: identity)) { [4, 5, 39, 40].contains($0) }
        let labels = Adjacency(mask, .corners).components(of: [true, true, true, true]).labels
        #expect(labels == [1, 2, 3, 4])
    }
}
