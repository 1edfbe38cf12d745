import CoveyCore
import CoveyImaging
import CoveyInference
import CoveyKernels
import CoveyModel

/// Times the component tree on smooth noise: sorting and joining (the floor that any TFCE by union-find has),
/// and TFCE with everything.
enum TreeBenchmark {
    static func run() {
        for (name, shape) in [("50k", [44, 53, 44]), ("230k", [74, 88, 74])] {
            let grid = Grid(shape: shape, affine: Affine([2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0]))
            let mask = Mask(grid: grid) { offset in
                let at = grid.index(at: offset)
                let r = zip([at.x, at.y, at.z], shape).reduce(0.0) { sum, pair in
                    let u = (Double(pair.0) + 0.5) / Double(pair.1) * 2 - 1
                    return sum + u * u
                }
                return r < 0.98
            }
            let maps = (0..<8).map { smoothNoise(mask, seed: UInt64($0)) }
            for connectivity in [6, 18, 26] {
                var tree = ComponentTree(
                    VoxelLattice(
                        gridShape: shape, offsets: mask.offsets, connectivity: connectivity))
                let sorting = KernelBenchmark.median {
                    for map in maps { tree.sort(map, from: 0, sign: 1, floor: 0) }
                }
                let floor = KernelBenchmark.median { for map in maps { tree.build(map) } }
                print(
                    "\(name) (\(mask.count) voxels), \(connectivity) neighbours, one side:",
                    "sort \(KernelBenchmark.milliseconds(sorting / 8)) ms,",
                    "sort + join \(KernelBenchmark.milliseconds(floor / 8)) ms")
            }
        }
    }

    /// Gaussian noise, smoothed to a FWHM of 2.4 voxels, of unit variance.
    static func smoothNoise(_ mask: Mask, seed: UInt64) -> [Double] {
        var stream = PhiloxStream(seed: seed, domain: 9, index: 0)
        var volume = Volume(grid: mask.grid, repeating: 0)
        for i in volume.values.indices { volume.values[i] = stream.normal() }
        let fwhm = 2.4 * 2
        let smoothing = try! Smoothing(fwhmMillimeters: [fwhm])
        let smooth = mask.values(of: try! Smoother(smoothing, grid: mask.grid).smoothed(volume))
        let spread = (smooth.reduce(0) { $0 + $1 * $1 } / Double(smooth.count)).squareRoot()
        return smooth.map { $0 / spread }
    }
}
