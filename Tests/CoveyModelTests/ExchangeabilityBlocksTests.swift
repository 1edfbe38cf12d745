import CoveyCore
import CoveyModel
import Foundation
import Testing

/// The permutations of a group of blocks by closure under its generators (neighbouring members of an exchanging block
/// change places): slow, obvious, and without any counting.
func allPermutations(_ blocks: ExchangeabilityBlocks) -> Set<[Int]> {
    var generators: [[Int]] = []
    func visit(_ block: ExchangeabilityBlocks.Block) {
        if block.exchangesMembers {
            for (a, b) in zip(block.members, block.members.dropFirst()) {
                var swap = Array(0..<blocks.rowCount)
                for (x, y) in zip(a.rows, b.rows) { swap.swapAt(x, y) }
                generators.append(swap)
            }
        }
        for member in block.members { visit(member) }
    }
    visit(blocks.root)
    var found: Set = [Array(0..<blocks.rowCount)]
    var new = found
    while !new.isEmpty {
        var next: Set<[Int]> = []
        for permutation in new {
            for generator in generators { next.insert(generator.map { permutation[$0] }) }
        }
        new = next.subtracting(found)
        found.formUnion(new)
    }
    return found
}

private func column(_ values: [Int]) -> Matrix { Matrix(columns: [values.map(Double.init)]) }

private func blocks(_ levels: [[Int]], _ exchange: ExchangeabilityBlocks.Exchange = .within) throws
    -> ExchangeabilityBlocks
{
    try ExchangeabilityBlocks(levels: levels, source: "EB.csv", exchange: exchange)
}

@Suite("Exchangeability blocks")
struct ExchangeabilityBlocksTests {
    /// The examples of PALM's documentation, and those that come with its code, with the counts of its rule:
    /// permutations are the product over exchanging blocks of the factorials of their members, flips are 2 to the
    /// number of members that begin at the outermost exchanging block of each branch.
    static let examples: [(name: String, levels: [[Int]], permutations: Int, flips: Int)] = [
        ("free exchange", (1...6).map { [1, $0] }, 720, 6),
        ("within three blocks, rows left out", [1, 1, 2, 2, 3, 3].map { [-1, $0] }, 1, 6),
        (
            "within, rows written out",
            [[-1, 1, 1], [-1, 1, 2], [-1, 2, 1], [-1, 2, 2], [-1, 3, 1], [-1, 3, 2]], 8, 6
        ),
        ("three whole blocks", [1, 1, 2, 2, 3, 3].map { [1, $0] }, 6, 3),
        (
            "whole, rows written out",
            [[1, -1, 1], [1, -1, 2], [1, -2, 1], [1, -2, 2], [1, -3, 1], [1, -3, 2]], 6, 3
        ),
        ("whole blocks of two", [1, 1, 2, 2, 3, 3, 4, 4].map { [1, $0, 1] }, 24, 4),
        ("within, three by three", (0..<9).map { [-1, $0 / 3 + 1, $0 % 3 + 1] }, 216, 9),
        ("whole and within, three by three", (0..<9).map { [1, $0 / 3 + 1, $0 % 3 + 1] }, 1296, 3),
        (
            "mixed levels",
            [
                [-1, -1, 1, 1], [-1, -1, 1, 2], [-1, -1, 3, 1], [-1, -1, 3, 2], [-1, 2, 4, 1], [-1, 2, 4, 2],
                [-1, 2, 6, 1], [-1, 2, 6, 2],
            ], 32, 6
        ),
        (
            "mixed levels, rows left out",
            [
                [-1, -1, 1], [-1, -1, 1], [-1, -1, 3], [-1, -1, 3], [-1, 2, 4], [-1, 2, 4], [-1, 2, 6],
                [-1, 2, 6],
            ], 2, 6
        ),
        (
            "families of twins and siblings",
            [
                [-1, 1, -1, 1, 1], [-1, 1, -1, 1, 2], [-1, 1, -1, 2, 1], [-1, 1, -1, 2, 2],
                [-1, 1, -2, 1, 1],
                [-1, 1, -2, 1, 2], [-1, 1, -2, 2, 1], [-1, 1, -2, 2, 2], [-1, 2, -3, 1, 1],
                [-1, 2, -3, 1, 2],
                [-1, 2, -3, 2, 1], [-1, 2, -3, 2, 2], [-1, 3, -4, 1, 1], [-1, 3, -4, 1, 2],
                [-1, 3, -4, 2, 1],
                [-1, 4, 5, 1, 1], [-1, 4, 5, 1, 2], [-1, 4, 5, 1, 3],
            ], 1536, 5
        ),
    ]

    @Test("PALM's examples have the counts of its rule, and of brute force", arguments: examples.indices)
    func palm(example: Int) throws {
        let (_, levels, permutations, flips) = Self.examples[example]
        let tree = try blocks(levels)
        let distinct = BlockArrangements(design: column(Array(levels.indices)), blocks: tree)
        #expect(distinct.count == permutations)
        #expect(abs(distinct.log10Count - log10(Double(permutations))) < 1e-12)
        #expect(tree.flipUnits.count == flips)
        #expect(tree.flipUnits.flatMap { $0 }.sorted() == Array(levels.indices))
        #expect(allPermutations(tree).count == permutations)
    }

    @Test("the order of lines and the numbers of blocks do not matter")
    func anyOrder() throws {
        let levels = Self.examples.last!.levels
        let order = [7, 3, 17, 0, 12, 9, 4, 15, 1, 10, 6, 2, 16, 5, 14, 8, 11, 13]
        let scrambled = order.map { row in levels[row].map { $0 * 7 } }
        let tree = try blocks(scrambled)
        // Row i of the scrambled file is row order[i] of the other.
        let expected = Set(
            allPermutations(try blocks(levels)).map { permutation in
                order.map { order.firstIndex(of: permutation[$0])! }
            })
        #expect(allPermutations(tree) == expected)
    }

    @Test(
        "distinct permutations modulo equal rows are those of brute force, each once, the identity first",
        arguments: examples.indices, [2, 3, 100])
    func ties(example: Int, classes: Int) throws {
        let tree = try blocks(Self.examples[example].levels)
        let n = tree.rowCount
        for seed in 0..<4 {
            let values = (0..<n).map { ($0 * (2 * seed + 1) + seed * $0 * $0 / 3) % classes }
            let arrangements = BlockArrangements(design: column(values), blocks: tree)
            let expected = Set(allPermutations(tree).map { $0.map { values[$0] } })
            let count = try #require(arrangements.count)
            #expect(count == expected.count)
            let sources = (0..<count).map(arrangements.source)
            #expect(Set(sources.map { $0.map { values[$0] } }) == expected)
            #expect(sources[0] == Array(0..<n))
            // What is enumerated is allowed, not only equal in what it does to the design.
            #expect(Set(sources).isSubset(of: allPermutations(tree)))
        }
    }

    @Test("random permutations are allowed ones, and each is as likely as another")
    func random() throws {
        let tree = try blocks((0..<6).map { [1, $0 / 2 + 1, $0 % 2 + 1] })
        let allowed = allPermutations(tree)
        #expect(allowed.count == 48)
        var seen: [[Int]: Int] = [:]
        let draws = 9600
        for k in 0..<draws {
            var stream = PhiloxStream(seed: 11, domain: 1, index: UInt64(k))
            seen[tree.permutation(&stream), default: 0] += 1
        }
        #expect(Set(seen.keys) == allowed)
        let expected = Double(draws) / 48
        let chiSquared = seen.values.reduce(0) {
            $0 + (Double($1) - expected) * (Double($1) - expected) / expected
        }
        // 47 degrees of freedom: above 87 once in 3000.
        #expect(chiSquared < 87)
    }

    @Test("rows reach the rows of their orbit and no others", arguments: examples.indices)
    func orbits(example: Int) throws {
        let tree = try blocks(Self.examples[example].levels)
        let all = allPermutations(tree)
        let orbits = tree.orbits
        for row in 0..<tree.rowCount {
            let reached = Set(all.map { $0[row] })
            #expect(reached == Set((0..<tree.rowCount).filter { orbits[$0] == orbits[row] }))
        }
    }

    @Test("within-block exchange is known by its blocks, exchange of wholes is not")
    func within() throws {
        let plain = try Self.examples.filter { try blocks($0.levels).withinBlocks != nil }.map(\.name)
        #expect(
            plain == [
                "free exchange", "within three blocks, rows left out", "within, rows written out",
                "within, three by three",
            ])
        #expect(try blocks([1, 2, 1, 2, 3].map { [$0] }).withinBlocks == [0, 1, 0, 1, 2])
        #expect(try blocks([1, 1, 2, 2].map { [$0] }, .whole).withinBlocks == nil)
    }

    @Test("one column means within, whole or both, as it is asked")
    func oneColumn() throws {
        let levels = [1, 1, 1, 2, 2, 2].map { [$0] }
        let design = column(Array(0..<6))
        #expect(try BlockArrangements(design: design, blocks: blocks(levels, .within)).count == 36)
        #expect(try BlockArrangements(design: design, blocks: blocks(levels, .whole)).count == 2)
        #expect(try BlockArrangements(design: design, blocks: blocks(levels, .both)).count == 72)
        #expect(try blocks(levels, .within).flipUnits.count == 6)
        #expect(try blocks(levels, .whole).flipUnits == [[0, 1, 2], [3, 4, 5]])
    }

    @Test("numbers beyond Int are known by their logarithm")
    func huge() throws {
        let tree = try blocks((0..<120).map { [-1, $0 / 40 + 1, $0 + 1] })
        let distinct = BlockArrangements(design: column(Array(0..<120)), blocks: tree)
        #expect(distinct.count == nil)
        // log10(40!) = 47.911645068155...
        #expect(abs(distinct.log10Count - 3 * 47.911645068155) < 1e-9)
    }

    @Test("what cannot be exchanged is refused by name")
    func refusals() {
        #expect(
            throws: ExchangeabilityError.unequalBlocks(
                source: "EB.csv", first: "1", firstRows: 2, second: "2", secondRows: 3)
        ) { try blocks([1, 1, 2, 2, 2].map { [1, $0] }) }
        #expect(throws: ExchangeabilityError.severalRoots(source: "EB.csv", values: [-2, -1])) {
            try blocks([[-1, 1], [-2, 2]])
        }
        #expect(throws: ExchangeabilityError.zeroIndex(source: "EB.csv", row: 2)) {
            try blocks([[1, 1], [1, 0]])
        }
        #expect(throws: ExchangeabilityError.ragged(source: "EB.csv", row: 2, found: 1, expected: 2)) {
            try blocks([[1, 1], [1]])
        }
        // Exchanging wholes of which one keeps its rows and the other does not.
        #expect(throws: ExchangeabilityError.self) {
            try blocks([[1, 1, 1], [1, 1, 2], [1, -2, 1], [1, -2, 2]])
        }
    }
}
