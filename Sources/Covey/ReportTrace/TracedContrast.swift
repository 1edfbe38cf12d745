import CoveyCore
import CoveyInference
import CoveyModel

/// What the maps on disk say of a contrast, for the prose about it.
struct TracedContrast {
    /// By the end of their names: the values of the maps, over the mask.
    var maps: [String: [Double]] = [:]
    /// Places that sentences may name, in mm.
    var places: [[Double]] = []
    /// Thresholds and the like that follow from the maps.
    var sources: [TraceSource] = []
    /// Half of a 95 % interval over the standard error; `nil` where t does not apply.
    var intervalFactor: Double?

    /// Whether something else than plain t or F was tested.
    func isVariant(_ summary: TraceDocument?) -> Bool { summary?["variant"]?.text != nil }

    /// Thresholds that the page marks and the summary does not hold: the least statistic that a permutation test
    /// leaves, and those of p-values.
    mutating func addThresholds(_ summary: TraceDocument?, voxelVolume: Double) {
        let degrees = summary?["degreesOfFreedom"]?.list.compactMap(\.number) ?? []
        let (test, tail) = (summary?["test"]?.text, Tail(rawValue: summary?["tail"]?.text ?? "") ?? .twoSided)
        let statistic: Statistic =
            test == "F" && degrees.count == 2
            ? .f(numerator: degrees[0], denominator: degrees[1])
            : test == "t" && degrees.count == 1 ? .t(degreesOfFreedom: degrees[0]) : .z
        if case .t(let dof) = statistic {
            intervalFactor = StudentT(degreesOfFreedom: dof).quantile(logTwoSided: LogProbability.fromP(0.05))
        }
        let tested = maps["stat-pseudot"] ?? maps["stat-\(test ?? "t")"]
        func add(_ p: Double, _ place: String) {
            let threshold = uncorrectedThreshold(statistic, tail: tail, p: p)
            let count = Double(
                tested?.count {
                    switch tail {
                    case .greater: $0 >= threshold
                    case .less: $0 <= -threshold
                    case .twoSided: abs($0) >= threshold
                    }
                } ?? 0)
            sources.append(TraceSource(place, "survivorCount", count))
            sources.append(TraceSource(place, "cm3", count * voxelVolume / 1000))
            sources.append(TraceSource(place, "threshold", threshold))
            sources.append(TraceSource(place, "zThreshold", z(of: threshold, statistic)))
        }
        add(0.001, "uncorrected p of 0.001")
        sources.append(TraceSource("uncorrected p of 0.001", "level", 0.001))
        for found in summary?["thresholds"]?.list ?? [] {
            guard let level = found["level"]?.number, let tests = found["testCount"]?.number else { continue }
            add(level, "uncorrected p of \(level)")
            add(level / tests, "Bonferroni at \(level)")
        }
        if let threshold = summary?["randomField"]?["threshold"]?.number {
            sources.append(TraceSource("randomField", "zThreshold", z(of: threshold, statistic)))
        }
        guard let alpha = summary?["permutation"]?["alpha"]?.number,
            let corrected = maps["stat-log10p_desc-fwe"],
            let tested
        else { return }
        let level = LogProbability.negativeLog10(LogProbability.fromP(alpha))
        let survivors = corrected.indices.filter { corrected[$0] >= Double(Float(level)) }
        for threshold in [
            survivors.map({ abs(tested[$0]) }).min(),
            summary?["permutation"]?["quantities"]?.list.first?["threshold"]?.number,
        ]
        .compactMap(\.self) {
            sources.append(TraceSource("stat-log10p_desc-fwe", "threshold", threshold))
            sources.append(TraceSource("stat-log10p_desc-fwe", "zThreshold", z(of: threshold, statistic)))
        }
    }

    /// 95 % intervals of the effect, of partial r by Fisher's z, at a voxel.
    func intervals(_ column: Int, _ design: TraceDesign) -> [Double] {
        var ends: [Double] = []
        if let effect = maps["stat-effect"]?[column], let error = maps["stat-se"]?[column],
            let factor = intervalFactor
        {
            ends += [effect - factor * error, effect + factor * error]
        }
        if let t = maps["stat-t"]?[column], let d = maps["stat-d"]?[column], t != 0,
            let g = StandardisedEffect.hedgesG(
                t: t, degreesOfFreedom: Double(design.degreesOfFreedom), scale: d / t)
        {
            ends += [g.low, g.high]
        }
        if let r = maps["stat-r"]?[column], design.degreesOfFreedom > 2 {
            let half =
                StandardNormal.quantile(logTwoSided: LogProbability.fromP(0.05))
                / Double(design.degreesOfFreedom - 1).squareRoot()
            ends += [-half, half].map { shift in
                // tanh(atanh(r) + shift)
                let odds = (1 + r) / (1 - r) * LogProbability.p(2 * shift)
                return (odds - 1) / (odds + 1)
            }
        }
        return ends
    }

    private func z(of threshold: Double, _ statistic: Statistic) -> Double {
        switch statistic {
        case .t(let dof): StudentT(degreesOfFreedom: dof).z(of: threshold)
        case .f(let numerator, let denominator):
            FDistribution(numerator: numerator, denominator: denominator).areas(of: threshold).z
        default: threshold
        }
    }
}
