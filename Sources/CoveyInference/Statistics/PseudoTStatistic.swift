import CoveyCore
public import CoveyImaging
import CoveyKernels
public import CoveyModel
import Synchronization

/// t with a smoothed variance (pseudo-t), under shuffles: Freedman and Lane's method with, at every voxel,
///
///     effect / sqrt(c'(X'X)^-1 c s2),   s2 = smoothed SSE / dof
///
/// With few subjects the variance of a voxel is poorly estimated; borrowing from its neighbourhood gains power
/// where variances vary slowly (Nichols and Holmes 2002, Human Brain Mapping 15:1-25). The statistic has no
/// known distribution: only its permutation p-values mean anything, and they are exact as those of any other
/// statistic.
///
/// The map of variances is smoothed inside the voxels with a statistic: sums over the Gaussian are divided by
/// its weight on these voxels. FSL's `randomise -v` does the same with another end of the Gaussian; its width
/// is a standard deviation, `FWHM / 2.3548`.
public struct PseudoTStatistic: ShuffledStatistic {
    /// Where the Gaussian ends.
    public enum Extent: String, Sendable, Codable {
        /// At 4 standard deviations, rounded to voxels, as where maps are smoothed.
        case fourDeviations
        /// At `2 int(sd - 0.001) + 3` voxels, sd in voxels, as in FSL.
        case randomise
    }

    /// The unshuffled fit.
    public let fit: Fit
    /// The contrast.
    public let partition: ContrastPartition
    /// The width of the Gaussian.
    public let fwhmMillimeters: Double
    /// The voxels with a statistic.
    public let voxels: [Int32]
    private let cohort: Cohort
    private let filter: SeparableFilter
    /// Where each voxel stands in the filter's box.
    private let places: [Int32]
    /// The filtered indicator of the voxels, at the voxels.
    private let support: [Double]
    /// Voxels were divided by 2 to this power at least.
    private let exponent: Int
    private let level: InstructionLevel

    /// The statistic of a t contrast.
    ///
    /// - Parameters:
    ///   - fit: its voxels with a t are those that are tested.
    ///   - cohort: the data that were fitted.
    /// - Throws: `ImagingError` for a width that is not positive, or wider than the image.
    /// - Precondition: a t contrast.
    public init(
        _ partition: ContrastPartition, _ fit: Fit, _ cohort: Cohort, fwhmMillimeters: Double,
        extent: Extent = .fourDeviations
    ) throws(ImagingError) {
        try self.init(
            partition, fit, cohort, fwhmMillimeters: fwhmMillimeters, extent: extent, level: .best)
    }

    init(
        _ partition: ContrastPartition, _ fit: Fit, _ cohort: Cohort, fwhmMillimeters: Double,
        extent: Extent, level: InstructionLevel
    ) throws(ImagingError) {
        precondition(!partition.isF, "a pseudo-t of an F contrast")
        precondition(cohort.mask == fit.mask, "the fit is of another cohort")
        let grid = cohort.mask.grid
        let sizes = grid.affine.voxelSizes
        guard fwhmMillimeters.isFinite, fwhmMillimeters > 0 else {
            throw .badSmoothingWidth([fwhmMillimeters])
        }
        let longest = (0..<3).map { sizes[$0] * Double(grid.shape[$0]) }.max()!
        guard fwhmMillimeters <= longest else {
            throw .smoothingWiderThanImage(fwhmMillimeters: fwhmMillimeters, limit: longest)
        }
        self.partition = partition
        self.fit = fit
        self.cohort = cohort
        self.fwhmMillimeters = fwhmMillimeters
        self.level = level
        let t = fit.t(partition).values
        let voxels = t.indices.filter { t[$0].isFinite }.map(Int32.init)
        self.voxels = voxels

        let weights = (0..<3).map {
            Self.halfWeights(fwhmMillimeters, voxelMillimeters: sizes[$0], extent)
        }
        let indices = voxels.map { grid.index(at: Int(cohort.mask.offsets[Int($0)])) }
        let box = PaddedBox(indices.map { [$0.x, $0.y, $0.z] }, margins: weights.map { $0.count - 1 })
        filter = SeparableFilter(shape: box.shape, halfWeights: weights)
        places = box.places
        var indicator = [Double](repeating: 0, count: filter.count)
        for place in places { indicator[Int(place)] = 1 }
        var scratch = filter.makeScratch()
        filter.apply(to: &indicator, scratch: &scratch, level: level)
        support = places.map { indicator[Int($0)] }
        exponent = Self.greatestExponent(cohort, voxels, shifting: partition.constantIsNuisance)
    }

    /// t with the model's degrees of freedom, of which this is a smoother relative: for thresholds that are
    /// chosen by p, not for p-values.
    public var kind: Statistic { .t(degreesOfFreedom: Double(partition.degreesOfFreedom)) }

    /// Effects and squares, both together before they are taken apart, and pseudo-t.
    public var mapCopies: Int { 4 }

    /// The statistics of a range of shuffles.
    public func maps(of shuffles: ShuffleSet, in range: Range<Int>, threads: Int) -> [Double] {
        precondition(shuffles.subjectCount == partition.model.subjectCount)
        let count = voxels.count
        let (effects, squares) = projections(of: shuffles, in: range, threads: threads)
        let dof = Double(partition.degreesOfFreedom)
        let maps = Mutex([Double](repeating: 0, count: range.count * count))
        forEachBlock(
            range.count, threads: threads,
            scratch: { (box: [Double](repeating: 0, count: filter.count), filter: filter.makeScratch()) }
        ) { scratch, shuffle in
            let start = shuffle * count
            for i in scratch.box.indices { scratch.box[i] = 0 }
            for (i, place) in places.enumerated() { scratch.box[Int(place)] = squares[start + i] }
            filter.apply(to: &scratch.box, scratch: &scratch.filter, level: level)
            let map = places.indices.map { i -> Double in
                let variance = scratch.box[Int(places[i])] / support[i] / dof
                // Where not even the neighbourhood varies the ratio would be infinite.
                return effects[start + i] / max(variance, 1e-300).squareRoot()
            }
            maps.withLock { $0.replaceSubrange(start..<start + count, with: map) }
        }
        return maps.withLock { maps in
            defer { maps = [] }
            return maps
        }
    }

    /// For every shuffle and voxel the projection on the tested direction and the sum of squared residuals,
    /// in units common to all voxels.
    private func projections(
        of shuffles: ShuffleSet, in range: Range<Int>, threads: Int
    ) -> (effects: [Double], squares: [Double]) {
        let n = partition.model.subjectCount
        let nuisance = partition.nuisanceBasis
        let tested = partition.testedBasis
        let columns = nuisance.columns
        var testedRows = ShuffledRows(count: range.count, subjects: n, tested: 1, nuisance: 0)
        var nuisanceRows = ShuffledRows(
            count: range.count, subjects: n, tested: max(columns, 1), nuisance: 0)
        for (place, index) in range.enumerated() {
            let shuffle = shuffles[index]
            for i in 0..<n {
                let (source, sign) = (shuffle.source[i], Double(shuffle.signs[i]))
                testedRows[place, 0, i] = sign * tested[source, 0]
                for c in 0..<columns { nuisanceRows[place, c, i] = sign * nuisance[source, c] }
            }
        }
        testedRows.closeLastTile()
        nuisanceRows.closeLastTile()
        struct Scratch {
            var preparation: PanelPreparation
            var data: [Double]
        }
        let width = Panel.width
        let count = range.count
        // Twice as many maps: the effects, then the squares.
        let both = panelwiseMaps(
            shuffles: 2 * count, voxels: voxels, threads: threads,
            scratch: {
                Scratch(
                    preparation: PanelPreparation(subjects: n, rank: columns),
                    data: [Double](repeating: 0, count: n * width))
            }
        ) { [testedRows, nuisanceRows] scratch, voxels, values in
            scratch.preparation.load(cohort, voxels: voxels, shifting: partition.constantIsNuisance)
            scratch.preparation.project(on: nuisance.elements)
            scratch.preparation.copyUnitResiduals(to: &scratch.data, at: 0)
            let a = ScoreKernel.scores(
                scratch.data, panels: 1, rows: testedRows, twoSided: false, level: level)
            let h =
                columns == 0
                ? []
                : ScoreKernel.scores(
                    scratch.data, panels: 1, rows: nuisanceRows, twoSided: false, level: level)
            for lane in 0..<voxels.count {
                let length = Double(
                    sign: .plus, exponent: Int(scratch.preparation.exponents[lane]) - exponent,
                    significand: scratch.preparation.squares[lane].squareRoot())
                for shuffle in 0..<count {
                    let place = shuffle * width + lane
                    values[place] = a[place] * length
                    // The score of several rows is the sum of squares, that of one the projection itself.
                    let nuisance = columns == 0 ? 0 : columns == 1 ? h[place] * h[place] : h[place]
                    values[count * width + place] =
                        max(1 - nuisance - a[place] * a[place], 0) * length * length
                }
            }
        }
        let half = count * voxels.count
        return (Array(both[..<half]), Array(both[half...]))
    }

    private static func halfWeights(
        _ fwhm: Double, voxelMillimeters: Double, _ extent: Extent
    ) -> [Double] {
        Smoothing.halfWeights(
            fwhmMillimeters: fwhm, voxelMillimeters: voxelMillimeters,
            radius: extent == .randomise ? { 2 * Int($0 - 0.001) + 3 } : nil)
    }

    /// The greatest power of two that a voxel's data are divided by before they are projected.
    private static func greatestExponent(_ cohort: Cohort, _ voxels: [Int32], shifting: Bool) -> Int {
        var preparation = PanelPreparation(subjects: cohort.subjectCount, rank: 0)
        var greatest = Int.min
        for start in stride(from: 0, to: voxels.count, by: Panel.width) {
            let chosen = voxels[start..<min(start + Panel.width, voxels.count)]
            preparation.load(cohort, voxels: chosen, shifting: shifting)
            for lane in 0..<chosen.count { greatest = max(greatest, Int(preparation.exponents[lane])) }
        }
        return voxels.isEmpty ? 0 : greatest
    }
}

/// The smallest box around some voxels with a margin, so that a filter of that reach meets no edge.
struct PaddedBox {
    let shape: [Int]
    /// Where each voxel stands in the box, x fastest.
    let places: [Int32]

    init(_ indices: [[Int]], margins: [Int]) {
        let least = (0..<3).map { axis in indices.map { $0[axis] }.min() ?? 0 }
        let greatest = (0..<3).map { axis in indices.map { $0[axis] }.max() ?? 0 }
        let shape = (0..<3).map { greatest[$0] - least[$0] + 1 + 2 * margins[$0] }
        self.shape = shape
        places = indices.map { index in
            let at = (0..<3).map { index[$0] - least[$0] + margins[$0] }
            return Int32((at[2] * shape[1] + at[1]) * shape[0] + at[0])
        }
    }
}
