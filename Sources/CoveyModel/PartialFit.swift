public import CoveyCore
public import CoveyImaging

/// Ordinary least squares at every voxel with the subjects who are present there.
///
/// Every part of a ``PartialCohort`` has the rows of the design of its subjects. Voxels where these rows have
/// a lower rank than the whole design, leave no degrees of freedom or do not allow the contrast are left out
/// and counted: with the missing subjects the question itself changes there.
public struct PartialFit: Sendable {
    /// The fit of the voxels at which the same subjects are present.
    public struct Part: Sendable {
        /// The subjects and their values.
        public let data: PartialCohort.Part
        /// The contrast in the rows of these subjects.
        public let partition: ContrastPartition
        /// The fit.
        public let fit: Fit
    }

    /// The contrast in the whole design.
    public let partition: ContrastPartition
    /// The voxels.
    public let mask: Mask
    /// The parts with a statistic.
    public let parts: [Part]
    /// For each voxel of the mask the number of subjects in its fit; 0 where there is none.
    public let subjectCounts: [Int]
    /// What should be known.
    public let notes: [Note]

    /// Fits the model of `partition` at every voxel of `cohort`.
    ///
    /// - Precondition: the cohort has as many subjects as the design has rows.
    public init(_ partition: ContrastPartition, _ cohort: PartialCohort, threads: Int = availableThreads()) {
        precondition(cohort.subjectCount == partition.model.subjectCount)
        var counts = [Int](repeating: 0, count: cohort.mask.count)
        var parts: [Part] = []
        for data in cohort.parts {
            guard let part = Self.partition(partition, of: data.present) else { continue }
            parts.append(
                Part(data: data, partition: part, fit: Fit(part.model, data.cohort, threads: threads)))
            for column in data.columns { counts[Int(column)] = data.present.count }
        }
        self.partition = partition
        mask = cohort.mask
        self.parts = parts
        subjectCounts = counts
        notes = Self.notes(counts, subjects: cohort.subjectCount, parts: parts.count)
    }

    /// The contrast in some rows of its design; `nil` where they do not carry it or the rank falls.
    private static func partition(
        _ whole: ContrastPartition, of present: [Int]
    ) -> ContrastPartition? {
        if present.count == whole.model.subjectCount { return whole }
        guard let model = try? LinearModel(matrix: whole.model.matrix.selectingRows(present)),
            model.rank == whole.model.rank
        else { return nil }
        return try? ContrastPartition(model, weights: whole.weights, isF: whole.isF, name: "")
    }

    /// t, or F for an F contrast. Its degrees of freedom differ by voxel: see ``z()``.
    public func statistic() -> [Double] { map { $0.fit.statistic($0.partition).values } }

    /// The statistic as a normal deviate with the same upper tail area: the scale to compare voxels on.
    public func z() -> StatisticMap {
        let rank = partition.isF ? partition.testedRank : nil
        let values = map { part in
            let scale = NormalScale(
                rank: rank, degreesOfFreedom: Double(part.partition.degreesOfFreedom),
                tabulating: false)
            return part.fit.statistic(part.partition).values.map(scale.deviate)
        }
        return StatisticMap(.z, mask: mask, values: values)
    }

    /// The contrast of the parameters.
    public func effect() -> StatisticMap {
        StatisticMap(.effect, mask: mask, values: map { $0.fit.effect($0.partition).values })
    }

    /// The standard error of the effect.
    public func standardError() -> StatisticMap {
        StatisticMap(.standardError, mask: mask, values: map { $0.fit.standardError($0.partition).values })
    }

    /// The residual degrees of freedom of each voxel; 0 where there is no fit.
    public var degreesOfFreedom: [Int] {
        subjectCounts.map { $0 == 0 ? 0 : $0 - partition.model.rank }
    }

    /// One value per voxel of the mask from a value per voxel of each part; NaN where there is no part.
    public func map(_ values: (Part) -> [Double]) -> [Double] {
        var result = [Double](repeating: .nan, count: mask.count)
        for part in parts {
            for (column, value) in zip(part.data.columns, values(part)) { result[Int(column)] = value }
        }
        return result
    }

    private static func notes(_ counts: [Int], subjects: Int, parts: Int) -> [Note] {
        var notes: [Note] = []
        let fitted = counts.filter { $0 > 0 }
        let partial = fitted.count { $0 < subjects }
        if partial > 0 {
            let (least, most) = (fitted.min()!, fitted.filter { $0 < subjects }.max()!)
            notes.append(
                .information(
                    "\(counted(partial, "voxel")) fitted with "
                        + (least == most ? "\(least)" : "\(least) to \(most)")
                        + " of \(subjects) subjects, in \(counted(parts, "set")) of subjects present"))
        }
        let lost = counts.count - fitted.count
        if lost > 0 {
            notes.append(
                .warning(
                    "\(lost) of \(counted(counts.count, "voxel")) left out: the subjects present there do "
                        + "not carry the design or the contrast"))
        }
        return notes
    }
}
