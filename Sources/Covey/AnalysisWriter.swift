public import CoveyCore
import CoveyFormats
import CoveyImaging
import CoveyInference
import CoveyModel

extension Analysis {
    /// Writes everything an analysis leaves into a result folder, which the caller commits: maps, design,
    /// plan, tables, maxima, figures, summary, provenance.
    public func write(into folder: ResultFolder, progress: ProgressListener = .silent) throws {
        try clock.time("write maps") { try writeMaps(folder, progress) }
        if plan.savesModel { try clock.time("write maps") { try SavedFit.write(fit, design, into: folder) } }
        try clock.time("tables") { try writeTables(folder) }
        if plan.figures != nil {
            try clock.time("figures") { try AnalysisFigures(self).write(into: folder) }
        }
        if plan.report != nil { try clock.time("report") { try AnalysisReport(self).write(into: folder) } }
        let provenance = try clock.time("checksums") { try Provenance(self) }
        try folder.write(encoded(provenance), to: "provenance.json")
        let summary = summary
        try folder.write(summary.json(), to: "summary.json")
        try folder.write(SummaryText(self, summary).text, to: "summary.txt")
    }

    /// The value written outside the mask.
    private var outside: Double { plan.outside == .nan ? .nan : 0 }

    private func writeMaps(_ folder: ResultFolder, _ progress: ProgressListener) throws {
        struct Job: Sendable {
            let volume: Volume
            let path: String
            let content: ImageContent
        }
        var jobs: [Job] = []
        // A statistic may be tested where the plain one is not.
        let mask = contrasts.first?.statistic.mask ?? fit.mask
        jobs.append(
            Job(
                volume: mask.volume([Double](repeating: 1, count: mask.count), outside: 0),
                path: try folder.path("mask.nii.gz"),
                content: ImageContent(intent: .none, descrip: "voxels tested", datatype: .uint8)))
        jobs.append(
            Job(
                volume: reading.mapCounts, path: try folder.path("stat-n_statmap.nii.gz"),
                content: ImageContent(
                    intent: NIfTIIntent(code: 1001), descrip: "number of maps with a value", datatype: .int16)
            ))
        for contrast in contrasts {
            for map in contrast.maps(fit) {
                let naming = MapNaming(map.statistic, contrast: contrast.contrast.name)
                jobs.append(
                    Job(
                        volume: map.volume(outside: outside),
                        path: try folder.path(naming.fileName(label: contrast.label)), content: naming.content
                    ))
            }
            let tables =
                contrast.clusters.enumerated().map { ($1, contrast.clusterLabelFile($0)) }
                + contrast.survivors.map { ($0.finding, contrast.regionLabelFile($0)) }
            for (clusters, file) in tables {
                jobs.append(
                    Job(
                        volume: clusters.table.labelVolume, path: try folder.path(file),
                        content: ImageContent(
                            intent: NIfTIIntent(code: 1002), descrip: "clusters - ids of the table",
                            datatype: .int32)))
            }
        }
        let all = jobs
        try forEachBlock(all.count, threads: options.threads) { (k: Int) throws in
            try all[k].volume.write(to: all[k].path, all[k].content)
            progress.report("writing maps", done: k + 1, of: all.count)
        }
    }

    private func write(
        _ clusters: ClusterFinding, of contrast: ContrastAnalysis, to name: String, labels: String,
        title: String, _ folder: ResultFolder
    ) throws {
        let context = contrast.clusterContext(labelMap: labels, subjects: design.subjectCount)
        try folder.write(clusters.text, to: name + ".tsv")
        try folder.write(ClusterDocument(clusters, context).json, to: name + ".json")
        try folder.write(clusters.markdown(title: title), to: name + ".md")
    }

    private func writeTables(_ folder: ResultFolder) throws {
        try folder.write(design.table().tabSeparated, to: "design.tsv")
        try folder.write(encoded(plan), to: "plan.json")
        for (contrast, summary) in zip(contrasts, contrastSummaries) {
            let stem = "contrast-\(contrast.label)"
            for (k, clusters) in contrast.clusters.enumerated() {
                try write(
                    clusters, of: contrast, to: "\(stem)_clusters\(contrast.clusterNumber(k))",
                    labels: contrast.clusterLabelFile(k), title: "Clusters and peaks of \(contrast.title)",
                    folder)
            }
            for regions in contrast.survivors {
                try write(
                    regions.finding, of: contrast, to: contrast.regionFile(regions),
                    labels: contrast.regionLabelFile(regions),
                    title: "Regions of \(contrast.title) that survive",
                    folder)
            }
            if let influence = contrast.influence {
                try folder.write(influence.text, to: "\(stem)_influence.tsv")
            }
            if let permutation = contrast.permutation {
                try folder.write(permutation.maximaText, to: "\(stem)_desc-fwe_maxima.tsv")
            }
            try folder.write(encoded(MapSidecar(contrast, summary, self)), to: "\(stem)_statmap.json")
        }
    }
}
