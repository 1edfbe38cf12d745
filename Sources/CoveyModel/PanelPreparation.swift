import CoveyKernels

/// One panel of a cohort, shifted, scaled and projected: the scratch space of a thread.
package struct PanelPreparation {
    private let subjects: Int
    private let rank: Int
    /// subjects x panel width: the data, then the residuals.
    package private(set) var panel: [Double]
    /// rank x panel width: projections on the basis.
    package private(set) var projection: [Double]
    /// Sums of squared residuals.
    package private(set) var squares = [Double](repeating: 0, count: Panel.width)
    /// Lengths of the shifted, scaled data; 0 where a voxel is constant.
    package private(set) var lengths = [Double](repeating: 0, count: Panel.width)
    /// What was subtracted from each voxel.
    package private(set) var shifts = [Double](repeating: 0, count: Panel.width)
    /// Each voxel was divided by 2 to this power.
    package private(set) var exponents = [Int32](repeating: 0, count: Panel.width)

    package init(subjects: Int, rank: Int) {
        self.subjects = subjects
        self.rank = rank
        panel = [Double](repeating: 0, count: subjects * Panel.width)
        projection = [Double](repeating: 0, count: max(rank, 1) * Panel.width)
    }

    /// Loads one panel of a cohort.
    package mutating func load(_ cohort: Cohort, panel index: Int, shifting: Bool) {
        let width = Panel.width
        Panel.copy(cohort.panels, from: index * subjects * width, into: &panel)
        prepare(shifting: shifting)
    }

    /// Loads any voxels of a cohort, one per lane; lanes beyond the last repeat it.
    package mutating func load(_ cohort: Cohort, voxels: ArraySlice<Int32>, shifting: Bool) {
        let width = Panel.width
        let first = Int(voxels[voxels.startIndex])
        if first % width == 0, voxels.count == width, Int(voxels[voxels.endIndex - 1]) == first + width - 1 {
            load(cohort, panel: first / width, shifting: shifting)
            return
        }
        for lane in 0..<width {
            let voxel = Int(voxels[min(voxels.startIndex + lane, voxels.endIndex - 1)])
            let start = voxel / width * subjects * width + voxel % width
            for k in 0..<subjects { panel[k * width + lane] = cohort.panels[start + k * width] }
        }
        prepare(shifting: shifting)
    }

    /// Projects the panel on an orthonormal basis of `rank` columns, leaving residuals.
    package mutating func project(on basis: [Double]) {
        Panel.project(
            &panel, on: basis, subjects: subjects, rank: rank, projection: &projection, squares: &squares)
    }

    /// Writes the residuals, each voxel's scaled to length 1, into a larger buffer.
    package func copyUnitResiduals(to data: inout [Double], at start: Int) {
        let factors = squares.map { $0 > 0 ? 1 / $0.squareRoot() : 0 }
        Panel.scale(panel, subjects: subjects, by: factors, into: &data, at: start)
    }

    private mutating func prepare(shifting: Bool) {
        Panel.prepare(
            &panel, subjects: subjects, shifting: shifting, shifts: &shifts, exponents: &exponents,
            squares: &squares)
        for lane in 0..<Panel.width { lengths[lane] = squares[lane].squareRoot() }
    }
}
