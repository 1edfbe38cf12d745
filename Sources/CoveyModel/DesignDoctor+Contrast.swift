public import CoveyCore

/// What one contrast asks, how it is tested, and what that leans on.
public struct ContrastDiagnosis: Sendable, Hashable {
    /// The contrast in numbers.
    public let contrast: ContrastWeights
    /// The null hypothesis in words: "the slope of fluency is 0 at every voxel, given intercept and age".
    public let nullHypothesis: String
    /// What counts against it, in words.
    public let alternative: String
    /// What is shuffled.
    public var exchange: ExchangeScheme { test.listed?.scheme ?? planned }
    /// What the rule of ``ExchangeScheme/recommended(for:)`` would shuffle.
    public let recommendedExchange: ExchangeScheme
    /// Which rows are exchanged with which; `nil`: every row with every other.
    public let blocks: ExchangeabilityBlocks?
    /// What is shuffled, in words, and why that fits the null hypothesis.
    public var shuffling: String {
        words.shuffling(
            exchange, recommended: recommendedExchange, blocks: test.listed == nil ? blocks : nil, test,
            isForVariances: isForVariances)
    }
    /// The distinct shuffles there are.
    public let distinctShuffles: DistinctShuffles
    /// Random shuffles asked for; `nil` where no permutation test is planned.
    public let shuffleCount: Int?
    /// The smallest p-value that the planned shuffles, or all distinct ones, can give.
    public var smallestP: Double {
        if let listed = test.listed {
            return rowsAreEqual && listed.scheme == .permute ? 1 : 1 / Double(listed.count)
        }
        return shuffleCount.map(distinctShuffles.smallestP(ofPlanFor:)) ?? distinctShuffles.smallestP
    }
    /// What must hold for p to be right.
    public var assumptions: [String] {
        Self.assumptions(
            exchange, test.listed == nil ? blocks : nil, groups, given: words.given, test)
    }
    /// What should be looked at before the result is believed.
    public var warnings: [Note] {
        var notes =
            test.listed == nil
            ? Self.exchangeWarnings(
                planned, recommendedExchange, distinctShuffles, blocks, isForVariances: isForVariances)
            : listedWarnings
        if smallestP > test.alpha {
            notes.append(
                .warning(
                    "the smallest p that shuffling can give is \(significant(smallestP, digits: 3)): nothing can be significant at \(shortest(test.alpha))"
                ))
        }
        return notes + ownWarnings
    }

    /// Level, method and file of the test.
    public internal(set) var test = ShuffledTest()

    private let planned: ExchangeScheme
    private let words: ContrastWords
    private let groups: VarianceGroups?
    private let ownWarnings: [Note]
    /// Whether labels would be permuted but for the variances.
    private let isForVariances: Bool
    /// Whether all rows of the design are equal, so that no permutation changes anything.
    private let rowsAreEqual: Bool

    init(
        _ contrast: ContrastWeights, partition: ContrastPartition, design: Design,
        diagnostics: DesignDiagnostics, tail: Tail, exchange: ExchangeScheme?, shuffleCount: Int?,
        blocks: ExchangeabilityBlocks?, varianceGroups: VarianceGroups?, voxelwiseColumns: [String]
    ) {
        let words = ContrastWords(contrast, design, voxelwiseColumns: voxelwiseColumns)
        let groups = varianceGroups.flatMap { $0.count > 1 ? $0 : nil }
        let recommended = ExchangeScheme.recommended(for: partition, groups: groups, blocks: blocks)
        isForVariances =
            recommended == .flip && ExchangeScheme.recommended(for: partition) == .permute
        let chosen = exchange ?? recommended
        self.blocks = blocks
        self.contrast = contrast
        self.words = words
        self.groups = groups
        nullHypothesis = words.nullHypothesis
        alternative = words.alternative(tail)
        planned = chosen
        recommendedExchange = recommended
        distinctShuffles = DistinctShuffles(
            partition, exchanging: chosen, tail: tail, blocks: blocks, groups: groups)
        self.shuffleCount = shuffleCount
        rowsAreEqual = Set((0..<design.subjectCount).map { design.matrix.row($0) }).count == 1
        var notes = Self.groupWarnings(contrast, design, groups)
        notes += words.meaningWarnings
        for name in contrast.weightedColumns where voxelwiseColumns.isEmpty {
            let column = design.names.firstIndex(of: name)!
            if let factor = diagnostics.varianceInflation[column], factor > 10 {
                notes.append(
                    .warning(
                        "the other columns inflate the variance of \(quoted(name)) \(significant(factor, digits: 3))-fold: it is nearly a combination of them"
                    ))
            }
        }
        ownWarnings = notes
    }

    /// The diagnosis as lines of text.
    public var lines: [String] {
        let plan =
            shuffleCount.map { count in
                distinctShuffles.areAllUsed(byPlanFor: count)
                    ? "all of them are used once"
                    : "\(test.stopsEarly ? "up to " : "")\(count == 1 ? "1 random one is" : "\(count) random ones are") used besides the identity"
            } ?? "if all were used"
        let shuffles =
            test.listed.map { "Shuffles: \($0.count) of a file, the identity included" }
            ?? "Distinct shuffles: \(distinctShuffles); \(plan)"
        return [
            "Contrast \(quoted(contrast.name, limit: 120)), \(contrast.isF ? "F" : "t"): \(alternative)",
            "  H0: \(nullHypothesis)",
            "  Shuffled: \(shuffling)",
            "  \(shuffles); smallest p \(significant(smallestP, digits: 3))\(test.stopsEarly ? " if all are" : "")",
            "  Assumed: \(assumptions.joined(separator: "; "))",
        ] + warnings.map { "  \($0.severity == .warning ? "WARNING" : "Note"): \($0.text)" }
    }

    private static func assumptions(
        _ exchange: ExchangeScheme, _ blocks: ExchangeabilityBlocks?, _ groups: VarianceGroups?,
        given: [String], _ test: ShuffledTest
    ) -> [String] {
        var result: [String] = []
        if test.listed != nil {
            result.append(
                "the joint distribution of the errors stays the same under every shuffle of the file")
        } else if exchange != .flip {
            result.append(
                blocks == nil && groups != nil
                    ? "errors have the same distribution for every subject but for their variance, and no families, sites or repeats tie some together"
                    : blocks == nil
                        ? "errors are exchangeable: the same distribution, variance included, for every subject, and no families, sites or repeats that tie some together"
                        : "errors are exchangeable as the blocks say: their joint distribution stays the same when rows change places \(blocks!.permutationWords)"
            )
        }
        if let groups {
            let sizes = listed(groups.sizes.map(String.init), limit: 10)
            result.append(
                "a variance for each of \(groups.count) groups (\(sizes) rows), the same within each")
            let sets = test.listed?.sets ?? blocks.map { VarianceGroups(exchangedIn: $0).labels }
            let isCrossed = sets.map { sets in
                Set(zip(sets, groups.labels).map { [$0, $1] }).count > Set(sets).count
            }
            // A statistic with its own variances has a limit that does not depend on them: Janssen 1997, Statistics &
            // Probability Letters 36:9-21.
            if exchange != .flip, isCrossed ?? true {
                result.append(
                    "shuffles cross these groups: p is exact where their variances are equal, and right in large samples where they are not"
                )
            }
        }
        if exchange != .permute, test.listed == nil {
            let isSingle = blocks.map { $0.flipUnits.allSatisfy { $0.count == 1 } } ?? true
            result.append(
                isSingle
                    ? "errors are independent and symmetric about 0"
                        + (blocks == nil ? "" : ", also inside blocks") + "; their variances may differ"
                    : "the sets of rows that flip together are independent of each other, and each is jointly symmetric about 0; rows inside one may depend on each other"
            )
        }
        if given.count > (given.contains("intercept") ? 1 : 0) {
            result.append(test.moved.assumption)
        }
        return result
    }

    /// What a file of shuffles cannot test.
    private var listedWarnings: [Note] {
        guard exchange == .permute, recommendedExchange == .flip else { return [] }
        if isForVariances {
            return [
                .warning(
                    "the file's permutations may carry rows across groups of unequal variance: small groups of unequal size then find too much; give a file of signs"
                )
            ]
        }
        return [
            .warning(
                (rowsAreEqual
                    ? "all rows of the design are equal: the file's permutations change nothing, and every p is 1"
                    : "the null hypothesis is about the level of the maps, which the file's permutations keep as it is")
                    + "; give a file of signs, or drop --shuffles-from")
        ]
    }

    private static func exchangeWarnings(
        _ chosen: ExchangeScheme, _ recommended: ExchangeScheme, _ distinct: DistinctShuffles,
        _ blocks: ExchangeabilityBlocks?, isForVariances: Bool
    ) -> [Note] {
        if blocks != nil, distinct.isConstant {
            return [
                .warning(
                    "no shuffle that the blocks allow changes the statistic, and every p is 1: what is tested does not vary where rows are exchanged"
                )
            ]
        }
        if isForVariances {
            return chosen == .flip
                ? []
                : [
                    .warning(
                        "labels change places between groups of unequal variance: small groups of unequal size then find too much; use --exchange flip"
                    )
                ]
        }
        return switch (chosen, recommended) {
        case (.flip, .permute):
            [
                .warning(
                    "signs are flipped where labels could be permuted: with skewed errors and a skewed regressor this finds too much; --exchange permute needs no symmetry"
                )
            ]
        case (.both, .permute):
            [
                .information(
                    "flipping signs besides permuting labels adds shuffles, and the assumption that errors are symmetric"
                )
            ]
        case (.permute, .flip):
            distinct.count == 1
                ? [
                    .warning(
                        "all rows of the design are equal: permuting labels changes nothing, and every p is 1; use --exchange flip"
                    )
                ]
                : [
                    .warning(
                        "the null hypothesis is about the level of the maps, which permuting labels keeps as it is; use --exchange flip"
                    )
                ]
        default: []
        }
    }

    /// Unequal groups behind the tested columns: where their variances differ as well, p is off, unless each has a
    /// variance of its own.
    private static func groupWarnings(
        _ contrast: ContrastWeights, _ design: Design, _ variances: VarianceGroups?
    ) -> [Note] {
        let weighted = Set(contrast.weightedColumns)
        // The other levels of a factor are groups of their own.
        let terms = Set(design.columns.filter { weighted.contains($0.name) }.map(\.term))
        let grouping = design.columns.indices.filter { column in
            terms.contains(design.columns[column].term) && !design.isConstant(column)
                && Set(design.matrix.column(column)).count <= 3
        }
        guard !grouping.isEmpty else { return [] }
        let groups = Dictionary(grouping: 0..<design.subjectCount) { row in
            grouping.map { design.matrix[row, $0] }
        }.values
        let sizes = groups.map(\.count).sorted(by: >)
        if let variances {
            let labels = groups.map { Set($0.map { variances.labels[$0] }) }
            if labels.reduce(0, { $0 + $1.count }) == Set(labels.joined()).count { return [] }
        }
        guard sizes.count > 1, Double(sizes[0]) >= 1.5 * Double(sizes[sizes.count - 1]) else { return [] }
        return [
            .warning(
                "groups of unequal size (\(listed(sizes.map(String.init)))): if their variances differ too, p is too small or too large"
            )
        ]
    }
}
