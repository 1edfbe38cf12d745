import CoveyImaging
import CoveyInference
import CoveyModel
import Testing

private let threeMillimeters = Affine([3, 0, 0, -10, 0, 3, 0, -20, 0, 0, 3, 5])

private func map(
    _ shape: [Int], affine: Affine = threeMillimeters, _ values: [VoxelIndex: Double]
) -> StatisticMap {
    let grid = Grid(shape: shape, affine: affine)
    let mask = Mask(grid: grid) { _ in true }
    var all = [Double](repeating: 0, count: mask.count)
    for (voxel, value) in values { all[grid.offset(of: voxel)] = value }
    return StatisticMap(.z, mask: mask, values: all)
}

private func table(
    _ map: StatisticMap, _ threshold: Double = 3, _ tail: Tail = .twoSided,
    _ connectivity: Connectivity = .faces, minimum: Int = 1, distance: Double = 8, limit: Int = 3
) -> ClusterTable {
    ClusterTable(
        map, threshold: threshold, tail: tail, connectivity: connectivity, minimumVoxelCount: minimum,
        peakDistanceMillimeters: distance, subpeakLimit: limit)
}

private func noise(seed: UInt64, shape: [Int]) -> StatisticMap {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    var values: [VoxelIndex: Double] = [:]
    let grid = Grid(shape: shape, affine: threeMillimeters)
    for offset in 0..<grid.count {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        // Steps of 0.25 make plateaus common.
        values[grid.index(at: offset)] = (Double(state >> 11) * 0x1p-53 * 40).rounded() / 4 - 5
    }
    return map(shape, values)
}

@Suite("The cluster table")
struct ClusterTableTests {
    @Test("a cluster's size, volume, mass, peak and centre of gravity are what their names say")
    func oneCluster() throws {
        let clusters = table(
            map([6, 5, 4], [VoxelIndex(1, 2, 3): 4, VoxelIndex(2, 2, 3): 6, VoxelIndex(4, 0, 0): 2.9])
        ).clusters
        let cluster = try #require(clusters.first)
        #expect(clusters.count == 1)
        #expect(cluster.id == 1 && cluster.sign == .positive && cluster.voxelCount == 2)
        #expect(cluster.volumeCubicMillimeters == 54 && cluster.mass == 4)
        #expect(cluster.peak.voxel == VoxelIndex(2, 2, 3) && cluster.peak.statistic == 6)
        #expect(cluster.peak.world == WorldPoint(-4, -14, 14))
        #expect(abs(cluster.centreOfGravity.x - (-10 + 3 * 1.6)) < 1e-12)
        #expect(cluster.centreOfGravity.y == -14 && cluster.centreOfGravity.z == 14)
        #expect(cluster.subpeaks.isEmpty)
    }

    @Test("a statistic equal to the threshold survives, NaN does not")
    func threshold() {
        let clusters = table(
            map([5, 1, 1], [VoxelIndex(0, 0, 0): 3, VoxelIndex(2, 0, 0): .nan, VoxelIndex(4, 0, 0): -3])
        ).clusters
        #expect(clusters.map(\.peak.statistic) == [3, -3])
        #expect(clusters.map(\.mass) == [0, 0])
    }

    @Test("touching clusters of opposite sign are two; each tail lists its own side")
    func signs() {
        let both = map([4, 1, 1], [VoxelIndex(0, 0, 0): 4, VoxelIndex(1, 0, 0): -7, VoxelIndex(3, 0, 0): 5])
        #expect(table(both).clusters.map(\.peak.statistic) == [5, 4, -7])
        #expect(table(both).clusters.map(\.id) == [1, 2, 3])
        #expect(table(both, 3, .greater).clusters.map(\.peak.statistic) == [5, 4])
        #expect(table(both, 3, .less).clusters.map(\.peak.statistic) == [-7])
        #expect(table(both, 3, .less).clusters[0].sign == .negative)
    }

    @Test("nothing survives as an empty list, zero labels and a header")
    func empty() {
        let empty = table(map([3, 3, 3], [:]))
        #expect(empty.clusters.isEmpty && empty.labels.allSatisfy { $0 == 0 })
        #expect(empty.text == ClusterTable.columnNames.joined(separator: "\t") + "\n")
    }

    @Test("clusters below the minimum leave the table and the label map, and ids stay consecutive")
    func minimumExtent() {
        for seed in 1...10 {
            let noise = noise(seed: UInt64(seed), shape: [8, 7, 6])
            let (all, large) = (table(noise, 4), table(noise, 4, minimum: 3))
            #expect(
                all.clusters.filter { $0.voxelCount >= 3 }.map(\.peak) == large.clusters.map(\.peak))
            #expect(large.clusters.map(\.id) == Array(1..<large.clusters.count + 1))
        }
    }

    @Test("ids are the label map's values, in the order of the table", arguments: Connectivity.allCases)
    func labels(_ connectivity: Connectivity) {
        for seed in 1...10 {
            let noise = noise(seed: UInt64(seed), shape: [8, 7, 6])
            let table = table(noise, 4, .twoSided, connectivity)
            #expect(!table.clusters.isEmpty)
            var signs: [Cluster.Sign] = []
            for cluster in table.clusters {
                let columns = table.labels.indices.filter { table.labels[$0] == Int32(cluster.id) }
                #expect(columns.count == cluster.voxelCount)
                let values = columns.map { noise.values[$0] }
                #expect(values.allSatisfy { cluster.sign == .positive ? $0 >= 4 : $0 <= -4 })
                #expect(abs(cluster.peak.statistic) == values.map(abs).max())
                #expect(table.labels[cluster.peak.column] == Int32(cluster.id))
                #expect(abs(cluster.mass - values.reduce(0) { $0 + abs($1) - 4 }) < 1e-9)
                signs.append(cluster.sign)
            }
            let survivors = noise.values.count { abs($0) >= 4 }
            #expect(table.labels.count { $0 > 0 } == survivors)
            #expect(table.labelVolume.values.count { $0 > 0 } == survivors)
            let negatives = signs.firstIndex(of: .negative) ?? signs.count
            #expect(signs[negatives...].allSatisfy { $0 == .negative })
            for side in [table.clusters[..<negatives], table.clusters[negatives...]] {
                let sizes = side.map { abs($0.peak.statistic) }
                #expect(sizes == sizes.sorted(by: >))
            }
        }
    }

    /// Every pair of kept peaks is compared, and every maximum left out has a kept one of at least its size
    /// nearby: the rule itself, stated backwards.
    @Test("peaks keep their distance from every higher one that was kept")
    func peakDistance() {
        var subpeaks = 0
        for seed in 1...10 {
            let noise = noise(seed: UInt64(seed), shape: [10, 9, 8])
            let every = table(noise, 1, .greater, .faces, distance: 0, limit: .max - 1)
            let kept = table(noise, 1, .greater, .faces, distance: 8, limit: .max - 1)
            for (all, some) in zip(every.clusters, kept.clusters) {
                let peaks = [some.peak] + some.subpeaks
                subpeaks += some.subpeaks.count
                for (i, a) in peaks.enumerated() {
                    for b in peaks[(i + 1)...] { #expect(distance(a, b) >= 8 && a.statistic >= b.statistic) }
                }
                for maximum in [all.peak] + all.subpeaks where !peaks.contains(maximum) {
                    #expect(
                        peaks.contains { $0.statistic >= maximum.statistic && distance($0, maximum) < 8 })
                }
            }
        }
        #expect(subpeaks > 20)
    }

    /// nilearn's pruning keeps all three of these (`../nilearn/README.md`, difference 20).
    @Test("a maximum close to a kept one stays out though a third lies between their sizes")
    func noResurrection() {
        let millimetre = Affine([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0])
        var values = Dictionary(uniqueKeysWithValues: (0...20).map { (VoxelIndex($0, 0, 0), 3.5) })
        values[VoxelIndex(0, 0, 0)] = 9
        values[VoxelIndex(20, 0, 0)] = 8
        values[VoxelIndex(5, 0, 0)] = 7
        let cluster = table(map([21, 1, 1], affine: millimetre, values)).clusters[0]
        #expect(cluster.peak.voxel.x == 0 && cluster.subpeaks.map(\.voxel.x) == [20])
    }

    @Test("a plateau counts once, at its middle; a flat shoulder below a peak does not count")
    func plateau() {
        let values: [Double] = [4, 5, 5, 5, 4, 4, 4, 6, 6, 5, 5, 4]
        let line = Dictionary(
            uniqueKeysWithValues: values.enumerated().map { (VoxelIndex($0, 0, 0), $1) })
        let cluster = table(map([12, 1, 1], line)).clusters[0]
        #expect(cluster.peak.voxel.x == 7)
        #expect(cluster.subpeaks.map(\.voxel.x) == [2])
    }

    @Test("no more subpeaks than asked for")
    func subpeakLimit() {
        let comb = Dictionary(
            uniqueKeysWithValues: (0..<40).map { (VoxelIndex($0, 0, 0), $0 % 4 == 0 ? 5 + Double($0) : 4) })
        #expect(table(map([40, 1, 1], comb)).clusters[0].subpeaks.count == 3)
        #expect(table(map([40, 1, 1], comb), limit: 0).clusters[0].subpeaks.isEmpty)
    }

    @Test("turning the grid over moves no peak in the world")
    func flip() {
        let plain = noise(seed: 3, shape: [8, 7, 6])
        let flipped = Affine([-3, 0, 0, 11, 0, 3, 0, -20, 0, 0, 3, 5])
        var values: [VoxelIndex: Double] = [:]
        for column in plain.values.indices {
            let voxel = plain.mask.voxel(of: column)
            // A slope too small to reorder anything breaks the ties, which storage order decides.
            values[VoxelIndex(7 - voxel.x, voxel.y, voxel.z)] = plain.values[column] + 1e-6 * Double(column)
        }
        let turned = map([8, 7, 6], affine: flipped, values)
        let untied = StatisticMap(
            .z, mask: plain.mask, values: plain.values.enumerated().map { $1 + 1e-6 * Double($0) })
        let (a, b) = (table(untied, 4).clusters, table(turned, 4).clusters)
        #expect(!a.isEmpty && a.map(\.peak.world) == b.map(\.peak.world))
        #expect(a.map(\.voxelCount) == b.map(\.voxelCount))
        #expect(a.map { $0.subpeaks.map(\.world) } == b.map { $0.subpeaks.map(\.world) })
    }

    @Test("the text has a row per cluster and per subpeak, as wide as the header")
    func text() {
        let line = Dictionary(
            uniqueKeysWithValues: [7.5, 4, 4, 4, 6].enumerated().map { (VoxelIndex($0, 0, 0), $1) })
        let text = table(map([6, 1, 1], line)).text
        #expect(
            text.split(separator: "\n").dropFirst() == [
                "1\t-10\t-20\t5\t7.5\t135\tpositive\t5\t10.5\t-4.353\t-20\t5\t0\t0\t0\t3\t6",
                "1a\t2\t-20\t5\t6\tn/a\tpositive\tn/a\tn/a\tn/a\tn/a\tn/a\t4\t0\t0\t3\t6",
            ])
        for row in text.split(separator: "\n") {
            #expect(row.split(separator: "\t").count == ClusterTable.columnNames.count)
        }
    }
}

private func distance(_ a: Peak, _ b: Peak) -> Double {
    let (x, y, z) = (a.world.x - b.world.x, a.world.y - b.world.y, a.world.z - b.world.z)
    return (x * x + y * y + z * z).squareRoot()
}
