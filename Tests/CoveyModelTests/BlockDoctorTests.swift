import CoveyCore
import CoveyFormats
import Testing

@testable import CoveyModel

@Suite("The design doctor on blocks")
struct BlockDoctorTests {
    /// Six pairs; `x` varies within them, `age` does not.
    func doctor(
        _ contrast: String, blocks text: String?, exchange: ExchangeScheme? = nil,
        formula: String = "~ x + age",
        shuffles: Int? = 1000
    ) throws -> DesignDoctor {
        let ages = [30, 41, 28, 35, 50, 44]
        let table =
            "participant_id\tpair\tx\tage\n"
            + (0..<12).map { "s\($0)\tp\($0 / 2)\t\(($0 * 7) % 5)\t\(ages[$0 / 2])" }.joined(separator: "\n")
        let subjects = try Subjects(Table.parse(Array(table.utf8), source: "people.tsv").table)
        return try DesignDoctor(
            Design(subjects, formula: Formula(formula)), contrasts: [Contrast(contrast)], tail: .twoSided,
            exchange: exchange, shuffleCount: shuffles,
            blocks: try text.map { try BlockColumns($0).blocks(of: subjects) })
    }

    @Test("it says what changes places, how many distinct shuffles there are, and the smallest p")
    func words() throws {
        let within = try doctor("x", blocks: "within:pair")
        let lines = within.lines
        #expect(lines[0].hasPrefix("Design: 12 rows"))
        #expect(
            lines.contains(
                "  Shuffled: labels: residual maps change places inside each of 6 blocks of 2 (within:pair), never across"
            ))
        #expect(
            lines.contains("  Distinct shuffles: 64; all of them are used once; smallest p 0.0156"))
        let whole = try doctor("x", blocks: "whole:pair", exchange: .both, shuffles: 100)
        #expect(
            whole.diagnoses[0].shuffling
                == "labels and signs: residual maps change places as 6 whole blocks of 2 (whole:pair), in order inside, and may have either sign, each of 6 sets of 2 as a whole (whole:pair) (asked for)"
        )
        #expect(whole.diagnoses[0].distinctShuffles.count == 720 * 64)
        #expect(whole.diagnoses[0].assumptions[0].contains("joint distribution"))
        #expect(whole.diagnoses[0].assumptions[1].contains("rows inside one may depend on each other"))
    }

    @Test("what does not vary where rows are exchanged is said to have p = 1")
    func nothingMoves() throws {
        let age = try doctor("age", blocks: "within:pair", formula: "~ age").diagnoses[0]
        #expect(age.distinctShuffles.count == 1 && age.smallestP == 1)
        #expect(age.warnings.contains { $0.text.contains("every p is 1") })
        let free = try doctor("age", blocks: nil, formula: "~ age").diagnoses[0]
        #expect(!free.warnings.contains { $0.text.contains("every p is 1") })
        #expect(free.blocks == nil)
        // Also where the design has other columns that move, so that the shuffles are distinct.
        let beside = try doctor("age", blocks: "within:pair", formula: "~ age + center(x)").diagnoses[0]
        #expect(beside.distinctShuffles.count! > 1)
    }

    @Test("shuffles that give the observed statistic by symmetry are counted, each looked at")
    func equivalents() throws {
        // Pairs (0, 1): swapping all of them reverses the difference.
        let design = Matrix(columns: [
            [Double](repeating: 1, count: 8), [0, 1, 0, 1, 0, 1, 1, 0], [1, 1, 0, 0, 0, 0, 0, 0],
            [0, 0, 1, 1, 0, 0, 0, 0], [0, 0, 0, 0, 1, 1, 0, 0],
        ])
        let model = try LinearModel(matrix: design)
        let partition = try ContrastPartition(
            model, weights: Matrix(rows: [[0, 1, 0, 0, 0]]), isF: false, name: "x")
        let pairs = try ExchangeabilityBlocks(
            levels: (0..<8).map { [$0 / 2 + 1] }, source: "pairs", exchange: .within)
        let two = DistinctShuffles(partition, exchanging: .permute, tail: .twoSided, blocks: pairs)
        #expect(two.count == 16 && two.equivalentToIdentity == 2 && two.smallestP == 2 / 16.0)
        let one = DistinctShuffles(partition, exchanging: .permute, tail: .greater, blocks: pairs)
        #expect(one.equivalentToIdentity == 1)
        // Exchanging whole pairs moves the pairs' own levels and leaves the difference within them.
        let wholes = try ExchangeabilityBlocks(
            levels: (0..<8).map { [1, -($0 / 2 + 1), Int(design[$0, 1]) + 1] }, source: "pairs")
        let same = DistinctShuffles(partition, exchanging: .permute, tail: .greater, blocks: wholes)
        #expect(same.count == 24 && same.smallestP == 1)
        // Nor do random ones of them.
        #expect(
            same.isConstant && same.smallestP(ofPlanFor: 5) == 1 && two.smallestP(ofPlanFor: 5) == 1 / 6.0)
    }
}
