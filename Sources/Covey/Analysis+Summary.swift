import CoveyCore
import CoveyImaging
import CoveyInference
import CoveyKernels
import CoveyModel

extension Analysis {
    /// What was found, for programs.
    public var summary: Summary {
        let diagnostics = doctor.diagnostics
        // Of placeholders for images the numbers would say nothing.
        let isOneDesign = plan.voxelwiseColumns == nil
        var inflation: [String: Double] = [:]
        for (name, value) in zip(design.names, diagnostics.varianceInflation) {
            if let value, value.isFinite, isOneDesign { inflation[name] = value }
        }
        return Summary(
            version: coveyVersion, subjects: design.subjectCount, identifiers: reading.cohort.identifiers,
            voxels: contrasts.first?.statistic.mask.count ?? fit.mask.count,
            testedVoxels: contrasts.first?.parametric.testCount ?? fit.testedVoxelCount,
            voxelVolume: fit.mask.grid.voxelVolume, design: design.names, rank: fit.model.rank,
            degreesOfFreedom: fit.model.degreesOfFreedom,
            conditionNumber: isOneDesign ? diagnostics.conditionNumber : nil,
            centredConditionNumber: isOneDesign ? diagnostics.centredConditionNumber : nil,
            varianceInflation: inflation,
            smoothness: contrasts.first?.randomField.map { Summary.SmoothnessSummary($0.smoothness) },
            contrasts: contrastSummaries, notes: notes,
            seconds: Dictionary(uniqueKeysWithValues: clock.seconds.map { ($0.name, $0.seconds) }),
            peakBytes: ProcessUsage.peakBytes, threads: options.threads)
    }

    /// The contrasts, with the smallest p that symmetries of the design leave to their shuffles.
    var contrastSummaries: [Summary.ContrastSummary] {
        zip(contrasts, doctor.diagnoses).map { found, diagnosis in
            var summary = found.summary(plan.variant)
            if let result = found.permutation?.voxel.result, result.shuffles.distinct != nil,
                result.usesAll || diagnosis.distinctShuffles.isConstant
            {
                summary.permutation?.smallestPossibleP = diagnosis.smallestP
            }
            return summary
        }
    }
}

extension ContrastAnalysis {
    /// What was found, for programs.
    func summary(_ asked: AnalysisPlan.StatisticVariant?) -> Summary.ContrastSummary {
        let dof = Double(partition.degreesOfFreedom)
        var tested = permutation?.summary(isPseudo: variant?.hasTailAreas == false)
        for (k, finding) in (permutation?.findings ?? []).enumerated() {
            tested?.quantities[k].regions = regionCount(finding)
        }
        return Summary.ContrastSummary(
            contrast: contrast.contrast.text, label: label, test: statistic.statistic.letter,
            degreesOfFreedom: statistic.statistic == .z
                ? [] : partition.isF ? [Double(partition.testedRank), dof] : [dof],
            tail: tail.rawValue, variant: asked?.words, greatest: extreme(by: <), least: extreme(by: >),
            thresholds: thresholds,
            permutation: tested,
            randomField: randomField?.summary(clusters),
            clusters: clusters.map(\.summary), trueDiscoveries: boundSummaries,
            equivalence: equivalence, influence: influence?.summaries)
    }

    /// The voxel whose statistic comes last by an order; the first of equals.
    private func extreme(by precedes: (Double, Double) -> Bool) -> Summary.Extreme? {
        var best: Int?
        for (voxel, value) in statistic.values.enumerated() where !value.isNaN {
            if best.map({ precedes(statistic.values[$0], value) }) ?? true { best = voxel }
        }
        return best.map { voxel in
            let (place, index) = (statistic.mask.world(of: voxel), statistic.mask.voxel(of: voxel))
            return Summary.Extreme(
                statistic: statistic.values[voxel], millimeters: [place.x, place.y, place.z],
                voxel: [index.x, index.y, index.z])
        }
    }
}

extension PermutationFinding {
    /// The test in numbers.
    ///
    /// - Parameter isPseudo: whether the statistic is pseudo-t.
    func summary(isPseudo: Bool) -> Summary.PermutationSummary {
        var seed: UInt64?
        let exchange: String
        switch shuffles.origin {
        case .random(let plan): (exchange, seed) = (plan.exchanging.rawValue, plan.seed)
        case .exhaustive(let scheme): exchange = scheme.rawValue
        case .listed: exchange = "listed"
        }
        return Summary.PermutationSummary(
            shuffles: voxel.result.shuffleCount,
            planned: voxel.result.shuffleCount < shuffles.count ? shuffles.count : nil,
            exhaustive: voxel.result.usesAll, distinct: shuffles.distinct?.description,
            blocks: shuffles.blocks.map { _ in shuffles.words }, exchange: exchange, seed: seed,
            method: method.rawValue, partition: split?.rawValue,
            scale: isPseudo ? "pseudo-t" : voxel.result.observed.statistic.letter,
            alpha: alpha,
            quantities: findings.map { $0.summary(choice, alpha: alpha) },
            smallestPossibleP: voxel.result.smallestP)
    }
}

extension Statistic {
    /// The letter of a statistic.
    var letter: String {
        switch self {
        case .f: "F"
        case .z: "z"
        default: "t"
        }
    }
}

extension QuantityFinding {
    /// The finding in numbers.
    func summary(_ choice: InferenceChoice, alpha: Double) -> Summary.QuantitySummary {
        let isMass = if case .clusterMass = result.quantity { true } else { false }
        return Summary.QuantitySummary(
            quantity: result.quantity.label, formingThreshold: result.quantity.formingThreshold?.height,
            connectivity: result.quantity == .voxel ? nil : choice.connectivity.rawValue,
            mass: isMass ? choice.mass?.rawValue : nil,
            tfce: result.quantity == .tfce ? choice.tfce : nil, threshold: threshold,
            survivors: survivorCount, smallestP: smallestP,
            smallestPInterval: result.interval(ofP: smallestP).map { [$0.lower, $0.upper] },
            alphaInterval: result.interval(ofP: alpha).map { [$0.lower, $0.upper] },
            tail: tail?.summary, acrossContrasts: acrossContrasts?.summary(result))
    }
}

extension ClusterFinding {
    /// Clusters in numbers.
    var summary: Summary.ClusterSummary {
        Summary.ClusterSummary(
            threshold: table.threshold, origin: origin, connectivity: table.connectivity.rawValue,
            minimumExtent: table.minimumVoxelCount, count: table.clusters.count,
            largest: table.clusters.map(\.voxelCount).max() ?? 0)
    }
}
