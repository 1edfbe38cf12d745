import CoveyTestSupport
import Foundation
import Testing

@testable import Covey

/// TFCE and clusters of FSL randomise and MRtrix3 on the one-sample design of the emotion-regulation cohort.
@Suite("TFCE and clusters of other programs", .enabled(if: SharedData.isAvailable))
struct OtherProgramsClusterTests {
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
                let places = zip([at.x, at.y, at.z], grid.shape)
                return shell || places.allSatisfy { $0 > 0 && $0 < $1 - 1 }
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

        func run(_ choice: InferenceChoice, shuffles: ShuffleSet, onZ: Bool = false) -> PermutationResults {
            let t = RegressionStatistic(partition, cohort, fit)
            return PermutationTest(
                onZ ? ZScaledStatistic(t) : t, mask: cohort.mask, tail: .greater, shuffles: shuffles,
                comparing: choice
            ).run()
        }
    }

    /// The first shuffles that randomise used; the identity is its first.
    private func signs(_ count: Int) throws -> ShuffleSet {
        let rows = try EmotionRegulation.rows("reference/randomise/one_perm_tstat1.txt", limit: count)
        let text = rows.map { $0.map { "\(Int($0))" }.joined(separator: " ") }.joined(separator: "\n")
        return ShuffleSet(
            listed: try ShuffleFile(text, name: "signs", subjects: 30, convention: .design).shuffles)
    }

    private func maxima(_ name: String, _ count: Int) throws -> [Double] {
        try EmotionRegulation.rows("reference/randomise/\(name)_corrp_tstat1.txt", limit: count).map { $0[0] }
    }

    @Test("randomise's cluster extents and masses at t > 3: maps, and null maxima row by row")
    func randomiseClusters() throws {
        let problem = try OneSample()
        var choice = InferenceChoice()
        choice.formingHeights = [3]
        choice.mass = .total
        let results = problem.run(choice, shuffles: try signs(60))
        let threshold = FormingThreshold(height: 3)
        for (name, quantity) in [
            ("one_clustere", TestedQuantity.clusterExtent(threshold)),
            ("one_clusterm", .clusterMass(threshold)),
        ] {
            let result = try #require(results[quantity])
            let map = try EmotionRegulation.values(
                "reference/randomise/\(name)_tstat1.nii.gz", problem.cohort.mask)
            for (a, b) in zip(result.observed.values, map) { #expect(abs(a - b) <= 2e-6 * max(1, b)) }
            for (a, b) in zip(result.maxima, try maxima(name, 60)) { #expect(abs(a - b) <= 2e-6 * max(1, b)) }
        }
    }

    @Test(
        "randomise's TFCE, with its steps and without the image's outer shell: map, and null maxima row by row"
    )
    func randomiseTFCE() throws {
        let problem = try OneSample(shell: false)
        var choice = InferenceChoice()
        choice.tfce = TFCE(integration: .steppedAsFSL)
        choice.connectivity = .faces
        let result = try #require(problem.run(choice, shuffles: try signs(60))[.tfce])
        let map = try EmotionRegulation.values(
            "reference/randomise/one_tfce_tstat1.nii.gz", problem.cohort.mask)
        for (a, b) in zip(result.observed.values, map) { #expect(abs(a - b) <= 1e-6 * max(1, b)) }
        for (a, b) in zip(result.maxima, try maxima("one_tfce", 60)) { #expect(abs(a - b) <= 1e-6 * b) }
    }

    @Test("MRtrix3's maps of z, TFCE and cluster size, which are on z, by 6 neighbours and steps of 0.1")
    func mrtrix() throws {
        let problem = try OneSample()
        var choice = InferenceChoice()
        choice.tfce = TFCE(integration: .stepped(0.1))
        choice.connectivity = .faces
        choice.formingHeights = [3]
        let results = problem.run(choice, shuffles: try signs(2), onZ: true)
        let folder = "reference/mrclusterstats"
        let mask = problem.cohort.mask
        let z = try EmotionRegulation.values("\(folder)/one_T_Zstat.nii.gz", mask)
        #expect(EmotionRegulation.greatestDifference(z, results.voxel.observed.values) < 5e-7)
        let tfce = try EmotionRegulation.values("\(folder)/one_T_tfce.nii.gz", mask)
        let found = try #require(results[.tfce]).observed.values
        for (a, b) in zip(found, tfce) { #expect(abs(a - b) <= 1e-6 * max(1, b)) }
        let size = try EmotionRegulation.values("\(folder)/one_c3_clustersize.nii.gz", mask)
        let extent = try #require(results[.clusterExtent(FormingThreshold(height: 3))]).observed.values
        #expect(extent == size)
    }

    @Test("exact TFCE of the one-sample map is the published number at 6 and 26 neighbours")
    func exactReference() throws {
        let cohort = try OneSample().cohort
        let (table, _) = try Table.read(SharedData.url("data/emotion_regulation/participants.tsv").path)
        let success = try #require(table.cells(of: "success")).map { try #require(Double($0)) }
        let model = try LinearModel(
            matrix: Matrix(columns: [[Double](repeating: 1, count: success.count), success.centred]))
        let mean = try ContrastPartition(model, weights: Matrix(rows: [[1, 0]]), isF: false, name: "mean")
        for (connectivity, greatest, sum) in [
            (Connectivity.faces, 2206.312433562183, 4629818.170337086),
            (.corners, 2230.979183162698, 4770834.021187399),
        ] {
            var choice = InferenceChoice()
            choice.tfce = TFCE()
            choice.connectivity = connectivity
            let shuffles = ShuffleSet(listed: [.identity(success.count)])
            let tfce =
                PermutationTest(
                    mean, cohort, Fit(model, cohort), tail: .greater, shuffles: shuffles, comparing: choice
                ).run()[.tfce]?.observed.values ?? []
            // The reference integrated the t map of RobustToolbox, good to 2e-7 of t.
            #expect(abs((tfce.max() ?? 0) - greatest) <= 1e-6 * greatest)
            #expect(abs(tfce.reduce(0, +) - sum) <= 1e-6 * sum)
        }
    }
}

extension [Double] {
    /// The values less their mean.
    fileprivate var centred: [Double] {
        let mean = reduce(0, +) / Double(count)
        return map { $0 - mean }
    }
}
