import CoveyCore
import CoveyInference

/// A column that after-selection inference adds to a table of clusters.
struct AfterSelectionColumn {
    /// Its name in the file.
    let name: String
    /// Its name in the report; `nil`: it is in the file alone.
    let reportName: String?
    /// For each cluster the values of its own row and of the rows of its subpeaks; `nil` where it does not apply.
    let values: [[Double?]]
    /// The value as the report writes it.
    let text: @Sendable (Double) -> String
}

extension ContrastAnalysis {
    /// The columns that random field theory and bounds on true discoveries add to a table of clusters.
    ///
    /// - Parameter place: which of the contrast's tables.
    func afterSelectionColumns(_ place: Int) -> [AfterSelectionColumn] {
        let clusters = clusters[place].table.clusters
        var columns: [AfterSelectionColumn] = []
        func ofClusters(
            _ name: String, _ reportName: String?, _ values: [Double],
            _ text: @escaping @Sendable (Double) -> String = pText
        ) {
            columns.append(
                AfterSelectionColumn(
                    name: name, reportName: reportName,
                    values: zip(clusters, values).map { [$1] + $0.subpeaks.map { _ in nil } }, text: text))
        }
        if let field = randomField?.tables[place] {
            ofClusters(
                "Cluster RFT p FWE", "p (RFT cluster)",
                field.clusters.map { LogProbability.p($0.logFamilyWise) })
            ofClusters(
                "Cluster RFT q FDR", "q (RFT cluster)",
                field.clusters.map { LogProbability.p($0.logFalseDiscoveryRate) })
            ofClusters("Cluster RFT p unc", nil, field.clusters.map { LogProbability.p($0.logUncorrected) })
            func ofPeaks(_ name: String, _ reportName: String, _ value: (RandomFieldClusters.PeakP) -> Double)
            {
                columns.append(
                    AfterSelectionColumn(
                        name: name, reportName: reportName,
                        values: field.clusters.map { $0.peaks.map { LogProbability.p(value($0)) } },
                        text: pText))
            }
            ofPeaks("Peak RFT p FWE", "p (RFT peak)", \.logFamilyWise)
            ofPeaks("Peak RFT q FDR", "q (RFT peak)", \.logFalseDiscoveryRate)
        }
        for (number, bounds) in bounds.enumerated() {
            let found = clusterBounds(bounds)[place]
            let name = if case .calibrated = bounds.method { "Calibrated" } else { "ARI" }
            ofClusters(
                "\(name) true discoveries", number == 0 ? "Active ≥" : nil,
                found.map { Double($0.trueDiscoveries) }, shortest)
            ofClusters(
                "\(name) TDP", number == 0 ? "% ≥" : nil, found.map(\.proportion),
                { significant(100 * $0, digits: 3) })
        }
        return columns
    }

    /// A table of clusters as tab-separated text, with every column.
    func clusterText(_ place: Int) -> String {
        let finding = clusters[place]
        let columns = afterSelectionColumns(place)
        let added = ClusterPValues(
            names: columns.map(\.name),
            rows: finding.table.clusters.indices.map { cluster in
                (0...finding.table.clusters[cluster].subpeaks.count).map { row in
                    columns.map { $0.values[cluster][row] }
                }
            })
        return finding.table.text(with: finding.annotations.map { $0.appending(added) } ?? added)
    }

    /// What the report's table says of these columns, to follow its caption.
    func afterSelectionCaption(_ place: Int) -> String {
        var text = ""
        if let field = randomField?.tables[place] {
            let set = field.logSetP.map { "; set-level p = \(pText(LogProbability.p($0)))" } ?? ""
            text +=
                " RFT: random field theory, p family-wise, q false discovery rate over \(counted(field.clusterCount, "cluster")) "
                + "and \(counted(field.peakCount, "peak"))\(set)."
        }
        if let bounds = bounds.first {
            text +=
                " Active ≥: voxels of the cluster that are truly active, at least; % ≥: their share, by "
                + "\(bounds.method.words), simultaneous \(shortest(100 * (1 - bounds.alpha))) %."
        }
        return text
    }
}
