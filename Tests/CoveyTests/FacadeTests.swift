import CoveyTestSupport
import Foundation
import Testing

@testable import Covey

/// A small cohort on disk, made for one test and removed with it.
final class TemporaryCohort {
    let folder: String
    var table: String { folder + "/participants.tsv" }

    init(subjects: Int = 12, flippingMap flipped: Int? = nil) throws {
        folder = FileManager.default.temporaryDirectory.path + "/covey-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var numbers = TestNumbers(7)
        let grid = Grid(
            shape: [6, 5, 4], affine: Affine([-2, 0, 0, 5, 0, 2, 0, -4, 0, 0, 2, -3]), sformCode: 4)
        var rows: [[String]] = []
        for k in 0..<subjects {
            let score = numbers.normal()
            var values = numbers.normals(grid.count)
            for i in 0..<40 { values[i] += score }
            var volume = Volume(grid: grid, values: values)
            if k == flipped {
                // The same values at the same places in the world, stored from the other end.
                let other = Grid(
                    shape: [6, 5, 4], affine: Affine([2, 0, 0, -5, 0, 2, 0, -4, 0, 0, 2, -3]), sformCode: 4)
                var mirrored = Volume(grid: other, repeating: 0)
                for offset in 0..<grid.count {
                    let index = grid.index(at: offset)
                    mirrored[VoxelIndex(5 - index.x, index.y, index.z)] = values[offset]
                }
                volume = mirrored
            }
            try volume.write(to: "\(folder)/map\(k).nii.gz", ImageContent(datatype: .float64))
            rows.append(["sub-\(k)", "map\(k).nii.gz", "\(score)", k % 2 == 0 ? "a" : "b"])
        }
        let table = Table(columns: ["participant_id", "map", "score", "group"], rows: rows)
        try writeFile(Array(table.tabSeparated.utf8), to: self.table)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    var plan: AnalysisPlan {
        var plan = AnalysisPlan(
            data: AnalysisPlan.DataSource(table: table),
            model: .formula(text: "~ score + group", coding: .treatment, centring: .none),
            contrasts: ["score", "F: score; group[b]"], tail: .twoSided)
        plan.thresholds.falseDiscoveryRate = 0.05
        plan.permutation = .init(count: 60, exchange: nil, seed: 3)
        plan.figures = nil
        return plan
    }

    /// The files of a run, by name, without those that hold seconds.
    func results(_ plan: AnalysisPlan, threads: Int, name: String) throws -> [String: Data] {
        var options = RunOptions()
        options.threads = threads
        let results = try ResultFolder("\(folder)/\(name)", overwrites: false)
        try plan.run(options: options).write(into: results)
        try results.commit()
        let names = try FileManager.default.subpathsOfDirectory(atPath: results.destination)
        return try Dictionary(
            uniqueKeysWithValues: names.filter {
                !["summary.json", "summary.txt", "provenance.json", "report"].contains($0)
            }
            .map { ($0, try Data(contentsOf: URL(fileURLWithPath: "\(results.destination)/\($0)"))) })
    }
}

@Suite("The façade")
struct FacadeTests {
    @Test("a run is nothing but the public stages composed")
    func composition() throws {
        let cohort = try TemporaryCohort()
        let analysis = try cohort.plan.run()

        let (table, _) = try Table.read(cohort.table)
        let subjects = try Subjects(table)
        let design = try Design(subjects, formula: try Formula("~ score + group"))
        let sources = zip(subjects.identifiers, try subjects.mapPaths()).map {
            MapSource(identifier: $0, path: $1)
        }
        let reading = try CohortReader().read(sources, threads: 1)
        let model = try LinearModel(design)
        let fit = Fit(model, reading.cohort, threads: 1)
        let tests = try zip(cohort.plan.contrasts, analysis.contrasts).map { text, found in
            let partition = try Contrast(text).weights(in: design).partition(of: model)
            let tail = partition.isF ? Tail.greater : .twoSided
            let test = ParametricTest(fit.statistic(partition), tail: tail, threads: 1)
            #expect(found.statistic.values == test.statistic.values)
            #expect(found.parametric.z.values == test.z.values)
            return PermutationTest(
                partition, reading.cohort, fit, tail: tail,
                shuffles: ShuffleSet(
                    ShufflePlan(count: 60, exchanging: .recommended(for: partition), seed: 3),
                    design: design.matrix))
        }
        let observations = tests.map { $0.observe(threads: 1) }
        let tallies = try #require(SharedPermutationTest(tests, threads: 1))
            .tallies(of: 0..<61, observations, threads: 1) { _ in }
        for (k, found) in analysis.contrasts.enumerated() {
            let result = tests[k].results(observations[k], tallies[k]).voxel
            #expect(found.permutation?.voxel.result.maxima == result.maxima)
            #expect(
                found.permutation?.voxel.result.familyWiseExceedances == result.familyWiseExceedances)
        }
    }

    @Test("the same plan gives the same bytes for any number of threads, and again from its own JSON")
    func sameBytes() throws {
        let cohort = try TemporaryCohort()
        let one = try cohort.results(cohort.plan, threads: 1, name: "one")
        #expect(one.count > 20)
        for threads in [2, 3] {
            #expect(try cohort.results(cohort.plan, threads: threads, name: "t\(threads)") == one)
        }
        let again = try AnalysisPlan(contentsOf: "\(cohort.folder)/one/plan.json")
        #expect(again == cohort.plan)
        #expect(try cohort.results(again, threads: 2, name: "again") == one)
    }

    @Test("a map stored from the other end is another grid: refused, or resampled to the same answer")
    func flippedMap() throws {
        let straight = try TemporaryCohort()
        let flipped = try TemporaryCohort(flippingMap: 3)
        #expect(throws: ImagingError.self) { _ = try flipped.plan.run() }
        var plan = flipped.plan
        plan.data.resampling = .linear
        let (a, b) = (try straight.plan.run(), try plan.run())
        #expect(a.contrasts[0].statistic.values == b.contrasts[0].statistic.values)
    }

    @Test("saved coefficients give the contrasts of the data")
    func savedFit() throws {
        let cohort = try TemporaryCohort()
        var plan = cohort.plan
        plan.savesModel = true
        _ = try cohort.results(plan, threads: 1, name: "saved")
        let analysis = try plan.run()
        let saved = try SavedFit(folder: cohort.folder + "/saved")
        for (text, found) in zip(plan.contrasts, analysis.contrasts) {
            let maps = try saved.maps(try Contrast(text).weights(in: saved.design))
            for (a, b) in zip(maps[maps.count - 1].values, found.statistic.values) {
                #expect(abs(a - b) <= 1e-9 * max(1, abs(b)))
            }
        }
    }

    @Test("an existing folder is refused, a failed run leaves nothing")
    func resultFolder() throws {
        let cohort = try TemporaryCohort()
        #expect(throws: ResultFolderError.exists(cohort.folder)) {
            _ = try ResultFolder(cohort.folder, overwrites: false)
        }
        let folder = try ResultFolder(cohort.folder + "/new/results", overwrites: false)
        try folder.write("half", to: "a/b.txt")
        #expect(!FileManager.default.fileExists(atPath: folder.destination))
        folder.discard()
        #expect(try FileManager.default.contentsOfDirectory(atPath: cohort.folder + "/new").isEmpty)
    }

    @Test(
        "a handful of shuffles gives whole results, in which nothing is significant that cannot be",
        arguments: [1, 4, 18, 19], TailMethod.allCases)
    func fewShuffles(count: Int, fit: TailMethod) throws {
        let cohort = try TemporaryCohort()
        var plan = cohort.plan
        plan.permutation?.count = count
        plan.permutation?.tailFit = fit
        plan.permutation?.comparison = .init()
        plan.permutation?.comparison?.tfce = TFCE()
        plan.permutation?.comparison?.formingThresholds = [.p(0.1)]
        #expect(try cohort.results(plan, threads: 2, name: "few")["report.html"] != nil)
        for contrast in try plan.run().summary.contrasts {
            let permutation = try #require(contrast.permutation)
            #expect(permutation.smallestPossibleP == 1 / Double(count + 1))
            for quantity in permutation.quantities where count < 19 { #expect(quantity.survivors == 0) }
        }
    }

    @Test("a plan of a later version, or that is no plan, is refused by name")
    func badPlans() throws {
        let cohort = try TemporaryCohort()
        var plan = cohort.plan
        plan.version = 99
        #expect(throws: PlanError.laterVersion(99)) { _ = try plan.run() }
        try writeFile(Array("{\"version\": 1}".utf8), to: cohort.folder + "/plan.json")
        #expect(throws: PlanError.self) { _ = try AnalysisPlan(contentsOf: cohort.folder + "/plan.json") }
    }
}
