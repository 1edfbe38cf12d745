import CoveyCore
import CoveyInference
import CoveyModel

extension ContrastAnalysis {
    /// Every map of the contrast that an analysis writes, in the order of their making.
    ///
    /// Corrected maps hold `-log10 p` and are finite; p-values themselves are written too, for software that
    /// wants them.
    func maps(_ fit: Fit) -> [StatisticMap] {
        var maps = [statistic]
        if statistic.statistic != .z { maps.append(parametric.z) }
        maps += [parametric.p, parametric.negativeLog10P]
        if let variant {
            maps += variant.maps.map { StatisticMap(.named($0.name), mask: variant.mask, values: $0.values) }
            if !variant.hasTailAreas {
                maps.append(
                    StatisticMap(.named("pseudot"), mask: variant.mask, values: variant.observed.values))
            }
        }
        let isPlain = variant?.hasTailAreas != true
        if isPlain { maps.append(fit.partialR2(partition)) }
        if !partition.isF, isPlain {
            maps += [fit.effect(partition), fit.variance(partition), fit.standardError(partition)]
            if comparesMeans { maps.append(fit.cohensD(partition)) }
            if variant == nil { maps += standardisedMaps(fit) + equivalenceMaps(fit) }
        }
        if !thresholds.isEmpty {
            let tests = MultipleTesting(logP: parametric.logP)
            for finding in thresholds {
                let method: MultipleTesting.Method
                switch finding.correction {
                case .bonferroni: method = .bonferroni
                case .falseDiscoveryRate: method = .falseDiscoveryRate
                case .adaptiveFalseDiscoveryRate: method = .adaptiveFalseDiscoveryRate
                case .none, .familyWiseError, .familyWiseErrorAcrossContrasts: continue
                }
                maps.append(
                    StatisticMap(
                        .negativeLog10P(tail, finding.correction, .parametric), mask: statistic.mask,
                        values: tests.adjusted(by: method).map(LogProbability.negativeLog10)))
            }
        }
        if let permutation {
            for finding in permutation.findings {
                let result = finding.result
                var found = [result.familyWiseP, result.uncorrectedP]
                if let tail = finding.tail { found.append(result.familyWiseP(by: tail)) }
                if let across = finding.acrossContrasts { found.append(across.p) }
                found.append(result.falseDiscoveryQ)
                if result.quantity == .voxel { maps += found } else { maps.append(result.observed) }
                maps += found.map(\.negativeLog10)
            }
            if let sequential = permutation.sequential { maps.append(sequential.p.negativeLog10) }
        }
        return maps
    }
}

extension StatisticMap {
    /// A map of p as a map of `-log10 p`.
    ///
    /// - Precondition: the map holds p.
    public var negativeLog10: StatisticMap {
        guard case .p(let tail, let correction, let source) = statistic else {
            preconditionFailure("not a map of p")
        }
        return StatisticMap(
            .negativeLog10P(tail, correction, source), mask: mask,
            values: values.map { LogProbability.negativeLog10(LogProbability.fromP($0)) })
    }
}
