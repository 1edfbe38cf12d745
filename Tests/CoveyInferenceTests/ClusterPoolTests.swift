import CoveyCore
import CoveyImaging
import CoveyModel
import CoveyTestSupport
import Testing

@testable import CoveyInference

/// Noise in a small box, flipped in every way, and what a fit and a table of clusters per shuffle find in it.
private struct PoolExample {
    let tail: Tail
    let height: Double
    let results: PermutationResults
    let test: PermutationTest
    /// The clusters of each shuffle.
    let tables: [ClusterTable]

    init(_ tail: Tail, height: Double, subjects: Int = 7) throws {
        var numbers = TestNumbers(17)
        let grid = Grid(shape: [7, 6, 5], affine: Affine([2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0]))
        let mask = Mask(grid: grid) { $0 % 11 != 3 }
        let rows = (0..<subjects).map { _ in numbers.normals(mask.count) }
        let design = Matrix(columns: [[Double](repeating: 1, count: subjects)])
        let model = try LinearModel(matrix: design)
        func map(_ signs: [Int]) throws -> (Cohort, Fit, ContrastPartition) {
            let cohort = Cohort(identifiers: rows.indices.map(String.init), mask: mask) { subject in
                rows[subject].map { $0 * Double(signs[subject]) }
            }
            let partition = try ContrastPartition(
                model, weights: Matrix(rows: [[1]]), isF: false, name: "mean")
            return (cohort, Fit(model, cohort, threads: 1), partition)
        }
        let (cohort, fit, partition) = try map(rows.map { _ in 1 })
        let shuffles = ShuffleSet(ShufflePlan(count: 10_000, exchanging: .flip, seed: 5), design: design)
        var choice = InferenceChoice()
        choice.formingHeights = [height]
        choice.connectivity = .edges
        choice.tfce = TFCE()
        test = PermutationTest(partition, cohort, fit, tail: tail, shuffles: shuffles, comparing: choice)
        results = test.run(threads: 2)
        tables = try (0..<shuffles.count).map { k in
            let (_, fit, partition) = try map(shuffles[k].signs.map(Int.init))
            return ClusterTable(
                fit.t(partition), threshold: height, tail: tail, connectivity: .edges, minimumVoxelCount: 1,
                peakDistanceMillimeters: 0, subpeakLimit: 0)
        }
        (self.tail, self.height) = (tail, height)
    }
}

@Suite("Clusters of all shuffles together")
struct ClusterPoolTests {
    @Test(
        "p, q and the set's p are those of counting every shuffle's own table of clusters",
        arguments: Tail.allCases)
    func bruteForce(tail: Tail) throws {
        let example = try PoolExample(tail, height: 1.5)
        let count = example.tables.count
        #expect(count == 128 && example.tables[0].clusters.count > 5)
        for (quantity, value) in [
            (
                TestedQuantity.clusterExtent(FormingThreshold(height: 1.5)),
                { (c: Cluster) in Double(c.voxelCount) }
            ),
            (.clusterMass(FormingThreshold(height: 1.5)), { (c: Cluster) in c.mass }),
        ] {
            let result = try #require(example.results[quantity])
            let pooled = try #require(result.pooled)
            #expect(pooled.numbers.map(Int.init) == example.tables.map(\.clusters.count))
            let all = example.tables.flatMap { $0.clusters.map(value) }
            let observed = example.tables[0].clusters.map(value)
            #expect(pooled.total == all.count && pooled.observed.count == observed.count)
            let p = observed.map { own in Double(all.count { $0 >= own - 1e-9 }) / Double(all.count) }
            for (cluster, expected) in zip(example.tables[0].clusters, p) {
                let own = result.observed.values[cluster.peak.column]
                #expect(pooled.p(of: own) == expected)
                // Benjamini and Hochberg as in their paper: over larger p, the least of m p / rank.
                let q = p.filter { $0 >= expected }.map { larger in
                    Double(p.count) * larger / Double(p.count { $0 <= larger })
                }.min()!
                #expect(abs(pooled.q(of: own) - min(1, q)) < 1e-12)
                #expect(result.falseDiscoveryQ.values[cluster.peak.column] == pooled.q(of: own))
            }
            #expect(
                zip(result.falseDiscoveryQ.values, result.observed.values).allSatisfy { q, value in
                    value > 0 ? q > 0 && q <= 1 : q == 1
                })
            let first = example.tables[0].clusters.count
            #expect(
                pooled.setP == Double(example.tables.count { $0.clusters.count >= first }) / Double(count))
        }
        #expect(example.results[.tfce]?.pooled == nil && example.results.voxel.pooled == nil)
    }

    @Test("divided among shards and threads the pools are the same")
    func division() throws {
        let example = try PoolExample(.twoSided, height: 1.2)
        let observation = example.test.observe(threads: 1)
        func tally(_ range: Range<Int>, threads: Int) -> PermutationTally {
            example.test.tally(of: range, observation, threads: threads, checkpoint: { _ in })
        }
        let whole = tally(0..<128, threads: 2)
        var joined = tally(0..<5, threads: 1)
        joined.append(tally(5..<77, threads: 2))
        joined.append(tally(77..<128, threads: 1))
        #expect(joined == whole)
        #expect(whole.pools.map { $0 == nil } == [true, true, false, false])
        #expect(whole.pools.compactMap(\.self).allSatisfy { $0.numbers.count == 128 })
    }

    @Test("where nothing reaches the forming threshold there is nothing to tell")
    func nothing() throws {
        let example = try PoolExample(.greater, height: 80)
        let pooled = try #require(
            example.results[.clusterExtent(FormingThreshold(height: 80))]?.pooled)
        #expect(pooled.total == 0 && pooled.observed.isEmpty && pooled.setP == 1)
        #expect(pooled.p(of: 3).isNaN && pooled.q(of: 0).isNaN)
    }
}
