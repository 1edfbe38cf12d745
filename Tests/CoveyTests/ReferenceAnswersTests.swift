import CoveyTestSupport
import Foundation
import Testing

@testable import Covey

@Suite("Other software's answers on a real cohort", .enabled(if: SharedData.isAvailable))
struct ReferenceAnswersTests {
    @Test("t, z, p, effect and variance are nilearn 0.14.1's")
    func nilearnMaps() throws {
        let cohort = try EmotionRegulation.cohort(mask: "\(EmotionRegulation.nilearn)/mask.nii.gz")
        #expect(cohort.mask.count == 75_919)
        let partition = try EmotionRegulation.partition()
        let fit = Fit(partition.model, cohort)
        let test = ParametricTest(fit.t(partition), tail: .greater)
        // nilearn's maps are Double; ours are compared before they are narrowed for a file.
        for (map, file, tolerance) in [
            (test.statistic, "stat", 1e-10), (test.z, "z_score", 1e-10), (test.p, "p_value", 1e-12),
            (fit.effect(partition), "effect_size", 1e-11),
            (fit.variance(partition), "effect_variance", 1e-11),
        ] {
            let expected = try EmotionRegulation.values(
                "\(EmotionRegulation.nilearn)/\(file).nii.gz", cohort.mask)
            #expect(EmotionRegulation.greatestDifference(map.values, expected) <= tolerance, "\(file)")
        }
        let both = try ContrastPartition(
            partition.model, weights: Matrix(rows: [[1, 0], [0, 1]]), isF: true, name: "both")
        let expectedF = try EmotionRegulation.values(
            "\(EmotionRegulation.nilearn)/F_stat.nii.gz", cohort.mask)
        #expect(EmotionRegulation.greatestDifference(fit.f(both).values, expectedF) <= 1e-9)
        // scalars.json: uncorrected .001 two-sided keeps 209 voxels, one-sided 421; nothing survives FDR .05.
        let tests = MultipleTesting(logP: ParametricTest(test.statistic, tail: .twoSided).logP)
        #expect(tests.logP.count { $0 <= LogProbability.fromP(0.001) } == 209)
        #expect(test.logP.count { $0 <= LogProbability.fromP(0.001) } == 421)
        #expect(tests.rejection(by: .falseDiscoveryRate, level: 0.05) == nil)
        #expect(tests.rejection(by: .bonferroni, level: 0.05) == nil)
    }

    @Test("a paired design with subject columns gives nilearn's t")
    func nilearnPaired() throws {
        let folder = "reference/nilearn/e_paired_wager"
        let cohort = try EmotionRegulation.cohort(mask: "\(folder)/mask.nii.gz")
        let (table, _) = try Table.read(SharedData.url("\(folder)/design.tsv").path)
        let design = try Design(table)
        let model = try LinearModel(design)
        let partition = try Contrast("A_vs_B").weights(in: design).partition(of: model)
        #expect(model.degreesOfFreedom == 14)
        let test = ParametricTest(Fit(model, cohort).t(partition), tail: .twoSided)
        let expected = try EmotionRegulation.values("\(folder)/stat.nii.gz", cohort.mask)
        #expect(EmotionRegulation.greatestDifference(test.statistic.values, expected) <= 1e-10)
        // scalars.json: ten voxels at two-sided p < .001.
        #expect(test.logP.count { $0 <= LogProbability.fromP(0.001) } == 10)
    }

    @Test("smoothing and fit are nilearn's to the rounding of its float32 smoothing")
    func nilearnSmoothed() throws {
        let folder = "reference/nilearn/b_wager_smooth8"
        let smoothing = try Smoothing(fwhmMillimeters: [8], missing: .fill)
        let cohort = try EmotionRegulation.cohort(mask: "\(folder)/mask.nii.gz", smoothing: smoothing)
        let partition = try EmotionRegulation.partition()
        let t = Fit(partition.model, cohort).t(partition)
        let expected = try EmotionRegulation.values("\(folder)/stat.nii.gz", cohort.mask)
        // nilearn rounds to float32 after each axis; t amplifies that where the residual is small.
        #expect(EmotionRegulation.greatestDifference(t.values, expected) < 2e-4)
    }

    @Test(
        "nilearn's null maxima are reproduced shuffle by shuffle",
        arguments: [("vox_perm", Tail.greater), ("vox_signflip", .greater), ("vox_perm_two", .twoSided)])
    func nilearnMaxima(name: String, tail: Tail) throws {
        let cohort = try EmotionRegulation.cohort(mask: "\(EmotionRegulation.nilearn)/mask.nii.gz")
        let partition = try EmotionRegulation.partition()
        let draws = try EmotionRegulation.rows("\(EmotionRegulation.nilearn)/\(name)_draws.tsv.gz", limit: 12)
        let text = draws.map { $0.map { "\(Int($0))" }.joined(separator: "\t") }.joined(separator: "\n")
        let file = try ShuffleFile(text, name: name, subjects: 30, convention: .design)
        let expected = try EmotionRegulation.rows(
            "\(EmotionRegulation.nilearn)/\(name)_h0.tsv", skipping: 1, limit: 12
        ).map { $0[0] }
        let result = PermutationTest(
            partition, cohort, Fit(partition.model, cohort), tail: tail,
            shuffles: ShuffleSet(listed: file.shuffles)
        ).run().voxel
        for (found, expected) in zip(result.maxima.dropFirst(), expected) {
            #expect(abs(found - expected) <= 2e-6 * expected)
        }
    }

    @Test("FSL randomise's t map and null maxima are reproduced from its own sign flips")
    func randomise() throws {
        let cohort = try EmotionRegulation.cohort(mask: "reference/robusttoolbox/mask.hdr")
        #expect(cohort.mask.count == 31_079)
        let design = Matrix(columns: [[Double](repeating: 1, count: 30)])
        let model = try LinearModel(matrix: design)
        let partition = try ContrastPartition(model, weights: Matrix(rows: [[1]]), isF: false, name: "mean")
        let signs = try EmotionRegulation.rows("reference/randomise/one_perm_tstat1.txt", limit: 40)
        let text = signs.map { $0.map { "\(Int($0))" }.joined(separator: " ") }.joined(separator: "\n")
        let file = try ShuffleFile(text, name: "signs", subjects: 30, convention: .design)
        #expect(file.shuffles[0].isIdentity)
        let fit = Fit(model, cohort)
        let result = PermutationTest(
            partition, cohort, fit, tail: .greater, shuffles: ShuffleSet(listed: file.shuffles)
        ).run().voxel
        let expected = try EmotionRegulation.rows("reference/randomise/one_vox_corrp_tstat1.txt", limit: 40)
        for (found, expected) in zip(result.maxima, expected) {
            #expect(abs(found - expected[0]) <= 5e-7 * abs(expected[0]))
        }
        let t = try EmotionRegulation.values("reference/randomise/one_tstat1.nii.gz", cohort.mask)
        #expect(EmotionRegulation.greatestDifference(fit.t(partition).values, t) < 1e-6)
    }

    @Test("MATLAB RobustToolbox's OLS maps are reproduced on the 31,079 voxels with all subjects")
    func robustToolbox() throws {
        let cohort = try EmotionRegulation.cohort(mask: "reference/robusttoolbox/mask.hdr")
        let (table, _) = try Table.read(SharedData.url("data/emotion_regulation/participants.tsv").path)
        let design = try Design(try Subjects(table), formula: try Formula("~ scale(success)"))
        let model = try LinearModel(design)
        let fit = Fit(model, cohort)
        for (column, number) in [(0, "0001"), (1, "0002")] {
            let weights = Matrix(rows: [(0...1).map { $0 == column ? 1.0 : 0 }])
            let partition = try ContrastPartition(model, weights: weights, isF: false, name: number)
            let test = ParametricTest(fit.t(partition), tail: .twoSided)
            for (map, file, tolerance) in [
                (test.statistic, "ols_tmap", 3e-7), (fit.effect(partition), "ols_beta", 2e-7),
                (test.p, "ols_p", 4e-8),
            ] {
                let expected = try EmotionRegulation.values(
                    "reference/robusttoolbox/\(file)_\(number).img", cohort.mask)
                #expect(
                    EmotionRegulation.greatestDifference(map.values, expected) < tolerance,
                    "\(file) \(number)")
            }
        }
        // The published count: 1555 voxels of the intercept at two-sided p < .001.
        let intercept = try ContrastPartition(
            model, weights: Matrix(rows: [[1, 0]]), isF: false, name: "intercept")
        let tests = MultipleTesting(logP: ParametricTest(fit.t(intercept), tail: .twoSided).logP)
        #expect(tests.logP.count { $0 <= LogProbability.fromP(0.001) } == 1555)
        #expect(tests.rejection(by: .bonferroni, level: 0.05)?.count == 126)
        #expect(tests.rejection(by: .falseDiscoveryRate, level: 0.05)?.count == 2710)
    }
}

@Suite("An end-to-end analysis with expected maps", .enabled(if: SharedData.isAvailable))
struct EndToEndReferenceTests {
    @Test("formula, missing scores, mask, smoothing and fit give the expected maps", arguments: [0.0, 5.0])
    func expected(fwhm: Double) throws {
        let folder = SharedData.url("reference/stats/e2e").path
        var data = AnalysisPlan.DataSource(table: folder + "/participants.tsv")
        data.dropsMissing = true
        data.zeros = .data
        var plan = AnalysisPlan(
            data: data, model: .formula(text: "~ fluency + age + sex", coding: .treatment, centring: .none),
            contrasts: ["fluency", "age - fluency", "F: fluency, age"], tail: .greater)
        plan.mask = .image(path: folder + "/mask.nii.gz")
        plan.figures = nil
        if fwhm > 0 { plan.smoothing = .init(fwhmMillimeters: [fwhm]) }
        let analysis = try plan.run()
        #expect(analysis.design.subjectCount == 16)
        #expect(analysis.fit.mask.count == 418)
        let prefix = "reference/stats/e2e/expected_\(fwhm > 0 ? "fwhm5" : "nosmooth")"
        for (contrast, name) in zip(analysis.contrasts, ["fluency", "age-minus-fluency", "F_fluency_age"]) {
            var maps = [
                (contrast.statistic, contrast.partition.isF ? "F" : "t"), (contrast.parametric.p, "p"),
            ]
            if !contrast.partition.isF {
                maps.append((contrast.parametric.z, "z"))
                maps.append((analysis.fit.effect(contrast.partition), "effect"))
                maps.append((analysis.fit.variance(contrast.partition), "variance"))
            }
            for (map, stat) in maps {
                let expected = try EmotionRegulation.values("\(prefix)_\(name)_\(stat).nii.gz", map.mask)
                for (found, expected) in zip(map.values, expected) {
                    #expect(abs(found - expected) <= 1e-9 * max(1, abs(expected)), "\(name) \(stat)")
                }
            }
        }
    }
}
