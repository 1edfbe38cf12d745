public import CoveyCore
import CoveyFormats
public import CoveyImaging

extension SyntheticCohort {
    /// Writes the maps (gzipped NIfTI, Float), `participants.tsv` and `truth.nii.gz`, the true association as
    /// a correlation, into a folder.
    ///
    /// The bytes do not depend on the number of threads. The caller commits the folder.
    public func write(into folder: ResultFolder, threads: Int = availableThreads()) throws {
        let maps = table.cells(of: "map") ?? []
        let paths = try maps.map { try folder.path($0) }
        let content = ImageContent(descrip: "Covey synthetic contrast; seed \(options.seed)")
        try forEachBlock(subjectCount, threads: threads, scratch: makeScratch) { scratch, subject in
            try map(of: subject, &scratch).write(to: paths[subject], content)
        }
        try folder.write(table.tabSeparated, to: "participants.tsv")
        let truth = ImageContent(descrip: "Covey synthetic truth: correlation with pseudo")
        try trueCorrelation.write(to: folder.path("truth.nii.gz"), truth)
    }

    /// The correlation of map and score at every voxel, NaN outside the brain.
    public var trueCorrelation: Volume { brain.volume(correlations) }
}

/// Why a synthetic cohort cannot be made: an option out of range.
public enum SyntheticCohortError: ExplainedError, Hashable {
    /// Not 2 to 9999 subjects.
    case subjectCount(Int)
    /// Fewer than 0 subjects without a score, or fewer than 2 with one.
    case missingCount(Int, subjects: Int)
    /// A main effect that is not finite.
    case mainEffect(Double)
    /// A correlation that does not lie between -1 and 1.
    case association(Double)
    /// Not a spacing of 1 to 12 mm.
    case spacing(Double)

    /// What is wrong.
    public var description: String {
        switch self {
        case .subjectCount(let count): "\(count) subjects cannot be made (2 to 9999)"
        case .missingCount(let count, let subjects):
            "\(count) missing scores are impossible with \(subjects) subjects (0 to \(subjects - 2))"
        case .mainEffect(let effect): "main effect \(shortest(effect)) is not a finite number"
        case .association(let r): "association \(shortest(r)) is not a correlation (above -1, below 1)"
        case .spacing(let spacing): "grid spacing \(shortest(spacing)) mm is not between 1 and 12 mm"
        }
    }

    /// What to do.
    public var remedy: String { "" }
}

extension SyntheticCohort {
    static func check(_ options: Options) throws(SyntheticCohortError) {
        let n = options.subjectCount
        guard (2...9999).contains(n) else { throw .subjectCount(n) }
        guard options.missingCount >= 0, options.missingCount <= n - 2 else {
            throw .missingCount(options.missingCount, subjects: n)
        }
        guard options.mainEffect.isFinite, abs(options.mainEffect) <= 1e6 else {
            throw .mainEffect(options.mainEffect)
        }
        guard abs(options.association) < 1 else { throw .association(options.association) }
        guard (1...12).contains(options.spacingMillimeters) else {
            throw .spacing(options.spacingMillimeters)
        }
    }
}
