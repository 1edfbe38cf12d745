import CoveyCore
import CoveyFormats
import CoveyImaging
import CoveyModel
import CoveyTestSupport
import Foundation
import Testing

@testable import CoveyInference

@Suite("Random field p-values of a cohort")
struct RandomFieldClusterTests {
    private let grid = Grid(
        shape: [11, 10, 9], affine: Affine([3, 0, 0, 0, 0, 3, 0, 0, 0, 0, 3, 0]), sformCode: 4)

    /// Subjects with a covariate, a mask with holes, one voxel without variance.
    private func cohort() throws -> (Cohort, Fit) {
        let mask = Mask(grid: grid) { $0 % 53 != 0 }
        var numbers = TestNumbers(3)
        let n = 9
        let rows = (0..<n).map { k in ["s\(k)", "1", "\(numbers.normal())"] }
        let design = try Design(Table(columns: ["participant_id", "intercept", "x"], rows: rows))
        let maps = (0..<n).map { _ -> [Double] in
            let noise = numbers.normals(grid.count)
            // Neighbours along the first axis share half of their noise.
            let values = noise.indices.map { noise[$0] + (($0 % 11) > 0 ? noise[$0 - 1] : 0) + 50 }
            var row = mask.offsets.map { values[Int($0)] }
            row[200] = 7
            return row
        }
        let cohort = Cohort(identifiers: (0..<n).map { "s\($0)" }, mask: mask) { maps[$0] }
        return (cohort, Fit(try LinearModel(design), cohort))
    }

    @Test("the streamed smoothness is that of the residuals written out, whatever fits into memory at a time")
    func residuals() throws {
        let (cohort, fit) = try cohort()
        let (n, basis) = (cohort.subjectCount, fit.model.factorisation.basis)
        let tested = (0..<cohort.mask.count).filter { fit.residualStandardDeviation()[$0] > 0 }
        #expect(tested.count == cohort.mask.count - 1)
        let residuals = tested.map { voxel -> [Double] in
            let y = cohort.values(at: voxel)
            let along = (0..<basis.columns).map { j in (0..<n).reduce(0) { $0 + basis[$1, j] * y[$1] } }
            return (0..<n).map { k in
                y[k] - (0..<basis.columns).reduce(0) { $0 + basis[k, $1] * along[$1] }
            }
        }
        var estimator = SmoothnessEstimator(
            mask: Mask(grid: grid, offsets: tested.map { cohort.mask.offsets[$0] }),
            residualSumOfSquares: residuals.map { $0.reduce(0) { $0 + $1 * $1 } })
        for k in 0..<n { estimator.add(residuals.map { $0[k] }) }
        let expected = try #require(estimator.smoothness())
        let found = try #require(Smoothness(residualsOf: fit, in: cohort))
        for (a, b) in zip(found.fwhmVoxels + found.resels, expected.fwhmVoxels + expected.resels) {
            #expect(abs(a / b - 1) < 1e-10)
        }
        #expect(found.voxelCount == expected.voxelCount)
        #expect(found.fwhmVoxels[0] > 1.2 * found.fwhmVoxels[1])
        for (budget, threads) in [(1, 1), (3 * 8 * tested.count, 3)] {
            #expect(
                Smoothness(
                    residualsOf: fit, in: cohort, budget: budget, threads: threads, progress: .silent)
                    == found)
        }
    }

    @Test("false discovery rates are Benjamini and Hochberg's over every cluster and every local maximum")
    func topological() throws {
        let mask = Mask(grid: grid) { _ in true }
        var numbers = TestNumbers(9)
        let noise = numbers.normals(grid.count)
        let values = noise.indices.map { 1.6 * noise[$0] + (($0 % 11) > 0 ? noise[$0 - 1] : 0) }
        let map = StatisticMap(.t(degreesOfFreedom: 30), mask: mask, values: values)
        let test = RandomFieldTest(field: .t(degreesOfFreedom: 30), resels: [2, 20, 80, 60])
        let table = ClusterTable(
            map, threshold: 2.5, tail: .twoSided, connectivity: .faces, minimumVoxelCount: 2)
        let found = RandomFieldClusters(table, of: map, test, voxelsPerResel: 8)
        let all = ClusterTable(map, threshold: 2.5, tail: .twoSided, connectivity: .faces)
        #expect(found.clusterCount == all.clusters.count && all.clusters.count > table.clusters.count)
        #expect(table.clusters.count > 3)
        func p(_ voxels: Int) -> Double { exp(test.logClusterP(resels: Double(voxels) / 8, threshold: 2.5)) }
        let sorted = all.clusters.map { p($0.voxelCount) }.sorted()
        for (cluster, here) in zip(table.clusters, found.clusters) {
            let own = p(cluster.voxelCount)
            // q: the least of m p / rank over this p and the larger ones.
            let q = sorted.indices.filter { sorted[$0] >= own }
                .map { sorted[$0] * Double(sorted.count) / Double($0 + 1) }.min()!
            #expect(abs(exp(here.logFalseDiscoveryRate) - min(1, q)) < 1e-12)
            #expect(abs(exp(here.logUncorrected) - own) < 1e-12)
            #expect(here.peaks.count == 1 + cluster.subpeaks.count)
            #expect(here.peaks[0].logFamilyWise == test.logPeakP(abs(cluster.peak.statistic)))
        }
        // A voxel of this map without ties is a local maximum where no neighbour of its cluster exceeds it.
        let columns = mask.columnOfVoxel()
        let heights = all.labels.indices.filter { voxel in
            let here = mask.voxel(of: voxel)
            return all.labels[voxel] > 0
                && Connectivity.corners.steps.allSatisfy { step in
                    let there = VoxelIndex(here.x + step.x, here.y + step.y, here.z + step.z)
                    guard grid.contains(there) else { return true }
                    let other = Int(columns[grid.offset(of: there)])
                    return all.labels[other] != all.labels[voxel] || abs(values[other]) <= abs(values[voxel])
                }
        }.map { abs(values[$0]) }.sorted(by: >)
        #expect(found.peakCount == heights.count && heights.count > all.clusters.count)
        let reference = test.logExpectedClusters(at: 2.5)
        for (cluster, here) in zip(table.clusters, found.clusters) {
            for (peak, p) in zip([cluster.peak] + cluster.subpeaks, here.peaks) {
                let q = heights.indices.filter { heights[$0] <= abs(peak.statistic) }.map {
                    exp(test.logExpectedClusters(at: heights[$0]) - reference) * Double(heights.count)
                        / Double($0 + 1)
                }.min()!
                #expect(abs(exp(p.logFalseDiscoveryRate) - min(1, q)) < 1e-12)
            }
        }
        #expect(
            try #require(found.logSetP)
                == test.logSetP(count: table.clusters.count, resels: 0.25, threshold: 2.5))
    }
}
