import ArgumentParser
import Covey

/// How much of any region is truly active.
struct AriCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ari",
        abstract: "Say how many voxels of any region are truly active, at least (all-resolutions inference).",
        discussion: """
            covey ari contrast-score_stat-t_statmap.nii.gz --region amygdala.nii.gz

            One row for the whole map and one for each label of each --region image. All bounds are true together \
            with confidence 1 - alpha, whatever made you choose the regions: clusters, anatomy, or the map itself. \
            They rest on Simes' inequality. Label images of clusters come from 'covey clusters --labels'.
            """)

    @Argument(help: "Map of t, z or F, or of uncorrected p or -log10 p.")
    var map: String

    @Option(help: "What the map holds, where the file does not say: t, z, F, p or log10p.")
    var statistic: String?

    @Option(
        help: "Degrees of freedom: of t, or numerator,denominator of F.",
        transform: { try Read.positions($0) })
    var dof: [Double] = []

    @Option(help: "Image whose voxels above 0 were tested (default: voxels that are finite and not 0).")
    var mask: String?

    @Option(
        help: "Which statistics count: greater, less or two-sided (default; F has one tail, p its own).")
    var tail: Tail?

    @Option(help: "Image of regions on the map's grid: a mask, or labels 1, 2, ...; repeatable.")
    var region: [String] = []

    @Option(help: "Error rate of all bounds together (default 0.05).", transform: Read.probability)
    var alpha = 0.05

    @Option(name: [.short, .long], help: "Write the table to this TSV file (default: standard output).")
    var out: String?

    func validate() throws {
        guard let statistic else { return }
        switch (statistic.lowercased(), dof.count) {
        case ("z", 0), ("p", 0), ("log10p", 0), ("t", 1), ("f", 2): return
        default:
            throw ValidationError(
                "'--statistic' must be z, p, log10p, t with '--dof N', or F with '--dof A,B'")
        }
    }

    func run() throws {
        let file = try read()
        for note in file.notes {
            Terminal.say("covey: \(note.severity == .warning ? "warning: " : "")\(note.text)")
        }
        let inference = AllResolutionsInference(logP: file.logP, alpha: alpha)
        let bounds = TrueDiscoveryBounds(.allResolutions(inference), logP: file.logP)
        Terminal.say(
            "covey: \(file.words): \(inference.testCount) tests; with confidence \(shortest(100 * (1 - alpha))) % "
                + "no more than \(inference.hommelValue) of them are truly inactive, and every bound of the table holds"
        )
        var rows = ["Image\tRegion\tVoxels\tTrue discoveries at least\tTDP at least\tVoxels not tested"]
        func row(_ image: String, _ region: String, _ bound: RegionBound, untested: Int) {
            rows.append(
                "\(image)\t\(region)\t\(bound.voxelCount)\t\(bound.trueDiscoveries)\t\(shortest(bound.proportion))\t\(untested)"
            )
        }
        row("n/a", "whole map", bounds.wholeMap, untested: 0)
        for path in region {
            for region in try file.regions(of: path) {
                row(
                    printable(path, limit: 1000), "\(region.label)", bounds.bound(of: region.columns),
                    untested: region.untestedCount)
            }
        }
        let text = rows.joined(separator: "\n") + "\n"
        if let out {
            try writeFile(Array(text.utf8), to: out)
        } else {
            print(text, terminator: "")
        }
    }

    private func read() throws -> ProbabilityFile {
        let given: Statistic?
        switch statistic?.lowercased() {
        case "p": return try pValues(.p)
        case "log10p": return try pValues(.negativeLog10)
        case "z": given = .z
        case "t": given = .t(degreesOfFreedom: dof[0])
        case "f": given = .f(numerator: dof[0], denominator: dof[1])
        default:
            if try ProbabilityFile.holdsP(map) { return try pValues(nil) }
            given = nil
        }
        return try ProbabilityFile(map, as: given, tail: tail ?? .twoSided, mask: mask)
    }

    private func pValues(_ scale: ProbabilityFile.Scale?) throws -> ProbabilityFile {
        guard tail == nil else {
            throw ValidationError("a map of p has the tail that it was made with: drop '--tail'")
        }
        return try ProbabilityFile(pValues: map, scale: scale, mask: mask)
    }
}
