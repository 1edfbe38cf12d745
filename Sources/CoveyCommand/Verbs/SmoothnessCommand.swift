import ArgumentParser
import Covey

/// How smooth the errors of a fit are.
struct SmoothnessCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "smoothness",
        abstract: "Estimate FWHM and resels from the residuals of a fit (res4d of FSL, ResI of SPM).")

    @Argument(help: "Residuals: every map of the fit, as one 4-D image or as single ones.")
    var residuals: [String]

    @Option(
        help: "Image whose voxels above 0 count (default: voxels that are finite everywhere and not all 0).")
    var mask: String?

    func run() throws {
        let (found, notes) = try Smoothness.ofResiduals(in: residuals, mask: mask)
        for note in notes {
            Terminal.say("covey: \(note.severity == .warning ? "warning: " : "")\(note.text)")
        }
        func row(_ name: String, _ values: [Double]) {
            print(name + "\t" + values.map { significant($0, digits: 8) }.joined(separator: "\t"))
        }
        row("FWHM mm", found.fwhmMillimeters)
        row("FWHM voxels", found.fwhmVoxels)
        row("resels R0 to R3", found.resels)
        row("voxels per resel", [found.voxelsPerResel])
        print("voxels used\t\(found.voxelCount)")
        if let least = found.fwhmVoxels.filter({ $0 != 1 }).min(), least < 3 {
            Terminal.say("covey: warning: below a FWHM of 3 voxels the estimate is too large")
        }
    }
}
