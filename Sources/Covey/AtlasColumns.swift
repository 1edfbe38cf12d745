import CoveyImaging
import CoveyInference

extension ClusterFinding {
    /// Puts beside the clusters which labels of an atlas their peaks and their voxels lie in.
    public mutating func name(by file: AtlasFile) {
        let (atlas, mask) = (file.atlas, table.mask)
        // Two atlases need columns of different names.
        let taken = columns.contains { $0.measure.name.hasPrefix("Atlas ") }
        let suffix = taken ? " (\(atlas.name))" : ""
        let label = Measure(
            "Atlas label\(suffix)", heading: "Label\(suffix)", meaning: "Label at the peak, by \(atlas.name)",
            style: .text)
        let parts = Measure(
            "Atlas regions\(suffix)", heading: "Regions\(suffix)",
            meaning: "Share of the cluster’s voxels in each label, by \(atlas.name)", style: .text)
        var places = [[WorldPoint]](repeating: [], count: table.clusters.count)
        for (column, id) in table.labels.enumerated() where id > 0 {
            places[Int(id) - 1].append(mask.world(of: column))
        }
        columns += [
            ClusterColumn(label, .peak, rank: 1, in: table) {
                .text(atlas.name(of: atlas.label(at: $0.peak.world)))
            },
            ClusterColumn(
                parts,
                ofClusters: table.clusters.map { cluster in
                    .shares(
                        atlas.shares(at: places[cluster.id - 1]).map {
                            MeasuredValue.Share($0.name, $0.share)
                        })
                }, in: table),
        ]
        credits.append(
            "Labels by \(atlas.name), at the nearest voxel of the atlas"
                + (file.credit.isEmpty ? "." : " (\(file.credit))."))
    }
}
