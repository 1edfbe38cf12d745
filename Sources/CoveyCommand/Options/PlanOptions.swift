import ArgumentParser
import Covey
import Foundation

/// Which voxels, how smooth, how images are read: flags that `analyze` and `fit` share.
struct ImageOptions: ParsableArguments {
    @Option(
        help: """
            Voxels to test: automatic (a value in every map; 0 is no value in maps with a background of 0), \
            finite (finite in every map), or an image.
            """)
    var mask = "automatic"

    @Option(help: "Gaussian smoothing, FWHM in mm: one number, or x,y,z.", transform: Read.widths)
    var smoothingFwhm: [Double] = [0, 0, 0]

    @Flag(help: "Renormalise the smoothing kernel where it reaches past the data.")
    var normaliseEdges = false

    @Option(help: "ANALYZE images have no reliable left and right: mirrored (as SPM and nibabel) or plain.")
    var analyzeOrientation = AnalysisPlan.AnalyzeChoice.mirrored

    @Option(help: "Maps on another grid than the first: refuse, or resample them linear or nearest.")
    var resample = AnalysisPlan.ResamplingChoice.refuse

    @Option(
        help: "An exact 0 is: missing in maps with a background of 0 (automatic), always data, or missing.")
    var zeros = AnalysisPlan.ZeroChoice.automatic

    func apply(to plan: inout AnalysisPlan) {
        switch mask {
        case "automatic": plan.mask = .automatic
        case "finite": plan.mask = .finite
        default: plan.mask = .image(path: mask)
        }
        if smoothingFwhm.contains(where: { $0 > 0 }) {
            var smoothing = AnalysisPlan.SmoothingChoice(fwhmMillimeters: smoothingFwhm)
            smoothing.normalisesEdges = normaliseEdges
            plan.smoothing = smoothing
        }
        plan.data.analyzeOrientation = analyzeOrientation
        plan.data.resampling = resample
        plan.data.zeros = zeros
    }
}

/// Tail, parametric thresholds, clusters.
struct InferenceOptions: ParsableArguments {
    @Option(help: "Which statistics count: greater, less or two-sided (default; F contrasts have one tail).")
    var tail = Tail.twoSided

    @Option(help: "Threshold at this false discovery rate (Benjamini-Hochberg).", transform: Read.probability)
    var fdr: Double?

    @Option(
        help: "Threshold at this false discovery rate, adaptive (Benjamini-Krieger-Yekutieli).",
        transform: Read.probability)
    var fdrAdaptive: Double?

    @Option(help: "Threshold at this family-wise error by Bonferroni.", transform: Read.probability)
    var bonferroni: Double?

    @Option(help: "Threshold at this uncorrected p.", transform: Read.probability)
    var uncorrected: Double?

    @Option(
        help: """
            Random field theory as SPM has it: threshold peaks at this family-wise error, and give p of set, \
            clusters and peaks in the tables. For plain t and F; a permutation test assumes less.
            """, transform: Read.probability)
    var randomField: Double?

    @Option(
        help:
            "Cluster-forming threshold on the statistic (default: the strictest corrected threshold asked for).",
        transform: Read.number)
    var clusterThreshold: Double?

    @Option(help: "Drop clusters of fewer voxels.", transform: Read.count)
    var clusterExtent = 0

    @Option(
        help: "Neighbours in a cluster: 6, 18 or 26 (default).", transform: Read.connectivity)
    var connectivity = 26

    @Option(
        help: """
            Error rate of all bounds on true discoveries together (default: --alpha of the permutation test, or \
            0.05).
            """, transform: Read.probability)
    var boundsAlpha: Double?

    @Option(
        help: "Smallest effect of interest, in units of the effect: also test where it is ruled out.",
        transform: Read.number)
    var smallestEffect: Double?

    func validate() throws {
        if let clusterThreshold, clusterThreshold <= 0 {
            throw ValidationError("'--cluster-threshold' must be above 0, not \(clusterThreshold)")
        }
    }

    func apply(to plan: inout AnalysisPlan) {
        plan.tail = tail
        plan.thresholds.falseDiscoveryRate = fdr
        plan.thresholds.adaptiveFalseDiscoveryRate = fdrAdaptive
        plan.thresholds.bonferroni = bonferroni
        plan.thresholds.uncorrected = uncorrected
        plan.randomField = randomField.map { .init(alpha: $0) }
        plan.boundsAlpha = boundsAlpha
        plan.smallestEffect = smallestEffect
        plan.clusters.threshold = clusterThreshold
        plan.clusters.minimumExtent = clusterExtent
        plan.clusters.connectivity = connectivity
    }
}

/// How clusters are listed: flags that `analyze`, `permute` and `clusters` share.
struct PeakOptions: ParsableArguments {
    @Option(
        name: [.long, .customLong("subpeaks")],
        help: "Peaks listed of a cluster besides the first (default 3).", transform: Read.count)
    var peaks = ClusterTable.usualSubpeakLimit

    @Option(
        name: [.long, .customLong("peak-distance")],
        help: "Least distance between two peaks of a cluster, in mm (default 8).", transform: Read.number)
    var peakDistanceMm = ClusterTable.usualPeakDistanceMillimeters

    @Option(
        help: """
            Name peaks and parts of clusters by an atlas: an image of labels, or the name of one that FSL or nilearn \
            installed here, such as harvard-oxford, juelich, aal, destrieux, schaefer-400-7; repeatable.
            """)
    var atlas: [String] = []

    @Option(
        help: """
            Names of an atlas's labels (TSV, CSV, FSL's XML, lines of numbers and names; default: the file beside the \
            image); one for each --atlas, in order.
            """)
    var atlasTable: [String] = []

    @Option(help: "What to cite for an atlas (default: what is known of it); one for each --atlas, in order.")
    var atlasCitation: [String] = []

    func validate() throws {
        for (name, values) in [("atlas-table", atlasTable), ("atlas-citation", atlasCitation)]
        where !values.isEmpty && values.count != atlas.count {
            throw ValidationError("give '--\(name)' once for each '--atlas', in the same order")
        }
        if !(peakDistanceMm >= 0 && peakDistanceMm.isFinite) {
            throw ValidationError("'--peak-distance-mm' must be 0 or more, not \(peakDistanceMm)")
        }
    }

    /// The atlases as files.
    func atlases() throws -> [AnalysisPlan.AtlasChoice] {
        let folders = AtlasFolders(environment: ProcessInfo.processInfo.environment, home: NSHomeDirectory())
        return try atlas.enumerated().flatMap { place, name in
            try folders.find(name).map { image in
                AnalysisPlan.AtlasChoice(
                    image: image, table: atlasTable.isEmpty ? nil : atlasTable[place],
                    citation: atlasCitation.isEmpty ? nil : atlasCitation[place])
            }
        }
    }

    func apply(to plan: inout AnalysisPlan) throws {
        plan.clusters.subpeakLimit = peaks == ClusterTable.usualSubpeakLimit ? nil : peaks
        plan.clusters.peakDistanceMillimeters =
            peakDistanceMm == ClusterTable.usualPeakDistanceMillimeters ? nil : peakDistanceMm
        let atlases = try atlases()
        plan.clusters.atlases = atlases.isEmpty ? nil : atlases
    }
}

/// Figures and the folder of results.
struct OutputOptions: ParsableArguments {
    @Option(help: "Where the figures' slices cut, x,y,z in mm (default: the peak).", transform: Read.position)
    var cutsMm: [Double]?

    @Option(help: "Formats of the figures: png, svg, pdf.")
    var figureFormat: [AnalysisPlan.FigureChoice.Format] = [.png]

    @Option(help: "Views of the figures: ortho (default), row, mosaic, glass; repeatable.")
    var figureView: [AnalysisPlan.FigureChoice.View] = []

    @Option(help: "Image behind the figures (default: the MNI 152 template).")
    var background: String?

    @Flag(help: "Draw no figures.")
    var noFigures = false

    @Option(help: "Title of report.html (default: the contrasts' names).")
    var reportTitle: String?

    @Flag(help: "Write no report.html.")
    var noReport = false

    @Option(help: "What maps hold outside the mask: nan or zero.")
    var outside = AnalysisPlan.OutsideChoice.nan

    @Flag(help: "Also write the coefficients and the residual variance, for 'covey contrast'.")
    var saveModel = false

    @Option(name: [.short, .long], help: "Folder for the results; not needed with --print-plan.")
    var out: String?

    @Flag(help: "Replace the folder if it exists.")
    var overwrite = false

    func apply(to plan: inout AnalysisPlan) {
        if noFigures {
            plan.figures = nil
        } else {
            var figures = AnalysisPlan.FigureChoice()
            figures.cutsMillimeters = cutsMm
            figures.formats = figureFormat
            figures.views = figureView.isEmpty ? nil : figureView
            figures.background = background
            plan.figures = figures
        }
        plan.outside = outside
        plan.savesModel = saveModel
        if noReport {
            plan.report = nil
        } else {
            plan.report?.title = reportTitle
        }
    }
}

/// What changes nothing but time and talk.
struct MachineOptions: ParsableArguments {
    @Option(help: "Threads (default: all processors); changes no result.", transform: Read.threads)
    var threads: Int?

    @Flag(name: [.short, .long], help: "Print errors and warnings only.")
    var quiet = false

    /// How the analysis is run, and the command that asked for it.
    var runOptions: RunOptions {
        var options = RunOptions()
        if let threads { options.threads = threads }
        options.command = ["covey"] + CommandLine.arguments.dropFirst()
        return options
    }
}

/// How a run that may be killed is taken up again.
struct CheckpointOptions: ParsableArguments {
    @Flag(help: "Go on from the checkpoint that a killed run with the same --out left.")
    var resume = false

    @Option(
        help: "Seconds between checkpoints of the shuffles (default 10).", transform: Read.count)
    var checkpointSeconds = 10
}

/// What a verb that runs a plan can be told besides the plan.
struct ExecutionOptions: ParsableArguments {
    @OptionGroup var machine: MachineOptions
    @OptionGroup var checkpoints: CheckpointOptions

    @Flag(help: "Print the plan as JSON and stop.")
    var printPlan = false
}
