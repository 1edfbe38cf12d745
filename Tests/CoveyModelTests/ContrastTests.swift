import CoveyCore
import CoveyFormats
import CoveyTestSupport
import Foundation
import Testing

@testable import CoveyModel

@Suite("Contrast")
struct ContrastTests {
    static let design = Design(
        names: ["a", "b", "c", "intercept"],
        matrix: Matrix(rows: (0..<8).map { [Double($0), Double($0 * $0), Double($0 % 3), 1] }))

    func rows(_ text: String, _ design: Design = Self.design) throws -> [[Double]] {
        let found = try Contrast(text).weights(in: design)
        return (0..<found.weights.rows).map(found.weights.row)
    }

    @Test(
        "an expression is the weighted sum it says",
        arguments: [
            ("a", [1, 0, 0, 0]), ("a - 0.5*b - 0.5*c", [1, -0.5, -0.5, 0]), ("-a", [-1, 0, 0, 0]),
            ("2*a", [2, 0, 0, 0]), ("a/2", [0.5, 0, 0, 0]), ("a*2/4 + b", [0.5, 1, 0, 0]),
            ("(a + b)/2 - -c", [0.5, 0.5, 1, 0]), ("-(a - (b - c))", [-1, 1, -1, 0]),
            ("1/3*(a+b+c)", [1 / 3.0, 1 / 3.0, 1 / 3.0, 0]), ("`a`-`b`", [1, -1, 0, 0]),
            ("(1 + 1)*a - .5e1*b", [2, -5, 0, 0]), ("[1,0,-1, 0.5]", [1, 0, -1, 0.5]),
            ("a-b", [1, -1, 0, 0]),
            (" \ta ", [1, 0, 0, 0]),
        ] as [(String, [Double])])
    func expressions(text: String, weights: [Double]) throws {
        #expect(try rows(text) == [weights])
    }

    @Test("printing any weights as an expression and reading them gives the weights back")
    func roundTrip() throws {
        var numbers = TestNumbers(5)
        for _ in 0..<200 {
            let weights = (0..<4).map { _ in numbers.below(3) == 0 ? 0 : numbers.normal() }
            guard weights.contains(where: { $0 != 0 }) else { continue }
            let text = zip(weights, Self.design.names).map { "\($0)*\($1)" }.joined(separator: " + ")
            #expect(try rows(text) == [weights])
            #expect(try rows("-(\(text))") == [weights.map { -$0 }])
            #expect(try rows("[" + weights.map { "\($0)" }.joined(separator: ",") + "]") == [weights])
        }
    }

    @Test("a column whose name holds operators is that column, and refused where it reads both ways")
    func operatorsInNames() throws {
        let plain = Design(
            names: ["post-pre", "log(x)", "2back"], matrix: Matrix(rows: [[1, 2, 3], [0, 1, 5]]))
        #expect(try rows("post-pre", plain) == [[1, 0, 0]])
        #expect(try rows("2*post-pre - log(x)", plain) == [[2, -1, 0]])
        #expect(try rows("2*2back-`post-pre`", plain) == [[-1, 0, 2]])
        let both = Design(names: ["post-pre", "post", "pre"], matrix: plain.matrix)
        #expect(message { _ = try rows("2*post-pre", both) }!.contains("backquotes"))
        #expect(try rows("post - pre", both) == [[0, 1, -1]])
        #expect(try rows("2*`post-pre`", both) == [[2, 0, 0]])
        // Alone it is exactly a column's name.
        #expect(try rows("post-pre", both) == [[1, 0, 0]])
        let numeric = Design(names: ["1", "x", "y"], matrix: plain.matrix)
        #expect(try rows("1", numeric) == [[1, 0, 0]])
        #expect(try rows("1*x", numeric) == [[0, 1, 0]])
        #expect(try rows("`1` + x", numeric) == [[1, 1, 0]])
        #expect(throws: ModelError.self) { try rows("1 + x", numeric) }
    }

    @Test(
        "what is no contrast is refused, quoted, with the word that helps",
        arguments: [
            ("", "empty"), ("   ", "empty"), ("a +", "ends"), ("a * / b", "character 5"),
            ("(a - b", "parenthesis"),
            ("a - b)", "parenthesis"), ("a*b", "linear"), ("a**2", "linear"), ("2/a", "linear"),
            ("a/0", "zero"),
            ("a/(1-1)", "zero"), ("[0,0,0,0]", "zero"), ("a - a", "zero"), ("0.1*a + 0.2*a - 0.3*a", "zero"),
            ("[nan,0,0,0]", "finite"), ("[1e999,0,0,0]", "finite"), ("1e999*a", "finite"),
            ("1e300*1e300*a", "finite"), ("[1,0]", "length 2 for 4 columns"), ("[1,0,0,0,0]", "length 5"),
            ("[]", "length"), ("[1,,0,0]", "not a number"), ("[[1,0,0,0],[0,1,0,0]]", "F:"), ("A", "'a'"),
            ("interceptt", "mean 'intercept'"), ("a + 1", "number"), ("3", "number"), ("a\u{0}", "\\u{0}"),
            ("a, b", "F:"), ("F:", "empty"), ("F:[[1,0,0,0],[0,0]]", "length 2"), ("F: a, b - b", "zero"),
            ("a b", "operator"), ("2a", "'2a'"), ("0x1F*a", "0x1F"), ("nan*a", "'nan'"), ("`a", "backquote"),
            ("= a", "name"), ("name =", "empty"), ("__import__('os').system('touch pwned')", "__import__"),
        ])
    func refusals(text: String, hint: String) throws {
        let words = try #require(message { _ = try rows(text) })
        #expect(words.contains(hint), "\(words)")
        #expect(words.contains("contrast"))
        #expect(words.contains(quoted(text)))
        #expect(!words.contains("\u{0}"))
    }

    @Test("hostile lengths and depths are refused or read in linear time")
    func hostile() throws {
        let deep = String(repeating: "(", count: 60_000) + "a" + String(repeating: ")", count: 60_000)
        #expect(message { _ = try rows(deep) }!.contains("deep"))
        #expect(message { _ = try rows(String(repeating: "(a+", count: 60_000)) }!.contains("deep"))
        let long = String(repeating: "a + ", count: 12_000) + "a"
        #expect(try rows(long) == [[12_001, 0, 0, 0]])
        #expect(try rows(String(repeating: "-", count: 60_000) + "a") == [[1, 0, 0, 0]])
        #expect(message { _ = try rows(String(repeating: "a", count: 300_000)) }!.contains("long"))
    }

    @Test("F contrasts come as rows, as a list of expressions and as a term")
    func f() throws {
        let two = [[1.0, 0, 0, 0], [0, 1, 0, 0]]
        for text in ["F:[[1,0,0,0],[0,1,0,0]]", "F: a, b", "F:a;b", "effect of both = F:a, b"] {
            let found = try Contrast(text).weights(in: Self.design)
            #expect(found.isF)
            #expect((0..<2).map(found.weights.row) == two)
        }
        #expect(try Contrast("F:a").weights(in: Self.design).isF)
        #expect(try Contrast("slope = a").weights(in: Self.design).name == "slope")
        let colon = Design(names: ["F:a", "a"], matrix: Matrix(rows: [[1, 2], [0, 4]]))
        #expect(try !Contrast("`F:a`").weights(in: colon).isF)
    }

    @Test("redundant rows of F count once")
    func redundant() throws {
        let model = try LinearModel(Self.design)
        let found = try Contrast("F:[[1,0,0,0],[2,0,0,0]]").weights(in: Self.design).partition(of: model)
        #expect(found.testedRank == 1)
    }

    @Test("labels are alphanumeric CamelCase, and unique in a run")
    func labels() {
        let pairs = [
            ("fluency", "Fluency"), ("a - 0.5*b", "AMinus0p5B"), ("F:group", "FGroup"),
            ("[1,0,-1]", "1And0AndMinus1"),
            ("Left button press = x - y", "LeftButtonPress"), ("group[b] - group[a]", "GroupBMinusGroupA"),
            ("age:group[b]", "AgeGroupB"), ("post-pre", "PostMinusPre"), ("日本", "Contrast"),
            ("../../x", "OverOverX"),
        ]
        for (text, label) in pairs { #expect(Contrast(text).label == label) }
        let labels = Contrast.labels(of: ["a b", "a_b", "AB", "ABx2", "a"].map(Contrast.init))
        #expect(Set(labels.map { $0.lowercased() }).count == 5)
        #expect(labels.allSatisfy { $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) } })
        #expect(Contrast(String(repeating: "longname_", count: 50)).label.count == 60)
    }

    /// The design table and contrast cases of the reference folder, as far as they need no images.
    @Suite("Reference cases", .enabled(if: SharedData.isAvailable))
    struct ReferenceCases {
        struct Cases: Decodable {
            let cases: [Case]
        }
        struct Case: Decodable {
            let id: String
            let family: String
            let design: String
            let contrast: String
            let expect: String
            let helpfulWords: [String]

            enum CodingKeys: String, CodingKey {
                case id, family, design, contrast, expect
                case helpfulWords = "message_should_mention"
            }
        }

        @Test("every bad design and contrast is refused with a word that helps, every good one accepted")
        func cases() throws {
            let root = SharedData.url("reference/design")
            let all = try JSONDecoder().decode(
                Cases.self, from: Data(contentsOf: root.appendingPathComponent("cases.json"))
            ).cases
            let elsewhere = ["mask_", "param_", "img_", "rows_", "duplicate_map", "no_maps"]
            var refused = 0
            for one in all where !elsewhere.contains(where: one.id.hasPrefix) {
                var contrast = one.contrast
                if contrast.hasPrefix("@repeat_terms:") {
                    contrast = String(repeating: "fluency + ", count: 12_000) + "fluency"
                } else if contrast.hasPrefix("@repeat:") {
                    contrast =
                        String(repeating: "(", count: 60_000) + "fluency"
                        + String(repeating: ")", count: 60_000)
                }
                let words = message {
                    let table = try Table.read(root.appendingPathComponent(one.design).path, dialect: .strict)
                        .table
                    let design = try Design(table)
                    let model = try LinearModel(design)
                    _ = try Contrast(contrast).weights(in: design).partition(of: model)
                }
                guard let words else {
                    #expect(
                        !one.expect.hasPrefix("error") || one.expect.contains(" or "),
                        "\(one.id) was accepted")
                    continue
                }
                refused += 1
                #expect(one.expect != "ok", "\(one.id): \(words)")
                let said = words.lowercased()
                #expect(
                    one.helpfulWords.isEmpty
                        || one.helpfulWords.contains { said.contains($0.lowercased()) },
                    "\(one.id): \(words)")
                #expect(words.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" }, "\(one.id)")
                #expect(words.count < 1500, "\(one.id): \(words.count) characters")
            }
            #expect(refused > 40)
        }
    }
}
