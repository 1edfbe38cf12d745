import CoveyCore
import CoveyInference

extension RandomFieldFinding {
    /// What the methods section says of random field theory; empty where it was not used.
    static func methods(_ contrasts: [ContrastAnalysis]) -> [String] {
        guard let first = contrasts.compactMap(\.randomField).first else { return [] }
        return [
            "By random field theory (Worsley et al., 1996) peaks were thresholded at a family-wise error of "
                + "\(shortest(first.alpha)); the smoothness was estimated from the residuals (Kiebel et al., 1999): "
                + "\(first.smoothness.words.replacing(" x ", with: " × "))."
                + (contrasts.contains { $0.randomField?.tables.contains { $0 != nil } == true }
                    ? " p-values of clusters are those of their extent; false discovery rates are over clusters and over "
                        + "peaks (Chumbley et al., 2010)." : "")
                + (contrasts.contains { $0.tail == .twoSided && $0.randomField != nil }
                    ? " For two-sided tests both signs count as searched." : "")
        ]
    }
}

extension ContrastAnalysis {
    /// What the methods section says of bounds on true discoveries; empty where there are none.
    static func boundMethods(_ contrasts: [ContrastAnalysis]) -> [String] {
        guard let bounds = contrasts.first(where: { !$0.bounds.isEmpty })?.bounds else { return [] }
        let level = shortest(100 * (1 - bounds[0].alpha))
        return bounds.enumerated().map { place, bounds in
            let sentence: String =
                switch bounds.method {
                case .allResolutions:
                    "All-resolutions inference (Rosenblatt et al., 2018; Goeman et al., 2019) gives lower bounds on the "
                        + "number of truly active voxels of every region"
                case .calibrated(let calibrated):
                    "Lower bounds on the number of truly active voxels of every region were calibrated by the shuffles of "
                        + "the permutation test (Blanchard et al., 2020; linear template of the "
                        + "\(calibrated.templateSize) smallest p-values; for the size see Blain et al., 2022)"
                }
            return sentence
                + (place == 0
                    ? ", all of them true together with confidence \(level) %." : ", for comparison only.")
        }
    }

    /// What the reporting checklist says of bounds and random fields.
    var afterSelectionItems: [(item: String, words: String)] {
        var items: [(item: String, words: String)] = []
        if let field = randomField {
            items.append(("smoothness", field.smoothness.words))
            items.append(
                (
                    "random field theory",
                    "family-wise error \(shortest(field.alpha)) of peaks: \(sidedLetter) ≥ "
                        + "\(significant(field.threshold, digits: 6)), \(counted(field.survivorCount, "voxel"))"
                ))
        }
        for summary in boundSummaries { items.append(("true discoveries", summary.line)) }
        return items
    }
}
