import CoveyCore
import CoveyImaging
import CoveyInference
import CoveyKernels
import CoveyModel
import Foundation

/// Times the component tree on smooth noise: sorting and joining (the floor that any TFCE by union-find has),
/// and all of TFCE on both sides; writes the maps, so that other programs can be timed on them.
enum TreeBenchmark {
    static func run(folder: String?) throws {
        for (name, shape) in [("50k", [44, 53, 44]), ("230k", [74, 88, 74])] {
            let mask = MadeData.mask(shape: shape, voxelMillimeters: 2)
            let maps = try (0..<8).map { try MadeData.smoothNoise(mask, seed: UInt64($0)) }
            if let folder { try write(maps, mask, to: "\(folder)/\(name)") }
            for connectivity in Connectivity.allCases {
                let lattice = VoxelLattice(
                    gridShape: shape, offsets: mask.offsets, connectivity: connectivity.rawValue)
                var tree = ComponentTree(lattice)
                let sorting = Timing.median {
                    for map in maps {
                        for side in [1.0, -1] { tree.sort(map, from: 0, sign: side, floor: 0) }
                    }
                }
                let floor = Timing.median {
                    for map in maps { for side in [1.0, -1] { tree.build(map, sign: side) } }
                }
                let fixed = FixedMaps(maps: maps, voxels: mask.count)
                var choice = InferenceChoice()
                choice.tfce = TFCE()
                choice.connectivity = connectivity
                let one = perMap(fixed, mask, choice, threads: 1)
                let two = perMap(fixed, mask, choice, threads: 2)
                choice.formingHeights = [2.3, 3.1]
                let all = perMap(fixed, mask, choice, threads: 1)
                choice.tfce = nil
                choice.formingHeights = [3.1]
                let clusters = perMap(fixed, mask, choice, threads: 1)
                say(
                    "trees \(name) voxels \(mask.count) neighbours \(connectivity.rawValue) two-sided ms/map: "
                        + "sort \(text(sorting / 8)) floor \(text(floor / 8)) tfce \(text(one)) tfce-2-threads \(text(two)) "
                        + "everything \(text(all)) clusters \(text(clusters)) "
                        + "tfce/floor \(text(one / (floor / 8) / 1000)) everything/tfce \(text(all / one / 1000))"
                )
            }
        }
    }

    private static func text(_ seconds: Double) -> String { fixed(seconds * 1000, decimals: 2) }

    /// Seconds per map of a whole tally, both sides, the cost of setting up left out by a difference.
    private static func perMap(_ maps: FixedMaps, _ mask: Mask, _ choice: InferenceChoice, threads: Int)
        -> Double
    {
        func seconds(_ count: Int) -> Double {
            let shuffles = ShuffleSet(listed: [Shuffle](repeating: .identity(2), count: count))
            let test = PermutationTest(
                maps, mask: mask, tail: .twoSided, shuffles: shuffles, comparing: choice)
            let observation = test.observe(threads: threads)
            return Timing.median {
                _ = test.tally(of: 0..<count, observation, threads: threads, checkpoint: { _ in })
            }
        }
        return (seconds(72) - seconds(8)) / 64
    }

    private static func write(_ maps: [[Double]], _ mask: Mask, to path: String) throws {
        var data = Data()
        for map in maps {
            for value in mask.volume(map, outside: 0).values {
                let bits = Float(value).bitPattern
                for shift in [0, 8, 16, 24] as [UInt32] { data.append(UInt8(bits >> shift & 255)) }
            }
        }
        try data.write(to: URL(fileURLWithPath: path + ".float32"))
        try mask.grid.shape.map(String.init).joined(separator: " ")
            .write(toFile: path + ".shape", atomically: true, encoding: .utf8)
    }
}

/// The same few maps for every shuffle: what is timed with it is the reading of maps, not their making.
private struct FixedMaps: ShuffledStatistic {
    let kind = Statistic.z
    let voxels: [Int32]
    private let maps: [[Double]]

    init(maps: [[Double]], voxels: Int) {
        self.maps = maps
        self.voxels = (0..<Int32(voxels)).map { $0 }
    }

    func maps(of shuffles: ShuffleSet, in range: Range<Int>, threads: Int) -> [Double] {
        var all: [Double] = []
        all.reserveCapacity(range.count * voxels.count)
        for k in range { all += maps[k % maps.count] }
        return all
    }
}
