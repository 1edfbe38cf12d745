import CoveyCore
import CoveyTestSupport
import Testing

@testable import CoveyImaging

@Suite("Mask rules")
struct MaskRuleTests {
    static let grid = SmoothingTests.grid(8, 7, 6)

    /// Noise in a box inside the grid, `outside` around it.
    static func boxed(_ seed: UInt64, outside: Double) -> Volume {
        var volume = SmoothingTests.noise(grid, seed: seed)
        for i in 0..<grid.count {
            let v = grid.index(at: i)
            let isInside = (1...6).contains(v.x) && (1...5).contains(v.y) && (1...4).contains(v.z)
            if !isInside { volume.values[i] = outside }
        }
        return volume
    }

    static func tally(_ volumes: [Volume], zeros: ZeroMeaning = .automatic) -> SupportTally {
        var tally = SupportTally(grid: grid)
        for (map, volume) in volumes.enumerated() {
            let summary = MapSummary(volume, name: "map-\(map)")
            tally.add(volume.values, map: map, zeroIsMissing: zeros.isMissing(in: summary))
        }
        return tally
    }

    @Test("automatic finds the same voxels in maps that are 0 outside and in maps that are NaN outside")
    func backgrounds() throws {
        for outside in [[0.0, 0, 0], [.nan, .nan, .nan], [0, .nan, 0]] {
            let volumes = outside.enumerated().map { Self.boxed(UInt64($0 + 1), outside: $1) }
            let (mask, notes) = try MaskRule.automatic.mask(from: Self.tally(volumes))
            #expect(mask.count == 6 * 5 * 4)
            #expect(notes.isEmpty)
        }
    }

    @Test("automatic takes a 0 for a value in maps without a background of 0")
    func zeroIsValue() throws {
        var volumes = [Self.boxed(1, outside: .nan), Self.boxed(2, outside: .nan)]
        let middle = Self.grid.offset(of: VoxelIndex(3, 3, 3))
        volumes[0].values[middle] = 0
        #expect(try MaskRule.automatic.mask(from: Self.tally(volumes)).mask.count == 120)
        #expect(try MaskRule.automatic.mask(from: Self.tally(volumes, zeros: .missing)).mask.count == 119)
        var zeroBackground = [Self.boxed(1, outside: 0), Self.boxed(2, outside: 0)]
        zeroBackground[1].values[middle] = 0
        #expect(try MaskRule.automatic.mask(from: Self.tally(zeroBackground)).mask.count == 119)
    }

    @Test("finite counts zeros as values")
    func finite() throws {
        var volumes = [Self.boxed(1, outside: 0), Self.boxed(2, outside: 0)]
        volumes[1].values[5] = .nan
        volumes[0].values[9] = -.infinity
        let tally = Self.tally(volumes, zeros: MaskRule.finite.zeroMeaning(.automatic))
        #expect(try MaskRule.finite.mask(from: tally).mask.count == Self.grid.count - 2)
    }

    @Test("merged tallies equal one tally, whatever the order and the split")
    func merging() {
        var volumes = (1...5).map { Self.boxed($0, outside: 0) }
        for (map, offset) in [(1, 100), (1, 122), (3, 150), (0, 180), (2, 180)] {
            volumes[map].values[offset] = .nan
        }
        let whole = Self.tally(volumes)
        var first = SupportTally(grid: Self.grid)
        var second = SupportTally(grid: Self.grid)
        for map in [4, 2] { first.add(volumes[map].values, map: map, zeroIsMissing: true) }
        for map in [3, 0, 1] { second.add(volumes[map].values, map: map, zeroIsMissing: true) }
        second.merge(first)
        #expect(second.counts == whole.counts)
        #expect(second.mapCount == 5)
        #expect(second.soleAbsences() == whole.soleAbsences())
        let inBox = [100, 122, 150, 180].map { Self.boxed(1, outside: 0).values[$0] != 0 }
        #expect(inBox == [true, true, true, true])
        #expect(whole.soleAbsences() == [1: 2, 3: 1])
        #expect(whole.notes(names: (0..<5).map { "m\($0)" })[0].text.contains("2 in 'm1', 1 in 'm3'"))
    }

    @Test("maps without a common voxel are refused")
    func disjoint() {
        var volumes = [Self.boxed(1, outside: .nan), Self.boxed(2, outside: .nan)]
        for i in 0..<Self.grid.count { volumes[i % 2].values[i] = .nan }
        #expect(throws: ImagingError.noCommonVoxel(maps: 2, most: 1)) {
            try MaskRule.automatic.mask(from: Self.tally(volumes))
        }
    }

    static func maskImage(_ change: (inout [Double]) -> Void) -> Volume {
        var volume = Volume(grid: grid, repeating: 0)
        for i in 150..<200 { volume.values[i] = 1 }
        change(&volume.values)
        return volume
    }

    @Test("an image gives its voxels as far as all maps have values, and says how many were lost")
    func image() throws {
        var volumes = [SmoothingTests.noise(Self.grid, seed: 1), SmoothingTests.noise(Self.grid, seed: 2)]
        volumes[1].values[160] = .nan
        let tally = Self.tally(volumes)
        let rule = MaskRule.image(Self.maskImage { $0[3] = .nan }, name: "m.nii")
        let (mask, notes) = try rule.mask(from: tally)
        #expect(mask.count == 49)
        #expect(notes.map(\.severity) == [.warning, .warning])
        #expect(notes[0].text.contains("1 NaN voxel"))
        #expect(notes[1].text.contains("1 of 50 voxels"))
        let one = Self.maskImage { $0 = $0.indices.map { $0 == 7 ? 3 : 0 } }
        #expect(try MaskRule.image(one, name: "one").mask(from: tally).mask.offsets == [7])
    }

    @Test("images that cannot serve as a mask are refused by name")
    func badImages() {
        let tally = Self.tally([SmoothingTests.noise(Self.grid)])
        func error(_ image: Volume) -> String {
            do {
                _ = try MaskRule.image(image, name: "m.nii").mask(from: tally)
                return "none"
            } catch { return "\(error)" }
        }
        #expect(error(Volume(grid: Self.grid, repeating: 0)).contains("'m.nii' is empty"))
        #expect(error(Self.maskImage { $0[0] = -1 }).contains("1 negative voxel"))
        #expect(error(Self.maskImage { $0[0] = 0.25 }).contains("not binary"))
        #expect(error(Volume(grid: SmoothingTests.grid(7, 8, 6), repeating: 1)).contains("shape 7 x 8 x 6"))
        let far = Grid(shape: Self.grid.shape, affine: Affine([-3, 0, 0, 500, 0, 3, 0, -4, 0, 0, 3, 7]))
        #expect(error(Volume(grid: far, repeating: 1)).contains("affine 490 mm off"))
    }
}
