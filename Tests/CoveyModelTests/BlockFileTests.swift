import CoveyCore
import CoveyFormats
import CoveyTestSupport
import Testing

@testable import CoveyModel

@Suite("Blocks from files and columns")
struct BlockFileTests {
    let people = ["sub-1", "sub-2", "sub-3", "sub-4", "sub-5", "sub-6"]

    @Test("commas, tabs and blanks separate the levels of a file without a header")
    func separators() throws {
        for text in ["1,1\n1,1\n1,2\n1,2\n", "1\t1\r\n1\t1\r\n1\t2\r\n1\t2\r\n", "1 1\n1 1\n\n1 2\n1  2"] {
            let file = try BlockFile(text: text, source: "EB.csv")
            #expect(file.levels == [[1, 1], [1, 1], [1, 2], [1, 2]] && file.identifiers == nil)
        }
    }

    @Test("a file that names its rows is joined by name, in any order, and may hold more rows")
    func joined() throws {
        let text = "participant_id\tall\tfamily\n6\t-1\t2\n2\t-1\t1\n9\t-1\t3\n1\t-1\t1\n5\t-1\t2\n"
        let file = try BlockFile(text: text, source: "EB.tsv")
        let blocks = try file.blocks(of: people, chosen: [0, 1, 4, 5], exchange: .within)
        #expect(blocks.root.members.map(\.rows) == [[0, 1], [2, 3]])
        #expect(throws: ExchangeabilityError.rowsMissing(source: "EB.tsv", identifiers: ["sub-3", "sub-4"])) {
            try file.blocks(of: people, chosen: Array(0..<6), exchange: .within)
        }
        #expect(throws: ModelError.self) {
            try BlockFile(text: "participant_id\tb\nsub-1\t1\n1\t2\n", source: "EB.tsv")
        }
    }

    @Test("a file without names has the rows of the table, and follows those who are left out")
    func positional() throws {
        let file = try BlockFile(text: "1\n1\n1\n2\n2\n2\n", source: "EB.csv")
        let blocks = try file.blocks(of: people, chosen: [0, 2, 3, 5], exchange: .whole)
        #expect(blocks.root.exchangesMembers && blocks.root.members.map(\.rows) == [[0, 1], [2, 3]])
        #expect(throws: ExchangeabilityError.rowCount(source: "EB.csv", found: 6, expected: 5)) {
            try file.blocks(of: Array(people.dropLast()), chosen: [0, 1], exchange: .within)
        }
        #expect(
            throws: ExchangeabilityError.unequalBlocks(
                source: "EB.csv", first: "1", firstRows: 2, second: "2", secondRows: 3)
        ) { try file.blocks(of: people, chosen: [0, 1, 3, 4, 5], exchange: .whole) }
    }

    @Test("entries that are no whole numbers are refused with their row")
    func notWhole() {
        #expect(throws: ExchangeabilityError.notWhole(source: "EB.csv", row: 2, value: "1.5")) {
            try BlockFile(text: "1,1\n1,1.5\n", source: "EB.csv")
        }
        #expect(throws: ExchangeabilityError.empty(source: "EB.csv")) {
            try BlockFile(text: "\n \n", source: "EB.csv")
        }
    }

    @Test("a group file of FSL is read with its meaning said aloud, and written back")
    func groups() throws {
        let text = "/NumWaves\t1\n/NumPoints\t6\n\n/Matrix\n1\t\n1\t\n2\t\n2\t\n3\t\n3\t\n"
        let vest = try VEST.parse(Array(text.utf8), source: "design.grp")
        let file = try BlockFile(groups: vest, source: "design.grp")
        #expect(file.notes.count == 1 && file.notes[0].text.contains("randomise -e"))
        #expect(file.notes[0].text.contains("variance"))
        for exchange in [ExchangeabilityBlocks.Exchange.within, .whole] {
            let blocks = try file.blocks(of: people, chosen: Array(0..<6), exchange: exchange)
            #expect(blocks.flipUnits.count == (exchange == .whole ? 3 : 6))
            let written = try blocks.groupFile()
            #expect(written.matrix == vest.matrix)
            let lines = written.text(.groups)
            #expect(lines == "/NumWaves\t1\n/NumPoints\t6\n\n/Matrix\n1\n1\n2\n2\n3\n3\n")
            #expect(try VEST.parse(Array(lines.utf8), source: "again").matrix == vest.matrix)
        }
        #expect(try ExchangeabilityBlocks.free(3).groupFile().matrix.elements == [1, 1, 1])
        let both = try file.blocks(of: people, chosen: Array(0..<6), exchange: .both)
        #expect(throws: ExchangeabilityError.notOneColumn(source: "design.grp")) { try both.groupFile() }
    }

    func subjects(_ text: String) throws -> Subjects {
        try Subjects(Table.parse(Array(text.utf8), source: "people.tsv").table)
    }

    @Test("columns form levels from the outermost in, and rows of wholes are matched by a column")
    func columns() throws {
        let people = try subjects(
            "participant_id\tsite\tfamily\trole\na\tA\tf1\tboy\nb\tA\tf1\tgirl\nc\tA\tf2\tgirl\nd\tA\tf2\tboy\ne\tB\tf3\tboy\nf\tB\tf3\tgirl\n"
        )
        let nested = try BlockColumns("within:site, whole:family,match:role").blocks(of: people)
        let distinct = BlockArrangements(
            design: Matrix(columns: [(0..<6).map(Double.init)]), blocks: nested)
        #expect(distinct.count == 2)
        #expect(distinct.source(1) == [3, 2, 1, 0, 4, 5])
        #expect(nested.flipUnits.map { $0.sorted() } == [[0, 1], [2, 3], [4, 5]])
        // Without a column to match by, rows go into each other in the order of the table.
        let byOrder = try BlockColumns("within:site,whole:family").blocks(of: people)
        #expect(
            BlockArrangements(design: Matrix(columns: [(0..<6).map(Double.init)]), blocks: byOrder).source(1)
                == [2, 3, 0, 1, 4, 5])
        #expect(try BlockColumns("whole:family").matchesByOrder)
        #expect(
            throws: ExchangeabilityError.unequalBlocks(
                source: "whole:site", first: "site A", firstRows: 4, second: "site B", secondRows: 2)
        ) { try BlockColumns("whole:site").blocks(of: people) }
        #expect(throws: ExchangeabilityError.self) {
            try BlockColumns("whole:family,match:site").blocks(of: people)
        }
        #expect(throws: ModelError.self) { try BlockColumns("whole:nowhere").blocks(of: people) }
    }

    @Test("a specification that says nothing known is refused with its part")
    func specification() throws {
        #expect(throws: ExchangeabilityError.badSpecification("inside:site", part: "inside:site")) {
            try BlockColumns("inside:site")
        }
        for text in ["", "within", "within:", "match:a", "match:a,within:b", "within:a,,whole:b"] {
            #expect(throws: ExchangeabilityError.self) { try BlockColumns(text) }
        }
        #expect(try BlockColumns("within:a,both:b").text == "within:a,both:b")
    }
}
