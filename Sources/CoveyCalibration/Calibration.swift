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
        let arguments = Array(CommandLine.arguments.dropFirst())
        let dataSets = arguments.first.flatMap(Int.init) ?? 2000
        // A second word: only scenarios with it in their names.
        let word = arguments.dropFirst().first ?? ""
        func isWanted(_ name: String) -> Bool { word.isEmpty || name.contains(word) }
        let margin = 3.29 * (0.05 * 0.95 / Double(dataSets)).squareRoot()
        print("\(dataSets) data sets of 60 voxels each, 199 shuffles, alpha .05")
        print("99.9 % binomial interval: \(percent(0.05 - margin)) to \(percent(0.05 + margin))")
        print("extents are whole numbers with many ties: they may stay below it\n")
        var (passed, failed) = (0, 0)
        func report(_ name: String, _ rate: Double, isValid: Bool, slack: Double, mayBeLow: Bool) {
            let inside = (mayBeLow || rate >= 0.05 - margin - slack) && rate <= 0.05 + margin + slack
            // What stays low even in valid tests need not show that a method is wrong.
            let asExpected = isValid ? inside : mayBeLow || rate > 0.05 + margin
            if asExpected { passed += 1 } else { failed += 1 }
            print(
                "\(name): \(percent(rate)) \(verdict(isValid, asExpected, isOutside: rate > 0.05 + margin))")
        }
        for scenario in Scenario.all where isWanted(scenario.name) {
            let rates = try rejectionRates(
                of: scenario.choice.quantities, dataSets: dataSets, rejects: scenario.rejects)
            for (quantity, rate) in rates {
                // With confounds no method is exact: 1 % either way.
                report(
                    "\(scenario.name): \(quantity)", rate, isValid: scenario.isValid,
                    slack: scenario.confoundStrength > 0 || scenario.variances == .ownForEachGroup ? 0.01 : 0,
                    mayBeLow: quantity == "extent")
            }
        }
        for scenario in BlockScenario.all where isWanted(scenario.name) {
            let rates = try rejectionRates(
                of: BlockScenario.choice.quantities, dataSets: dataSets, rejects: scenario.rejects)
            for (quantity, rate) in rates {
                report(
                    "\(scenario.name): \(quantity)", rate, isValid: scenario.isValid, slack: 0,
                    mayBeLow: quantity == "extent")
            }
        }
        let others =
            VariantScenario.all.map { Other(name: $0.name, rejects: $0.rejects) }
            + SelectionScenario.all.map { Other(name: $0.name, mayBeLow: true, rejects: $0.fails) }
        for scenario in others where isWanted(scenario.name) {
            let rejected = Atomic(0)
            try forEachBlock(dataSets, threads: availableThreads()) { (index: Int) throws in
                if try scenario.rejects(index) { rejected.wrappingAdd(1, ordering: .relaxed) }
            }
            let rate = Double(rejected.load(ordering: .relaxed)) / Double(dataSets)
            report(scenario.name, rate, isValid: true, slack: 0, mayBeLow: scenario.mayBeLow)
        }
        print("\n\(passed) passed, \(failed) failed")
        if failed > 0 { exit(1) }
    }

    /// How often each quantity rejects, by its name.
    private static func rejectionRates(
        of quantities: [TestedQuantity], dataSets: Int, rejects: @Sendable (Int) throws -> [Bool]
    ) throws -> [(quantity: String, rate: Double)] {
        let rejected = Mutex([Int](repeating: 0, count: quantities.count))
        try forEachBlock(dataSets, threads: availableThreads()) { (index: Int) throws in
            let found = try rejects(index)
            rejected.withLock { counts in
                for (k, one) in found.enumerated() where one { counts[k] += 1 }
            }
        }
        let counts = rejected.withLock { $0 }
        return zip(quantities, counts).map { ($0.label, Double($1) / Double(dataSets)) }
    }

    /// A scenario that says of one data set whether something was found.
    private struct Other: Sendable {
        let name: String
        var mayBeLow = false
        let rejects: @Sendable (Int) throws -> Bool
    }

    private static func verdict(_ isValid: Bool, _ asExpected: Bool, isOutside: Bool) -> String {
        if isValid { return asExpected ? "inside" : "OUTSIDE, expected inside" }
        guard asExpected else { return "INSIDE, expected outside" }
        return isOutside
            ? "outside, as it must be: this method is wrong here"
            : "inside by its ties alone: this method is wrong here"
    }

    static func percent(_ share: Double) -> String { "\((share * 10_000).rounded() / 100) %" }
}

/// One way of making null data and of testing them.
struct Scenario: Sendable {
    let name: String
    var subjects = 20
    var tested = Tested.slope
    var isSkewed = false
    var confoundStrength = 0.0
    var exchange = ExchangeScheme.permute
    var method = NuisanceMethod.freedmanLane
    var split = PartitionMethod.ridgway
    var variances = Variances.equal
    /// Whether clusters and TFCE are compared too.
    var comparesAll = false
    var isValid = true

    enum Tested { case slope, mean, groups, twoSlopes, threeGroups, difference }

    /// The errors of groups of unequal size, and what the statistic makes of them.
    enum Variances { case equal, pooled, ownForEachGroup }

    static let all = [
        Scenario(name: "slope, normal errors, labels permuted", comparesAll: true),
        Scenario(
            name: "mean, normal errors, signs flipped", tested: .mean, exchange: .flip, comparesAll: true),
        Scenario(
            name: "group difference, normal errors, labels permuted", tested: .groups, comparesAll: true),
        Scenario(
            name: "F of two slopes, normal errors, labels permuted", tested: .twoSlopes, comparesAll: true),
        Scenario(name: "slope, normal errors, permuted and flipped", exchange: .both),
        Scenario(name: "shared confound of 1 SD, Freedman-Lane", confoundStrength: 1),
        Scenario(
            name: "shared confound of 3 SD, Freedman-Lane", confoundStrength: 3, comparesAll: true),
        Scenario(name: "shared confound of 3 SD, ter Braak", confoundStrength: 3, method: .terBraak),
        Scenario(
            name: "shared confound of 3 SD, Draper-Stoneman", confoundStrength: 3, method: .draperStoneman),
        Scenario(name: "shared confound of 3 SD, Smith", confoundStrength: 3, method: .smith),
        Scenario(
            name: "shared confound of 3 SD, Manly", confoundStrength: 3, method: .manly, isValid: false),
        Scenario(
            name: "difference of two equal slopes of 3 SD, Freedman-Lane", tested: .difference,
            confoundStrength: 3, comparesAll: true),
        Scenario(
            name: "difference of two equal slopes of 3 SD, Freedman-Lane on Guttman's split",
            tested: .difference, confoundStrength: 3, split: .guttman, isValid: false),
        Scenario(name: "skewed errors and covariate, labels permuted", isSkewed: true, comparesAll: true),
        Scenario(
            name: "skewed errors and covariate, signs flipped", isSkewed: true, exchange: .flip,
            comparesAll: true, isValid: false),
        Scenario(
            name: "groups of unequal size and variance, v, signs flipped", subjects: 40, tested: .groups,
            exchange: .flip, variances: .ownForEachGroup, comparesAll: true),
        Scenario(
            name: "groups of 10 and 30 of unequal variance, v, labels permuted (right for large groups only)",
            subjects: 40, tested: .groups, variances: .ownForEachGroup, comparesAll: true, isValid: false),
        Scenario(
            name: "groups of unequal size and variance, t, labels permuted", subjects: 40, tested: .groups,
            variances: .pooled, comparesAll: true, isValid: false),
        Scenario(
            name: "three groups of unequal size and variance, G, signs flipped", subjects: 40,
            tested: .threeGroups, exchange: .flip, variances: .ownForEachGroup, comparesAll: true),
        Scenario(
            name:
                "groups of 8, 12 and 20 of unequal variance, G, labels permuted (right for large groups only)",
            subjects: 40, tested: .threeGroups, variances: .ownForEachGroup, comparesAll: true,
            isValid: false),
        Scenario(
            name: "three groups of unequal size and variance, F, labels permuted", subjects: 40,
            tested: .threeGroups, variances: .pooled, comparesAll: true, isValid: false),
    ]

    /// What is compared.
    var choice: InferenceChoice {
        var choice = InferenceChoice()
        guard comparesAll else { return choice }
        choice.tfce = TFCE()
        // F near its 5 % point; G is compared on the scale of z, as v is.
        let isPlainF = tested == .twoSlopes || tested == .threeGroups && variances == .pooled
        choice.formingHeights = [isPlainF ? 4 : 1.7]
        return choice
    }

    /// The group of a subject. Where variances differ, the smallest group is the noisiest one.
    private func groupOfSubject(_ subject: Int) -> Int {
        switch (tested, variances) {
        // 8, 20 and 12 of 40.
        case (.threeGroups, _): [0, 1, 1, 2, 1, 0, 1, 2, 1, 2][subject % 10]
        case (_, .equal): subject % 2
        default: subject % 4 == 0 ? 0 : 1
        }
    }

    /// Whether each quantity finds something in a data set without an effect.
    func rejects(_ index: Int) throws -> [Bool] {
        let grid = Grid(shape: [5, 4, 3], affine: Affine([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]))
        let voxels = grid.count
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
        let group = (0..<subjects).map(groupOfSubject)
        var columns: [[Double]]
        switch tested {
        case .mean: columns = [ones]
        case .groups: columns = [group.map { $0 == 0 ? 1 : 0 }, ones]
        case .threeGroups: columns = (0..<2).map { level in group.map { $0 == level ? 1 : 0 } } + [ones]
        case .slope: columns = [slope, ones]
        case .twoSlopes: columns = [slope, draws(subjects), ones]
        // Whose sum is the confound.
        case .difference: columns = [slope, zip(confound, slope).map { $0 - $1 }, ones]
        }
        if confoundStrength > 0, tested != .difference { columns.append(confound) }
        let rows = (0..<subjects).map { subject in
            let spread = variances == .equal ? 1 : [4.0, 1, 2][group[subject]]
            return draws(voxels).map { spread * $0 + confoundStrength * confound[subject] }
        }
        let cohort = Cohort(identifiers: rows.indices.map(String.init), mask: Mask(grid: grid) { _ in true })
        {
            rows[$0]
        }
        let design = Matrix(columns: columns)
        let model = try LinearModel(matrix: design)
        func weights(_ column: Int) -> [Double] { columns.indices.map { $0 == column ? 1 : 0 } }
        let isF = tested == .twoSlopes || tested == .threeGroups
        let rowsOfWeights =
            isF
            ? [weights(0), weights(1)]
            : [tested == .difference ? zip(weights(0), weights(1)).map { $0 - $1 } : weights(0)]
        let partition = try ContrastPartition(
            model, weights: Matrix(rows: rowsOfWeights), isF: isF, name: name)
        let shuffles = ShuffleSet(
            ShufflePlan(count: 199, exchanging: exchange, seed: UInt64(index)), design: design)
        let statistic: any ShuffledStatistic =
            if variances == .ownForEachGroup {
                WelchStatistic(
                    try WelchFit(
                        partition, groups: VarianceGroups(group.map(String.init)), cohort, threads: 1),
                    cohort)
            } else {
                RegressionStatistic(
                    partition, cohort, Fit(model, cohort, threads: 1), method: method, split: split)
            }
        return PermutationTest(
            statistic, mask: cohort.mask, tail: .greater, shuffles: shuffles, comparing: choice
        ).run(threads: 1).all.map { $0.familyWiseP.values.contains { $0 <= 0.05 } }
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
