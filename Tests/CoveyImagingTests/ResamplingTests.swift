import CoveyTestSupport
import Testing

@testable import CoveyImaging

@Suite("Resampling")
struct ResamplingTests {
    static let grid = SmoothingTests.grid(7, 6, 5)

    /// A grid whose voxel (i, j, k) lies where voxel `matrix * (i, j, k) + shift` of `grid` lies.
    static func grid(_ shape: [Int], matrix: [[Double]], shift: [Double]) -> Grid {
        let a = grid.affine
        var elements: [Double] = []
        for r in 0..<3 {
            for c in 0..<3 { elements.append((0..<3).reduce(0) { $0 + a[r, $1] * matrix[$1][c] }) }
            elements.append((0..<3).reduce(a[r, 3]) { $0 + a[r, $1] * shift[$1] })
        }
        return Grid(shape: shape, affine: Affine(elements))
    }

    @Test(
        "flips, permutations and whole-voxel shifts are exact to the bit",
        arguments: Resampling.Interpolation.allCases)
    func exact(_ interpolation: Resampling.Interpolation) {
        var source = SmoothingTests.noise(Self.grid)
        source.values[17] = .nan
        // Target axes: source z, flipped x, y; shifted by one along y.
        let target = Self.grid([5, 7, 6], matrix: [[0, -1, 0], [0, 0, 1], [1, 0, 0]], shift: [6, 1, 0])
        let result = Resampling.resample(source, to: target, interpolation)
        for i in 0..<target.count {
            let v = target.index(at: i)
            let from = VoxelIndex(6 - v.y, v.z + 1, v.x)
            let expected = Self.grid.contains(from) ? source[from] : .nan
            #expect(result.values[i] == expected || (result.values[i].isNaN && expected.isNaN))
        }
        let back = Resampling.resample(result, to: Self.grid, interpolation)
        for i in 0..<Self.grid.count where Self.grid.index(at: i).y > 0 {
            #expect(back.values[i] == source.values[i] || source.values[i].isNaN)
        }
    }

    @Test("linear interpolation reproduces a linear field wherever there is one, and nothing outside")
    func linearField() throws {
        func field(_ p: WorldPoint) -> Double { 0.3 * p.x - 1.2 * p.y + 0.7 * p.z + 5 }
        let source = Volume(
            grid: Self.grid,
            values: (0..<Self.grid.count).map { field(Self.grid.affine.world(Self.grid.index(at: $0))) })
        // Oblique: a turn in the plane and another voxel size.
        let target = Self.grid(
            [12, 12, 9], matrix: [[0.45, -0.2, 0], [0.2, 0.45, 0], [0, 0.05, 0.61]], shift: [1, -1, -0.5])
        let result = Resampling.resample(source, to: target, .linear)
        let inverse = try #require(Self.grid.affine.inverse)
        var inside = 0
        for i in 0..<target.count {
            let p = target.affine.world(target.index(at: i))
            let v = inverse.world(p.x, p.y, p.z)
            let isInside =
                v.x > 1e-3 && v.y > 1e-3 && v.z > 1e-3 && v.x < 6 - 1e-3 && v.y < 5 - 1e-3 && v.z < 4 - 1e-3
            let isOutside =
                v.x < -1e-3 || v.y < -1e-3 || v.z < -1e-3 || v.x > 6.001 || v.y > 5.001 || v.z > 4.001
            if isInside {
                inside += 1
                #expect(abs(result.values[i] - field(p)) < 1e-3)
            }
            if isOutside { #expect(result.values[i].isNaN) }
        }
        #expect(inside > 300)
    }

    @Test("a missing neighbour makes the mean missing only if it has a weight")
    func missing() {
        var source = Volume(grid: Self.grid, repeating: 2)
        source[VoxelIndex(3, 2, 2)] = .nan
        source[VoxelIndex(5, 2, 2)] = .infinity
        let half = Self.grid([6, 6, 5], matrix: [[1, 0, 0], [0, 1, 0], [0, 0, 1]], shift: [0.5, 0, 0])
        let result = Resampling.resample(source, to: half, .linear)
        let row = (0..<6).map { result[VoxelIndex($0, 2, 2)] }
        #expect(row.map(\.isNaN) == [false, false, true, true, true, true])
        let next = (0..<6).map { result[VoxelIndex($0, 3, 2)] }
        #expect(next == [2, 2, 2, 2, 2, 2])
    }

    @Test("nearest takes the nearest voxel up to half a voxel beyond the last centre")
    func nearest() {
        let source = SmoothingTests.noise(Self.grid)
        let shifted = Self.grid(
            [9, 6, 5], matrix: [[1, 0, 0], [0, 1, 0], [0, 0, 1]], shift: [-1.4, 0.3, 0])
        let result = Resampling.resample(source, to: shifted, .nearest)
        for i in 0..<shifted.count {
            let v = shifted.index(at: i)
            let from = VoxelIndex(v.x - 1, v.y, v.z)
            let expected = Self.grid.contains(from) ? source[from] : .nan
            #expect(result.values[i] == expected || (result.values[i].isNaN && expected.isNaN))
        }
    }

    @Test("a background of 0 is not averaged into the brain where 0 is missing")
    func zeroBackground() {
        var source = Volume(grid: Self.grid, repeating: 2)
        for y in 0..<6 { for z in 0..<5 { source[VoxelIndex(0, y, z)] = 0 } }
        let half = Self.grid([6, 6, 5], matrix: [[1, 0, 0], [0, 1, 0], [0, 0, 1]], shift: [0.5, 0, 0])
        let plain = Resampling.resample(source, to: half, .linear)
        let careful = Resampling.resample(source, to: half, .linear, zeroIsMissing: true)
        #expect(plain[VoxelIndex(0, 2, 2)] == 1)
        #expect(careful[VoxelIndex(0, 2, 2)].isNaN)
        #expect(careful[VoxelIndex(1, 2, 2)] == 2)
    }

    @Test("an image whose affine flattens it has no value anywhere")
    func singular() {
        let flat = Grid(shape: [2, 2, 2], affine: Affine([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]))
        let result = Resampling.resample(Volume(grid: flat, repeating: 1), to: Self.grid, .linear)
        #expect(result.values.allSatisfy { $0.isNaN })
    }
}
