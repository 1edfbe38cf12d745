import CoveyCore
public import CoveyModel

extension PermutationResult {
    /// What the p-values of the quantity belong to.
    public var level: ClusterColumn.Level { quantity.formingThreshold == nil ? .peak : .cluster }

    /// The p-values of the quantity: `FWE` is corrected for the family of all voxels or clusters, with the bounds
    /// of its 95 % Monte-Carlo interval where p is not exact; `unc`, of voxels alone, is not corrected.
    ///
    /// - Parameter showsUncorrected: whether readers see `unc`, as they must where no other p is at hand.
    public func measures(showsUncorrected: Bool = false) -> [PeakMeasure] {
        let names = quantity.columnNames
        let corrected = familyWiseP.values
        var measures = [
            PeakMeasure(
                Measure(
                    "\(names.title) p FWE", heading: "p (\(names.heading))",
                    meaning: "Family-wise p of \(names.meaning) by shuffles, over all \(names.family)",
                    style: .p), corrected)
        ]
        if !isExact {
            let interval = Measure(
                "\(names.title) p FWE", heading: nil,
                meaning: "95 % Monte-Carlo interval of \(names.title) p FWE (Clopper and Pearson)", style: .p,
                isInterval: true)
            measures.append(
                PeakMeasure(interval) { column in
                    self.interval(ofP: corrected[column]).map { .interval($0.lower, $0.upper) }
                })
        }
        // A voxel's own p of the cluster that holds it is no p of the cluster: those are of all places together.
        if let pooled {
            let observed = observed.values
            measures += [
                PeakMeasure(
                    Measure(
                        "\(names.title) q FDR", heading: "q (\(names.heading))",
                        meaning: "False discovery rate of \(names.meaning) by shuffles, over all "
                            + "\(counted(pooled.observed.count, "cluster")) above the threshold; takes every place to be alike",
                        style: .p)
                ) { .number(pooled.q(of: observed[$0])) },
                PeakMeasure(
                    Measure(
                        "\(names.title) p unc", heading: nil,
                        meaning:
                            "p of \(names.meaning) among the \(counted(pooled.total, "cluster")) of all shuffles, not "
                            + "corrected; takes every place to be alike",
                        style: .p)
                ) { .number(pooled.p(of: observed[$0])) },
            ]
        } else {
            measures.append(
                PeakMeasure(
                    Measure(
                        "\(names.title) p unc", heading: showsUncorrected ? "p (unc.)" : nil,
                        meaning: "p of \(names.meaning) by shuffles, not corrected", style: .p),
                    uncorrectedP.values))
        }
        return measures
    }
}

extension TestedQuantity {
    /// What columns of its p-values are called, in files and before readers, and what they are of.
    public var columnNames: (title: String, heading: String, meaning: String, family: String) {
        switch self {
        case .voxel: ("Peak", "FWE", "the peak's statistic", "voxels")
        case .tfce: ("Peak TFCE", "TFCE", "TFCE at the peak", "voxels")
        case .clusterExtent: ("Cluster extent", "extent", "the cluster's number of voxels", "clusters")
        case .clusterMass: ("Cluster mass", "mass", "the cluster's mass", "clusters")
        }
    }
}
