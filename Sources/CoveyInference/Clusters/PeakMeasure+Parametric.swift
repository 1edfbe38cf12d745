import CoveyCore
import CoveyModel

extension ParametricTest {
    /// z and `-log10 p` at peaks, by the distribution of the statistic, not corrected.
    public var peakMeasures: [PeakMeasure] {
        let (z, logP) = (z.values, logP)
        let deviate = Measure(
            "Peak z", heading: nil,
            meaning: "The normal deviate with the same upper tail area as the peak's statistic",
            style: .decimals(2))
        let negativeLog = Measure(
            "Peak -log10 p", heading: nil,
            meaning:
                "-log10 of the peak's uncorrected p by the distribution of the statistic, \(tail.rawValue)",
            style: .decimals(2))
        return [
            PeakMeasure(deviate, z),
            PeakMeasure(negativeLog) { .number(LogProbability.negativeLog10(logP[$0])) },
        ]
    }
}
