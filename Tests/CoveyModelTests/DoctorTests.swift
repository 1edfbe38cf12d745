import CoveyCore
import CoveyFormats
import CoveyTestSupport
import Testing

@testable import CoveyModel

@Suite("Design doctor")
struct DoctorTests {
    func doctor(
        _ formula: String, _ contrasts: String..., tail: Tail = .twoSided, exchange: ExchangeScheme? = nil,
        shuffles: Int? = 1000
    ) throws -> DesignDoctor {
        try DesignDoctor(
            Design(study(), formula: Formula(formula)), contrasts: contrasts.map { Contrast($0) },
            tail: tail,
            exchange: exchange, shuffleCount: shuffles)
    }

    @Test("signs are flipped where the null hypothesis is about the level, labels permuted otherwise")
    func recommendation() throws {
        let cases: [(String, String, ExchangeScheme)] = [
            ("~ 1", "intercept", .flip), ("~ x", "x", .permute), ("~ x", "intercept", .flip),
            ("~ center(x)", "intercept", .flip), ("~ group", "group[b] - group[a]", .permute),
            ("~ 0 + group", "group[b] - group[a]", .permute), ("~ 0 + group", "group[a]", .flip),
            ("~ 0 + group", "F: group[b] - group[a], group[c] - group[a]", .permute),
            ("~ 0 + group", "F:group", .flip),
            ("~ group + x", "F:group", .permute), ("~ 0 + x", "x", .permute),
            ("~ C(group, sum)", "intercept", .flip),
            ("~ 0 + group", "(group[a] + group[b])/2 - group[c]", .permute),
        ]
        for (formula, contrast, scheme) in cases {
            let diagnosis = try doctor(formula, contrast).diagnoses[0]
            #expect(diagnosis.recommendedExchange == scheme, "\(formula), \(contrast)")
            #expect(diagnosis.exchange == scheme)
        }
    }

    @Test("the null hypothesis is said in the words of the design")
    func words() throws {
        func null(_ formula: String, _ contrast: String) throws -> String {
            try doctor(formula, contrast).diagnoses[0].nullHypothesis
        }
        #expect(try null("~ x + age", "x") == "the slope of x is 0 at every voxel, given intercept and age")
        #expect(try null("~ 1", "intercept") == "the mean is 0 at every voxel")
        #expect(
            try null("~ group + x", "group[b] - group[a]")
                == "the difference of group[b] from group[a] is 0 at every voxel, given intercept, group[c] and x"
        )
        #expect(try null("~ 0 + group", "group[b]").hasPrefix("the mean of group[b] is 0"))
        #expect(
            try null("~ group + x", "F:group").contains("group[b] from group[a]; the difference of group[c]"))
        #expect(
            try null("~ 0 + group", "contrast = group[b] - 0.5*group[a]").hasPrefix(
                "-0.5*group[a] + group[b] is 0"))
        #expect(try null("~ x", "-x").hasPrefix("minus the slope of x"))
    }

    @Test("warnings come where the inference leans on something doubtful, and not elsewhere")
    func warnings() throws {
        func words(_ formula: String, _ contrast: String, _ exchange: ExchangeScheme? = nil) throws -> String
        {
            try doctor(formula, contrast, exchange: exchange).diagnoses[0].warnings.map(\.text).joined(
                separator: "\n")
        }
        #expect(try words("~ x", "x") == "")
        #expect(try words("~ 1", "intercept") == "")
        #expect(try words("~ x", "x", .flip).contains("skewed"))
        #expect(try words("~ 1", "intercept", .permute).contains("changes nothing"))
        #expect(try words("~ center(x)", "intercept", .permute).contains("level"))
        #expect(try words("~ age", "intercept").contains("centre it"))
        #expect(try words("~ center(age)", "intercept") == "")
        #expect(try words("~ x*sex", "x").contains("sex is at its reference level"))
        #expect(try words("~ x*sex", "sex[m]").contains("x is 0"))
        #expect(try words("~ sex*center(x)", "sex[m]").contains("center(x) is at its mean"))
        #expect(try words("~ 0 + group", "F:group").contains("group[b] - group[a]"))
        #expect(try words("~ C(site) + x", "site[2]") == "")
        let unequal = Design(
            names: ["intercept", "patient"],
            matrix: Matrix(rows: (0..<20).map { [1, $0 < 5 ? 1 : 0] }))
        let text = try DesignDoctor(unequal, contrasts: [Contrast("patient")], tail: .greater).lines
            .joined(
                separator: "\n")
        #expect(text.contains("unequal size (15, 5)"))
        let few = Design(names: ["mean"], matrix: Matrix(rows: [[1], [1], [1], [1], [1]]))
        let diagnosis = try DesignDoctor(
            few, contrasts: [Contrast("mean")], tail: .twoSided, shuffleCount: 1000)
        #expect(diagnosis.diagnoses[0].smallestP == 2 / 32.0)
        #expect(diagnosis.diagnoses[0].warnings.contains { $0.text.contains("nothing can be significant") })
        #expect(diagnosis.warnings.contains { $0.text.contains("only 4 residual degrees") })
        let outlier = Design(
            names: ["intercept", "x"],
            matrix: Matrix(rows: (0..<20).map { [1, $0 == 7 ? 100 : Double($0 % 3)] }),
            identifiers: (0..<20).map { "S\($0)" })
        #expect(
            try DesignDoctor(outlier, contrasts: [Contrast("x")], tail: .less).warnings
                .contains { $0.text.contains("high leverage, above 0.30: S7 (1.00)") })
    }

    @Test("equal variance is assumed only where no groups have a variance of their own")
    func varianceGroups() throws {
        let design = Design(
            names: ["intercept", "patient"], matrix: Matrix(rows: (0..<20).map { [1, $0 < 5 ? 1 : 0] }))
        func text(_ groups: VarianceGroups?, _ exchange: ExchangeScheme? = nil) throws -> String {
            try DesignDoctor(
                design, contrasts: [Contrast("patient")], tail: .greater, exchange: exchange,
                varianceGroups: groups
            ).lines.joined(separator: "\n")
        }
        let equal = try text(nil)
        #expect(equal.contains("variance included") && equal.contains("unequal size"))
        #expect(try text(VarianceGroups(single: 20)) == equal)
        let groups = VarianceGroups((0..<20).map { $0 < 5 ? "patient" : "control" })
        let own = try text(groups)
        #expect(!own.contains("variance included") && !own.contains("unequal size"))
        #expect(own.contains("a variance for each of 2 groups (5, 15 rows)"))
        #expect(
            own.contains("either sign, since errors of groups with unequal variances cannot change places"))
        #expect(own.contains("symmetric about 0") && !own.contains("WARNING: labels"))
        let permuted = try text(groups, .permute)
        #expect(permuted.contains("large samples") && permuted.contains("use --exchange flip"))
        // Groups that cut across the tested ones leave these a common variance.
        let across = try text(VarianceGroups((0..<20).map { "\($0 % 2)" }))
        #expect(across.contains("unequal size"))
    }

    @Test("nothing is told of placeholders for images")
    func placeholders() throws {
        let design = Design(
            names: ["intercept", "gm"],
            matrix: Matrix(rows: (0..<20).map { [1, $0 == 7 ? 100 : Double($0 % 3 + 1)] }))
        func doctor(_ images: [String]) throws -> String {
            try DesignDoctor(
                design, contrasts: [Contrast("intercept")], tail: .twoSided, voxelwiseColumns: images
            ).lines.joined(separator: "\n")
        }
        let plain = try doctor([])
        #expect(plain.contains("high leverage") && plain.contains("centre it"))
        let images = try doctor(["gm"])
        #expect(!images.contains("high leverage") && !images.contains("centre it"))
        #expect(
            !images.contains("largest leverage") && images.contains("differ by voxel, with the images of gm"))
    }

    @Test("the smallest p is 1 / (n + 1) for random shuffles and exact where all are used")
    func smallestP() throws {
        let random = try doctor("~ x", "x", shuffles: 999).diagnoses[0]
        #expect(random.smallestP == 0.001)
        #expect(random.distinctShuffles.count == nil)
        // 24! = 620448401733239439360000.
        #expect(abs(random.distinctShuffles.log10Count - 23.7927056702) < 1e-9)
        #expect(random.distinctShuffles.description == "about 6.2e23")
        let flips = try doctor("~ 1", "intercept", tail: .greater, shuffles: 1 << 24).diagnoses[0]
        #expect(flips.distinctShuffles.count == 1 << 24)
        #expect(flips.smallestP == 1 / Double(1 << 24))
        let large = Design(names: ["m"], matrix: Matrix(rows: [[Double]](repeating: [1], count: 5000)))
        let many = try DesignDoctor(large, contrasts: [Contrast("m")], tail: .greater).diagnoses[0]
        #expect(many.distinctShuffles.description == "about 1.4e1505")
        #expect(many.smallestP == 0)
    }

    /// Every distinct shuffle by brute force: Freedman-Lane on normal data.
    @Test("distinct shuffles and those that repeat the statistic are as many as brute force finds")
    func bruteForce() throws {
        var numbers = TestNumbers(77)
        let x6 = numbers.normals(6)
        let one = [Double](repeating: 1, count: 6)
        let half = [0.0, 1, 0, 1, 0, 1]
        let odd = [0.0, 1, 0, 1, 0, 0]
        let three = (0..<3).map { g in (0..<6).map { $0 % 3 == g ? 1.0 : 0 } }
        let balanced = [-1.0, 1, -2, 2, -3, 3]
        let designs: [(String, [String], [[Double]], [String])] = [
            ("one-sample", ["m"], [one], ["m"]), ("slope", ["m", "x"], [one, x6], ["x", "m"]),
            ("equal groups", ["m", "g"], [one, half], ["g", "m"]),
            ("unequal groups", ["m", "g"], [one, odd], ["g", "m"]),
            ("cell means", ["a", "b"], [half, half.map { 1 - $0 }], ["a - b", "a", "a + b", "F:a,b"]),
            (
                "three groups", ["a", "b", "c"], three,
                ["a - b", "2*a - b - c", "F: a - b, b - c", "F: a, b, c", "a"]
            ),
            ("symmetric slope", ["m", "x"], [one, balanced], ["x"]),
            ("group and covariate", ["m", "g", "x"], [one, half, x6], ["g"]),
        ]
        func permutations(_ n: Int) -> [[Int]] {
            n == 0
                ? [[]]
                : permutations(n - 1).flatMap { p in
                    (0...p.count).map { Array(p[..<$0]) + [n - 1] + p[$0...] }
                }
        }
        let all = permutations(6)
        let y = numbers.normals(6)
        for (name, names, columns, contrasts) in designs {
            let design = Design(names: names, matrix: Matrix(columns: columns))
            let model = try LinearModel(design)
            for text in contrasts {
                let partition = try Contrast(text).weights(in: design).partition(of: model)
                let (tested, nuisance) = (partition.testedBasis, partition.nuisanceBasis)
                var e = y
                for c in 0..<nuisance.columns {
                    let dot = (0..<6).reduce(0) { $0 + nuisance[$1, c] * y[$1] }
                    for i in 0..<6 { e[i] -= dot * nuisance[i, c] }
                }
                func statistic(_ source: [Int], _ signs: Int) -> Double {
                    // Rows of the design are moved; row i meets subject i's residual.
                    func project(_ basis: Matrix) -> [Double] {
                        (0..<basis.columns).map { c in
                            (0..<6).reduce(0) {
                                $0 + basis[source[$1], c] * (signs >> $1 & 1 == 1 ? -e[$1] : e[$1])
                            }
                        }
                    }
                    let a = project(tested)
                    let explained = (a + project(nuisance)).reduce(0) { $0 + $1 * $1 }
                    let squares = e.reduce(0) { $0 + $1 * $1 } - explained
                    return partition.isF
                        ? a.reduce(0) { $0 + $1 * $1 } / squares : a[0] / squares.squareRoot()
                }
                let observed = statistic(Array(0..<6), 0)
                for scheme in ExchangeScheme.allCases {
                    var moves: [[Int]] = [Array(0..<6)]
                    if scheme != .flip {
                        var seen = Set<[[Double]]>()
                        moves = all.filter { seen.insert($0.map(design.matrix.row)).inserted }
                    }
                    let values = moves.flatMap { move in
                        (0..<(scheme == .permute ? 1 : 64)).map { statistic(move, $0) }
                    }
                    for tail in Tail.allCases {
                        let found = DistinctShuffles(partition, exchanging: scheme, tail: tail)
                        let equal = values.filter {
                            abs(tail == .twoSided ? abs($0) - abs(observed) : $0 - observed) < 1e-9
                                * abs(observed)
                        }
                        let label = "\(name), \(text), \(scheme), \(tail)"
                        #expect(found.count == values.count, "\(label)")
                        if scheme == .both {
                            // Combinations of both kinds may repeat it more often.
                            #expect(found.equivalentToIdentity <= Double(equal.count), "\(label)")
                        } else {
                            #expect(found.equivalentToIdentity == Double(equal.count), "\(label)")
                        }
                    }
                }
            }
        }
    }

    @Test("variance inflation, leverage and condition number follow their definitions")
    func diagnostics() throws {
        let design = try Design(study(), formula: Formula("~ x + age + group"))
        let found = DesignDiagnostics(design)
        let n = design.subjectCount
        #expect(abs(found.leverage.reduce(0, +) - Double(design.columns.count)) < 1e-10)
        #expect(found.varianceInflation[0] == nil)
        for column in 1..<design.columns.count {
            // R^2 of the column on the others.
            let others = design.columns.indices.filter { $0 != column }
            let basis = PivotedQR(Matrix(columns: others.map(design.matrix.column))).basis
            let y = design.matrix.column(column)
            let fitted = (0..<basis.columns).reduce(0.0) { sum, c in
                let dot = (0..<n).reduce(0) { $0 + basis[$1, c] * y[$1] }
                return sum + dot * dot
            }
            let center = y.reduce(0, +) / Double(n)
            let total = y.reduce(0) { $0 + ($1 - center) * ($1 - center) }
            let residual = y.reduce(0) { $0 + $1 * $1 } - fitted
            #expect(abs(found.varianceInflation[column]! - total / residual) < 1e-6 * total / residual)
        }
        let orthogonal = Design(
            names: ["a", "b"], matrix: Matrix(rows: [[1, 7], [1, -7], [1, 7], [1, -7]]))
        #expect(abs(DesignDiagnostics(orthogonal).conditionNumber - 1) < 1e-15)
        let close = Design(
            names: ["a", "b"], matrix: Matrix(rows: [[1, 1], [1, 1.001], [1, 1], [1, 1.001]]))
        // Two unit columns at an angle of cosine c have condition number sqrt((1 + c) / (1 - c)).
        let c = 4.002 / (4.0 * (2 + 2 * 1.001 * 1.001)).squareRoot()
        let expected = ((1 + c) / (1 - c)).squareRoot()
        #expect(abs(DesignDiagnostics(close).conditionNumber / expected - 1) < 1e-6)
        #expect(
            DesignDiagnostics(Design(names: ["a", "b"], matrix: Matrix(rows: [[1, 1], [1, 1]])))
                .conditionNumber == .infinity)
    }

    @Test("an uncentred covariate is no collinearity, two that nearly agree are")
    func collinearity() throws {
        let covariate = try doctor("~ age", "age")
        #expect(
            covariate.diagnostics.conditionNumber > 30 && covariate.diagnostics.centredConditionNumber == 1)
        #expect(!covariate.lines.contains { $0.contains("close to collinear") })
        let x = (0..<20).map { Double($0) }
        let twice = Design(
            names: ["intercept", "x", "nearly"],
            matrix: Matrix(columns: [x.map { _ in 1 }, x, x.map { $0 + ($0 == 3 ? 0.1 : 0) }]))
        let lines = try DesignDoctor(twice, contrasts: [Contrast("x")], tail: .less).lines
        #expect(lines.contains { $0.contains("close to collinear") && $0.contains("'x' with 'nearly'") })
        #expect(lines.contains { $0.contains("nearly a combination") })
    }

    @Test("singular values have the sum of squares and the product of the matrix, and survive scaling")
    func singular() {
        var numbers = TestNumbers(4)
        let matrix = Matrix(rows: 3, columns: 3, elements: numbers.normals(9))
        let values = singularValues(matrix)
        let m = matrix.elements
        let determinant =
            m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) + m[2]
            * (m[3] * m[7] - m[4] * m[6])
        #expect(abs(values.reduce(1, *) - abs(determinant)) < 1e-12)
        #expect(abs(values.reduce(0) { $0 + $1 * $1 } - m.reduce(0) { $0 + $1 * $1 }) < 1e-12)
        #expect(values == values.sorted(by: >))
        for (a, b) in zip(singularValues(matrix.transposed), values) { #expect(abs(a - b) < 1e-13) }
    }

    @Test("the text of a whole consultation names design, hypotheses, shuffles and assumptions")
    func lines() throws {
        let lines = try doctor("~ x + age", "x", "intercept").lines
        let text = lines.joined(separator: "\n")
        for part in [
            "24 subjects, 3 columns (intercept, x, age), 21 residual degrees of freedom",
            "H0: the slope of x is 0 at every voxel, given intercept and age",
            "labels: each subject's residual map",
            "about 6.2e23; 1000 random ones are used besides the identity; smallest p 0.000999",
            "exchangeable",
            "signs: each subject's", "16777216; 1000 random",
        ] {
            #expect(text.contains(part), "\(text)")
        }
        #expect(lines.allSatisfy { !$0.contains("\n") })
    }
}
