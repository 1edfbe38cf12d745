public import CoveyCore
import CoveyImaging
package import CoveyKernels
import Synchronization

/// Ordinary least squares with a design of its own at every voxel.
public struct VoxelwiseFit: Sendable {
    /// The design and the contrast.
    public let design: VoxelwiseDesign
    /// t or F; NaN where there is no statistic.
    public let statistic: StatisticMap
    /// The contrast of the parameters of a t contrast; NaN where the design is collinear. Empty for F.
    public let effect: [Double]
    /// Voxels at which the images are collinear with the other columns.
    public let collinearVoxelCount: Int
    /// Voxels without residual.
    public let perfectVoxelCount: Int
    /// What should be known.
    public let notes: [Note]

    /// Fits `design` at every voxel of `cohort`.
    ///
    /// - Throws: ``VoxelwiseError/noVoxel(collinear:withoutVariance:)``.
    /// - Precondition: data and regressors lie on one mask.
    public init(
        _ design: VoxelwiseDesign, _ cohort: Cohort, threads: Int = availableThreads()
    ) throws(VoxelwiseError) {
        precondition(cohort.subjectCount == design.matrix.rows)
        precondition(design.regressors.values.allSatisfy { $0.mask == cohort.mask }, "masks differ")
        struct Part: Sendable {
            var statistic: [Double] = []
            var effect: [Double] = []
            var collinear = 0
            var perfect = 0
        }
        let (width, voxels) = (Panel.width, cohort.mask.count)
        let all = Mutex([Part?](repeating: nil, count: cohort.panelCount))
        let n = cohort.subjectCount
        let identity = (0..<n).map(Int32.init)
        let signs = [Double](repeating: 1, count: n)
        forEachBlock(cohort.panelCount, threads: threads, scratch: { VoxelwisePanel(design) }) {
            scratch, panel in
            let chosen = (panel * width..<min((panel + 1) * width, voxels)).map(Int32.init)[...]
            scratch.load(cohort, chosen)
            var values = [Double](repeating: 0, count: width)
            scratch.statistics(source: identity, signs: signs, shuffles: 1, values: &values)
            var part = Part()
            for lane in 0..<chosen.count {
                let collinear = scratch.isCollinear(lane)
                let perfect = !collinear && scratch.isPerfect(lane)
                part.collinear += collinear ? 1 : 0
                part.perfect += perfect ? 1 : 0
                part.statistic.append(collinear || perfect ? .nan : values[lane])
                if !design.isF { part.effect.append(collinear ? .nan : scratch.effect(lane)) }
            }
            all.withLock { [part] in $0[panel] = part }
        }
        let parts = all.withLock { $0.map { $0! } }
        self.design = design
        let dof = Double(design.degreesOfFreedom)
        statistic = StatisticMap(
            design.isF
                ? .f(numerator: Double(design.testedRank), denominator: dof) : .t(degreesOfFreedom: dof),
            mask: cohort.mask, values: parts.flatMap(\.statistic))
        effect = parts.flatMap(\.effect)
        collinearVoxelCount = parts.reduce(0) { $0 + $1.collinear }
        perfectVoxelCount = parts.reduce(0) { $0 + $1.perfect }
        guard collinearVoxelCount + perfectVoxelCount < voxels else {
            throw .noVoxel(collinear: collinearVoxelCount, withoutVariance: perfectVoxelCount)
        }
        var notes: [Note] = []
        if collinearVoxelCount > 0 {
            notes.append(
                .warning(
                    "\(collinearVoxelCount) of \(counted(voxels, "voxel")) left out: the voxelwise regressor "
                        + "is collinear with the other columns there"))
        }
        if perfectVoxelCount > 0 {
            notes.append(
                .warning(
                    "\(perfectVoxelCount) of \(counted(voxels, "voxel")) left out: no variance beside the model"
                ))
        }
        self.notes = notes
    }
}

/// One panel of voxels with their designs: the scratch space of a thread.
package struct VoxelwisePanel {
    private let design: VoxelwiseDesign
    private let subjects: Int
    private let columns: Int
    /// columns x subjects x panel width: orthonormal, nuisance columns first.
    private var bases: [Double]
    /// The tested column before it was made orthonormal.
    private var tested: [Double]
    /// Unit residuals on the nuisance columns.
    private var data: [Double]
    private var preparation: PanelPreparation
    private var least = [Double](repeating: 0, count: Panel.width)
    private var squares = [Double](repeating: 0, count: Panel.width)

    package init(_ design: VoxelwiseDesign) {
        self.design = design
        subjects = design.matrix.rows
        columns = design.matrix.columns
        let size = subjects * Panel.width
        bases = [Double](repeating: 0, count: columns * size)
        tested = [Double](repeating: 0, count: size)
        data = tested
        preparation = PanelPreparation(subjects: subjects, rank: 1)
    }

    /// Loads the designs and the data of some voxels, one per lane.
    package mutating func load(_ cohort: Cohort, _ voxels: ArraySlice<Int32>) {
        design.load(voxels, into: &bases)
        Panel.copy(bases, from: bases.count - tested.count, into: &tested)
        VoxelwiseKernel.orthonormalise(&bases, subjects: subjects, columns: columns, least: &least)
        preparation.load(cohort, voxels: voxels, shifting: design.constantIsNuisance)
        data = preparation.panel
        VoxelwiseKernel.reduce(
            &data, by: bases, columns: columns - design.testedRank, squares: &squares)
        let factors = squares.map { $0 > 0 ? 1 / $0.squareRoot() : 0 }
        for k in 0..<subjects {
            for lane in 0..<Panel.width { data[k * Panel.width + lane] *= factors[lane] }
        }
    }

    /// t or F of several shuffles: shuffles x panel width.
    package func statistics(
        source: [Int32], signs: [Double], shuffles: Int, values: inout [Double],
        level: InstructionLevel = .best
    ) {
        VoxelwiseKernel.statistics(
            of: data, bases: bases, columns: columns, tested: design.testedRank,
            degreesOfFreedom: Double(design.degreesOfFreedom), source: source, signs: signs,
            shuffles: shuffles, squares: design.isF, values: &values, level: level)
    }

    /// Whether the design is short of a rank at a voxel.
    func isCollinear(_ lane: Int) -> Bool { !(least[lane] > VoxelwiseKernel.rankTolerance) }

    /// Whether the design fits a voxel without residual.
    func isPerfect(_ lane: Int) -> Bool {
        // Unit residuals on the nuisance columns, less what the tested columns explain.
        var left = (0..<subjects).map { data[$0 * Panel.width + lane] }
        for column in columns - design.testedRank..<columns {
            let basis = (0..<subjects).map { bases[(column * subjects + $0) * Panel.width + lane] }
            let dot = zip(basis, left).reduce(0.0) { $0 + $1.0 * $1.1 }
            for k in 0..<subjects { left[k] -= dot * basis[k] }
        }
        let tolerance = Fit.residualTolerance * preparation.lengths[lane]
        let residual = norm(left) * squares[lane].squareRoot()
        return preparation.lengths[lane] == 0 || residual <= tolerance
    }

    /// The contrast of the parameters at a voxel.
    func effect(_ lane: Int) -> Double {
        let width = Panel.width
        let start = (columns - 1) * subjects * width
        var (explained, length) = (0.0, 0.0)
        for k in 0..<subjects {
            let basis = bases[start + k * width + lane]
            explained += basis * data[k * width + lane]
            length += basis * tested[k * width + lane]
        }
        let gamma = explained * squares[lane].squareRoot() / length
        return scaled(gamma * design.effectScale, by: Int(preparation.exponents[lane]))
    }
}
