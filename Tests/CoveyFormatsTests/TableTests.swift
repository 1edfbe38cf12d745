import CoveyCore
import CoveyFormats
import Testing

@Suite("Tables")
struct TableTests {
    func parse(_ text: String, _ name: String = "t.tsv") throws -> (table: Table, notes: [Note]) {
        try Table.parse(Array(text.utf8), source: name)
    }

    @Test("cells are kept as written, without white space and quotes around them")
    func cells() throws {
        let (table, notes) = try parse(
            "\u{FEFF}id\tscore\tä b\r\ns1\t 1.5 \t\"x \"\"y\"\"\tz\"\r\ns2\tn/a\t\n\n \n")
        #expect(table.columns == ["id", "score", "ä b"] && notes.isEmpty)
        #expect(table.rows == [["s1", "1.5", "x \"y\"\tz"], ["s2", "n/a", ""]])
        #expect(table.lineNumbers == [2, 3])
    }

    @Test("commas are noticed, and said where the name does not say it")
    func commas() throws {
        let csv = try parse("id,\"a, b\"\ns1,\"1,5\"\n", "t.csv")
        #expect(csv.table.rows == [["s1", "1,5"]] && csv.table.columns[1] == "a, b" && csv.notes.isEmpty)
        #expect(try parse("id,x\ns1,1\n").notes.count == 1)
        #expect(try parse("id\tx\ns1\t1\n", "t.csv").notes.count == 1)
        #expect(try parse("id\t\"a,b\"\ns1\t1\n").table.columns == ["id", "a,b"])
    }

    @Test(
        "a fault is told with its line",
        arguments: [
            ("id\tx\ns1\t1\ns2\n", 3, "fields"), ("id\tx\ns1\t1\n\ns2\t2\n", 3, "blank"),
            ("id\tid\ns1\t1\n", 1, "duplicate"), ("id\t\ns1\t1\n", 1, "empty name"),
            ("id x\ns1 1\n", 1, "spaces"),
            ("id\tx\ns1\t\"1\ns2\t2\n", 2, "never closes"),
            ("id\tx\ns1\t\"1\ns2\t\"2\"\n", 3, "opened on line 2"),
            ("id\tx\ns1\t\"1\"2\n", 2, "closing quote"),
            ("id\tx\ns1\t1\"2\n", 2, "middle"), ("id\tx\ns1\t1\rs2\t2\n", 2, "carriage return"),
            ("id\tx\ns1\t1\0\n", 2, "NUL"),
        ])
    func faults(text: String, line: Int, word: String) {
        let error = #expect(throws: FormatError.self) { try parse(text) }
        #expect(error?.description.contains("t.tsv' line \(line):") == true)
        #expect(error?.description.contains(word) == true)
    }

    @Test("nothing, only a header, and other encodings are refused")
    func noTable() {
        let bodies: [[UInt8]] = [
            [], Array("\n\n".utf8), Array("id\tx\n".utf8), [0xFF, 0xFE, 0x69, 0, 0x00],
            [0xFE, 0xFF, 0xD8, 0x00],
            Array("id\tx\n".utf8) + [0xE9],
        ]
        for bytes in bodies {
            #expect(throws: FormatError.self) { try Table.parse(bytes, source: "t.tsv") }
        }
    }

    @Test("what is written reads back to the same cells")
    func roundTrip() throws {
        let cells = ["two\nlines", "", " a", "b ", "\"", "\"\"", "x\ty", "1,5", ";", "a b", "ü", "n/a"]
        let wide = Table(columns: ["id", "a b", "c,d\t"], rows: cells.map { ["s", $0, $0 + "x"] })
        #expect(try parse(wide.tabSeparated).table.rows == wide.rows)
        #expect(try parse(wide.tabSeparated).table.columns == wide.columns)
        for name in ["one", "group mean", "a,b", "a;b"] {
            let narrow = Table(columns: [name], rows: cells.map { [$0] })
            let back = try parse(narrow.tabSeparated).table
            #expect(back.rows == narrow.rows && back.columns == [name])
        }
    }

    @Test("a ready design is taken strictly: what a spreadsheet may do is a fault there")
    func strict() throws {
        func fault(_ bytes: [UInt8]) -> String? {
            #expect(throws: FormatError.self) { try Table.parse(bytes, source: "d.tsv", dialect: .strict) }?
                .description
        }
        #expect(fault(Array("id;x\ns1;1\n".utf8))?.contains("semicolons") == true)
        #expect(fault(Array("id\tx\ns1\t\"1\n2\"\n".utf8))?.contains("close on its line") == true)
        #expect(fault([0xFF, 0xFE, 0x69, 0])?.contains("UTF-16") == true)
        #expect(fault(Array("id\tx\t\ns1\t1\t\n".utf8))?.contains("empty name") == true)
        let commas = try Table.parse(Array("id\tx\ns1\t1,5\n".utf8), source: "d.tsv", dialect: .strict).table
        #expect(commas.rows == [["s1", "1,5"]])
    }

    @Test("the same table in every dress of a spreadsheet is the same table, and the dress is said")
    func dresses() throws {
        let plain = try parse("id\tscore\tnote\ns1\t1.5\ta b\ns2\t-2.25\tn/a\n").table
        let semicolons = "id;score;note\r\ns1;1,5;a b\r\ns2;-2,25;n/a\r\n"
        var utf16: [UInt8] = [0xFF, 0xFE]
        for unit in semicolons.utf16 { utf16 += [UInt8(unit & 255), UInt8(unit >> 8)] }
        var bigEndian: [UInt8] = [0xFE, 0xFF]
        for unit in semicolons.utf16 { bigEndian += [UInt8(unit >> 8), UInt8(unit & 255)] }
        let dresses: [([UInt8], [String])] = [
            (
                Array(semicolons.utf8),
                ["semicolon-separated", "decimal commas are read as points in 'score'"]
            ),
            ([0xEF, 0xBB, 0xBF] + Array(semicolons.utf8), ["semicolon-separated", "decimal commas"]),
            (utf16, ["UTF-16", "semicolon-separated", "decimal commas"]),
            (bigEndian, ["UTF-16", "semicolon-separated", "decimal commas"]),
            (Array(("sep=;\n" + semicolons).utf8), ["decimal commas"]),
            (Array("id\tscore\tnote\ns1\t1,5\ta b\ns2\t-2,25\tn/a\n".utf8), ["decimal commas"]),
            (
                Array("\"id\",\"score\",\"note\"\n\"s1\",\"1.5\",\"a b\"\ns2,-2.25,n/a\n".utf8),
                ["comma-separated"]
            ),
            (
                Array("id;score;note;;\ns1;1,5;a b;;\ns2;-2,25;n/a;;\n;;;;\n;;;;\n".utf8),
                ["semicolon", "2 empty rows", "2 empty columns", "decimal commas"]
            ),
        ]
        for (bytes, words) in dresses {
            let (table, notes) = try Table.parse(bytes, source: "t.txt")
            #expect(table.columns == plain.columns && table.rows == plain.rows)
            #expect(notes.count == words.count, "\(notes)")
            for (note, word) in zip(notes, words) { #expect(note.text.contains(word), "\(note)") }
        }
    }

    @Test("a quoted cell may run over lines; line numbers go on counting")
    func linesInCells() throws {
        let table = try parse("id,remark\r\ns1,\"one\r\ntwo, \"\"three\"\"\"\r\ns2,x\r\n", "t.csv").table
        #expect(table.rows == [["s1", "one\ntwo, \"three\""], ["s2", "x"]] && table.lineNumbers == [2, 4])
    }

    @Test(
        "a comma that may separate thousands is no decimal comma, unless semicolons stand between the cells")
    func thousands() throws {
        let tabs = try parse("id\ta\tb\tc\ns1\t1,234\t0,125\t1.5\ns2\t22,000\t7\t2,5\n")
        #expect(tabs.table.rows == [["s1", "1,234", "0.125", "1.5"], ["s2", "22,000", "7", "2,5"]])
        #expect(tabs.notes.map(\.text) == ["'t.tsv': decimal commas are read as points in 'b'"])
        #expect(try parse("id;a\ns1;1,234\n").table.rows == [["s1", "1.234"]])
        // A list is no number.
        #expect(try parse("id;a\ns1;1,2,3\ns2;1,2\n").table.rows[1] == ["s2", "1,2"])
    }

    @Test("columns are told by what they hold")
    func summaries() throws {
        let table = Table(
            columns: ["n", "g", "d", "t", "m", "e", "id"],
            rows: [
                ["1", "b", "2024-03-12", "'36", "1", "", "s1"],
                ["2.5", "a", "2023-12-01 10:30", "1,234", "x", "NaN", "s2"],
                ["n/a", "b", "n/a", "7", "3", "NA", "s3"],
                ["-1", "a", "1999-01-31", "\u{2212}3", "4", "n/a", "s4"],
            ])
        #expect(
            table.columnSummaries.map(\.words) == [
                "numbers from -1 to 2.5, 3 distinct; 1 missing", "2 levels: a (2), b (2)",
                "dates, such as 2024-03-12; 1 missing", "numbers stored as text, such as ''36' for 36",
                "3 numbers and text: 'x' (line 3)", "no values; 4 missing", "text, 4 distinct",
            ])
        #expect(
            table.columnSummaries.map { $0.warning != nil } == [false, false, true, true, true, false, false])
    }

    @Test(
        "dates are known by their shape, and nothing else is",
        arguments: [
            ("2024-03-12", true), ("2024/3/1", true), ("12.3.2024", true), ("03/12/24", true),
            ("12-Mar-2024", true),
            ("2024-03-12T08:15:00", true), ("1.2.3", false), ("1.2.03", false), ("2024", false),
            ("10-20-30", true), ("40-20-30", false),
            ("13-13-2024", false), ("a-b-2024", false), ("1-2", false), ("sub-01-a", false),
            ("1,2,2024", false),
        ])
    func dates(cell: String, isOne: Bool) {
        let table = Table(columns: ["x"], rows: [[cell]])
        var found = false
        if case .dates = ColumnSummary("x", of: table).content { found = true }
        #expect(found == isOne)
    }
}
