import CoveyCore

/// The meaning of a contrast in words.
struct ContrastWords: Sendable, Hashable {
    private let contrast: ContrastWeights
    private let design: Design
    private let weighted: [Int]
    private let voxelwiseColumns: [String]

    init(_ contrast: ContrastWeights, _ design: Design, voxelwiseColumns: [String] = []) {
        self.voxelwiseColumns = voxelwiseColumns
        self.contrast = contrast
        self.design = design
        let names = Set(contrast.weightedColumns)
        weighted = design.columns.indices.filter { names.contains(design.names[$0]) }
    }

    /// The columns without a weight; a large factor counts as one.
    var given: [String] { design.namesWithLargeFactors(without: Set(weighted)) }

    /// "the slope of fluency is 0 at every voxel, given intercept and age".
    var nullHypothesis: String {
        let rows = (0..<contrast.weights.rows).map { quantity(contrast.weights.row($0)) }
        let what = rows.count == 1 ? rows[0] + " is 0" : rows.joined(separator: "; ") + " are all 0"
        return what + " at every voxel" + (given.isEmpty ? "" : ", given \(andList(given))")
    }

    /// What counts against the null hypothesis.
    func alternative(_ tail: Tail) -> String {
        if contrast.isF {
            return contrast.weights.rows == 1 ? "is it other than 0?" : "is any of them other than 0?"
        }
        return switch tail {
        case .greater: "is it greater than 0? (one-sided)"
        case .less: "is it less than 0? (one-sided)"
        case .twoSided: "is it other than 0? (two-sided)"
        }
    }

    /// What a row of weights is of: the slope of a covariate, a mean, a difference.
    private func quantity(_ weights: [Double]) -> String {
        let used = weights.indices.filter { weights[$0] != 0 }
        guard used.count == 1, let column = used.first else {
            if contrast.weights.rows == 1, !contrast.contrast.text.contains("["), contrast.name.count < 200,
                contrast.name == trimmed(contrast.contrast.text[...])
            {
                return printable(contrast.name)
            }
            return expression(weights)
        }
        let name = printable(design.names[column], limit: 80)
        let factor = weights[column]
        // A multiple of a coefficient is 0 where the coefficient is.
        let multiple = factor == 1 ? "" : factor == -1 ? "minus " : "\(significant(factor, digits: 6)) times "
        return multiple + meaning(of: column, name)
    }

    private func meaning(of column: Int, _ name: String) -> String {
        if design.isConstant(column) {
            return design.columns.count == 1
                ? "the mean" : "the intercept (the expected value where all other columns are 0)"
        }
        switch design.columns[column].origin {
        case .product(let elements) where elements.count == 1:
            switch elements[0] {
            case .covariate: return "the slope of \(name)"
            case .level(let factor, _, .treatment):
                let reference = design.omittedLevels.first { $0.term == factor }?.name
                return
                    "the difference of \(name) from \(reference.map { printable($0) } ?? "the reference level")"
            case .level(_, _, .sum): return "the deviation of \(name) from the mean of the levels"
            case .level(_, _, .cellMeans): return "the mean of \(name)"
            }
        case .product: return "the interaction \(name)"
        case .intercept: return "the intercept"
        case .given:
            return Set(design.matrix.column(column)).count == 2
                ? "the effect of \(name)" : "the slope of \(name)"
        }
    }

    private func expression(_ weights: [Double]) -> String {
        var text = ""
        for column in weights.indices where weights[column] != 0 {
            let size = abs(weights[column])
            text += weights[column] < 0 ? (text.isEmpty ? "-" : " - ") : (text.isEmpty ? "" : " + ")
            text +=
                (size == 1 ? "" : significant(size, digits: 6) + "*")
                + printable(design.names[column], limit: 80)
            if text.count > 300 { return text + " ..." }
        }
        return text
    }

    /// What is shuffled and why that fits.
    func shuffling(
        _ exchange: ExchangeScheme, recommended: ExchangeScheme, blocks: ExchangeabilityBlocks?,
        _ test: ShuffledTest, isForVariances: Bool
    ) -> String {
        let residuals = test.moved.words(isAlone: given.isEmpty)
        let plural = test.moved.plural(isAlone: given.isEmpty)
        guard test.listed == nil else {
            return switch exchange {
            case .permute: "labels: \(plural) change places as a file lists them"
            case .flip: "signs: \(plural) have the signs that a file lists"
            case .both: "labels and signs: \(plural) change places and signs as a file lists them"
            }
        }
        let what =
            switch (exchange, blocks) {
            case (.permute, nil): "labels: each subject's \(residuals) may belong to any other subject"
            case (.flip, nil): "signs: each subject's \(residuals) may have either sign"
            case (.both, nil):
                "labels and signs: each subject's \(residuals) may belong to any other subject, with either sign"
            case (.permute, let blocks?): "labels: \(plural) change places \(blocks.permutationWords)"
            case (.flip, let blocks?): "signs: \(plural) may have either sign, \(blocks.flipWords)"
            case (.both, let blocks?):
                "labels and signs: \(plural) change places \(blocks.permutationWords), and may have either sign, \(blocks.flipWords)"
            }
        guard blocks == nil else { return what + (exchange == recommended ? "" : " (asked for)") }
        guard exchange == recommended else { return what + " (asked for)" }
        let why =
            isForVariances
            ? "errors of groups with unequal variances cannot change places"
            : recommended == .flip
                ? "the null hypothesis is about the level of the maps, which exchanging subjects would not change"
                : design.constantColumn == nil && given.isEmpty
                    ? "under the null hypothesis the subjects are interchangeable"
                    : "the null hypothesis leaves the level free, and under it the subjects are interchangeable"
        return "\(what), since \(why)"
    }

    /// What the tested numbers mean in the presence of the other columns.
    var meaningWarnings: [Note] {
        interceptWarnings + interactionWarnings + cellMeanWarnings
    }

    /// An intercept is about subjects whose covariates are 0.
    private var interceptWarnings: [Note] {
        guard weighted.count == 1, let column = weighted.first, design.isConstant(column) else { return [] }
        let outside = design.columns.indices.filter { other in
            let values = design.matrix.column(other)
            return other != column && !voxelwiseColumns.contains(design.names[other])
                && (values.min()! > 0 || values.max()! < 0)
        }
        guard !outside.isEmpty else { return [] }
        let names = outside.map { design.names[$0] }
        return [
            .warning(
                "the intercept is the expected value where \(andList(names)) \(names.count == 1 ? "is" : "are") 0, outside the values observed: centre \(names.count == 1 ? "it" : "them") to test the mean"
            )
        ]
    }

    /// A main effect beside an interaction is the effect where the partner is 0 or at its reference.
    private var interactionWarnings: [Note] {
        var partners: [String] = []
        for column in weighted {
            guard case .product(let own) = design.columns[column].origin else { continue }
            for other in design.columns.indices where !weighted.contains(other) {
                guard case .product(let elements) = design.columns[other].origin,
                    elements.count > own.count, own.allSatisfy(elements.contains)
                else { continue }
                for element in elements where !own.contains(element) {
                    let words =
                        switch element {
                        case .covariate(_, let expression, let centring):
                            "\(printable(expression, limit: 60)) is \(centring.isEmpty ? "0" : "at its mean")"
                        case .level(let factor, _, .treatment):
                            "\(printable(factor, limit: 60)) is at its reference level"
                        case .level(let factor, _, .sum):
                            "\(printable(factor, limit: 60)) is averaged over its levels"
                        case .level(let factor, let level, .cellMeans):
                            "\(printable(factor, limit: 60)) is not \(quoted(level))"
                        }
                    if !partners.contains(words) { partners.append(words) }
                }
            }
        }
        guard !partners.isEmpty else { return [] }
        return [
            .warning("the model has interactions: this is the effect where \(andList(partners))")
        ]
    }

    /// All means of a factor against 0 are not the differences between them.
    private var cellMeanWarnings: [Note] {
        guard contrast.isF, contrast.weights.rows > 1, weighted.count == contrast.weights.rows else {
            return []
        }
        let areMeans = weighted.allSatisfy { column in
            if case .product(let elements) = design.columns[column].origin, elements.count == 1,
                case .level(_, _, .cellMeans) = elements[0]
            {
                true
            } else {
                false
            }
        }
        guard areMeans else { return [] }
        let names = weighted.map { design.names[$0] }
        return [
            .warning(
                "this asks whether any mean is other than 0; for differences between the levels test 'F: "
                    + names.dropFirst().prefix(3).map {
                        "\(printable($0, limit: 60)) - \(printable(names[0], limit: 60))"
                    }
                    .joined(separator: ", ") + (names.count > 4 ? ", ..." : "") + "'")
        ]
    }
}

extension Design {
    /// The columns' names, those of a factor with more than six columns as one: "subject (29 columns)".
    func namesWithLargeFactors(without left: Set<Int> = []) -> [String] {
        let kept = columns.indices.filter { !left.contains($0) }
        let ofTerm = Dictionary(grouping: kept) { columns[$0].term }
        return kept.compactMap { column in
            let members = ofTerm[columns[column].term]!
            guard members.count > 6, case .product = columns[column].origin else {
                return columns[column].name
            }
            return column == members[0] ? "\(columns[column].term) (\(members.count) columns)" : nil
        }
    }
}

/// "a", "a and b", "a, b and c"; the first ten names.
func andList(_ names: [String]) -> String {
    let shown = names.prefix(10).map { printable($0, limit: 60) }
    if names.count > 10 { return shown.joined(separator: ", ") + " and \(names.count - 10) more" }
    guard let last = shown.last, shown.count > 1 else { return shown.first ?? "" }
    return shown.dropLast().joined(separator: ", ") + " and " + last
}
