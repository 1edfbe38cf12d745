import CoveyCore
public import CoveyImaging
import CoveyKernels

/// The data of a group analysis: one value for every subject and every voxel of the mask, none missing.
///
/// The gate at which missing values stop: what comes out of a `Cohort` is finite. Values are held once, in
/// Double, in panels of voxels (see `CoveyKernels.Panel`), the layout that the fit and the permutation test
/// read.
public struct Cohort: Sendable {
    /// Who the rows are, in the order of the design.
    public let identifiers: [String]
    /// The voxels under test.
    public let mask: Mask
    /// subjects x voxels in panel layout; the unused lanes of the last panel are 0.
    public let panels: [Double]

    /// Number of subjects.
    public var subjectCount: Int { identifiers.count }
    /// Number of panels.
    public var panelCount: Int { Panel.count(for: mask.count) }

    /// A cohort from rows that are complete: `row(subject)` gives one value per voxel of the mask.
    ///
    /// - Parameters:
    ///   - threads: how many rows are made at once; each is copied into place as it comes.
    ///   - row: the values of a subject in the mask's order.
    /// - Precondition: every value is finite (missing values are settled before).
    public init(
        identifiers: [String], mask: Mask, threads: Int = 1,
        row: @Sendable (Int) -> [Double]
    ) {
        self.init(identifiers: identifiers, mask: mask, threads: threads, scratch: { () }) { _, subject in
            row(subject)
        }
    }

    /// A cohort from rows that are made with scratch space, one per thread.
    public init<Scratch>(
        identifiers: [String], mask: Mask, threads: Int, scratch: @Sendable () -> Scratch,
        row: @Sendable (inout Scratch, Int) -> [Double]
    ) {
        let (n, voxels) = (identifiers.count, mask.count)
        let store = PanelStore(subjects: n, voxels: voxels)
        forEachBlock(n, threads: threads, scratch: scratch) { scratch, subject in
            let values = row(&scratch, subject)
            precondition(values.count == voxels && values.allSatisfy(\.isFinite))
            store.set(values, for: subject)
        }
        self.identifiers = identifiers
        self.mask = mask
        panels = store.take()
    }

    /// The value of a subject at a voxel of the mask.
    public subscript(subject: Int, voxel: Int) -> Double {
        panels[(voxel / Panel.width * subjectCount + subject) * Panel.width + voxel % Panel.width]
    }

    /// The values of all subjects at a voxel of the mask.
    public func values(at voxel: Int) -> [Double] { (0..<subjectCount).map { self[$0, voxel] } }

    /// The subjects in `keep` only, in that order.
    public func selecting(subjects keep: [Int]) -> Cohort {
        Cohort(identifiers: keep.map { identifiers[$0] }, mask: mask) { row in
            (0..<mask.count).map { self[keep[row], $0] }
        }
    }
}
