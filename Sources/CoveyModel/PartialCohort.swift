import CoveyCore
public import CoveyImaging

/// The data of a group analysis in which some subjects have no value at some voxels.
///
/// Voxels at which the same subjects are present form a part, and every part is a complete ``Cohort`` of those
/// subjects: missing values stop here as they do in `Cohort.init`, and whatever can be done with a cohort can
/// be done part by part.
public struct PartialCohort: Sendable {
    /// The voxels at which the same subjects are present.
    public struct Part: Sendable {
        /// The subjects, as positions among all of them, ascending.
        public let present: [Int]
        /// The voxels, as columns of the whole mask, ascending.
        public let columns: [Int32]
        /// The values, complete.
        public let cohort: Cohort
    }

    /// All subjects, in the order of the design.
    public let identifiers: [String]
    /// The voxels at which enough subjects are present.
    public let mask: Mask
    /// The parts: the one with everyone present first, if there is one, then by their first voxel.
    public let parts: [Part]

    /// Number of subjects.
    public var subjectCount: Int { identifiers.count }

    /// Number of subjects present at each voxel of the mask.
    public var subjectCounts: [Int] {
        var counts = [Int](repeating: 0, count: mask.count)
        for part in parts {
            for column in part.columns { counts[Int(column)] = part.present.count }
        }
        return counts
    }

    /// A cohort from rows with gaps: `row(subject)` gives one value per voxel of `mask`, NaN where there is
    /// none. Voxels with fewer than `minimumSubjects` leave the mask.
    ///
    /// Needs the matrix twice while it is built.
    ///
    /// - Precondition: values are finite or NaN; at least one subject is asked for.
    public init(
        identifiers: [String], mask: Mask, minimumSubjects: Int, threads: Int = 1,
        row: @Sendable (Int) -> [Double]
    ) {
        self.init(
            identifiers: identifiers, mask: mask, minimumSubjects: minimumSubjects, threads: threads,
            scratch: { () }
        ) { _, subject in row(subject) }
    }

    /// A cohort from rows with gaps that are made with scratch space, one per thread.
    public init<Scratch>(
        identifiers: [String], mask: Mask, minimumSubjects: Int, threads: Int,
        scratch: @Sendable () -> Scratch, row: @Sendable (inout Scratch, Int) -> [Double]
    ) {
        precondition(minimumSubjects > 0, "at least one subject per voxel")
        let (n, voxels) = (identifiers.count, mask.count)
        let rows = RowStore(count: n)
        forEachBlock(n, threads: threads, scratch: scratch) { scratch, subject in
            let values = row(&scratch, subject)
            precondition(values.count == voxels && values.allSatisfy { !$0.isInfinite })
            rows.set(values, for: subject)
        }
        let values = rows.take()

        let words = (n + 63) / 64
        var patterns: [[UInt64]: [Int32]] = [:]
        var pattern = [UInt64](repeating: 0, count: words)
        for voxel in 0..<voxels {
            for word in 0..<words { pattern[word] = 0 }
            for subject in 0..<n where !values[subject][voxel].isNaN {
                pattern[subject / 64] |= 1 << UInt64(subject % 64)
            }
            patterns[pattern, default: []].append(Int32(voxel))
        }
        let kept = patterns.map { pattern, voxels in
            (present: (0..<n).filter { pattern[$0 / 64] >> UInt64($0 % 64) & 1 == 1 }, voxels: voxels)
        }
        .filter { $0.present.count >= minimumSubjects }
        .sorted {
            ($0.present.count < n ? 1 : 0, $0.voxels[0]) < ($1.present.count < n ? 1 : 0, $1.voxels[0])
        }

        let inside = kept.flatMap(\.voxels).sorted()
        var column = [Int32](repeating: -1, count: voxels)
        for (place, voxel) in inside.enumerated() { column[Int(voxel)] = Int32(place) }
        self.identifiers = identifiers
        self.mask = Mask(grid: mask.grid, offsets: inside.map { mask.offsets[Int($0)] })
        parts = kept.map { present, voxels in
            Part(
                present: present, columns: voxels.map { column[Int($0)] },
                cohort: Cohort(
                    identifiers: present.map { identifiers[$0] },
                    mask: Mask(grid: mask.grid, offsets: voxels.map { mask.offsets[Int($0)] }),
                    threads: threads
                ) { place in
                    let row = values[present[place]]
                    return voxels.map { row[Int($0)] }
                })
        }
    }
}
