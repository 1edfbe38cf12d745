import CoveyReport

extension ReportInfluence {
    /// What an analysis found of single subjects.
    init(_ finding: InfluenceFinding, label: String) {
        self.init(
            cooksDistance: finding.meanCooksDistance.map { $0.isFinite ? $0 : nil },
            peaks: finding.peaks.map {
                Peak(name: $0.name, statistic: $0.statistic, without: $0.without, threshold: $0.threshold)
            }, sentences: finding.sentences.map { ContrastAnswer.typeset($0) },
            file: "contrast-\(label)_influence.tsv")
    }
}
