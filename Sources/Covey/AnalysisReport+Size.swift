import CoveyCore
import CoveyImaging
import CoveyInference
import CoveyModel
import CoveyReport

/// A report that is filled with maps and subjects' values until its page is full.
///
/// What says most besides the rest stays longest: the tested map and those of the figures always, then effects and their
/// standard errors, then the subjects' values, then maps that say the same as the tested one on another scale.
struct ReportFilling {
    var content: ReportContent
    var images: ReportImages
    private let byteLimit: Int
    /// Bytes of the page without maps and subjects' values.
    private let frame: Int
    private var left: [String] = []

    /// - Parameter threads: for packing.
    init(_ content: ReportContent, _ images: ReportImages, byteLimit: Int, threads: Int) {
        self.byteLimit = byteLimit
        self.content = content
        self.images = images
        self.images.pack(content, threads: threads)
        var bare = content
        for k in bare.contrasts.indices { (bare.contrasts[k].maps, bare.contrasts[k].figures) = ([], []) }
        frame =
            HTMLReport.render(bare, self.images).utf8.count
            + images.figures.values.reduce(0) { $0 + HTMLReport.byteCount(ofFigure: $1) }
    }

    /// Leaves maps out until the page is below its limit, and keeps as much of the subjects' values as there is room
    /// for.
    mutating func fill(_ analysis: Analysis, uncorrected: [[Double]]) {
        for kind in Self.otherScales + Self.effects where room < 0 { leaveOut(kind) }
        if analysis.plan.voxelwiseColumns != nil {
            content.subjectsAbsence = "The design differs by voxel: subjects are not plotted."
        } else if analysis.reading.cohort.mask.offsets == images.mask.offsets {
            keepSubjects(analysis, uncorrected)
        }
        if analysis.plan.variant != nil, content.subjectValues == nil, analysis.plan.voxelwiseColumns == nil {
            content.subjectsAbsence = "Subjects are plotted at the peaks where none is missing."
        }
        guard !left.isEmpty else { return }
        content.notes.append(
            Note(
                .information,
                "maps left out of the report for its size, in the result folder alone: \(left.joined(separator: ", "))"
            ))
    }

    /// Maps that say the same as the tested one on another scale, by the ends of their names.
    private static let otherScales = ["z", "log10p"]
    /// The others, those first that say least besides the rest.
    private static let effects = ["r", "g", "ruledout", "effect", "se"]

    /// Bytes that are left, before base64. Names and marks of maps and the words of figures take 20 kB at most.
    private var room: Int {
        let maps = content.contrasts.flatMap(\.maps).reduce(0) { $0 + images.byteCount(of: $1) }
        return (byteLimit - 20_000 - frame) * 3 / 4 - maps
    }

    /// Leaves the maps of a kind out that are neither in figures nor needed for others, in every contrast.
    private mutating func leaveOut(_ kind: String) {
        for k in content.contrasts.indices {
            let needed = Set(
                content.contrasts[k].figures.map(\.map) + content.contrasts[k].maps.prefix(1).map(\.file)
                    + content.contrasts[k].maps.flatMap(images.files(behind:)))
            let isOut = { (map: ReportMap) in
                map.file.hasSuffix("_stat-\(kind)_statmap.nii.gz") && !needed.contains(map.file)
                    && images.byteCount(of: map) > 0
            }
            let out = content.contrasts[k].maps.filter(isOut)
            content.contrasts[k].maps.removeAll(where: isOut)
            for map in out {
                images.maps[map.file] = nil
                if !left.contains(map.name) { left.append(map.name) }
            }
        }
    }

    private mutating func keepSubjects(_ analysis: Analysis, _ uncorrected: [[Double]]) {
        let cohort = analysis.reading.cohort
        let deviations = analysis.fit.residualStandardDeviation().filter(\.isFinite).sorted()
        guard !deviations.isEmpty else { return }
        let scale = deviations[deviations.count / 2]
        let all = Array(0..<cohort.mask.count)
        let least = SubjectBlock.leastByteCount(cohort, voxels: all, scale: scale)
        var lighter = self
        for kind in Self.otherScales where lighter.room < least { lighter.leaveOut(kind) }
        if lighter.room >= least,
            let block = SubjectBlock(cohort, voxels: all, scale: scale, byteLimit: lighter.room)
        {
            self = lighter
            content.subjectValues = ReportSubjectValues(step: block.step, file: Self.valuesFile)
            images.subjectValues = block.bytes
            return
        }
        for level in Self.levels {
            let bound = LogProbability.negativeLog10(LogProbability.fromP(level))
            let voxels = all.filter { column in uncorrected.contains { $0[column] >= bound } }
            guard SubjectBlock.leastByteCount(cohort, voxels: voxels, scale: scale) <= room,
                let block = SubjectBlock(cohort, voxels: voxels, scale: scale, byteLimit: room)
            else { continue }
            content.subjectValues = ReportSubjectValues(
                step: block.step, file: Self.valuesFile, voxels: "report/subject-voxels.gz", level: level)
            images.subjectValues = block.bytes
            images.subjectVoxels = SubjectBlock.packed(voxels, of: all.count)
            content.subjectsAbsence =
                "Subjects’ values are kept at the peaks and where the uncorrected p of a contrast is \(shortest(level)) "
                + "or less: more would not fit into this page."
            break
        }
        content.notes.append(
            Note(
                .information,
                "subjects' values left out of the report for its size but at the peaks"
                    + (content.subjectValues?.level.map { " and where uncorrected p ≤ \(shortest($0))" } ?? "")
            ))
    }

    /// Uncorrected p-values below which subjects' values are kept where all would not fit.
    private static let levels = [0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.001]
    private static let valuesFile = "report/subject-values.gz"
}
