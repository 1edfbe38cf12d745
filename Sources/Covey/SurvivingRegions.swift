import CoveyImaging
import CoveyInference
import CoveyModel

/// The regions that a permutation test of voxels leaves: connected voxels of one sign whose family-wise p is at most
/// alpha, by their own statistic or by TFCE.
public struct SurvivingRegions: Sendable {
    /// What was compared.
    public let quantity: TestedQuantity
    /// The regions as a table of clusters, with everything that is known of their peaks.
    public internal(set) var finding: ClusterFinding

    /// One for each quantity of voxels that leaves some; for their own statistic only where the tables of clusters were
    /// formed at another threshold.
    static func all(
        _ permutation: PermutationFinding, tail: Tail, _ choice: AnalysisPlan.ClusterChoice,
        beside formed: [ClusterFinding]
    ) -> [SurvivingRegions] {
        let compared = permutation.voxel.result.observed
        return permutation.findings.compactMap { finding in
            let quantity = finding.result.quantity
            let isFormed = formed.contains {
                $0.correction == .familyWiseError && $0.level == permutation.alpha
            }
            guard quantity.formingThreshold == nil, finding.survivorCount > 0,
                quantity != .voxel || !isFormed
            else { return nil }
            let p = finding.result.familyWiseP.values
            let kept = zip(compared.values, p).map { $1 <= permutation.alpha ? $0 : 0 }
            let least = kept.reduce(Double.infinity) { $1 == 0 ? $0 : min($0, abs($1)) }
            guard least > 0, least.isFinite else { return nil }
            var finding = ClusterFinding.finding(
                StatisticMap(compared.statistic, mask: compared.mask, values: kept), least, tail,
                choice.everyVoxel,
                origin:
                    "family-wise p ≤ \(shortest(permutation.alpha)) by \(quantity == .tfce ? "TFCE" : "their own statistic")"
            )
            (finding.correction, finding.level) = (.familyWiseError, permutation.alpha)
            finding.isOfSurvivors = true
            return SurvivingRegions(quantity: quantity, finding: finding)
        }
    }

    /// What tells its files from others: `tfce`, `voxel`.
    var name: String { quantity == .tfce ? "tfce" : "voxel" }
}

extension AnalysisPlan.ClusterChoice {
    /// The same without a least size: what survives is listed whole.
    fileprivate var everyVoxel: AnalysisPlan.ClusterChoice {
        var choice = self
        choice.minimumExtent = 1
        return choice
    }
}

extension ContrastAnalysis {
    /// How many regions the voxels make that survive by a quantity of voxels; `nil` where that is not known.
    func regionCount(_ finding: QuantityFinding) -> Int? {
        let quantity = finding.result.quantity
        guard quantity.formingThreshold == nil, finding.survivorCount > 0 else { return nil }
        if let regions = survivors.first(where: { $0.quantity == quantity }) {
            return regions.finding.table.clusters.count
        }
        // They are the clusters of the table, unless small ones are left out of it.
        guard quantity == .voxel, let table = clusters.first?.table, table.minimumVoxelCount <= 1 else {
            return nil
        }
        return table.clusters.count
    }

    /// The files of a table of surviving regions, without their extension.
    func regionFile(_ regions: SurvivingRegions) -> String { "contrast-\(label)_regions-\(regions.name)" }

    /// The label map of surviving regions, below the result folder.
    func regionLabelFile(_ regions: SurvivingRegions) -> String {
        "contrast-\(label)_desc-\(regions.name)regions_dseg.nii.gz"
    }
}
