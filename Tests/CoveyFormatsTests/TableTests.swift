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
            ("id;x\ns1;1\n", 1, "semicolons"), ("id x\ns1 1\n", 1, "spaces"),
            ("id\tx\ns1\t\"1\n", 2, "close"), ("id\tx\ns1\t\"1\"2\n", 2, "closing quote"),
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
            [], Array("\n\n".utf8), Array("id\tx\n".utf8), [0xFF, 0xFE, 0x69, 0],
            Array("id\tx\n".utf8) + [0xE9],
        ]
        for bytes in bodies {
            #expect(throws: FormatError.self) { try Table.parse(bytes, source: "t.tsv") }
        }
    }

    @Test("what is written reads back to the same cells")
    func roundTrip() throws {
        let cells = ["", " a", "b ", "\"", "\"\"", "x\ty", "1,5", ";", "a b", "ü", "n/a"]
        let wide = Table(columns: ["id", "a b", "c,d\t"], rows: cells.map { ["s", $0, $0 + "x"] })
        #expect(try parse(wide.tabSeparated).table.rows == wide.rows)
        #expect(try parse(wide.tabSeparated).table.columns == wide.columns)
        for name in ["one", "group mean", "a,b", "a;b"] {
            let narrow = Table(columns: [name], rows: cells.map { [$0] })
            let back = try parse(narrow.tabSeparated).table
            #expect(back.rows == narrow.rows && back.columns == [name])
        }
    }
}
