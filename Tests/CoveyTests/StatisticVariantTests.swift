import CoveyTestSupport
import Foundation
import Testing

@testable import Covey

@Suite("Variants of the statistic")
struct StatisticVariantTests {
    /// A cohort on disk with a grey-matter image per subject that lacks a value at one voxel of one image.
    private final class Example {
        let folder: String
        let grid = Grid(
            shape: [5, 5, 4], affine: Affine([2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0]), sformCode: 4)
        let subjects: Subjects
        let n = 12

        init() throws {
            folder = FileManager.default.temporaryDirectory.path + "/covey-variants-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            var numbers = TestNumbers(11)
            var rows: [[String]] = []
            for k in 0..<n {
                let age = numbers.normal()
                var grey = numbers.normals(grid.count)
                var map = zip(numbers.normals(grid.count), grey).map { $0 + $1 + age }
                if k == 2 { grey[7] = .nan }
                if k == 5 { (map[20], map[21]) = (.nan, .nan) }
                let content = ImageContent(datatype: .float64)
                try Volume(grid: grid, values: map).write(to: "\(folder)/map\(k).nii", content)
                try Volume(grid: grid, values: grey).write(to: "\(folder)/grey\(k).nii", content)
                rows.append([
                    "sub-\(k)", "map\(k).nii", "grey\(k).nii", "\(age)", k % 3 == 0 ? "a" : "b",
                ])
            }
            subjects = try Subjects(
                Table(
                    source: "\(folder)/participants.tsv",
                    columns: ["participant_id", "map", "gm", "age", "group"], rows: rows))
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }

        var sources: [MapSource] {
            get throws {
                zip(subjects.identifiers, try subjects.mapPaths()).map { MapSource(identifier: $0, path: $1) }
            }
        }
    }

    @Test("a column of images is read, joined to the design by name, and tested voxel by voxel")
    func voxelwiseFromFiles() throws {
        let example = try Example()
        let columns = VoxelwiseColumns(["gm"])
        let design = try Design(
            try columns.placeholders(in: example.subjects), formula: try Formula("~ age + gm"))
        let places = try columns.places(in: design)
        #expect(places == [2: "gm"])
        let maps = try CohortReader().read(try example.sources).cohort
        #expect(maps.mask.count == example.grid.count - 2)
        let reading = try VoxelwiseReading(
            maps, places: places, subjects: example.subjects, reader: CohortReader())
        #expect(reading.cohort.mask.count == maps.mask.count - 1)
        #expect(reading.notes.contains { $0.severity == .warning && $0.text.contains("'gm'") })

        let weights = try Contrast("gm").weights(in: design)
        let voxelwise = try VoxelwiseDesign(
            matrix: design.matrix, regressors: reading.regressors,
            weights: Matrix(rows: [[0, 0, 1]]), isF: weights.isF, name: "gm")
        let variant = try VariantTest(voxelwise, reading.cohort)
        let shuffles = ShuffleSet(
            ShufflePlan(count: 50, exchanging: .permute, seed: 1), design: design.matrix)
        let result = variant.test(tail: .greater, shuffles: shuffles).run().voxel
        #expect(result.observed.values == variant.observed.values)
        // The images explain the maps nearly everywhere.
        #expect(variant.observed.values.count { $0 > 2 } > 60)
        for voxel in [0, 50] {
            let own = Matrix(
                columns: [
                    design.matrix.column(0), design.matrix.column(1),
                    reading.regressors[2]!.values(at: voxel),
                ])
            let partition = try ContrastPartition(
                LinearModel(matrix: own), weights: Matrix(rows: [[0, 0, 1]]), isF: false, name: "gm")
            let t = Fit(partition.model, reading.cohort).t(partition).values[voxel]
            #expect(abs(t - variant.observed.values[voxel]) < 1e-9 * max(1, abs(t)))
        }
    }

    @Test("a design that does more with images than take them is refused, and so is one without them")
    func changedImages() throws {
        let subjects = try Example().subjects
        let columns = VoxelwiseColumns(["gm"])
        func places(_ formula: String, centring: Centring = .none) throws -> [Int: String] {
            try columns.places(
                in: try Design(
                    try columns.placeholders(in: subjects), formula: try Formula(formula), centring: centring)
            )
        }
        for formula in ["~ age * gm", "~ C(gm)", "~ gm:group"] {
            #expect(throws: VoxelwiseColumnError.self) { try places(formula) }
        }
        #expect(throws: VoxelwiseColumnError.self) { try places("~ gm", centring: .grandMean) }
        #expect(throws: VoxelwiseColumnError.notInDesign("gm", columns: ["intercept", "age"])) {
            try places("~ age")
        }
        #expect(throws: ModelError.self) { try VoxelwiseColumns(["nothing"]).placeholders(in: subjects) }
        #expect(throws: ModelError.self) { try subjects.imagePaths(column: "group") }
    }

    @Test(
        "missing data from files: counts, degrees of freedom and a test of every voxel with enough subjects")
    func missingFromFiles() throws {
        let example = try Example()
        let design = try Design(example.subjects, formula: try Formula("~ age"))
        let partition = try Contrast("age").weights(in: design).partition(of: try LinearModel(design))
        let reading = try CohortReader().readPartial(try example.sources, minimumSubjects: 11)
        let shuffles = ShuffleSet(
            ShufflePlan(count: 50, exchanging: .permute, seed: 1), design: design.matrix)
        let variant = try VariantTest(partition, reading.cohort, shuffles: shuffles)
        #expect(variant.mask.count == example.grid.count)
        let named = Dictionary(uniqueKeysWithValues: variant.maps.map { ($0.name, $0.values) })
        #expect(named["subjects"]?[20] == 11 && named["dof"]?[20] == 9 && named["dof"]?[0] == 10)
        let result = variant.test(tail: .twoSided, shuffles: shuffles).run().voxel
        #expect(result.familyWiseP.values.allSatisfy { $0 > 0 && $0 <= 1 })
        #expect(
            throws: VariantError.noVoxel(subjects: 12),
            performing: {
                let wide = Matrix(columns: (0..<11).map { c in (0..<12).map { $0 == c ? 1.0 : 0 } })
                let contrast = try ContrastPartition(
                    LinearModel(matrix: wide),
                    weights: Matrix(rows: [[1] + [Double](repeating: 0, count: 10)]),
                    isF: false, name: "c")
                let gaps = PartialCohort(
                    identifiers: reading.cohort.identifiers, mask: reading.cohort.mask, minimumSubjects: 2
                ) { subject in reading.cohort.mask.offsets.map { _ in subject == 0 ? .nan : 1 } }
                _ = try VariantTest(contrast, gaps, shuffles: shuffles)
            })
        let pairs = ExchangeabilityBlocks.Block(
            name: "all",
            members: (0..<6).map { k in
                .init(
                    name: "\(k)", members: [.init(row: 2 * k, name: "a"), .init(row: 2 * k + 1, name: "b")],
                    exchangesMembers: false)
            }, exchangesMembers: true)
        let whole = ShuffleSet(
            ShufflePlan(count: 50, exchanging: .permute, seed: 1), design: design.matrix,
            blocks: ExchangeabilityBlocks(root: pairs, source: "test"))
        #expect(throws: VariantError.wholeBlocks) {
            try VariantTest(partition, reading.cohort, shuffles: whole)
        }
    }

    @Test("variance groups and smoothed variances take the place of t in the test")
    func otherVariances() throws {
        let example = try Example()
        let design = try Design(example.subjects, formula: try Formula("~ group"))
        let partition = try Contrast("group[b] - group[a]").weights(in: design)
            .partition(of: try LinearModel(design))
        let cohort = try CohortReader().read(try example.sources).cohort
        let fit = Fit(partition.model, cohort)
        let shuffles = ShuffleSet(
            ShufflePlan(count: 40, exchanging: .permute, seed: 1), design: design.matrix)
        let welch = try VariantTest(
            partition, cohort, groups: try VarianceGroups(example.subjects, column: "group"),
            shuffles: shuffles)
        #expect(welch.maps.map(\.name) == ["v", "dof"])
        #expect(welch.notes.contains { $0.severity == .warning })
        // Without blocks everyone is in one group: v is t.
        let automatic = try VariantTest(partition, cohort, groups: nil, shuffles: shuffles)
        for (a, b) in zip(automatic.maps[0].values, fit.t(partition).values) {
            #expect(abs(a - b) < 1e-11 * max(1, abs(b)))
        }
        let flips = ShuffleSet(
            ShufflePlan(count: 40, exchanging: .flip, seed: 1), design: design.matrix)
        #expect(
            try VariantTest(partition, cohort, groups: nil, shuffles: flips).maps[0].values
                == automatic.maps[0].values)
        let pseudo = try VariantTest(
            partition, cohort, fit, varianceFWHMMillimeters: 4, shuffles: shuffles)
        #expect(!pseudo.hasTailAreas)
        for variant in [welch, automatic, pseudo] {
            let result = variant.test(tail: .twoSided, shuffles: shuffles).run().voxel
            for (a, b) in zip(result.observed.values, variant.observed.values) {
                #expect(abs(a - b) <= 1e-11 * max(1, abs(b)))
            }
        }
        let f = try ContrastPartition(
            partition.model, weights: Matrix(rows: [[0, 1]]), isF: true, name: "F")
        #expect(throws: VariantError.pseudoF) {
            try VariantTest(f, cohort, fit, varianceFWHMMillimeters: 4, shuffles: shuffles)
        }
    }
}
