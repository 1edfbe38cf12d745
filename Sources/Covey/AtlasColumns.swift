import CoveyImaging
import CoveyInference

extension ClusterFinding {
    /// Puts beside the clusters which labels of atlases their peaks and their voxels lie in.
    public mutating func name(by files: [AtlasFile]) {
        var taken: Set<String> = []
        for file in files {
            // Columns of several atlases need different names.
            var suffix = files.count > 1 ? " (\(file.atlas.name))" : ""
            while !taken.insert(suffix).inserted { suffix += "′" }
            name(by: file, suffix)
        }
    }

    private mutating func name(by file: AtlasFile, _ suffix: String) {
        let (atlas, mask) = (file.atlas, table.mask)
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
