import CoveyImaging
import CoveyInference
import CoveyModel
import CoveyTestSupport
import Foundation
import Testing

/// The cluster lists of the exhaustive permutation cases under `reference/stats/exact`.
@Suite("Clusters against exact references", .enabled(if: SharedData.isAvailable))
struct ClusterExactTests {
    private struct Expected: Decodable {
        struct Found: Decodable {
            let sign: Int
            let size: Int
            let mass: Double
            let peakIjk: [Int]
            let peak: Double
        }
        struct Side: Decodable { let clusters: [Found] }
        struct Section: Decodable {
            let thresholdOneSided: Double
            let thresholdTwoSided: Double?
            let byConnectivity: [String: [String: Side]]
        }
        let grid: [Int]
        let voxelsIjk: [[Int]]
        let statObserved: [Double]
        /// One example compares contrasts and has none.
        let cluster: Section?
    }

    @Test("the same clusters for every connectivity, one- and two-sided")
    func sameClusters() throws {
        let folder = SharedData.url("reference/stats/exact")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        var compared = 0
        for name in names.sorted() {
            guard
                let data = try? Data(contentsOf: folder.appendingPathComponent("\(name)/expected.json"))
            else { continue }
            let expected = try snakeCaseDecoder().decode(Expected.self, from: data)
            guard let section = expected.cluster else { continue }
            let grid = Grid(shape: expected.grid, affine: Affine([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]))
            let offsets = expected.voxelsIjk.map { grid.offset(of: VoxelIndex($0[0], $0[1], $0[2])) }
            let order = offsets.indices.sorted { offsets[$0] < offsets[$1] }
            let map = StatisticMap(
                .z, mask: Mask(grid: grid, offsets: order.map { Int32(offsets[$0]) }),
                values: order.map { expected.statObserved[$0] })
            for (connectivity, sides) in section.byConnectivity {
                for (side, list) in sides {
                    let isTwoSided = side == "two_sided"
                    let threshold =
                        isTwoSided
                        ? try #require(section.thresholdTwoSided)
                        : section.thresholdOneSided
                    let table = ClusterTable(
                        map, threshold: threshold, tail: isTwoSided ? .twoSided : .greater,
                        connectivity: try #require(Int(connectivity).flatMap(Connectivity.init)))
                    func key(_ sign: Int, _ voxel: [Int]) -> [Int] { [-sign] + voxel }
                    let wanted = list.clusters.sorted {
                        key($0.sign, $0.peakIjk).lexicographicallyPrecedes(key($1.sign, $1.peakIjk))
                    }
                    let found = table.clusters.map { cluster -> (Cluster, [Int]) in
                        let voxel = cluster.peak.voxel
                        return (
                            cluster, key(cluster.sign == .positive ? 1 : -1, [voxel.x, voxel.y, voxel.z])
                        )
                    }.sorted { $0.1.lexicographicallyPrecedes($1.1) }
                    let place = "\(name), \(connectivity), \(side)"
                    #expect(found.count == wanted.count, "\(place)")
                    for ((cluster, key), want) in zip(found, wanted) {
                        compared += 1
                        #expect(key == [-want.sign] + want.peakIjk, "\(place)")
                        #expect(cluster.voxelCount == want.size, "\(place)")
                        // The masses were summed from t values of a fit of their own.
                        #expect(abs(cluster.mass - want.mass) <= 1e-10 * max(1, want.mass), "\(place)")
                        #expect(abs(cluster.peak.statistic - want.peak) < 1e-10, "\(place)")
                    }
                }
            }
        }
        #expect(compared > 50)
    }
}

private func snakeCaseDecoder() -> JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
}
