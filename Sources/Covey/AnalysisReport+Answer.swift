import CoveyCore
import CoveyInference
import CoveyModel
import CoveyReport

/// The answer to a contrast in one sentence, and what else belongs to it.
struct ContrastAnswer {
    let sentence: String
    private let found: ContrastAnalysis

    init(_ found: ContrastAnalysis, _ analysis: Analysis) {
        self.found = found
        let values = PeakValues(found, analysis.fit)
        let primary = Self.primary(found)
        let survivor = Self.strongestSurvivor(found)
        let strongest = survivor?.column ?? PeakRows.strongest(found).first?.column
        let place = strongest.map { values.remark($0) } ?? "no voxel has a statistic"
        let test =
            found.statisticWords + ", " + (found.partition.isF ? "one tail" : Self.words(found.tail))
        let corrected =
            primary.isCorrected
            ? strongest.map { Self.correctedP(found, $0, by: survivor?.finding) } ?? "" : ""
        let last =
            "the strongest voxel \(survivor == nil ? "" : "of these ")has \(place)\(corrected)."
        let found = primary.found.filter { $0.count > 0 }
        if !primary.isCorrected {
            sentence =
                "No corrected inference was asked for (\(test)): \(primary.found[0].words) at \(primary.how), for "
                + "description only; \(last)"
        } else if found.isEmpty {
            let compared =
                primary.found.count > 1 ? ", " + Self.list(primary.found.map(\.by), last: "or") : ""
            sentence = "Nothing survives \(primary.how)\(compared) (\(test)); \(last)"
        } else {
            let verb = found.count == 1 && found[0].count == 1 ? "survives" : "survive"
            let rest = primary.found.filter { $0.count == 0 }.map(\.by)
            sentence =
                "\(Self.list(found.map(\.words), last: "and")) \(verb) \(primary.how) (\(test))"
                + (rest.isEmpty ? "" : ", and nothing \(Self.list(rest, last: "or"))") + "; \(last)"
        }
    }

    /// The null hypothesis, every threshold, and what the number of contrasts means.
    func remarks(_ diagnosis: ContrastDiagnosis, _ analysis: Analysis) -> [String] {
        var remarks = [
            "Question: \(diagnosis.alternative) Null hypothesis: \(diagnosis.nullHypothesis)."
        ]
        // What single subjects do stands beside its picture.
        let elsewhere = Set(found.influence?.sentences ?? [])
        let lines = SummaryText.lines(found.summary(analysis.plan.variant), found)
        remarks += lines.filter { !elsewhere.contains($0) }.map { line in
            Self.typeset(
                line.dropFirst().first?.isLetter == true
                    ? line.prefix(1).uppercased() + line.dropFirst() : line) + "."
        }
        remarks += diagnosis.warnings.map {
            ($0.severity == .warning ? "Warning: " : "Note: ") + $0.text + "."
        }
        if analysis.contrasts.count > 1 {
            remarks.append(
                "\(analysis.contrasts.count) contrasts were tested; p (FWE) is corrected over the voxels of this one"
                    + (found.permutation?.voxel.acrossContrasts == nil
                        ? ", not over the contrasts."
                        : ", p (FWE, all contrasts) over those of all of them.")
            )
        }
        return remarks
    }

    /// What one way of testing found.
    private struct Outcome {
        /// Voxels or clusters that survive.
        let count: Int
        /// "433 voxels (23 cm³)", "2 of 7 clusters by extent".
        let words: String
        /// "by TFCE"
        let by: String
    }

    /// The inference that the answer is about: the permutation test, else the strictest corrected threshold.
    private static func primary(
        _ found: ContrastAnalysis
    ) -> (isCorrected: Bool, found: [Outcome], how: String) {
        let voxels = "over \(found.testedCount) voxels"
        if let permutation = found.permutation {
            return (
                true, permutation.findings.map { outcome($0, found, alpha: permutation.alpha) },
                "a family-wise error of \(shortest(permutation.alpha)) \(voxels), by the maximum over "
                    + "\(permutation.voxel.result.shuffleCount) shuffles"
            )
        }
        if let finding = found.thresholds.first(where: { $0.correction != .none }), !found.isPseudo {
            let how: String =
                switch finding.correction {
                case .bonferroni: "a family-wise error of \(shortest(finding.level)) \(voxels), by Bonferroni"
                case .falseDiscoveryRate:
                    "a false discovery rate of \(shortest(finding.level)) \(voxels) (Benjamini–Hochberg)"
                default:
                    "a false discovery rate of \(shortest(finding.level)) \(voxels) (Benjamini–Krieger–Yekutieli)"
                }
            return (true, [ofVoxels(finding.survivorCount, found)], how)
        }
        if let field = found.randomField {
            let clusters = zip(found.clusters, field.tables).compactMap { finding, table in
                table.map { ofClusters($0, finding, alpha: field.alpha) }
            }
            return (
                true,
                [ofVoxels(field.survivorCount, found, by: clusters.isEmpty ? "" : "by their height")]
                    + clusters,
                "a family-wise error of \(shortest(field.alpha)) \(voxels), by random field theory"
            )
        }
        let p = found.thresholds.first?.level ?? 0.001
        let threshold = uncorrectedThreshold(found.statistic.statistic, tail: found.tail, p: p)
        let count = found.statistic.values.count { value in
            switch found.tail {
            case .greater: value >= threshold
            case .less: value <= -threshold
            case .twoSided: abs(value) >= threshold
            }
        }
        return (false, [ofVoxels(count, found)], "uncorrected p ≤ \(shortest(p))")
    }

    private static func ofVoxels(
        _ count: Int, _ found: ContrastAnalysis, regions: Int? = nil, by: String = ""
    ) -> Outcome {
        let volume = Double(count) * found.statistic.mask.grid.voxelVolume / 1000
        let size =
            count > 0
            ? " (\(significant(volume, digits: 3)) cm³"
                + (regions.map { ", in \(counted($0, "region"))" } ?? "") + ")" : ""
        return Outcome(
            count: count, words: counted(count, "voxel") + size + (by.isEmpty ? "" : " " + by),
            by: by.isEmpty ? "by voxel" : by)
    }

    /// What a permutation test found by one quantity.
    private static func outcome(
        _ finding: QuantityFinding, _ found: ContrastAnalysis, alpha: Double
    ) -> Outcome {
        let isAlone = found.permutation?.findings.count == 1
        switch finding.result.quantity {
        case .voxel:
            return ofVoxels(
                finding.survivorCount, found, regions: found.regionCount(finding),
                by: isAlone ? "" : "by their own statistic")
        case .tfce:
            return ofVoxels(
                finding.survivorCount, found, regions: found.regionCount(finding), by: "by TFCE")
        case .clusterExtent(let threshold):
            return ofClusters(finding, threshold.height, "extent", found, alpha: alpha)
        case .clusterMass(let threshold):
            return ofClusters(finding, threshold.height, "mass", found, alpha: alpha)
        }
    }

    private static func ofClusters(
        _ finding: QuantityFinding, _ height: Double, _ kind: String, _ found: ContrastAnalysis, alpha: Double
    ) -> Outcome {
        let clusters = found.clusters.first { $0.table.threshold == height }?.table.clusters ?? []
        let p = finding.result.familyWiseP.values
        let count = clusters.count { p[$0.peak.column] <= alpha }
        let by = "by \(kind) (formed at \(significant(height, digits: 3)))"
        let hasSeveral = found.permutation.map { $0.choice.formingHeights.count > 1 } ?? false
        return Outcome(
            count: count, words: "\(count) of \(counted(clusters.count, "cluster")) \(by)",
            by: "by cluster \(kind)" + (hasSeveral ? " formed at \(significant(height, digits: 3))" : ""))
    }

    /// What random field theory says of a table of clusters.
    private static func ofClusters(
        _ table: RandomFieldClusters, _ finding: ClusterFinding, alpha: Double
    ) -> Outcome {
        let count = table.clusters.count { LogProbability.p($0.logFamilyWise) <= alpha }
        let height = significant(finding.table.threshold, digits: 3)
        return Outcome(
            count: count,
            words: "\(count) of \(counted(table.clusters.count, "cluster")) by extent (formed at \(height))",
            by: "by cluster extent")
    }

    /// "a, b and c".
    private static func list(_ parts: [String], last word: String) -> String {
        guard parts.count > 1 else { return parts.first ?? "" }
        return parts.dropLast().joined(separator: ", ") + " \(word) " + parts[parts.count - 1]
    }

    /// True minus signs and ≥ in a line of the summary.
    static func typeset(_ line: String) -> String {
        line.replacing(">=", with: "≥").replacing(/(^|[ (])-(?=[\dtF])/) { "\($0.output.1)−" }
    }

    /// The strongest voxel of what survives, where none survives by its own statistic: the strongest of all would be one
    /// that was not found.
    static func strongestSurvivor(
        _ found: ContrastAnalysis
    ) -> (column: Int, finding: QuantityFinding)? {
        guard let permutation = found.permutation, permutation.voxel.survivorCount == 0,
            let finding = permutation.findings.first(where: { $0.survivorCount > 0 })
        else { return nil }
        let (p, statistic) = (finding.result.familyWiseP.values, found.tested.values)
        return p.indices.filter { p[$0] <= permutation.alpha }
            .max { abs(statistic[$0]) < abs(statistic[$1]) }.map { ($0, finding) }
    }

    /// ", corrected p = 0.002" at a voxel, by permutation where there is one; of its statistic, else of what found it.
    private static func correctedP(
        _ found: ContrastAnalysis, _ column: Int, by finding: QuantityFinding?
    ) -> String {
        guard let permutation = found.permutation else { return "" }
        let p = pText((finding ?? permutation.voxel).result.familyWiseP.values[column])
        return ", corrected p = \(p)" + (finding.map { " \(words($0.result.quantity))" } ?? "")
    }

    private static func words(_ quantity: TestedQuantity) -> String {
        switch quantity {
        case .voxel: "by its own statistic"
        case .tfce: "by TFCE"
        case .clusterExtent(let threshold): "by cluster extent\(words(threshold))"
        case .clusterMass(let threshold): "by cluster mass\(words(threshold))"
        }
    }

    /// What tells clusters of several forming thresholds apart.
    private static func words(_ threshold: FormingThreshold) -> String {
        threshold.number == nil ? "" : " formed at \(significant(threshold.height, digits: 3))"
    }

    private static func words(_ tail: Tail) -> String {
        switch tail {
        case .greater: "one-sided (greater)"
        case .less: "one-sided (less)"
        case .twoSided: "two-sided"
        }
    }
}
