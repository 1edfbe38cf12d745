import CoveyCore
import CoveyInference

extension ContrastAnalysis {
    /// The columns that random field theory and bounds on true discoveries add to a table of clusters.
    ///
    /// - Parameter place: which of the contrast's tables.
    func afterSelectionColumns(_ place: Int) -> [ClusterColumn] {
        let table = clusters[place].table
        let field = randomField?.tables[place].map { Self.fieldColumns($0, table) } ?? []
        return field + boundColumns(of: table)
    }

    /// The bounds on true discoveries of the clusters or regions of a table.
    func boundColumns(of table: ClusterTable) -> [ClusterColumn] {
        bounds.enumerated().flatMap { boundColumns($1, isPrimary: $0 == 0, table) }
    }

    /// What shuffles and random field theory say of the number of clusters.
    func setValues(_ place: Int) -> [ClusterFinding.SetValue] {
        shuffledSetValues(place) + fieldSetValues(place)
    }

    private func shuffledSetValues(_ place: Int) -> [ClusterFinding.SetValue] {
        guard let pooled = pooledClusters(place).first?.pooled else { return [] }
        let measure = Measure(
            "Set p", heading: "set-level p (shuffles)",
            meaning:
                "p of \(counted(pooled.observed.count, "cluster")) or more, single voxels included, by shuffles",
            style: .p)
        return [ClusterFinding.SetValue(measure: measure, value: pooled.setP)]
    }

    /// The clusters of all shuffles, for each quantity that a table has p-values of; none without clusters.
    private func pooledClusters(_ place: Int) -> [(heading: String, pooled: PooledClusters)] {
        (permutation?.findings ?? []).compactMap { finding in
            let quantity = finding.result.quantity
            guard quantity.formingThreshold?.height == clusters[place].table.threshold,
                let pooled = finding.result.pooled, !pooled.observed.isEmpty
            else { return nil }
            return (quantity.columnNames.heading, pooled)
        }
    }

    private func fieldSetValues(_ place: Int) -> [ClusterFinding.SetValue] {
        guard let p = randomField?.tables[place]?.logSetP else { return [] }
        let measure = Measure(
            "Set RFT p", heading: "set-level p (RFT)",
            meaning: "p of as many clusters or more, by random field theory", style: .p)
        return [ClusterFinding.SetValue(measure: measure, value: LogProbability.p(p))]
    }

    private static func fieldColumns(_ field: RandomFieldClusters, _ table: ClusterTable) -> [ClusterColumn] {
        func ofClusters(
            _ name: String, _ heading: String?, _ meaning: String,
            _ logP: (RandomFieldClusters.ClusterP) -> Double
        ) -> ClusterColumn {
            ClusterColumn(
                Measure(name, heading: heading, meaning: meaning, style: .p),
                ofClusters: field.clusters.map { .number(LogProbability.p(logP($0))) }, in: table)
        }
        func ofPeaks(
            _ name: String, _ heading: String, _ meaning: String,
            _ logP: (RandomFieldClusters.PeakP) -> Double
        ) -> ClusterColumn {
            ClusterColumn(Measure(name, heading: heading, meaning: meaning, style: .p), .peak, in: table) {
                row in
                let peak = row.subpeak.map { $0 + 1 } ?? 0
                return .number(LogProbability.p(logP(field.clusters[row.cluster.id - 1].peaks[peak])))
            }
        }
        return [
            ofClusters(
                "Cluster RFT p FWE", "p (RFT cluster)",
                "Family-wise p of the cluster's extent by random field theory", \.logFamilyWise),
            ofClusters(
                "Cluster RFT q FDR", "q (RFT cluster)",
                "False discovery rate over all \(counted(field.clusterCount, "cluster")) above the threshold, by random "
                    + "field theory", \.logFalseDiscoveryRate),
            ofClusters(
                "Cluster RFT p unc", nil,
                "p of the cluster's extent by random field theory, not corrected", \.logUncorrected),
            ofPeaks(
                "Peak RFT p FWE", "p (RFT peak)", "Family-wise p of the peak's height by random field theory",
                \.logFamilyWise),
            ofPeaks(
                "Peak RFT q FDR", "q (RFT peak)",
                "False discovery rate over all \(counted(field.peakCount, "peak")) above the threshold, by random field "
                    + "theory", \.logFalseDiscoveryRate),
        ]
    }

    private func boundColumns(
        _ bounds: TrueDiscoveryBounds, isPrimary: Bool, _ table: ClusterTable
    ) -> [ClusterColumn] {
        let all = bounds.bounds(ofLabels: table.labels, count: table.clusters.count)
        let found = table.clusters.map { all[$0.id - 1] }
        let name = if case .calibrated = bounds.method { "Calibrated" } else { "ARI" }
        let level = "by \(bounds.method.words), simultaneous \(shortest(100 * (1 - bounds.alpha))) %"
        return [
            ClusterColumn(
                Measure(
                    "\(name) true discoveries", heading: isPrimary ? "Active ≥" : nil,
                    meaning: "Voxels of the cluster that are truly active, at least, \(level)", style: .count),
                ofClusters: found.map { .number(Double($0.trueDiscoveries)) }, in: table),
            ClusterColumn(
                Measure(
                    "\(name) TDP", heading: isPrimary ? "% ≥" : nil,
                    meaning: "Share of the cluster's voxels that are truly active, at least, \(level)",
                    style: .percent), ofClusters: found.map { .number($0.proportion) }, in: table),
        ]
    }

    /// What readers should know of these columns, a sentence each.
    func afterSelectionRemarks(_ place: Int) -> [String] {
        var remarks: [String] = []
        let pooled = pooledClusters(place)
        if let count = pooled.first?.pooled.observed.count {
            remarks.append(
                pooled.map { "q (\($0.heading))" }.joined(separator: " and ") + ": false discovery rate over "
                    + "\(counted(count, "cluster")), each compared with all clusters of all shuffles, which takes every "
                    + "place to be alike.")
        }
        if let field = randomField?.tables[place] {
            remarks.append(
                "RFT: random field theory, p family-wise, q false discovery rate over \(counted(field.clusterCount, "cluster")) "
                    + "and \(counted(field.peakCount, "peak")).")
        }
        if let bounds = bounds.first {
            remarks.append(
                "Active ≥: voxels of the cluster that are truly active, at least; % ≥: their share, by "
                    + "\(bounds.method.words), simultaneous \(shortest(100 * (1 - bounds.alpha))) %.")
        }
        return remarks
    }
}
