import CoveyTestSupport
import Foundation
import Testing

@testable import Covey

/// The null distributions and p maps of FSL randomise (10,000 sign flips) and MRtrix3 (5,000), as wholes.
///
/// A release build runs every shuffle. A debug build, some twenty times slower, runs every flip for voxels, the first
/// ones for clusters and TFCE, and says so.
@Suite("Whole null distributions of other programs", .enabled(if: SharedData.isAvailable))
struct WholeNullTests {
    #if DEBUG
        private static let (clusterRows, enhancedRows, mrtrixShuffles) = (2_000, 400, 500)
    #else
        private static let (clusterRows, enhancedRows, mrtrixShuffles) = (10_000, 10_000, 5_000)
    #endif

    /// The one-sample design of the emotion-regulation cohort.
    private struct OneSample {
        let cohort: Cohort
        let fit: Fit
        let partition: ContrastPartition

        /// - Parameter shell: whether voxels on the outermost planes of the image are kept.
        init(shell: Bool = true) throws {
            let all = try EmotionRegulation.cohort(mask: "reference/robusttoolbox/mask.hdr")
            let (grid, offsets) = (all.mask.grid, all.mask.offsets)
            let kept = offsets.indices.filter { column in
                let at = grid.index(at: Int(offsets[column]))
                return shell || zip([at.x, at.y, at.z], grid.shape).allSatisfy { $0 > 0 && $0 < $1 - 1 }
            }
            cohort = Cohort(
                identifiers: all.identifiers, mask: Mask(grid: grid, offsets: kept.map { offsets[$0] })
            ) { row in kept.map { all[row, $0] } }
            let model = try LinearModel(
                matrix: Matrix(columns: [[Double](repeating: 1, count: cohort.subjectCount)]))
            partition = try ContrastPartition(
                model, weights: Matrix(rows: [[1]]), isF: false, name: "mean")
            fit = Fit(model, cohort)
        }

        func run(
            _ shuffles: ShuffleSet, onZ: Bool = false, _ change: (inout InferenceChoice) -> Void = { _ in }
        ) -> PermutationResults {
            var choice = InferenceChoice()
            change(&choice)
            let t = RegressionStatistic(partition, cohort, fit)
            return PermutationTest(
                onZ ? ZScaledStatistic(t) : t, mask: cohort.mask, tail: .greater, shuffles: shuffles,
                comparing: choice
            ).run()
        }
    }

    /// The first flips that randomise used; the identity is its first.
    private func flips(_ count: Int) throws -> ShuffleSet {
        let rows = try EmotionRegulation.rows("reference/randomise/one_perm_tstat1.txt", limit: count)
        #expect(rows.count == count)
        return ShuffleSet(
            listed: rows.map { Shuffle(source: Array(0..<30), signs: $0.map { $0 < 0 ? -1 : 1 }) })
    }

    private func sayRows(_ what: String, _ count: Int, of all: Int) {
        if count < all { print("\(what): \(count) of \(all) shuffles in this debug build") }
    }

    /// randomise's maxima of a quantity, ours of the first of them, and the corrected p map from all of them: from ours
    /// where all were run, otherwise from its own maxima at our statistic.
    ///
    /// - Parameters:
    ///   - tolerance: what maxima may differ by, relatively.
    ///   - exceptions: how many of ten thousand may differ by up to a thousandth.
    private func compare(
        _ result: PermutationResult, with name: String, tolerance: Double, exceptions: Int = 0
    ) throws {
        let maxima = try EmotionRegulation.rows(
            "reference/randomise/\(name)_corrp_tstat1.txt", limit: 20_000
        ).map { $0[0] }
        #expect(maxima.count == 10_000)
        let differences = zip(result.maxima, maxima).map { abs($0 - $1) / max(1, abs($1)) }
        #expect(differences.count { $0 > tolerance } <= exceptions, "\(name)")
        #expect((differences.max() ?? 1) <= (exceptions > 0 ? 1e-3 : tolerance), "\(name)")

        let map = try EmotionRegulation.values(
            "reference/randomise/\(name)_corrp_tstat1.nii.gz", result.observed.mask)
        let isWhole = result.maxima.count == maxima.count
        let sorted = maxima.sorted()
        let (values, familyWise) = (result.observed.values, result.familyWiseP.values)
        var worst = 0.0
        for (voxel, oneMinusP) in map.enumerated() where values[voxel].isFinite {
            let observed = values[voxel]
            // Where no cluster was observed, randomise writes 0 for 1 - p.
            let p =
                isWhole || result.quantity != .voxel && observed <= 0
                ? familyWise[voxel]
                : Double(sorted.count - position(of: observed - 1e-6 * max(1, abs(observed)), in: sorted))
                    / 10_000
            worst = max(worst, abs(p - (1 - oneMinusP)))
        }
        #expect(worst <= 1.001e-4, "\(name)")
    }

    /// The greatest difference of our uncorrected p from randomise's.
    private func uncorrectedDifference(_ result: PermutationResult, from name: String) throws -> Double {
        let map = try EmotionRegulation.values("reference/randomise/\(name).nii.gz", result.observed.mask)
        return EmotionRegulation.greatestDifference(result.uncorrectedP.values, map.map { 1 - $0 })
    }

    @Test("randomise's voxels: 10,000 null maxima row by row, corrected and uncorrected p maps")
    func randomiseVoxels() throws {
        let result = try OneSample().run(try flips(10_000)).voxel
        // t is in single precision there.
        try compare(result, with: "one_vox", tolerance: 5e-7)
        // A flip counts or does not; single precision decides otherwise for one at most.
        #expect(try uncorrectedDifference(result, from: "one_vox_p_tstat1") <= 1.001e-4)
    }

    @Test("randomise's clusters at t > 3: null extents exactly, masses to single precision, corrected p maps")
    func randomiseClusters() throws {
        sayRows("randomise's clusters", Self.clusterRows, of: 10_000)
        let results = try OneSample().run(try flips(Self.clusterRows)) {
            $0.formingHeights = [3]
            $0.mass = .total
        }
        let threshold = FormingThreshold(height: 3)
        try compare(try #require(results[.clusterExtent(threshold)]), with: "one_clustere", tolerance: 0)
        try compare(try #require(results[.clusterMass(threshold)]), with: "one_clusterm", tolerance: 5e-7)
    }

    @Test("randomise's TFCE: null maxima row by row but for 7 of 10,000, corrected and uncorrected p maps")
    func randomiseTFCE() throws {
        sayRows("randomise's TFCE", Self.enhancedRows, of: 10_000)
        let results = try OneSample(shell: false).run(try flips(Self.enhancedRows)) {
            $0.tfce = TFCE(integration: .steppedAsFSL)
            $0.connectivity = .faces
        }
        let result = try #require(results[.tfce])
        // Single precision decides whether a voxel reaches a step: in 7 flips at the maximum.
        try compare(result, with: "one_tfce", tolerance: 1e-5, exceptions: 7)
        if Self.enhancedRows == 10_000 {
            #expect(try uncorrectedDifference(result, from: "one_tfce_p_tstat1") <= 1.001e-4)
        }
    }

    @Test("MRtrix3's TFCE and cluster sizes: the same null distributions from other shuffles, and its p maps")
    func mrtrix() throws {
        sayRows("MRtrix3's TFCE and clusters", Self.mrtrixShuffles, of: 5_000)
        let problem = try OneSample()
        let plan = ShufflePlan(count: Self.mrtrixShuffles - 1, exchanging: .flip, seed: 1)
        let design = Matrix(columns: [[Double](repeating: 1, count: 30)])
        let results = problem.run(ShuffleSet(plan, design: design), onZ: true) {
            $0.tfce = TFCE(integration: .stepped(0.1))
            $0.connectivity = .faces
            $0.formingHeights = [3]
        }
        for (quantity, name) in [
            (TestedQuantity.tfce, "one_T"), (.clusterExtent(FormingThreshold(height: 3)), "one_c3"),
        ] {
            let result = try #require(results[quantity])
            let null = try EmotionRegulation.rows(
                "reference/mrclusterstats/\(name)_null_dist.txt", skipping: 1, limit: 1)[0].sorted()
            #expect(null.count == 5_000)
            let (ours, theirs) = (Double(result.maxima.count), Double(null.count))
            let distance = kolmogorovDistance(result.maxima, null)
            // The 1 % point of two samples of one distribution; ties only lower the distance.
            #expect(distance <= 1.628 * (1 / ours + 1 / theirs).squareRoot(), "\(name)")

            let p = try EmotionRegulation.values(
                "reference/mrclusterstats/\(name)_fwe_1mpvalue.nii.gz", result.observed.mask
            ).map { 1 - $0 }
            let uncorrected = try EmotionRegulation.values(
                "reference/mrclusterstats/\(name)_uncorrected_pvalue.nii.gz", result.observed.mask
            ).map { 1 - $0 }
            let (familyWise, ownUncorrected) = (result.familyWiseP.values, result.uncorrectedP.values)
            var (rule, apart, squares, count) = (0.0, 0.0, 0.0, 0.0)
            for (voxel, observed) in result.observed.values.enumerated() where observed > 0 {
                // MRtrix3 counts the shuffles above what is observed, Covey those that reach it.
                let above = null.count - position(of: observed * (1 + 1e-6), in: null)
                rule = max(rule, abs(p[voxel] - Double(above) / theirs))
                let here = familyWise[voxel]
                let reaching = null.count - position(of: observed * (1 - 1e-6), in: null)
                apart = max(apart, abs(here - Double(reaching) / theirs))
                // The identity, which both count, tells nothing of how the shuffles differ.
                let (a, b) = (ownUncorrected[voxel] * ours - 1, uncorrected[voxel] * theirs - 1)
                let pooled = (a + b) / (ours + theirs - 2)
                guard pooled > 1e-9, pooled < 1 else { continue }
                let difference = a / (ours - 1) - b / (theirs - 1)
                let variance = pooled * (1 - pooled) * (1 / (ours - 1) + 1 / (theirs - 1))
                squares += difference * difference / variance
                count += 1
            }
            #expect(rule < 1e-7, "\(name)")
            // Corrected p is a point of the distribution of the maximum: no further apart than the two are.
            #expect(apart <= distance + 1e-9, "\(name)")
            // Where both are shares of shuffles with one probability, the mean is about 1. Voxels are dependent.
            #expect(squares / count < 2, "\(name)")
        }
    }

    /// The greatest difference of two samples' distribution functions.
    private func kolmogorovDistance(_ a: [Double], _ b: [Double]) -> Double {
        let (a, b) = (a.sorted(), b.sorted())
        var greatest = 0.0
        for value in a + b {
            // Half a millionth, for single precision.
            let bound = value + 5e-7 * abs(value)
            let shareOfA = Double(position(of: bound, in: a)) / Double(a.count)
            let shareOfB = Double(position(of: bound, in: b)) / Double(b.count)
            greatest = max(greatest, abs(shareOfA - shareOfB))
        }
        return greatest
    }

    /// How many of ascending numbers are below a bound.
    private func position(of bound: Double, in ascending: [Double]) -> Int {
        var (low, high) = (0, ascending.count)
        while low < high {
            let middle = (low + high) / 2
            if ascending[middle] < bound { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
