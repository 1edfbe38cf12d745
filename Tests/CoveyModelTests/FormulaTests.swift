import CoveyCore
import CoveyFormats
import CoveyTestSupport
import Testing

@testable import CoveyModel

/// A table of three groups, two sexes, two covariates and an oddly named column.
func study(_ count: Int = 24, seed: UInt64 = 3) throws -> Subjects {
    var numbers = TestNumbers(seed)
    let rows = (0..<count).map { i in
        [
            "sub-\(i + 1)", ["a", "b", "c"][i % 3], ["m", "f"][(i / 3) % 2], "\(numbers.normal() + 30)",
            "\(numbers.normal())", "\(i % 4 + 1)", "\(numbers.uniform() + 0.5)",
        ]
    }
    return try Subjects(
        Table(
            source: "study.tsv",
            columns: ["participant_id", "group", "sex", "age", "x", "site", "IQ (full)"],
            rows: rows))
}

@Suite("Formula")
struct FormulaTests {
    func design(
        _ formula: String, coding: FactorCoding = .treatment, centring: Centring = .none
    ) throws -> Design {
        try Design(study(), formula: Formula(formula), coding: coding, centring: centring)
    }

    @Test(
        "columns are those of R and patsy, named after their levels",
        arguments: [
            ("~ 1", "intercept"), ("~ x", "intercept x"), ("x + age", "intercept x age"), ("~ x - 1", "x"),
            ("~ 0 + x", "x"), ("~ 1 + x + 1", "intercept x"), ("~ group", "intercept group[b] group[c]"),
            ("~ 0 + group", "group[a] group[b] group[c]"),
            ("~ C(group, ref=b)", "intercept group[a] group[c]"),
            ("~ 0 + group + sex", "group[a] group[b] group[c] sex[m]"),
            ("~ x*sex", "intercept x sex[m] x:sex[m]"),
            ("~ x:sex", "intercept x:sex[f] x:sex[m]"),
            ("~ sex + x:sex", "intercept sex[m] x:sex[f] x:sex[m]"),
            ("~ 0 + sex + sex:x", "sex[f] sex[m] sex[f]:x sex[m]:x"),
            ("~ sex*group", "intercept sex[m] group[b] group[c] sex[m]:group[b] sex[m]:group[c]"),
            (
                "~ 0 + sex:group",
                "sex[f]:group[a] sex[m]:group[a] sex[f]:group[b] sex[m]:group[b] sex[f]:group[c] sex[m]:group[c]"
            ),
            ("~ (x + age):sex - age:sex", "intercept x:sex[f] x:sex[m]"),
            ("~ x*age", "intercept x age x:age"),
            (
                "~ sex:group + sex",
                "intercept sex[m] sex[f]:group[b] sex[m]:group[b] sex[f]:group[c] sex[m]:group[c]"
            ),
            ("~ C(site, sum)", "intercept site[1] site[2] site[3]"),

            (
                "~ group + C(group) + sex:group",
                "intercept group[b] group[c] sex[m]:group[a] sex[m]:group[b] sex[m]:group[c]"
            ),
            ("~ x + x:x", "intercept x"), ("~ group:x + x", "intercept x group[b]:x group[c]:x"),
        ])
    func columns(formula: String, names: String) throws {
        #expect(try design(formula).names == names.split(separator: " ").map { String($0) })
    }

    @Test("functions and odd names stay as they are written")
    func oddNames() throws {
        let found = try design("~ `IQ (full)` + center(age) + log(`IQ (full)`) + scale(center(age,by=group))")
            .names
        #expect(
            found == [
                "intercept", "IQ (full)", "center(age)", "log(IQ (full))", "scale(center(age, by=group))",
            ])
    }

    @Test("a coded design has full rank and spans what all levels of every term span")
    func span() throws {
        let formulas = [
            "~ group*sex", "~ 0 + group*sex", "~ group:sex", "~ 0 + x:group + x:sex", "~ x*group*sex",
            "~ 0 + group:x + sex:group", "~ group + x:group + age:sex + x:age", "~ C(site)*x + group:x",
            "~ 0 + x:group + x:group:sex", "~ C(group, sum)*C(sex, sum)*x", "~ 0 + C(site, sum):sex + sex",
            "~ group:sex + group:x", "~ 0 + age:x:group + age:x", "~ age + group:sex:age + sex:age",
        ]
        let subjects = try study(60)
        let cells = Dictionary(
            uniqueKeysWithValues: ["group", "sex", "site", "x", "age"].map {
                ($0, subjects.table.cells(of: $0)!)
            })
        for text in formulas {
            let formula = try Formula(text)
            let design = try Design(subjects, formula: formula)
            let factorisation = PivotedQR(design.matrix)
            #expect(factorisation.rank == design.columns.count, "\(text): \(design.names)")
            // Every term as the product of its covariates and of one indicator per cell of its factors.
            var everything: [[Double]] = formula.hasIntercept ? [[Double](repeating: 1, count: 60)] : []
            for term in formula.terms {
                let columns = term.map { formula.variables[$0].columns[0] }
                let factors = columns.filter { !["x", "age"].contains($0) }
                let covariates = columns.filter { ["x", "age"].contains($0) }
                let keys = (0..<60).map { row in factors.map { cells[$0]![row] }.joined(separator: "/") }
                for key in Set(keys).sorted() {
                    everything.append(
                        (0..<60).map { row in
                            keys[row] == key ? covariates.reduce(1) { $0 * Double(cells[$1]![row])! } : 0
                        })
                }
            }
            #expect(PivotedQR(Matrix(columns: everything)).rank == design.columns.count, "\(text)")
            let both = everything + (0..<design.columns.count).map(design.matrix.column)
            #expect(PivotedQR(Matrix(columns: both)).rank == design.columns.count, "\(text)")
        }
    }

    @Test("the difference of two levels is that of their cell means, under every coding")
    func levelContrasts() throws {
        let subjects = try study()
        var numbers = TestNumbers(9)
        let y = numbers.normals(24)
        let groups = subjects.table.cells(of: "group")!
        func groupMean(_ level: String) -> Double {
            let members = y.indices.filter { groups[$0] == level }
            return members.reduce(0) { $0 + y[$1] } / Double(members.count)
        }
        for formula in [
            "~ group", "~ 0 + group", "~ C(group, sum)", "~ C(group, ref=c)",
            "~ C(group, treatment, ref='b')",
            "~ C(group, sum, ref=a)", "~ group + sex",
        ] {
            let design = try Design(subjects, formula: Formula(formula))
            let qr = PivotedQR(design.matrix)
            let q = (0..<qr.rank).map { c in y.indices.reduce(0) { $0 + qr.basis[$1, c] * y[$1] } }
            let beta = qr.coefficients(fromProjection: q)
            for (to, from) in [("b", "a"), ("a", "c"), ("c", "b")] {
                let weights = try Contrast("group[\(to)] - group[\(from)]").weights(in: design).weights.row(0)
                let estimate = zip(weights, beta).reduce(0) { $0 + $1.0 * $1.1 }
                // Balanced, so that sex does not shift the differences between groups.
                #expect(abs(estimate - (groupMean(to) - groupMean(from))) < 1e-12, "\(formula)")
            }
        }
    }

    @Test("the difference of slopes is the same under every coding of the factor")
    func slopeContrasts() throws {
        let subjects = try study()
        var numbers = TestNumbers(10)
        let y = numbers.normals(24)
        let estimates = try [
            "~ group*x", "~ 0 + group + group:x", "~ C(group, sum)*x", "~ C(group, ref=b)*x",
        ].map {
            formula -> Double in
            let design = try Design(subjects, formula: Formula(formula))
            let qr = PivotedQR(design.matrix)
            let q = (0..<qr.rank).map { c in y.indices.reduce(0) { $0 + qr.basis[$1, c] * y[$1] } }
            let beta = qr.coefficients(fromProjection: q)
            let text = try ["group[b]:x - group[a]:x"].map { try Contrast($0).weights(in: design) }[0]
            return zip(text.weights.row(0), beta).reduce(0) { $0 + $1.0 * $1.1 }
        }
        for estimate in estimates { #expect(abs(estimate - estimates[0]) < 1e-11) }
    }

    @Test("the reference level alone is no contrast, and the message says that it is the reference")
    func referenceAlone() throws {
        let words = message { _ = try Contrast("group[a]").weights(in: design("~ group")) }!
        #expect(words.contains("reference"))
        #expect(message { _ = try Contrast("group").weights(in: design("~ group")) }!.contains("F:group"))
        let f = try Contrast("F:C(group)").weights(in: design("~ x + group"))
        #expect(f.weights == Matrix(rows: [[0, 0, 1, 0], [0, 0, 0, 1]]))
        #expect(try Contrast("F:group").weights(in: design("~ x + group")).weights == f.weights)
    }

    @Test("centring and scaling do what they say, and a note says so")
    func centring() throws {
        let subjects = try study()
        let age = subjects.table.cells(of: "age")!.map { Double($0)! }
        let center = age.reduce(0, +) / 24
        for formula in ["~ center(age)", "~ age"] {
            let design = try Design(subjects, formula: Formula(formula), centring: .grandMean)
            let column = design.matrix.column(1)
            #expect(zip(column, age).allSatisfy { abs($0 - ($1 - center)) < 1e-12 })
            #expect(design.notes.contains { $0.text.contains("less its mean") })
        }
        let scaled = try Design(subjects, formula: Formula("~ scale(age)")).matrix.column(1)
        #expect(abs(scaled.reduce(0) { $0 + $1 * $1 } - 23) < 1e-10)
        #expect(abs(scaled.reduce(0, +)) < 1e-12)
        let groups = subjects.table.cells(of: "group")!
        for design in [
            try Design(subjects, formula: Formula("~ center(age, by=group)")),
            try Design(subjects, formula: Formula("~ age"), centring: .withinGroup(column: "group")),
        ] {
            for level in ["a", "b", "c"] {
                let sum = (0..<24).filter { groups[$0] == level }.reduce(0) { $0 + design.matrix[$1, 1] }
                #expect(abs(sum) < 1e-12)
            }
        }
        let product = try Design(subjects, formula: Formula("~ age:x"), centring: .grandMean)
        let x = subjects.table.cells(of: "x")!.map { Double($0)! }
        let expected = (age[0] - center) * (x[0] - x.reduce(0, +) / 24)
        #expect(abs(product.matrix[0, 1] - expected) < 1e-12)
    }

    @Test("choices are told: what is categorical and why, the coding, the reference")
    func notes() throws {
        let texts = try design("~ group + C(site, sum)").notes.map(\.text)
        #expect(
            texts.contains {
                $0.contains("'group' is categorical, since it holds text")
                    && $0.contains("reference level 'a'")
            })
        #expect(
            texts.contains { $0.contains("'site' is categorical: levels 1 (6)") && $0.contains("sum coding") }
        )
        #expect(try design("~ 0 + group").notes[0].text.contains("cell means"))
    }

    @Test("numbers written in two ways are one level")
    func numericLevels() throws {
        let subjects = try Subjects(
            Table(
                columns: ["participant_id", "dose"],
                rows: [["1", "10"], ["2", "2"], ["3", "2.0"], ["4", "10"]]))
        #expect(try Design(subjects, formula: Formula("~ 0 + C(dose)")).names == ["dose[2]", "dose[10]"])
    }

    @Test(
        "a fault in a formula is told with its position",
        arguments: [
            ("", 1, "no term"), ("~", 2, "no term"), ("~ 0", 4, "no term"), ("~ a + + b", 7, "'+'"),
            ("y ~ x", 1, "before the tilde"), ("~ x + (age", 11, "ends"), ("~ x)", 4, "')'"),
            ("~ x ^ 2", 5, "not supported"), ("~ x / age", 5, "not supported"),
            ("~ x ** 2", 5, "not supported"),
            ("~ I(x)", 3, "no function"), ("~ C(group, helmert)", 12, "no coding"), ("~ flu", 3, "no column"),
            ("~ x + Age", 7, "mean 'age'"), ("~ 2*x", 3, "'2'"), ("~ C(group, ref=z)", 3, "no level"),
            ("~ group + C(group, sum):x", 11, "two ways"), ("~ log(group)", 3, "text"),
            ("~ `x", 3, "closing"),
            ("~ center(C(site))", 10, "numbers"), ("~ x + 0:age", 8, "'0'"), ("~ 11", 3, "'11'"),
            ("~ x age", 5, "'age'"), ("~ center(age, by=nobody)", 3, "no column"),
        ])
    func faults(text: String, position: Int, hint: String) throws {
        let words = try #require(message { _ = try design(text) })
        #expect(words.contains("character \(position):"), "\(words)")
        #expect(words.contains(hint), "\(words)")
        #expect(words.contains(quoted(text)))
    }

    @Test("hostile formulas are refused or read in linear time")
    func hostile() throws {
        let deep = String(repeating: "(", count: 60_000) + "x"
        #expect(message { _ = try Formula(deep) }!.contains("deep"))
        #expect(
            message { _ = try Formula("~ " + String(repeating: "log(", count: 20_000)) }!.contains("deep"))
        #expect(try design("~ x" + String(repeating: " + x", count: 12_000)).names == ["intercept", "x"])
        #expect(try design("~ x" + String(repeating: " - 1", count: 12_000)).names == ["x"])
        let many = (0..<40).map { "v\($0)" }.joined(separator: "*")
        #expect(message { _ = try Formula("~ " + many) }!.contains("more than"))
        let wide = (0..<60).map { "v\($0)" }.joined(separator: "+")
        #expect(message { _ = try Formula("~ (\(wide)):(\(wide))") }!.contains("more than"))
        #expect(message { _ = try Formula(String(repeating: "x", count: 200_000)) }!.contains("longer"))
        let identifiers = try Subjects(
            Table(
                columns: ["participant_id", "u", "v"],
                rows: (0..<300).map { ["s\($0)", "u\($0)", "v\($0)"] }))
        #expect(
            message { _ = try Design(identifiers, formula: Formula("~ u*v")) }!.contains("columns for 300"))
    }

    @Test("columns that mix numbers with other text, and single levels, are refused")
    func doubtful() throws {
        let subjects = try Subjects(
            Table(
                columns: ["participant_id", "age", "one"],
                rows: [["1", "10", "k"], ["2", "1,5", "k"], ["3", "2", "k"]]))
        let words = message { _ = try Design(subjects, formula: Formula("~ age")) }!
        for part in ["line 3", "'1,5'", "C(age)"] { #expect(words.contains(part), "\(words)") }
        #expect(try Design(subjects, formula: Formula("~ C(age)")).columns.count == 3)
        #expect(message { _ = try Design(subjects, formula: Formula("~ one")) }!.contains("two are needed"))
    }

    @Test("any order of subjects gives the same rows")
    func order() throws {
        let subjects = try study()
        let reversed = subjects.selecting(rows: (0..<24).reversed())
        for formula in ["~ group*x + sex", "~ C(site, sum) + age"] {
            let one = try Design(subjects, formula: Formula(formula))
            let other = try Design(reversed, formula: Formula(formula))
            #expect(one.matrix.selectingRows((0..<24).reversed()) == other.matrix)
            #expect(one.names == other.names)
        }
    }
}
