import CoveyTestSupport
import Foundation
import Testing

@testable import Covey

@Suite("Memory of a permutation test", .enabled(if: Program.path != nil))
struct MemoryTests {
    /// What a run says before the shuffles, and its greatest size, in MiB.
    private struct Use {
        let estimate: Double
        let peak: Double

        init(
            _ cohort: String, shuffles: Int, _ change: (inout AnalysisPlan) -> Void = { _ in }
        ) throws {
            var plan = AnalysisPlan(
                data: .init(table: "participants.tsv"),
                model: .formula(text: "~ age", coding: .treatment, centring: .none), contrasts: ["age"],
                tail: .twoSided)
            plan.permutation = .init(count: shuffles, exchange: nil, seed: 0)
            plan.figures = nil
            plan.report = nil
            change(&plan)
            try writeFile(Array(plan.json().utf8), to: cohort + "/plan.json")
            let run = try Program(
                ["run", "plan.json", "--threads", "2", "--overwrite", "--out", "results"], in: cohort)
            try #require(run.status == 0, "\(run.errors)")
            let text = try #require(
                run.errors.firstMatch(of: /at most (\d+) MiB for the cohort and the shuffles/))
            estimate = try #require(Double(text.1))
            let summary = try Data(contentsOf: URL(fileURLWithPath: cohort + "/results/summary.json"))
            peak = Double(try JSONDecoder().decode(Summary.self, from: summary).peakBytes) / 1_048_576
        }
    }

    /// MiB for what no estimate is of: the allocator's rounding, and maps being decoded.
    private let slack = 6.0

    /// A cohort of noise in every voxel of a small grid, two bytes a voxel on disk.
    private func write(subjects: Int, shape: [Int] = [30, 30, 25], to folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let grid = Grid(shape: shape, affine: Affine([3, 0, 0, 0, 0, 3, 0, 0, 0, 0, 3, 0]))
        var numbers = TestNumbers(11)
        let rows = try (0..<subjects).map { k in
            let values = (0..<grid.count).map { _ in (numbers.uniform() * 2000).rounded() + 1 }
            try Volume(grid: grid, values: values).write(
                to: "\(folder)/\(k).nii", ImageContent(datatype: .int16))
            return ["sub-\(k)", "\(k).nii", "\(numbers.uniform())", k % 2 == 0 ? "a" : "b"]
        }
        let table = Table(columns: ["participant_id", "map", "age", "group"], rows: rows)
        try writeFile(Array(table.tabSeparated.utf8), to: folder + "/participants.tsv")
    }

    @Test("whatever is tested, and however often, stays within what is announced before the shuffles")
    func bounds() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/covey-memory-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write(subjects: 20, to: folder + "/few")
        try write(subjects: 110, to: folder + "/many")
        // The program itself, on next to nothing.
        try write(subjects: 6, shape: [4, 4, 4], to: folder + "/none")
        let program = try Use(folder + "/none", shuffles: 10).peak
        // While maps are read, their files are held besides.
        let files = 110.0 * 22_500 * 2 / 1_048_576
        func check(_ name: String, _ use: Use) {
            let limit = program + use.estimate + files + slack
            #expect(use.peak <= limit, "\(name): \(use), program \(program)")
        }
        let few = try Use(folder + "/few", shuffles: 200)
        let many = try Use(folder + "/many", shuffles: 200)
        check("voxels", few)
        check("a hundred times the shuffles", try Use(folder + "/few", shuffles: 20_000))
        check("90 subjects more", many)
        // It is no idle bound: 90 subjects more are the cohort once, not twice.
        let once = 90.0 * 22_500 * 8 / 1_048_576
        #expect(many.estimate - few.estimate < 1.5 * once)
        for (name, variant, scale) in [
            ("plain", nil, nil), ("z", nil, .z), ("pseudo-t", .smoothedVariance(fwhmMillimeters: 8), nil),
            ("missing data", .missingData(minimumSubjects: 15), nil),
            ("groups", .varianceGroups(column: "group"), nil),
        ] as [(String, AnalysisPlan.StatisticVariant?, AnalysisPlan.PermutationChoice.Scale?)] {
            let use = try Use(folder + "/few", shuffles: 500) {
                $0.permutation?.comparison = .init()
                $0.permutation?.comparison?.tfce = TFCE()
                $0.permutation?.scale = scale
                $0.variant = variant
            }
            check("TFCE, " + name, use)
        }
        // Several contrasts, in one pass over the data and one after the other.
        for (method, exchange) in [(NuisanceMethod.freedmanLane, "one pass"), (.smith, "in turn")] {
            for tfce in [false, true] {
                let use = try Use(folder + "/many", shuffles: 60) {
                    $0.model = .formula(text: "~ age + group", coding: .treatment, centring: .none)
                    $0.contrasts = ["age", "group[b]", "age - group[b]", "F: age; group[b]"]
                    $0.permutation?.method = method
                    if tfce {
                        $0.permutation?.comparison = .init()
                        $0.permutation?.comparison?.tfce = TFCE()
                    }
                }
                check("four contrasts, \(exchange), \(tfce ? "TFCE" : "voxels")", use)
            }
        }
    }
}
