import CoveyCore
import CoveyImaging
import CoveyInference
import CoveyModel

extension ContrastAnalysis {
    /// The statistic that was tested, where clusters were formed on another scale.
    var testedMeasure: PeakMeasure? {
        guard clusterLetter != letter else { return nil }
        return PeakMeasure(
            Measure(
                "Peak tested statistic", heading: letter,
                meaning: "The statistic that was tested (\(statisticWords)) at the peak",
                style: .decimals(2)), tested.values)
    }

    /// The letter of the statistic that formed clusters: t, F or z.
    var clusterLetter: String {
        permutation?.voxel.result.observed.statistic == .z ? "z" : letter
    }

    /// p by the distribution of the statistic; none of pseudo-t.
    var parametricMeasures: [PeakMeasure] {
        isPseudo ? [] : parametric.measures(correctedBy: thresholds.map(\.correction))
    }

    /// p by shuffles, with what they belong to.
    var permutationMeasures: [(quantity: TestedQuantity, level: ClusterColumn.Level, measures: [PeakMeasure])]
    {
        guard let permutation else { return [] }
        return permutation.findings.map { finding in
            let names = finding.result.quantity.columnNames
            var measures = finding.result.measures(
                showsUncorrected: isPseudo && finding.result.quantity == .voxel)
            if let tail = finding.tail {
                measures.append(
                    PeakMeasure(
                        Measure(
                            "\(names.title) p FWE fit", heading: nil,
                            meaning:
                                "Family-wise p of \(names.meaning) by a fit to the tail of the shuffles' maxima",
                            style: .p), finding.result.familyWiseP(by: tail).values))
            }
            if let across = finding.acrossContrasts { measures += across.measures(finding.result) }
            if finding.result.quantity == .voxel, let sequential = permutation.sequential {
                measures.append(
                    PeakMeasure(
                        Measure(
                            "Peak p unc sequential", heading: nil,
                            meaning:
                                "p of the peak's statistic by as many shuffles as it needed (Besag and Clifford), "
                                + "not corrected", style: .p), sequential.p.values))
                measures.append(.monteCarloInterval("Peak p unc sequential") { sequential.interval(at: $0) })
            }
            return (finding.result.quantity, finding.result.level, measures)
        }
    }

    /// Effect, its interval and its standardised size; the last two of ordinary least squares alone.
    func effectMeasures(_ fit: Fit) -> [PeakMeasure] {
        var measures: [PeakMeasure] = []
        guard let effect = effect(fit) else { return sizeMeasures(fit) }
        measures.append(
            PeakMeasure(
                Measure(
                    "Peak effect", heading: "Effect", meaning: "The contrast of the coefficients at the peak",
                    unit: "units of the maps over those of the regressor", style: .significant(3)), effect))
        if variant == nil, !partition.isF {
            let (error, factor) = (fit.standardError(partition).values, intervalFactor(partition))
            measures.append(
                PeakMeasure(
                    Measure(
                        "Peak effect 95 % CI", heading: "95 % CI",
                        meaning: "Confidence interval of the effect",
                        unit: "units of the maps over those of the regressor", style: .significant(3),
                        isInterval: true)
                ) {
                    .interval(effect[$0] - factor * error[$0], effect[$0] + factor * error[$0])
                })
        }
        return measures + sizeMeasures(fit)
    }

    private func sizeMeasures(_ fit: Fit) -> [PeakMeasure] {
        guard variant == nil else { return [] }
        let (t, dof, scale) = (statistic.values, Double(partition.degreesOfFreedom), partition.effectScale)
        if comparesMeans, !partition.isF {
            return [
                PeakMeasure(
                    Measure(
                        "Peak Cohen d", heading: nil, meaning: "Cohen's d at the peak", style: .decimals(2)),
                    fit.cohensD(partition).values)
            ]
                + Self.standardised(
                    "Peak Hedges g", heading: "Hedges’ g",
                    meaning: "Hedges' g at the peak, Cohen's d without its bias",
                    interval: "by the noncentral t distribution"
                ) { StandardisedEffect.hedgesG(t: t[$0], degreesOfFreedom: dof, scale: scale) }
        }
        if partition.isF {
            let shares = fit.partialR2(partition).values
            return [
                PeakMeasure(
                    Measure(
                        "Peak partial R2", heading: "partial R²", meaning: "Partial R squared at the peak",
                        style: .decimals(2)), shares)
            ]
        }
        return Self.standardised(
            "Peak partial r", heading: "partial r", meaning: "Partial correlation at the peak",
            interval: "by Fisher's z"
        ) { StandardisedEffect.partialR(t: t[$0], degreesOfFreedom: dof) }
    }

    /// A standardised effect and its interval.
    private static func standardised(
        _ name: String, heading: String, meaning: String, interval: String,
        _ effect: @escaping @Sendable (Int) -> StandardisedEffect?
    ) -> [PeakMeasure] {
        [
            PeakMeasure(Measure(name, heading: heading, meaning: meaning, style: .decimals(2))) {
                effect($0).map { .number($0.value) }
            },
            PeakMeasure(
                Measure(
                    "\(name) 95 % CI", heading: "95 % CI of \(heading)",
                    meaning: "Confidence interval of \(heading), \(interval)", style: .decimals(2),
                    isInterval: true)
            ) { effect($0).map { .interval($0.low, $0.high) } },
        ]
    }
}

extension JointFinding {
    /// p corrected for all contrasts, with the bounds of its 95 % Monte-Carlo interval where it is not exact.
    fileprivate func measures(_ result: PermutationResult) -> [PeakMeasure] {
        let (names, corrected) = (result.quantity.columnNames, p.values)
        let name = "\(names.title) p FWE all contrasts"
        let measure = PeakMeasure(
            Measure(
                name, heading: "p (\(names.heading), all)",
                meaning:
                    "Family-wise p of \(names.meaning) by shuffles, over all \(names.family) of all contrasts",
                style: .p), corrected)
        return [measure] + result.intervals(name, of: corrected)
    }
}

extension ParametricTest {
    /// z, -log10 p and p by the distribution of the statistic: uncorrected, and corrected in the ways given.
    func measures(correctedBy corrections: [Correction]) -> [PeakMeasure] {
        let uncorrected = Measure(
            "Peak parametric p unc", heading: "p (unc.)",
            meaning: "p of the peak's statistic by its distribution, not corrected", style: .p)
        let tests = MultipleTesting(logP: logP)
        let corrected = corrections.compactMap { correction -> PeakMeasure? in
            let (name, heading, words, method): (String, String, String, MultipleTesting.Method)
            switch correction {
            case .bonferroni:
                (name, heading, words, method) = (
                    "p Bonferroni", "p (Bonf.)", "Family-wise p by Bonferroni", .bonferroni
                )
            case .falseDiscoveryRate:
                (name, heading, words, method) = (
                    "q FDR", "q (FDR)", "False discovery rate by Benjamini and Hochberg", .falseDiscoveryRate
                )
            case .adaptiveFalseDiscoveryRate:
                (name, heading, words, method) = (
                    "q FDR adaptive", "q (ad. FDR)",
                    "False discovery rate by Benjamini, Krieger and Yekutieli", .adaptiveFalseDiscoveryRate
                )
            case .none, .familyWiseError, .familyWiseErrorAcrossContrasts: return nil
            }
            return PeakMeasure(
                Measure(
                    "Peak parametric \(name)", heading: heading, meaning: "\(words), over all voxels",
                    style: .p), tests.adjusted(by: method).map(LogProbability.p))
        }
        return peakMeasures + [PeakMeasure(uncorrected, p.values)] + corrected
    }
}

/// Half the width of a 95 % confidence interval over the standard error; 0 for F.
func intervalFactor(_ partition: ContrastPartition) -> Double {
    guard !partition.isF else { return 0 }
    return StudentT(degreesOfFreedom: Double(partition.degreesOfFreedom))
        .quantile(logTwoSided: LogProbability.fromP(0.05))
}
