import CoveyCore
import CoveyImaging
import CoveyInference
import CoveyModel
import Foundation
import Synchronization

/// Error rates under the null: how often the family-wise test at .05 rejects when nothing is there.
///
/// Every scenario simulates data sets without an effect and counts those in which any voxel is significant.
/// A valid method stays inside the binomial 99.9 % interval around .05; a wrong one, run in the same
/// scenario, is shown to leave it.
@main
enum Calibration {
    static func main() throws {
        let dataSets = CommandLine.arguments.dropFirst().first.flatMap(Int.init) ?? 2000
        let margin = 3.29 * (0.05 * 0.95 / Double(dataSets)).squareRoot()
        print("\(dataSets) data sets of 60 voxels each, 199 shuffles, alpha .05")
        print("99.9 % binomial interval: \(percent(0.05 - margin)) to \(percent(0.05 + margin))\n")
        var failures = 0
        for scenario in Scenario.all {
            let rate = try scenario.rejectionRate(dataSets: dataSets)
            // Freedman-Lane is exact only asymptotically: 1 % either way with a confound.
            let slack = scenario.confoundStrength > 0 ? 0.01 : 0
            let inside = rate >= 0.05 - margin - slack && rate <= 0.05 + margin + slack
            let asExpected = scenario.isValid ? inside : rate > 0.05 + margin
            failures += asExpected ? 0 : 1
            print("\(scenario.name): \(percent(rate)) \(verdict(scenario.isValid, asExpected))")
        }
        for scenario in BlockScenario.all {
            let rejected = Atomic(0)
            try forEachBlock(dataSets, threads: availableThreads()) { (index: Int) throws in
                if try scenario.rejects(index) { rejected.wrappingAdd(1, ordering: .relaxed) }
            }
            let rate = Double(rejected.load(ordering: .relaxed)) / Double(dataSets)
            let inside = abs(rate - 0.05) <= margin
            let asExpected = scenario.isValid ? inside : rate > 0.05 + margin
            failures += asExpected ? 0 : 1
            print("\(scenario.name): \(percent(rate)) \(verdict(scenario.isValid, asExpected))")
        }
        print("\n\(Scenario.all.count + BlockScenario.all.count - failures) passed, \(failures) failed")
        if failures > 0 { throw CalibrationFailure() }
    }

    private static func verdict(_ isValid: Bool, _ asExpected: Bool) -> String {
        isValid
            ? (asExpected ? "inside" : "OUTSIDE, expected inside")
            : (asExpected ? "outside, as it must be: this method is wrong here" : "INSIDE, expected outside")
    }

    static func percent(_ share: Double) -> String { "\((share * 10_000).rounded() / 100) %" }
}

/// Some rate was not where it must be.
struct CalibrationFailure: Error, CustomStringConvertible {
    let description = "an error rate is not where it must be"
}

/// One way of making null data and of testing them.
struct Scenario: Sendable {
    let name: String
    var subjects = 20
    var tested = Tested.slope
    var isSkewed = false
    var confoundStrength = 0.0
    var exchange = ExchangeScheme.permute
    /// Whether the data are permuted as they are, instead of their residuals on the confound (Manly 1986).
    var permutesRawData = false
    var isValid = true

    enum Tested { case slope, mean, groups, twoSlopes }

    static let all = [
        Scenario(name: "slope, normal errors, labels permuted"),
        Scenario(name: "mean, normal errors, signs flipped", tested: .mean, exchange: .flip),
        Scenario(name: "group difference, normal errors, labels permuted", tested: .groups),
        Scenario(name: "F of two slopes, normal errors, labels permuted", tested: .twoSlopes),
        Scenario(name: "slope, normal errors, permuted and flipped", exchange: .both),
        Scenario(name: "slope with a shared confound of 1 SD, Freedman-Lane", confoundStrength: 1),
        Scenario(name: "slope with a shared confound of 3 SD, Freedman-Lane", confoundStrength: 3),
        Scenario(
            name: "slope with a shared confound of 3 SD, raw data permuted", confoundStrength: 3,
            permutesRawData: true, isValid: false),
        Scenario(name: "skewed errors and covariate, labels permuted", isSkewed: true),
        Scenario(
            name: "skewed errors and covariate, signs flipped", isSkewed: true, exchange: .flip,
            isValid: false),
    ]

    func rejectionRate(dataSets: Int) throws -> Double {
        let rejected = Atomic(0)
        try forEachBlock(dataSets, threads: availableThreads()) { (index: Int) throws in
            if try rejects(index) { rejected.wrappingAdd(1, ordering: .relaxed) }
        }
        return Double(rejected.load(ordering: .relaxed)) / Double(dataSets)
    }

    private func rejects(_ index: Int) throws -> Bool {
        let voxels = 60
        var random = NormalStream(index: UInt64(index))
        func draws(_ count: Int) -> [Double] {
            (0..<count).map { _ in
                let z = random.next()
                return isSkewed ? exponential(z) : z
            }
        }
        let ones = [Double](repeating: 1, count: subjects)
        let confound = draws(subjects)
        // The tested column shares half of its variance with the confound.
        let slope = zip(draws(subjects), confound).map { $0 + (confoundStrength > 0 ? $1 : 0) }
        var columns: [[Double]]
        switch tested {
        case .mean: columns = [ones]
        case .groups: columns = [(0..<subjects).map { Double($0 % 2) }, ones]
        case .slope: columns = [slope, ones]
        case .twoSlopes: columns = [slope, draws(subjects), ones]
        }
        if confoundStrength > 0 { columns.append(confound) }
        let rows = (0..<subjects).map { subject in
            draws(voxels).map { $0 + confoundStrength * confound[subject] }
        }
        let grid = Grid(shape: [voxels, 1, 1], affine: Affine([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]))
        let cohort = Cohort(identifiers: rows.indices.map(String.init), mask: Mask(grid: grid) { _ in true })
        {
            rows[$0]
        }
        let design = Matrix(columns: columns)
        let plan = ShufflePlan(count: 199, exchanging: exchange, seed: UInt64(index))
        let model = try LinearModel(matrix: design)
        func weights(_ column: Int) -> [Double] { columns.indices.map { $0 == column ? 1 : 0 } }
        let partition = try ContrastPartition(
            model, weights: Matrix(rows: tested == .twoSlopes ? [weights(0), weights(1)] : [weights(0)]),
            isF: tested == .twoSlopes, name: name)
        if permutesRawData { return rejectsByRawPermutation(cohort, model, partition, plan, design) }
        let result = PermutationTest(
            partition, cohort, Fit(model, cohort, threads: 1), tail: .greater,
            shuffles: ShuffleSet(plan, design: design)
        ).run(threads: 1).voxel
        return result.familyWiseP.values.contains { $0 <= 0.05 }
    }

    /// Manly's method: the raw data are moved against the whole design.
    private func rejectsByRawPermutation(
        _ cohort: Cohort, _ model: LinearModel, _ partition: ContrastPartition, _ plan: ShufflePlan,
        _ design: Matrix
    ) -> Bool {
        let shuffles = ShuffleSet(plan, design: design)
        var maxima: [Double] = []
        for index in 0..<shuffles.count {
            let moved = cohort.selecting(subjects: shuffles[index].source)
            maxima.append(Fit(model, moved, threads: 1).t(partition).values.max()!)
        }
        return maxima.count { $0 >= maxima[0] } <= shuffles.count / 20
    }
}

/// Normal numbers of one data set, by the polar method.
struct NormalStream {
    private var stream: PhiloxStream
    private var spare: Double?

    init(index: UInt64) { stream = PhiloxStream(seed: 20, domain: 100, index: index) }

    mutating func next() -> Double {
        if let spare {
            self.spare = nil
            return spare
        }
        while true {
            let (u, v) = (2 * stream.uniform() - 1, 2 * stream.uniform() - 1)
            let s = u * u + v * v
            guard s > 0, s < 1 else { continue }
            let factor = (-2 * log(s) / s).squareRoot()
            spare = v * factor
            return u * factor
        }
    }
}

/// The exponential deviate with the same tail area as a normal one, less its mean.
private func exponential(_ z: Double) -> Double { -StandardNormal.logSurvival(z) - 1 }
