import CoveyCore
import CoveyImaging
import CoveyTestSupport
import Foundation
import Testing

@testable import CoveyModel

/// Designs, data and answers in exact rational arithmetic on the exact inputs.
private struct ExactRegression: Decodable {
    struct Case: Decodable {
        let name: String
        let kind: String
        let design: [[Double]]
        let data: [[Double]]
        let dof: Int?
        let rank: Int?
        let tContrasts: [TContrast]?
        let fContrasts: [FContrast]?

        private enum CodingKeys: String, CodingKey {
            case name, kind, dof, rank
            case design = "X"
            case data = "Y"
            case tContrasts = "t_contrasts"
            case fContrasts = "f_contrasts"
        }
    }
    struct TContrast: Decodable {
        struct Voxel: Decodable {
            let effect: String?
            let variance: String?
            let t: String?
        }
        let name: String
        let weights: [Double]
        let estimable: Bool?
        let voxels: [Voxel]?
    }
    struct FContrast: Decodable {
        struct Voxel: Decodable {
            let statistic: String?

            private enum CodingKeys: String, CodingKey { case statistic = "F" }
        }
        let name: String
        let weights: [[Double]]
        let estimable: Bool
        let voxels: [Voxel]?
    }
    let cases: [Case]
}

@Suite("Regression against exact rational arithmetic", .enabled(if: SharedData.isAvailable))
struct ExactRegressionTests {
    private static func cohort(_ y: [[Double]]) -> Cohort {
        let grid = Grid(shape: [y.count, 1, 1], affine: Affine([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]))
        return Cohort(identifiers: y[0].indices.map(String.init), mask: Mask(grid: grid) { _ in true }) {
            row in
            y.map { $0[row] }
        }
    }

    @Test("effects, variances, t and F agree with exact arithmetic")
    func exact() throws {
        let data = try Data(contentsOf: SharedData.url("reference/numerics/glm_exact.json"))
        let reference = try JSONDecoder().decode(ExactRegression.self, from: data)
        var (compared, refused) = (0, 0)
        for example in reference.cases {
            let design = Matrix(rows: example.design)
            if example.kind == "no_dof" {
                #expect(throws: LinearModelError.self) { _ = try LinearModel(matrix: design) }
                continue
            }
            let model = try LinearModel(matrix: design)
            if let rank = example.rank { #expect(model.rank == rank, "\(example.name)") }
            if let dof = example.dof { #expect(model.degreesOfFreedom == dof, "\(example.name)") }
            let fit = Fit(model, Self.cohort(example.data), threads: 1)
            // Near-singular designs lose digits in proportion to their condition; the notes allow for it.
            let tolerance: Double =
                switch example.kind {
                case "near_singular": 1e-4
                case "data_scale": example.name.contains("offset") ? 1e-7 : 1e-11
                default: 1e-11
                }
            for contrast in example.tContrasts ?? [] {
                let weights = Matrix(rows: [contrast.weights])
                guard
                    let partition = try? ContrastPartition(
                        model, weights: weights, isF: false, name: contrast.name)
                else {
                    #expect(
                        contrast.estimable == false || contrast.weights.allSatisfy { $0 == 0 },
                        "\(example.name) \(contrast.name)")
                    continue
                }
                #expect(contrast.estimable != false, "\(example.name) \(contrast.name)")
                let t = fit.t(partition).values
                let effect = fit.effect(partition).values
                let variance = fit.variance(partition).values
                for (v, voxel) in (contrast.voxels ?? []).enumerated() {
                    if let expected = voxel.t.flatMap(Double.init), expected.isFinite,
                        example.kind != "degenerate_voxels" || v > 2
                    {
                        compared += 1
                        // Where the model explains nearly everything, the residual is known to eps |y|/|e|.
                        let rounding = max(tolerance, 2e-16 * abs(expected))
                        #expect(
                            abs(t[v] - expected) <= rounding * max(abs(expected), 1e-3),
                            "\(example.name) \(contrast.name) voxel \(v): t \(t[v]) for \(expected)")
                        if let expected = voxel.effect.flatMap(Double.init), example.kind == "full_rank" {
                            #expect(
                                abs(effect[v] - expected) <= tolerance
                                    * max(abs(expected), variance[v].squareRoot()))
                        }
                        if let expected = voxel.variance.flatMap(Double.init), expected > 1e-300,
                            expected < 1e300,
                            example.kind == "full_rank"
                        {
                            #expect(abs(variance[v] - expected) <= tolerance * expected)
                        }
                    } else if example.kind == "degenerate_voxels", v <= 2 {
                        #expect(t[v].isNaN, "\(example.name) voxel \(v) has no variance")
                    }
                }
            }
            for contrast in example.fContrasts ?? [] {
                let partition: ContrastPartition
                do {
                    partition = try ContrastPartition(
                        model, weights: Matrix(rows: contrast.weights), isF: true, name: contrast.name)
                } catch {
                    // Exact arithmetic calls a contrast of nothing but zeros estimable; there is nothing to test in it.
                    let isZero = contrast.weights.joined().allSatisfy { $0 == 0 }
                    let expected: LinearModelError =
                        isZero
                        ? .zeroContrast(contrast: contrast.name) : .notEstimable(contrast: contrast.name)
                    #expect(error == expected, "\(example.name) \(contrast.name)")
                    #expect(isZero || !contrast.estimable, "\(example.name) \(contrast.name)")
                    refused += 1
                    continue
                }
                #expect(contrast.estimable, "\(example.name) \(contrast.name)")
                let f = fit.f(partition).values
                for (v, voxel) in (contrast.voxels ?? []).enumerated() {
                    guard let expected = voxel.statistic.flatMap(Double.init), expected.isFinite else {
                        continue
                    }
                    compared += 1
                    #expect(
                        abs(f[v] - expected)
                            <= 4 * max(tolerance, 2e-16 * expected.squareRoot()) * max(expected, 1e-6),
                        "\(example.name) \(contrast.name) voxel \(v): F \(f[v]) for \(expected)")
                }
            }
        }
        #expect(compared > 150)
        // One F contrast that is not estimable, and one of zeros.
        #expect(refused == 2)
    }
}
