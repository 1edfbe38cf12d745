import CoveyCore
import CoveyFormats
import CoveyImaging
import CoveyModel
import CoveyTestSupport
import Testing

@testable import CoveyInference

/// A long table, its maps and what the repeated measures make of it.
private struct LongStudy {
    let subjects: Subjects
    let repeated: RepeatedMeasures
    let formula: Formula

    init(_ table: String, _ formula: String) throws {
        let read = try Table.parse(Array(table.utf8), source: "long.tsv").table
        let all = try RepeatedMeasures.subjects(of: read, column: "subject")
        subjects = try RepeatedMeasures(all, column: "subject").leavingOutSingles(of: all).subjects
        repeated = try RepeatedMeasures(subjects, column: "subject")
        self.formula = try Formula(formula)
    }

    func plain() throws -> Design { try Design(subjects, formula: formula) }
    func design() throws -> Design { try repeated.absorbed(into: plain()) }
    func check(_ contrast: String) throws {
        try repeated.requireWithin(Contrast(contrast).weights(in: plain()), in: plain())
    }
}

@Suite("Repeated measures")
struct RepeatedMeasuresTests {
    @Test(
        "a paired design is the one-sample test of differences: t, degrees of freedom, and every permutation p"
    )
    func paired() throws {
        let pairs = 9
        var numbers = TestNumbers(12)
        // Rows in no order: the pairs are found by their subjects.
        var order = Array(0..<2 * pairs)
        for i in order.indices.reversed() { order.swapAt(i, numbers.below(i + 1)) }
        var maps: [[Double]] = []
        for row in 0..<2 * pairs {
            let level = 100 + 3 * Double(row / 2) + 0.8 * Double(row % 2)
            maps.append(numbers.normals(7).map { level + $0 })
        }
        let lines = order.map { row in "s\(row / 2)\t\(row % 2 == 0 ? "pre" : "stim")\t\(20 + row / 2)" }
        let table = "subject\tcondition\tage\n" + lines.joined(separator: "\n")
        let study = try LongStudy(table, "~ condition + age")
        let design = try study.design()
        try study.check("condition[stim]")
        let model = try LinearModel(design)
        let partition = try Contrast("condition[stim]").weights(in: design).partition(of: model)
        let long = lineCohort(order.map { maps[$0] })
        let fit = Fit(model, long)

        let one = try LinearModel(matrix: Matrix(columns: [[Double](repeating: 1, count: pairs)]))
        let mean = try ContrastPartition(one, weights: Matrix(rows: [[1]]), isF: false, name: "mean")
        let differences = lineCohort(
            (0..<pairs).map { pair in zip(maps[2 * pair + 1], maps[2 * pair]).map { $0.0 - $0.1 } })
        let oneFit = Fit(one, differences)
        #expect(model.degreesOfFreedom == pairs - 1)
        for (a, b) in zip(fit.statistic(partition).values, oneFit.statistic(mean).values) {
            #expect(abs(a - b) <= 1e-10 * abs(b))
        }
        for (a, b) in zip(fit.effect(partition).values, oneFit.effect(mean).values) {
            #expect(abs(a - b) <= 1e-10 * abs(b))
        }
        #expect(ExchangeScheme.recommended(for: partition) == .permute)
        for tail in Tail.allCases {
            let swaps = ShuffleSet(
                ShufflePlan(count: 1000, exchanging: .permute, seed: 0), design: design.matrix,
                blocks: study.repeated.blocks)
            let flips = ShuffleSet(
                ShufflePlan(count: 1000, exchanging: .flip, seed: 0), design: one.matrix)
            #expect(swaps.isExhaustive && flips.isExhaustive && swaps.count == 512 && flips.count == 512)
            let paired = PermutationTest(partition, long, fit, tail: tail, shuffles: swaps).run().voxel
            let single = PermutationTest(mean, differences, oneFit, tail: tail, shuffles: flips).run().voxel
            #expect(paired.exceedances == single.exceedances)
            #expect(paired.familyWiseExceedances == single.familyWiseExceedances)
            let distinct = DistinctShuffles(
                partition, exchanging: .permute, tail: tail, blocks: study.repeated.blocks)
            #expect(distinct.count == 512)
            #expect(distinct.smallestP == DistinctShuffles(mean, exchanging: .flip, tail: tail).smallestP)
        }
    }

    static let table = """
        subject\tcondition\tgroup\tage\tload
        a\tx\tg\t30\t1
        a\ty\tg\t30\t2
        a\tz\tg\t30\t4
        b\tx\tg\t41\t2
        b\ty\tg\t41\t1
        b\tz\tg\t41\t0
        c\tx\th\t35\t3
        c\ty\th\t35\t1
        c\tz\th\t35\t1
        d\tx\th\t28\t1
        d\ty\th\t28\t5
        d\tz\th\t28\t2
        e\tx\th\t50\t1
        e\tz\th\t50\t7
        f\ty\tg\t60\t1
        """

    @Test("comparisons of subjects are refused with the reason, whatever the coding")
    func between() throws {
        for formula in [
            "~ condition + age + group", "~ condition * group + load + age", "~ 0 + condition + age",
            "~ 0 + condition:group + age",
        ] {
            let study = try LongStudy(Self.table, formula)
            #expect(throws: ExchangeabilityError.self, "\(formula)") { try study.check("age") }
        }
        let plain = try LongStudy(Self.table, "~ condition * group + age + load")
        #expect(
            throws: ExchangeabilityError.betweenSubjects(
                contrast: "age", columns: ["age"], subjects: "subject")
        ) { try plain.check("age") }
        for contrast in ["intercept", "group[h]", "condition[y] + age", "F: condition[y], group[h]"] {
            #expect(throws: ExchangeabilityError.self, "\(contrast)") { try plain.check(contrast) }
        }
        for contrast in [
            "condition[y]", "F:condition", "condition[z] - condition[y]", "load", "condition[y]:group[h]",
            "F: condition[y], load",
        ] {
            try plain.check(contrast)
        }
        // A cell mean is a level, not a difference within subjects; a difference of cell means is one.
        let means = try LongStudy(Self.table, "~ 0 + condition")
        #expect(throws: ExchangeabilityError.self) { try means.check("condition[x]") }
        try means.check("condition[y] - condition[x]")
    }

    @Test(
        "subject levels leave a fitted design of full rank, and the contrast what differencing gives",
        arguments: [
            "~ condition", "~ condition * group + age", "~ 0 + condition + load", "~ 0 + condition:group",
            "~ C(condition, sum) + group + load", "~ 0 + load",
        ])
    func absorbed(formula: String) throws {
        let study = try LongStudy(Self.table, formula)
        let design = try study.design()
        let model = try LinearModel(design)
        // Five subjects are left; f has one map.
        #expect(study.repeated.subjects == ["a", "b", "c", "d", "e"])
        #expect(model.rank == design.columns.count && model.constantProjection != nil)
        // Any level of any subject leaves what is within subjects as it is.
        var numbers = TestNumbers(3)
        let data = numbers.normals(14)
        let levels = numbers.normals(5).map { $0 * 50 }
        var shifted = data
        for (rows, level) in zip(study.repeated.rows, levels) { for row in rows { shifted[row] += level } }
        let contrast =
            formula.contains("load")
            ? "load"
            : formula.contains(":") ? "condition[y]:group[h] - condition[x]:group[h]" : "condition[y]"
        let weights = try Contrast(contrast).weights(in: design)
        let partition = try weights.partition(of: model)
        #expect(partition.constantIsNuisance)
        let t = [data, shifted].map { values in
            Fit(model, lineCohort(values.map { [$0] })).statistic(partition).values[0]
        }
        #expect(abs(t[0] - t[1]) < 1e-9 * max(1, abs(t[0])))
    }

    @Test("unbalanced subjects are exchanged within, and those with one map are left out by name")
    func unbalanced() throws {
        let read = try Table.parse(Array(Self.table.utf8), source: "long.tsv").table
        let all = try RepeatedMeasures.subjects(of: read, column: "subject")
        #expect(all.identifiers.prefix(4) == ["a#1", "a#2", "a#3", "b#1"])
        let (left, notes) = try RepeatedMeasures(all, column: "subject").leavingOutSingles(of: all)
        #expect(left.count == 14 && notes.count == 1 && notes[0].text.hasSuffix("within subjects: f"))
        let study = try LongStudy(Self.table, "~ condition")
        let distinct = BlockArrangements(design: try study.design().matrix, blocks: study.repeated.blocks)
        #expect(distinct.count == 6 * 6 * 6 * 6 * 2)
    }

    @Test("identifiers that are unique already stay, and repeats nobody has are refused")
    func identifiers() throws {
        let unique = try Table.parse(
            Array("participant_id\tsubject\nm1\ta\nm2\ta\nm3\tb\n".utf8), source: "long.tsv"
        ).table
        let rows = try RepeatedMeasures.subjects(of: unique, column: "subject")
        #expect(rows.identifiers == ["m1", "m2", "m3"])
        #expect(
            throws: ExchangeabilityError.noRepeats(column: "participant_id", source: "long.tsv")
        ) { try RepeatedMeasures(rows, column: "participant_id") }
        let missing = try Table.parse(
            Array("participant_id\tx\na\t1\n\t2\na\t2\n".utf8), source: "long.tsv"
        ).table
        #expect(throws: ModelError.self) {
            try RepeatedMeasures.subjects(of: missing, column: "participant_id")
        }
    }

    @Test("the engine leaves out what blocks keep in place, and finds what a refit of every shuffle finds")
    func againstRefit() throws {
        var numbers = TestNumbers(31)
        let study = try LongStudy(Self.table, "~ condition + load")
        let design = try study.design()
        let model = try LinearModel(design)
        let data = lineCohort((0..<14).map { _ in numbers.normals(9) })
        let fit = Fit(model, data)
        let shuffles = ShuffleSet(
            ShufflePlan(count: 60, exchanging: .permute, seed: 8), design: design.matrix,
            blocks: study.repeated.blocks)
        for contrast in ["condition[y]", "load", "F:condition"] {
            let partition = try Contrast(contrast).weights(in: design).partition(of: model)
            for tail in partition.isF ? [.greater] : Tail.allCases {
                let fast = PermutationTest(partition, data, fit, tail: tail, shuffles: shuffles).run().voxel
                let plain = PlainPermutationTest(partition, tail: tail, shuffles: shuffles).run(data, fit)
                #expect(fast.exceedances == plain.exceedances)
                for (a, b) in zip(fast.maxima, plain.maxima) { #expect(abs(a - b) < 1e-8 * max(1, abs(b))) }
            }
            // Five levels of subjects, the constant among them, stay; the rest moves.
            let (staying, moving) = study.repeated.blocks.split(partition.nuisanceBasis)
            #expect(staying.columns == 5 && moving.columns == partition.nuisanceBasis.columns - 5)
            for k in 0..<20 {
                let source = shuffles[k].source
                for c in 0..<staying.columns {
                    #expect((0..<14).allSatisfy { abs(staying[source[$0], c] - staying[$0, c]) < 1e-12 })
                }
            }
            let all = Matrix(
                columns: (0..<staying.columns).map(staying.column) + (0..<moving.columns).map(moving.column))
            let gram = all.transposed * all
            for i in 0..<gram.rows {
                for j in 0..<gram.columns { #expect(abs(gram[i, j] - (i == j ? 1 : 0)) < 1e-12) }
            }
        }
    }
}
