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
                var (sorted, joined) = (ComponentTree(lattice), ComponentTree(lattice))
                let fixed = FixedMaps(maps: maps, voxels: mask.count)
                var choice = InferenceChoice()
                choice.tfce = TFCE()
                choice.connectivity = connectivity
                var all = choice
                all.formingHeights = [2.3, 3.1]
                var clusters = all
                clusters.tfce = nil
                clusters.formingHeights = [3.1]
                // Three batches of maps: the memory for one is taken anew by each tally.
                let count = 3 * (64 << 20) / (mask.count * 8)
                func eachSide(_ body: ([Double], Double) -> Void) {
                    for k in 0..<count { for side in [1.0, -1] { body(maps[k % maps.count], side) } }
                }
                let times = Timing.turns([
                    { eachSide { sorted.sort($0, from: 0, sign: $1, floor: 0) } },
                    { eachSide { joined.build($0, sign: $1) } },
                    tally(fixed, mask, choice, count, threads: 1),
                    tally(fixed, mask, choice, count, threads: 2),
                    tally(fixed, mask, all, count, threads: 1), tally(fixed, mask, all, count, threads: 2),
                    tally(fixed, mask, clusters, count, threads: 1),
                ])
                func perMap(_ piece: Int) -> String { text(times.median(piece) / Double(count)) }
                func ratio(_ piece: Int, _ other: Int) -> String {
                    CoveyCore.fixed(times.ratio(piece, over: other), decimals: 2)
                }
                say(
                    "trees \(name) voxels \(mask.count) neighbours \(connectivity.rawValue) two-sided ms/map: "
                        + "sort \(perMap(0)) floor \(perMap(1)) tfce \(perMap(2)) tfce-2-threads \(perMap(3)) "
                        + "everything \(perMap(4)) clusters \(perMap(6)) tfce/floor \(ratio(2, 1)) "
                        + "everything/tfce \(ratio(4, 2)) threads tfce \(ratio(2, 3)) everything \(ratio(4, 5))"
                )
            }
        }
    }

    private static func text(_ seconds: Double) -> String { fixed(seconds * 1000, decimals: 2) }

    /// A tally of so many maps, both sides.
    private static func tally(
        _ maps: FixedMaps, _ mask: Mask, _ choice: InferenceChoice, _ count: Int, threads: Int
    ) -> () -> Void {
        let shuffles = ShuffleSet(listed: [Shuffle](repeating: .identity(2), count: count))
        let test = PermutationTest(maps, mask: mask, tail: .twoSided, shuffles: shuffles, comparing: choice)
        let observation = test.observe(threads: threads)
        return { _ = test.tally(of: 0..<count, observation, threads: threads, checkpoint: { _ in }) }
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
        range.flatMap { maps[$0 % maps.count] }
    }

    func write(_ all: inout [Double], of shuffles: ShuffleSet, in range: Range<Int>, threads: Int) {
        // Batches begin with the same map, but for a few, and hold the same ones.
        if all.count < range.count * voxels.count { all = maps(of: shuffles, in: range, threads: threads) }
    }
}
