import CoveyCore
import CoveyFormats
import CoveyTestSupport
import Testing

@testable import CoveyModel

func table(_ text: String, source: String = "study/design.tsv") throws -> Table {
    try Table.parse(Array(text.utf8), source: source).table
}

/// The words of the error that the body throws.
func message(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch let error as any ExplainedError {
        return "\(error.description)\n\(error.remedy)"
    } catch {
        return "\(error)"
    }
}

@Suite("Design from a table")
struct DesignTableTests {
    let rows = "participant_id\tage\tintercept\nS1\t31\t1\nS2\t.5e1\t1\nS3\t+7\t1\nS4\t-2.25\t1\n"

    @Test("a ready design keeps its names, rows and numbers, and writes them back")
    func plain() throws {
        let design = try Design(table(rows))
        #expect(design.names == ["age", "intercept"])
        #expect(design.identifiers == ["S1", "S2", "S3", "S4"])
        #expect(design.matrix.column(0) == [31, 5, 7, -2.25])
        #expect(try Design(design.table()).matrix == design.matrix)
        try design.validate()
        #expect(design.constantColumn == 1)
    }

    @Test(
        "a cell that is no plain decimal number is quoted with file, line and column",
        arguments: ["abc", "1,5", "1e400", "inf", "0x1F", "1_000", "１２", "1 000", "1.2.3", "-", "1e"])
    func strictNumbers(cell: String) throws {
        let text = rows.replacing("+7", with: cell)
        let words = try #require(message { _ = try Design(table(text)) })
        for part in ["study/design.tsv", "line 4", "'age'", "'\(cell)'"] {
            #expect(words.contains(part), "\(words)")
        }
    }

    @Test("missing values are refused with column, line and subject", arguments: ["n/a", "NA", "NaN", ""])
    func missing(cell: String) throws {
        let words = try #require(message { _ = try Design(table(rows.replacing("+7", with: cell))) })
        for part in ["missing", "'age'", "line 4", "S3"] { #expect(words.contains(part), "\(words)") }
    }

    @Test("unfit designs are refused with the reason")
    func checks() throws {
        func refusal(_ columns: [[Double]], _ names: [String]) -> String? {
            message { try Design(names: names, matrix: Matrix(columns: columns)).validate() }
        }
        let one = [Double](repeating: 1, count: 6)
        let x = [1.0, 4, 2, 8, 5, 7]
        let y = [2.0, 2, 3, 1, 0, 9]
        #expect(refusal([one, x], ["intercept", "x"]) == nil)
        #expect(refusal([one, x.map { _ in 5 }], ["intercept", "x"])!.contains("'x' is constant (5"))
        #expect(refusal([x.map { _ in 1 }, one], ["other", "intercept"])!.contains("'other' is constant"))
        #expect(refusal([one, x, x.map { _ in 0 }], ["intercept", "x", "z"])!.contains("'z' is zero"))
        let combination = refusal([one, x, y, zip(x, y).map { 2 * $0 - $1 + 1 }], ["i", "x", "y", "sum"])!
        #expect(combination.contains("collinear"))
        // Whichever column is singled out, all four take part.
        for name in ["i", "x", "y", "sum"] { #expect(combination.contains(name), "\(combination)") }
        #expect(
            refusal([[1, 1, 1], [1, 2, 4], [3, 1, 1]], ["a", "b", "c"])!
                .contains("no residual degrees of freedom: 3 subjects, rank 3"))
        #expect(refusal([[1]], ["intercept"])!.contains("no residual degrees of freedom: 1 subject, rank 1"))
    }

    @Test("the combination of a collinear column gives that column")
    func combination() throws {
        let design = Design(
            names: ["a", "b", "c"],
            matrix: Matrix(rows: [[1, 2, 4], [1, 3, 5], [1, 5, 7], [1, 8, 10], [1, 0, 2]]))
        let words = try #require(message { try design.validate() })
        let told = ["c = 2*a + b", "b = - 2*a + c", "b = -2*a + c", "a = - 0.5*b + 0.5*c"]
        #expect(told.contains { words.contains($0) }, "\(words)")
    }

    @Test("renaming keeps names unique and refuses unknown ones")
    func rename() throws {
        let design = try Design(table(rows))
        #expect(try design.renaming(["age": "years"]).names == ["years", "intercept"])
        #expect(throws: ModelError.self) { try design.renaming(["age": "intercept"]) }
        #expect(throws: ModelError.self) { try design.renaming(["Age": "years"]) }
        #expect(try design.renaming(["age": "intercept", "intercept": "age"]).names == ["intercept", "age"])
    }

    @Test("rows of a ready design join subjects by identifier, never by position")
    func matching() throws {
        let design = try Design(table(rows)).matching(identifiers: ["sub-S3", "S1", "S4", "S2"])
        #expect(design.matrix.column(0) == [7, 31, -2.25, 5])
        #expect(message { _ = try design.matching(identifiers: ["S3", "S1", "S4", "S9"]) }!.contains("S9"))
        #expect(message { _ = try design.matching(identifiers: ["S3"]) }!.contains("4 rows for 1 map"))
    }

    @Test("two rows for one subject, no rows and no regressors are refused")
    func shape() throws {
        #expect(
            message { _ = try Design(table("participant_id\tx\nS1\t1\nsub-S1\t2\n")) }!.contains("lines 2, 3")
        )
        #expect(message { _ = try Design(table("participant_id\tx\n")) }!.contains("empty"))
        #expect(message { _ = try Design(table("participant_id\nS1\n")) }!.contains("no columns"))
    }
}
