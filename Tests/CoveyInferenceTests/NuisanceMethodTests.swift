import CoveyCore
import CoveyModel
import CoveyTestSupport
import Testing

@testable import CoveyInference

/// Each method of treating nuisance columns as its equation is written: the data or the columns are moved and
/// the whole model is fitted again.
private struct PlainMethod {
    let example: PermutationExample
    let partition: ContrastPartition
    let weights: Matrix

    func statistic(_ method: NuisanceMethod, _ shuffle: Shuffle, voxel: Int, split: PartitionMethod) throws
        -> Double
    {
        let design = example.design
        let y = example.cohort.values(at: voxel)
        let n = y.count
        let tested = (0..<design.columns).filter {
            weights[0, $0] != 0 || (weights.rows > 1 && weights[1, $0] != 0)
        }
        let rest = (0..<design.columns).filter { !tested.contains($0) }
        let z = Matrix(columns: rest.map(design.column))
        // (P v)[source[i]] = signs[i] v[i]: the data move to where the design's row comes from.
        func moved(_ v: [Double]) -> [Double] {
            var result = v
            for i in 0..<n { result[shuffle.source[i]] = Double(shuffle.signs[i]) * v[i] }
            return result
        }
        func movedRows(_ columns: Matrix) -> Matrix {
            Matrix(
                columns: (0..<columns.columns).map { c in
                    (0..<n).map { Double(shuffle.signs[$0]) * columns[shuffle.source[$0], c] }
                })
        }
        switch method {
        case .freedmanLane:
            let e = residuals(y, on: split == .guttman ? z : partition.nuisanceBasis)
            return try fit(design, moved(e), weights)
        case .terBraak:
            return shuffle.isIdentity
                ? try fit(design, y, weights) : try fit(design, moved(residuals(y, on: design)), weights)
        case .manly:
            return try fit(design, moved(y), weights)
        case .draperStoneman, .smith:
            var x = Matrix(columns: tested.map(design.column))
            var c = Matrix(rows: (0..<weights.rows).map { r in tested.map { weights[r, $0] } })
            var staying = z
            if split != .guttman {
                x = partition.testedBasis
                staying = partition.nuisanceBasis
                c = Matrix(rows: (0..<x.columns).map { i in (0..<x.columns).map { $0 == i ? 1 : 0 } })
            }
            if method == .smith {
                x = Matrix(columns: (0..<x.columns).map { residuals(x.column($0), on: staying) })
            }
            let px = movedRows(x)
            let full = Matrix(
                columns: (0..<px.columns).map(px.column) + (0..<staying.columns).map(staying.column))
            let wide = Matrix(
                rows: (0..<c.rows).map { c.row($0) + [Double](repeating: 0, count: staying.columns) })
            return try fit(full, y, wide)
        }
    }

    private func residuals(_ y: [Double], on columns: Matrix) -> [Double] {
        let basis = PivotedQR(columns).basis
        return ShuffledBases.residuals(of: Matrix(columns: [y]), on: basis).column(0)
    }

    private func fit(_ design: Matrix, _ y: [Double], _ weights: Matrix) throws -> Double {
        let model = try LinearModel(matrix: design)
        let cohort = Cohort(identifiers: example.cohort.identifiers, mask: example.oneVoxel) { [y[$0]] }
        let partition = try ContrastPartition(
            model, weights: weights, isF: partition.isF, name: "c")
        return Fit(model, cohort, threads: 1).statistic(partition).values[0]
    }
}

@Suite("Methods of treating nuisance columns")
struct NuisanceMethodTests {
    @Test("every method equals its equation, refitted", arguments: NuisanceMethod.allCases)
    func equations(method: NuisanceMethod) throws {
        // Contrasts of one column, of two against each other, and F.
        for (confounds, rows) in [
            (1, [[0, 1, 0]]), (2, [[0, 1, 0, 0]]), (2, [[0, 1, -0.5, 0]]),
            (2, [[0, 1, 0, 0], [0, 0, 1, 0]]),
            (2, [[0, 1, -1, 0], [0, 0, 1, -1]]),
        ] {
            let example = try PermutationExample(subjects: 11, voxels: 4, confounds: confounds, seed: 6)
            let partition = try ContrastPartition(
                example.fit.model, weights: Matrix(rows: rows), isF: rows.count > 1, name: "c")
            for scheme in ExchangeScheme.allCases {
                for split in method.dependsOnPartition ? PartitionMethod.allCases : [.ridgway] {
                    let shuffles = ShuffleSet(
                        ShufflePlan(count: 12, exchanging: scheme, seed: 2), design: example.design)
                    let statistic = RegressionStatistic(
                        partition, example.cohort, example.fit, method: method, split: split)
                    let maps = statistic.maps(of: shuffles, in: 0..<shuffles.count, threads: 1)
                    let plain = PlainMethod(
                        example: example, partition: partition, weights: partition.weights)
                    for k in 0..<shuffles.count {
                        for voxel in 0..<4 {
                            let expected = try plain.statistic(
                                method, shuffles[k], voxel: voxel, split: split)
                            let found = maps[k * 4 + voxel]
                            #expect(abs(found - expected) <= 1e-9 * max(1, abs(expected)), "shuffle \(k)")
                        }
                    }
                }
            }
        }
    }

    @Test("the identity gives the parametric statistic by every method and split, kept or not kept as maps")
    func identity() throws {
        let example = try PermutationExample(subjects: 14, voxels: 30, confounds: 2, seed: 3)
        for partition in [try example.t(1), try example.f([1, 2])] {
            let parametric = example.fit.statistic(partition).values
            let shuffles = ShuffleSet(
                ShufflePlan(count: 20, exchanging: .permute, seed: 2), design: example.design)
            for method in NuisanceMethod.allCases {
                for split in PartitionMethod.allCases {
                    let statistic = RegressionStatistic(
                        partition, example.cohort, example.fit, method: method, split: split)
                    let test = PermutationTest(
                        statistic, mask: example.cohort.mask, tail: .greater, shuffles: shuffles)
                    let kept = test.run().voxel
                    for (a, b) in zip(kept.observed.values, parametric) {
                        #expect(abs(a - b) <= 1e-11 * max(1, abs(b)))
                    }
                    var choice = InferenceChoice()
                    choice.formingHeights = [2]
                    let mapped = PermutationTest(
                        statistic, mask: example.cohort.mask, tail: .greater, shuffles: shuffles,
                        comparing: choice
                    ).run().voxel
                    #expect(mapped.exceedances == kept.exceedances)
                    #expect(mapped.familyWiseExceedances == kept.familyWiseExceedances)
                    for (a, b) in zip(mapped.maxima, kept.maxima) { #expect(abs(a - b) <= 1e-12 * abs(b)) }
                }
            }
        }
    }

    @Test("a number added to all maps changes no shuffle, whichever columns hold the constant")
    func shiftedData() throws {
        let group = (0..<12).map { $0 % 3 }
        let design = Matrix(columns: (0..<3).map { g in group.map { $0 == g ? 1.0 : 0 } })
        let model = try LinearModel(matrix: design)
        let partition = try ContrastPartition(
            model, weights: Matrix(rows: [[1, -1, 0]]), isF: false, name: "c")
        var numbers = TestNumbers(5)
        let rows = (0..<12).map { _ in numbers.normals(6) }
        let shuffles = ShuffleSet(ShufflePlan(count: 30, exchanging: .permute, seed: 2), design: design)
        func maps(_ shift: Double, _ method: NuisanceMethod, _ split: PartitionMethod) -> [Double] {
            let cohort = lineCohort(rows.map { row in row.map { $0 + shift } })
            return RegressionStatistic(
                partition, cohort, Fit(model, cohort, threads: 1), method: method, split: split
            ).maps(of: shuffles, in: 0..<shuffles.count, threads: 1)
        }
        // As Guttman splits these columns, the constant moves with the rest, and a shift matters.
        for method in NuisanceMethod.allCases {
            for split in PartitionMethod.allCases {
                guard split != .guttman || !method.dependsOnPartition else { continue }
                for (a, b) in zip(maps(0, method, split), maps(50, method, split)) {
                    #expect(abs(a - b) <= 1e-8 * max(1, abs(a)), "\(method) \(split)")
                }
            }
        }
    }

    @Test(
        "as Guttman splits cell means, Freedman-Lane and Draper-Stoneman are their equations: the constant moves"
    )
    func constantMoves() throws {
        let group = (0..<9).map { $0 / 3 }
        let design = Matrix(columns: (0..<3).map { g in group.map { $0 == g ? 1.0 : 0 } })
        let model = try LinearModel(matrix: design)
        let partition = try ContrastPartition(
            model, weights: Matrix(rows: [[1, -1, 0]]), isF: false, name: "c")
        var numbers = TestNumbers(8)
        let y = (0..<9).map { _ in 100 + numbers.normal() }
        let cohort = lineCohort(y.map { [$0] })
        let shuffles = ShuffleSet(ShufflePlan(count: 40, exchanging: .permute, seed: 2), design: design)
        // Residuals on the one column without weight.
        let rest = y.indices.map { group[$0] == 2 ? y[$0] - (y[6] + y[7] + y[8]) / 3 : y[$0] }
        func found(_ method: NuisanceMethod) -> [Double] {
            RegressionStatistic(
                partition, cohort, Fit(model, cohort, threads: 1), method: method, split: .guttman
            ).maps(of: shuffles, in: 0..<shuffles.count, threads: 1)
        }
        let (columns, data) = (found(.draperStoneman), found(.freedmanLane))
        for k in 0..<shuffles.count {
            let source = shuffles[k].source
            let moved = (0..<2).map { c in (0..<9).map { design[source[$0], c] } }
            let full = try LinearModel(matrix: Matrix(columns: moved + [design.column(2)]))
            let own = try? ContrastPartition(
                full, weights: Matrix(rows: [[1, -1, 0]]), isF: false, name: "c")
            let expected = own.map { Fit(full, cohort, threads: 1).statistic($0).values[0] } ?? 0
            #expect(abs(columns[k] - expected) <= 1e-7 * max(1, abs(expected)), "shuffle \(k)")
            var shuffled = rest
            for i in 0..<9 { shuffled[source[i]] = rest[i] }
            let other = lineCohort(shuffled.map { [$0] })
            let plain = Fit(model, other, threads: 1).statistic(partition).values[0]
            #expect(abs(data[k] - plain) <= 1e-7 * max(1, abs(plain)), "shuffle \(k)")
        }
    }

    @Test(
        "a shuffle that leaves nothing of the contrast to estimate scores 0, not rounding",
        arguments: [
            NuisanceMethod.draperStoneman, .smith,
        ])
    func degenerateShuffles(method: NuisanceMethod) throws {
        // A balanced factorial design: the tested factor can come to lie on the other one.
        let a = (0..<8).map { Double($0 % 2) }
        let b = (0..<8).map { Double($0 / 4) }
        let design = Matrix(columns: [[Double](repeating: 1, count: 8), a, b])
        let model = try LinearModel(matrix: design)
        let partition = try ContrastPartition(
            model, weights: Matrix(rows: [[0, 1, 0]]), isF: false, name: "a")
        var numbers = TestNumbers(4)
        let rows = (0..<8).map { _ in numbers.normals(20) }
        let cohort = lineCohort(rows)
        // Sends a to b, and to 1 - b.
        let onto = [0, 2, 4, 6, 1, 3, 5, 7]
        let away = [1, 3, 5, 7, 0, 2, 4, 6]
        let signs = [Int8](repeating: 1, count: 8)
        let shuffles = ShuffleSet(listed: [onto, away].map { Shuffle(source: $0, signs: signs) })
        for split in PartitionMethod.allCases {
            let maps = RegressionStatistic(
                partition, cohort, Fit(model, cohort, threads: 1), method: method, split: split
            ).maps(of: shuffles, in: 0..<3, threads: 1)
            #expect(maps[..<20].allSatisfy { abs($0) > 0 } && maps[20...].allSatisfy { $0 == 0 })
        }
    }

    @Test("without nuisance columns Freedman-Lane, Manly, Smith and Draper-Stoneman are one method")
    func withoutNuisance() throws {
        let example = try PermutationExample(subjects: 12, voxels: 9, confounds: 0, seed: 3)
        let model = try LinearModel(matrix: Matrix(columns: [example.design.column(1)]))
        let partition = try ContrastPartition(model, weights: Matrix(rows: [[1]]), isF: false, name: "x")
        let shuffles = ShuffleSet(
            ShufflePlan(count: 15, exchanging: .both, seed: 2), design: model.matrix)
        let fit = Fit(model, example.cohort, threads: 1)
        let maps = [NuisanceMethod.freedmanLane, .manly, .smith, .draperStoneman].map {
            RegressionStatistic(partition, example.cohort, fit, method: $0)
                .maps(of: shuffles, in: 0..<shuffles.count, threads: 1)
        }
        for other in maps.dropFirst() {
            for (a, b) in zip(maps[0], other) { #expect(abs(a - b) <= 1e-11 * max(1, abs(b))) }
        }
    }
}
