import CoveyCore
import CoveyFormats
import CoveyImaging
import CoveyTestSupport
import Foundation
import Testing

@testable import CoveyModel

/// Statistical Reference Datasets of NIST: certified regressions and analyses of variance.
///
/// LRE is the number of correct digits, `-log10` of the relative error. What double precision can attain on
/// each set is part of the reference; one digit less is asked for.
@Suite("NIST reference data", .enabled(if: SharedData.isAvailable))
struct NISTTests {
    private struct Linear: Decodable {
        struct Dataset: Decodable {
            let file: String
            let columns: [String]
            let model: String
            let beta: [String]
            let attainable: [String: Double]

            private enum CodingKeys: String, CodingKey {
                case file, columns, model, beta
                case attainable = "attainable_min_LRE_beta_in_double"
            }
        }
        let datasets: [String: Dataset]
    }

    private struct Variance: Decodable {
        struct Dataset: Decodable {
            let file: String
            let ratio: String
            let attainable: [String: Double]

            private enum CodingKeys: String, CodingKey {
                case file
                case ratio = "F"
                case attainable = "attainable_LRE"
            }
        }
        let datasets: [String: Dataset]
    }

    private static func cohort(_ y: [Double]) -> Cohort {
        let grid = Grid(shape: [1, 1, 1], affine: Affine([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]))
        return Cohort(identifiers: y.indices.map(String.init), mask: Mask(grid: grid) { _ in true }) {
            [y[$0]]
        }
    }

    private static func correctDigits(_ found: Double, _ certified: Double) -> Double {
        found == certified ? 16 : -log10(abs(found - certified) / abs(certified))
    }

    @Test("linear regressions reach the digits that double precision allows, less one")
    func linear() throws {
        let reference = try JSONDecoder().decode(
            Linear.self, from: Data(contentsOf: SharedData.url("reference/numerics/nist_linear.json")))
        #expect(reference.datasets.count == 7)
        for (name, set) in reference.datasets {
            let (table, _) = try Table.read(SharedData.url("reference/numerics/\(set.file)").path)
            func numbers(_ column: String) -> [Double] { table.cells(of: column)!.map { decimalNumber($0)! } }
            let y = numbers("y")
            let columns = set.columns.map { column -> [Double] in
                if column == "intercept" { return y.map { _ in 1 } }
                guard column.hasPrefix("x^"), let power = Int(column.dropFirst(2)) else {
                    return numbers(column)
                }
                return numbers("x").map { x in (0..<power).reduce(1.0) { product, _ in product * x } }
            }
            let model = try LinearModel(matrix: Matrix(columns: columns))
            #expect(model.rank == columns.count, "\(name)")
            let fit = Fit(model, Self.cohort(y), threads: 1)
            let digits = try columns.indices.map { column -> Double in
                let weights = Matrix(rows: [columns.indices.map { $0 == column ? 1.0 : 0 }])
                let partition = try ContrastPartition(model, weights: weights, isF: false, name: name)
                return Self.correctDigits(fit.effect(partition).values[0], Double(set.beta[column])!)
            }
            let wanted = min(9, set.attainable["householder_qr"]! - 1)
            #expect(digits.min()! >= wanted, "\(name): \(digits.min()!) digits, \(wanted) wanted")
        }
    }

    @Test("one-way analyses of variance reach the digits that the rounded data allow, less one")
    func variance() throws {
        let reference = try JSONDecoder().decode(
            Variance.self, from: Data(contentsOf: SharedData.url("reference/numerics/nist_anova.json")))
        #expect(reference.datasets.count == 7)
        // SmLs09 has 18,009 observations, too many for a debug build's design.
        for (name, set) in reference.datasets where name != "SmLs09" {
            let (table, _) = try Table.read(SharedData.url("reference/numerics/\(set.file)").path)
            let y = table.cells(of: "y")!.map { decimalNumber($0)! }
            let group = table.cells(of: "group")!
            let levels = Array(Set(group)).sorted()
            let columns = levels.map { level in group.map { $0 == level ? 1.0 : 0 } }
            let model = try LinearModel(matrix: Matrix(columns: columns))
            let rows = (1..<levels.count).map { k in levels.indices.map { $0 == k ? 1.0 : $0 == 0 ? -1 : 0 } }
            let partition = try ContrastPartition(model, weights: Matrix(rows: rows), isF: true, name: name)
            let f = Fit(model, Self.cohort(y), threads: 1).f(partition).values[0]
            let wanted = set.attainable["best_possible_after_rounding_input_to_double"]! - 1
            let digits = Self.correctDigits(f, Double(set.ratio)!)
            #expect(digits >= min(wanted, 12), "\(name): \(digits) digits, \(wanted) wanted")
        }
    }
}
