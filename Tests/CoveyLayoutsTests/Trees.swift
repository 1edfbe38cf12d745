import CoveyFormats
import Foundation

/// A folder made for one test and removed with it.
final class Tree {
    let root: String

    init() throws {
        root = FileManager.default.temporaryDirectory.path + "/covey-tree-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    /// A map of 4 x 3 x 2 voxels.
    func map(_ path: String, descrip: String = "", values: [Double]? = nil) throws {
        var writer = NIfTIWriter(
            shape: [4, 3, 2], affine: [2, 0, 0, -4, 0, 2, 0, -3, 0, 0, 2, -2], qformCode: 0, sformCode: 4)
        writer.descrip = descrip
        let place = try made(path)
        try writer.write(values ?? (0..<24).map { Double($0 + path.utf8.count) }, to: place)
    }

    func text(_ path: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: made(path)))
    }

    /// An empty file: what a real folder holds besides maps.
    func junk(_ paths: String...) throws { for path in paths { try text(path, "") } }

    private func made(_ path: String) throws -> String {
        let full = root + "/" + path
        try FileManager.default.createDirectory(
            atPath: (full as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        return full
    }

    /// SPM's first level: what `spm_contrasts` leaves in each subject's folder.
    func spm(_ subjects: [String], contrasts: [String] = ["faces > houses", "houses > faces"]) throws {
        for subject in subjects {
            let folder = "\(subject)/1stLevel"
            for (k, name) in contrasts.enumerated() {
                try map("\(folder)/con_000\(k + 1).nii", descrip: "Contrast \(k + 1): \(name)")
                try map(
                    "\(folder)/spmT_000\(k + 1).nii", descrip: "SPM{T_[28.0]} - contrast \(k + 1): \(name)")
            }
            try map("\(folder)/beta_0001.nii", descrip: "spm_spm:beta (0001) - Sn(1) faces*bf(1)")
            try map("\(folder)/mask.nii")
            try map("\(folder)/ResMS.nii")
            try junk("\(folder)/SPM.mat")
        }
    }

    /// One folder of FEAT's second level: `X.gfeat/copeN.feat/stats/...`.
    func gfeat(_ place: String, contrasts: [String] = ["faces", "houses"]) throws {
        for (k, name) in contrasts.enumerated() {
            let folder = "\(place).gfeat/cope\(k + 1).feat"
            for kind in ["cope", "varcope", "tstat", "zstat"] { try map("\(folder)/stats/\(kind)1.nii.gz") }
            try map("\(folder)/stats/res4d.nii.gz")
            try map("\(folder)/mask.nii.gz")
            try text("\(folder)/design.lev", name + "\n")
            try text("\(folder)/design.con", "/ContrastName1\tgroup mean\n/NumWaves\t1\n/Matrix\n1\n")
            try junk("\(folder)/report.html", "\(folder)/thresh_zstat1.nii.gz")
        }
    }

    /// One folder of FEAT's first level, in the run's own space.
    func feat(_ place: String, contrasts: [String] = ["faces", "houses"]) throws {
        let folder = "\(place).feat"
        for k in contrasts.indices {
            for kind in ["cope", "varcope", "tstat", "zstat"] {
                try map("\(folder)/stats/\(kind)\(k + 1).nii.gz")
            }
        }
        let names = contrasts.enumerated().map { "/ContrastName\($0 + 1)\t\($1)\n" }.joined()
        try text("\(folder)/design.con", names + "/NumWaves\t2\n/Matrix\n1 0\n0 1\n")
        try junk("\(folder)/report.html", "\(folder)/filtered_func_data.nii.gz")
    }
}
