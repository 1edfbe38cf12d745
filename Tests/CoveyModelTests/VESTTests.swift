import CoveyCore
import CoveyFormats
import CoveyTestSupport
import Testing

@testable import CoveyModel

@Suite("FSL VEST files")
struct VESTTests {
    func parse(_ text: String) throws -> VEST { try VEST.parse(Array(text.utf8), source: "design.mat") }

    @Test("a file as FSL writes it is read, with its names and exponents")
    func reading() throws {
        let mat = try parse(
            "/NumWaves\t2\n/NumPoints\t4\n/PPheights\t\t1.000000e+00\t3.0e+00\n\n/Matrix\n1.0e+00\t-2.5e-01\t\n1 2\n1  0\r\n1\t7\t\n"
        )
        #expect(mat.matrix == Matrix(rows: [[1, -0.25], [1, 2], [1, 0], [1, 7]]))
        let con = try parse(
            "/ContrastName1\tgroup mean\n/ContrastName2 slope = up\n/NumWaves 2\n/NumContrasts 2\n/PPheights 1 1\n/RequiredEffect 1 1\n/Matrix\n1 0\n0 1\n"
        )
        #expect(con.contrastNames == ["group mean", "slope = up"])
        let design = try Design(mat, source: "design.mat")
        let contrasts = try Contrast.contrasts(
            con, fTests: parse("/NumWaves 2\n/NumContrasts 1\n/Matrix\n1 1\n"))
        let weights = try contrasts.map { try $0.weights(in: design) }
        #expect(weights.map(\.name) == ["group mean", "slope - up", "ftest1"])
        #expect(weights[2].isF && weights[2].weights == Matrix(rows: [[1, 0], [0, 1]]))
        #expect(design.names == ["ev1", "ev2"])
    }

    @Test("what is written reads back to the bit")
    func roundTrip() throws {
        var numbers = TestNumbers(8)
        let matrix = Matrix(rows: 7, columns: 3, elements: numbers.normals(21).map { $0 * 1e-7 })
        for kind in VEST.Kind.allCases {
            #expect(try parse(VEST(matrix: matrix).text(kind)).matrix == matrix)
        }
        let names = ["a b", "", "c", "d", "e", "f", "g"]
        #expect(try parse(VEST(matrix: matrix, contrastNames: names).text(.contrasts)).contrastNames == names)
    }

    @Test(
        "faults are told with their line",
        arguments: [
            ("1 2\n3 4\n", "line 1"), ("/NumWaves 2\n", "no line /Matrix"), ("/Matrix\n", "empty"),
            ("/Matrix\n1 2\n1\n", "line 3"), ("/Matrix\n1 x\n", "line 2"), ("/Matrix\n1 nan\n", "'nan'"),
            ("/NumWaves 3\n/Matrix\n1 2\n", "line 1"),
            ("/NumPoints 3\n/Matrix\n1 2\n", "/NumPoints says '3'"),
            ("/NumContrasts 2\n/Matrix\n1 2\n", "has 1 rows"), ("/ContrastName5 x\n/Matrix\n1 2\n", "beyond"),
            ("/NumWaves 2\n/NumWaves 2\n/Matrix\n1 2\n", "second time"), ("/Matrix\n1 \u{0}\n", "text"),
        ])
    func faults(text: String, hint: String) throws {
        let words = try #require(message { _ = try parse(text) })
        #expect(words.contains(hint), "\(words)")
        #expect(words.contains("design.mat"))
    }

    @Test("F tests must be of the contrasts given")
    func fTests() throws {
        let con = try parse("/Matrix\n1 0\n0 1\n")
        #expect(
            message { _ = try Contrast.contrasts(con, fTests: parse("/Matrix\n1 1 1\n")) }!.contains(
                "length 3"))
        #expect(
            message { _ = try Contrast.contrasts(con, fTests: parse("/Matrix\n0 0\n")) }!.contains("zero"))
    }
}
