import CoveyCore
public import CoveyModel

extension PermutationResult {
    /// What the p-values of the quantity belong to.
    public var level: ClusterColumn.Level { quantity.formingThreshold == nil ? .peak : .cluster }

    /// The p-values of the quantity: `FWE` is corrected for the family of all voxels or clusters, and `unc`,
    /// of voxels alone, is not; each with the bounds of its 95 % Monte-Carlo interval where p is not exact.
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
        measures += intervals("\(names.title) p FWE", of: corrected)
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
            let uncorrected = uncorrectedP.values
            measures.append(
                PeakMeasure(
                    Measure(
                        "\(names.title) p unc", heading: showsUncorrected ? "p (unc.)" : nil,
                        meaning: "p of \(names.meaning) by shuffles, not corrected", style: .p),
                    uncorrected))
            measures += intervals("\(names.title) p unc", of: uncorrected)
        }
        return measures
    }

    /// The bounds of the 95 % Monte-Carlo intervals of counted p-values; nothing where p is exact.
    public func intervals(_ name: String, of p: [Double]) -> [PeakMeasure] {
        isExact
            ? []
            : [.monteCarloInterval(name) { self.interval(ofP: p[$0]) }]
    }
}

extension PeakMeasure {
    /// The bounds of the Monte-Carlo intervals of the p-values of a column.
    public static func monteCarloInterval(
        _ name: String, _ interval: @escaping @Sendable (Int) -> MonteCarloInterval?
    ) -> PeakMeasure {
        let measure = Measure(
            name, heading: nil, meaning: "95 % Monte-Carlo interval of \(name) (Clopper and Pearson)",
            style: .p,
            isInterval: true)
        return PeakMeasure(measure) { column in
            interval(column).map { .interval($0.lower, $0.upper) }
        }
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
