import CoveyCore
import CoveyInference
import CoveyModel

/// `summary.txt`: what was done and found, in sentences.
struct SummaryText {
    let text: String

    init(_ analysis: Analysis, _ summary: Summary) {
        var lines = ["Covey \(coveyVersion)", ""]
        lines.append(
            "\(summary.subjects) \(analysis.plan.data.repeated == nil ? "subjects" : "maps"), \(summary.voxels) voxels of \(significant(summary.voxelVolume, digits: 4)) mm3"
                + (summary.testedVoxels < summary.voxels ? ", \(summary.testedVoxels) of them tested" : ""))
        lines.append(
            "design: \(summary.design.map { printable($0) }.joined(separator: ", ")) (rank \(summary.rank), "
                + "\(summary.degreesOfFreedom) degrees of freedom"
                + (summary.conditionNumber.map { ", condition number \(significant($0, digits: 3))" } ?? "")
                + ")")
        if let smoothing = analysis.plan.smoothing {
            lines.append(
                "smoothing: FWHM " + smoothing.fwhmMillimeters.map { shortest($0) }.joined(separator: ", ")
                    + " mm, \(smoothing.normalisesEdges ? "renormalised" : "plain") at the edges")
        }
        lines.append("")
        lines += analysis.doctor.lines
        for (contrast, found) in zip(summary.contrasts, analysis.contrasts) {
            lines += ["", "Contrast \(contrast.label): \(printable(contrast.contrast, limit: 120))"]
            lines += Self.lines(contrast, found).map { "  " + $0 }
        }
        if !summary.notes.isEmpty {
            lines += ["", "Notes"]
            lines += summary.notes.map { "  \($0.severity == .warning ? "warning: " : "")\($0.text)" }
        }
        lines += ["", "Seconds (\(summary.threads) threads; the number of threads changes no result)"]
        lines += analysis.clock.seconds.map { "  \(Self.padded($0.name)) \(fixed($0.seconds, decimals: 3))" }
        let total = analysis.clock.seconds.reduce(0) { $0 + $1.seconds }
        lines.append("  \(Self.padded("total")) \(fixed(total, decimals: 3))")
        lines.append("peak memory \(summary.peakBytes >> 20) MiB")
        text = lines.joined(separator: "\n") + "\n"
    }

    private static func padded(_ name: String) -> String {
        name + String(repeating: " ", count: max(0, 20 - name.count))
    }

    static func lines(_ c: Summary.ContrastSummary, _ found: ContrastAnalysis) -> [String] {
        var lines: [String] = []
        let dof = c.degreesOfFreedom.map { shortest($0) }.joined(separator: ", ")
        let letter = c.test
        lines.append(
            "\(letter)\(dof.isEmpty ? "" : "(\(dof))"), \(found.partition.isF ? "one tail" : c.tail)")
        if let variant = c.variant { lines.append(variant) }
        if let peak = c.greatest { lines.append("greatest \(letter) \(described(peak))") }
        if let peak = c.least, !found.partition.isF { lines.append("least \(letter) \(described(peak))") }
        for t in c.thresholds {
            let name: String =
                switch t.correction {
                case .bonferroni: "Bonferroni, family-wise error \(shortest(t.level))"
                case .falseDiscoveryRate: "false discovery rate \(shortest(t.level)) (Benjamini-Hochberg)"
                case .adaptiveFalseDiscoveryRate:
                    "false discovery rate \(shortest(t.level)) (Benjamini-Krieger-Yekutieli)"
                case .none, .familyWiseError, .familyWiseErrorAcrossContrasts:
                    "uncorrected p \(shortest(t.level))"
                }
            let tests =
                "\(t.testCount) tests, \(found.partition.isF ? "one tail" : t.tail.rawValue), parametric"
            if let threshold = t.statisticThreshold, let z = t.zThreshold {
                lines.append(
                    "\(name): \(survive(t.survivorCount)), "
                        + "\(sided(letter, t.tail)) >= \(significant(threshold, digits: 6)) (z \(significant(z, digits: 6))); \(tests)"
                )
            } else {
                lines.append("\(name): nothing survives; the strongest is \(strongest(c, letter)); \(tests)")
            }
        }
        if let p = c.permutation {
            let kind =
                p.exhaustive
                ? "all \(counted(p.shuffles, "distinct shuffle")) (\(p.exchange))"
                : p.exchange == "listed"
                    ? "\(counted(p.shuffles, "listed shuffle")) with the identity"
                    : "\(p.shuffles - 1) random shuffles and the identity (\(p.exchange), seed \(p.seed ?? 0))"
                        + (p.distinct.map { " of \($0) distinct" } ?? "")
            if let planned = p.planned {
                lines.append(
                    "stopped early after \(p.shuffles) of \(planned) shuffles: no decision at \(shortest(p.alpha)) can change any more"
                )
            }
            lines.append(
                "permutation, \(kind), maximum over voxels; smallest possible p \(significant(p.smallestPossibleP, digits: 3))"
            )
            if let blocks = p.blocks { lines.append("exchanged: \(blocks)") }
            if p.method != NuisanceMethod.freedmanLane.rawValue {
                lines.append(
                    "nuisance columns by the method \(p.method), not Freedman-Lane"
                        + (p.partition.map { "; model split by \($0)" } ?? ""))
            } else if let partition = p.partition {
                lines.append("model split by \(partition)")
            }
            for q in p.quantities {
                let symbol = q.quantity == "voxel" ? sided(p.scale, found.tail) : q.words
                let smallest = smallestP(q.smallestP, q.smallestPInterval)
                if q.survivors > 0, let threshold = q.threshold {
                    lines.append(
                        "family-wise error \(shortest(p.alpha)): \(survive(q.survivors, regions: q.regions)), \(symbol) >= "
                            + "\(significant(threshold, digits: 6)); \(smallest)")
                } else {
                    let best = q.quantity == "voxel" ? "; the strongest is \(strongest(c, letter))" : ""
                    lines.append(
                        "family-wise error \(shortest(p.alpha)), \(symbol): nothing survives\(best); \(smallest)"
                    )
                }
                if let joint = q.acrossContrasts {
                    lines.append("over all contrasts, " + line(joint, symbol, alpha: p.alpha))
                }
            }
        }
        for (finding, q) in zip(found.permutation?.findings ?? [], c.permutation?.quantities ?? []) {
            guard let tail = finding.tail else { continue }
            lines.append("tail of the maxima of \(q.quantity == "voxel" ? "voxels" : q.words): \(tail.text)")
        }
        if let sequential = found.permutation?.sequential {
            lines.append(
                "uncorrected p voxel by voxel (Besag and Clifford): at most \(sequential.shuffleCount) shuffles were needed"
            )
        }
        for k in c.clusters {
            lines.append(
                "clusters: \(k.count) at \(sided(c.permutation?.scale ?? letter, found.tail)) >= \(significant(k.threshold, digits: 6)) (\(k.origin)), "
                    + "\(k.connectivity) neighbours, at least \(counted(k.minimumExtent, "voxel")); largest \(counted(k.largest, "voxel"))"
            )
        }
        if let field = c.randomField {
            lines += field.lines(symbol: sided(letter, found.tail), strongest: strongest(c, letter))
        }
        lines += c.trueDiscoveries.map(\.line)
        lines += c.equivalence?.lines(found.tail) ?? []
        lines += found.influence?.sentences ?? []
        if c.clusters.isEmpty { lines.append("clusters: none, since nothing survives the forming threshold") }
        return lines
    }

    /// "smallest corrected p 0.02 (95 % Monte-Carlo interval 0.0024 to 0.07)"
    private static func smallestP(_ p: Double, _ interval: [Double]?) -> String {
        let interval = interval.map {
            " (95 % Monte-Carlo interval \(significant($0[0], digits: 2)) to \(significant($0[1], digits: 2)))"
        }
        return "smallest corrected p \(significant(p, digits: 4))\(interval ?? "")"
    }

    /// What a quantity comes to over all contrasts. The threshold is told where nothing survives too: it is that of every
    /// contrast.
    private static func line(_ joint: Summary.JointSummary, _ symbol: String, alpha: Double) -> String {
        let smallest = smallestP(joint.smallestP, joint.smallestPInterval)
        guard let threshold = joint.threshold.map({ "\(symbol) >= \(significant($0, digits: 6))" }) else {
            return "family-wise error \(shortest(alpha)), \(symbol): nothing survives; \(smallest)"
        }
        let found =
            joint.survivors > 0
            ? "\(survive(joint.survivors)), \(threshold)" : "nothing reaches \(threshold)"
        return "family-wise error \(shortest(alpha)): \(found); \(smallest)"
    }

    /// "35 voxels survive", "35 voxels survive in 2 regions".
    private static func survive(_ count: Int, regions: Int? = nil) -> String {
        "\(counted(count, "voxel")) survive\(count == 1 ? "s" : "")"
            + (regions.map { " in \(counted($0, "region"))" } ?? "")
    }

    /// The statistic in the direction of the tail, in symbols.
    private static func sided(_ letter: String, _ tail: Tail) -> String {
        switch tail {
        case .greater: letter
        case .less: "-" + letter
        case .twoSided: "|\(letter)|"
        }
    }

    private static func strongest(_ c: Summary.ContrastSummary, _ letter: String) -> String {
        let candidates: [Summary.Extreme?] =
            switch Tail(rawValue: c.tail) {
            case .less: [c.least]
            case .twoSided: [c.greatest, c.least]
            default: [c.greatest]
            }
        guard let best = candidates.compactMap({ $0 }).max(by: { abs($0.statistic) < abs($1.statistic) })
        else { return "not defined" }
        return "\(letter) \(described(best))"
    }

    private static func described(_ e: Summary.Extreme) -> String {
        "\(significant(e.statistic, digits: 6)) at ("
            + e.millimeters.map { fixed($0, decimals: 1) }.joined(separator: ", ")
            + ") mm"
    }
}

extension Summary.QuantitySummary {
    /// What was compared, in words.
    fileprivate var words: String {
        let neighbours = connectivity.map { ", \($0) neighbours" } ?? ""
        if let tfce {
            let sum: String =
                switch tfce.integration {
                case .exact: "exact"
                case .stepped(let step): "step \(shortest(step))"
                case .steppedAsFSL: "steps as FSL"
                }
            return
                "TFCE (E \(shortest(tfce.extentExponent)), H \(shortest(tfce.heightExponent)), \(sum)\(neighbours))"
        }
        let at = formingThreshold.map { " at \(significant($0, digits: 6))" } ?? ""
        return "cluster \(mass.map { "mass (\($0))" } ?? "extent")\(at)\(neighbours)"
    }
}
