import CoveyKernels
import CoveyTestSupport
import Foundation
import Testing

@testable import CoveyImaging

@Suite("Smoothing")
struct SmoothingTests {
    static func grid(_ x: Int, _ y: Int, _ z: Int, sizes: [Double] = [3, 3, 3]) -> Grid {
        Grid(shape: [x, y, z], affine: Affine([-sizes[0], 0, 0, 10, 0, sizes[1], 0, -4, 0, 0, sizes[2], 7]))
    }

    static func noise(_ grid: Grid, seed: UInt64 = 1) -> Volume {
        var numbers = TestNumbers(seed)
        return Volume(grid: grid, values: numbers.normals(grid.count))
    }

    /// The definition, written out: each axis in turn, reflected by walking.
    static func slowly(_ volume: Volume, fwhm: [Double]) -> [Double] {
        let shape = volume.grid.shape
        var values = volume.values.map { $0.isFinite ? $0 : 0 }
        for axis in 0..<3 where fwhm[axis] > 0 {
            let sigma = fwhm[axis] / ((8 * log(2.0)).squareRoot() * volume.grid.affine.voxelSizes[axis])
            let radius = Int(4 * sigma + 0.5)
            let weights = (-radius...radius).map { exp(-Double($0 * $0) / (2 * sigma * sigma)) }
            let total = weights.reduce(0, +)
            let before = values
            for offset in values.indices {
                let voxel = volume.grid.index(at: offset)
                var sum = 0.0
                for j in -radius...radius {
                    var at = [voxel.x, voxel.y, voxel.z]
                    var (position, step) = (at[axis], j < 0 ? -1 : 1)
                    for _ in 0..<abs(j) {
                        // At a face the walk stays for one step and turns round.
                        if position + step < 0 || position + step >= shape[axis] {
                            step = -step
                        } else {
                            position += step
                        }
                    }
                    at[axis] = position
                    sum +=
                        weights[j + radius] / total
                        * before[volume.grid.offset(of: VoxelIndex(at[0], at[1], at[2]))]
                }
                values[offset] = sum
            }
        }
        return values
    }

    @Test(
        "agrees with the definition written out, also where the kernel is longer than the image",
        arguments: [
            ([9, 7, 8], [5.0, 5, 5]), ([17, 3, 2], [6, 9, 4]), ([4, 11, 5], [0, 12, 7]),
            ([1, 1, 30], [8, 8, 8]),
            ([25, 12, 1], [3, 20, 5]),
        ])
    func definition(_ shape: [Int], _ fwhm: [Double]) throws {
        let volume = Self.noise(Self.grid(shape[0], shape[1], shape[2], sizes: [2, 3, 4]))
        let result = try Smoother(Smoothing(fwhmMillimeters: fwhm), grid: volume.grid).smoothed(volume)
        for (a, b) in zip(result.values, Self.slowly(volume, fwhm: fwhm)) { #expect(abs(a - b) < 1e-13) }
    }

    @Test("gives the same bits at every instruction level")
    func levels() throws {
        for (shape, width) in [([13, 9, 7], 5.0), ([5, 6, 4], 12), ([33, 4, 9], 9)] {
            var volume = Self.noise(Self.grid(shape[0], shape[1], shape[2]))
            volume.values[11] = .nan
            volume.values[17] = -.infinity
            let results = try InstructionLevel.available.map { level in
                try Smoother(
                    Smoothing(fwhmMillimeters: [width], edges: .normalised), grid: volume.grid, level: level
                ).smoothed(volume).values.map(\.bitPattern)
            }
            #expect(results.allSatisfy { $0 == results[0] })
        }
    }

    @Test("scratch used again gives the same bits as fresh scratch")
    func reuse() throws {
        let grid = Self.grid(10, 8, 6)
        let smoother = try Smoother(Smoothing(fwhmMillimeters: [6], edges: .normalised), grid: grid)
        var scratch = smoother.makeScratch()
        for seed in 1...4 as ClosedRange<UInt64> {
            var volume = Self.noise(grid, seed: seed)
            if seed.isMultiple(of: 2) { for i in 0..<30 * Int(seed) { volume.values[i] = .nan } }
            var values = volume.values
            smoother.smooth(&values, scratch: &scratch)
            #expect(values.map(\.bitPattern) == smoother.smoothed(volume).values.map(\.bitPattern))
        }
    }

    @Test("keeps the sum of an image without missing values, and a constant")
    func sums() throws {
        let volume = Self.noise(Self.grid(12, 10, 9))
        let smoother = try Smoother(Smoothing(fwhmMillimeters: [7]), grid: volume.grid)
        let sum = volume.values.reduce(0, +)
        #expect(abs(smoother.smoothed(volume).values.reduce(0, +) - sum) < 1e-10)
        let flat = smoother.smoothed(Volume(grid: volume.grid, repeating: 2.5))
        #expect(flat.values.allSatisfy { abs($0 - 2.5) < 1e-14 })
    }

    @Test("flipping an axis before or after smoothing is the same to the bit")
    func flip() throws {
        let grid = Self.grid(9, 6, 5)
        let volume = Self.noise(grid)
        func flipped(_ volume: Volume) -> Volume {
            var result = volume
            for i in 0..<grid.count {
                let v = grid.index(at: i)
                result.values[i] = volume[VoxelIndex(8 - v.x, v.y, v.z)]
            }
            return result
        }
        let smoother = try Smoother(Smoothing(fwhmMillimeters: [8]), grid: grid)
        #expect(flipped(smoother.smoothed(volume)).values == smoother.smoothed(flipped(volume)).values)
    }

    @Test("NaN neither spreads nor turns into data; fill gives the value as if NaN were 0")
    func missing() throws {
        var volume = Self.noise(Self.grid(9, 8, 7))
        for i in 100..<140 { volume.values[i] = .nan }
        volume.values[200] = .infinity
        let zeroed = Volume(grid: volume.grid, values: volume.values.map { $0.isFinite ? $0 : 0 })
        let kept = try Smoother(Smoothing(fwhmMillimeters: [5]), grid: volume.grid).smoothed(volume)
        let filled = try Smoother(Smoothing(fwhmMillimeters: [5], missing: .fill), grid: volume.grid)
            .smoothed(volume)
        let plain = try Smoother(Smoothing(fwhmMillimeters: [5]), grid: volume.grid).smoothed(zeroed)
        #expect(filled.values == plain.values)
        for i in volume.values.indices {
            #expect(kept.values[i].isNaN == !volume.values[i].isFinite)
            if volume.values[i].isFinite { #expect(kept.values[i] == plain.values[i]) }
        }
    }

    @Test("normalised edges keep a constant constant up to the border of its support; plain ones do not")
    func normalised() throws {
        let grid = Self.grid(12, 12, 12)
        let mask = Mask(grid: grid) { offset in
            let v = grid.index(at: offset)
            return (v.x - 6) * (v.x - 6) + (v.y - 6) * (v.y - 6) + (v.z - 6) * (v.z - 6) < 20
        }
        let background = mask.volume([Double](repeating: 4, count: mask.count), outside: 0)
        let holes = mask.volume([Double](repeating: 4, count: mask.count), outside: .nan)
        let full = Volume(grid: grid, repeating: 4)
        let smoothing = try Smoothing(fwhmMillimeters: [8], edges: .normalised)
        let smoother = try Smoother(smoothing, grid: grid)
        let masked = try Smoother(smoothing, grid: grid, mask: mask)
        let plain = try Smoother(Smoothing(fwhmMillimeters: [8]), grid: grid)
        let results = [
            smoother.smoothed(holes), smoother.smoothed(background, zeroIsMissing: true),
            masked.smoothed(full),
        ]
        for result in results {
            #expect(mask.values(of: result).allSatisfy { abs($0 - 4) < 1e-13 })
        }
        #expect(results[0].values[0].isNaN && results[1].values[0] == 0 && results[2].values[0].isNaN)
        #expect(plain.smoothed(holes).values[Int(mask.offsets[0])] < 3)
    }

    @Test("a width of 0 leaves every bit alone")
    func none() throws {
        var volume = Self.noise(Self.grid(5, 4, 3))
        volume.values[3] = .infinity
        let smoother = try Smoother(Smoothing(fwhmMillimeters: [0]), grid: volume.grid)
        #expect(smoother.smoothed(volume).values == volume.values)
    }

    @Test("widths that mean nothing are refused with the value and the legal range")
    func refusals() {
        for widths in [[-5], [.nan], [.infinity], [1, 2], []] as [[Double]] {
            #expect(throws: ImagingError.self) { try Smoothing(fwhmMillimeters: widths) }
        }
        #expect(throws: ImagingError.smoothingWiderThanImage(fwhmMillimeters: 1e9, limit: 24)) {
            try Smoother(Smoothing(fwhmMillimeters: [1e9]), grid: Self.grid(8, 7, 6))
        }
        #expect("\(ImagingError.badSmoothingWidth([-5]))".contains("-5"))
        #expect(
            "\(ImagingError.smoothingWiderThanImage(fwhmMillimeters: 1e9, limit: 24))".contains("0 to 24 mm"))
    }
}
