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

    private var halfScales = [Double](repeating: 1, count: Panel.width)
    private var otherScales = [Double](repeating: 1, count: Panel.width)

    package init(subjects: Int, rank: Int) {
        self.subjects = subjects
        self.rank = rank
        panel = [Double](repeating: 0, count: subjects * Panel.width)
        projection = [Double](repeating: 0, count: max(rank, 1) * Panel.width)
    }

    /// Loads one panel of a cohort.
    package mutating func load(_ cohort: Cohort, panel index: Int, shifting: Bool) {
        let width = Panel.width
        let start = index * subjects * width
        for i in 0..<subjects * width { panel[i] = cohort.panels[start + i] }
        prepare(shifting: shifting)
    }

    /// Loads any voxels of a cohort, one per lane; lanes beyond the last repeat it.
    package mutating func load(_ cohort: Cohort, voxels: ArraySlice<Int32>, shifting: Bool) {
        let width = Panel.width
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
        let width = Panel.width
        let scales = squares.map { $0 > 0 ? 1 / $0.squareRoot() : 0 }
        for k in 0..<subjects {
            for lane in 0..<width { data[start + k * width + lane] = panel[k * width + lane] * scales[lane] }
        }
    }

    private mutating func prepare(shifting: Bool) {
        let width = Panel.width
        for lane in 0..<width {
            shifts[lane] = shifting ? panel[lane] : 0
            lengths[lane] = 0
        }
        // The largest magnitude of each lane stands in `lengths` until the scale is known.
        for k in 0..<subjects {
            for lane in 0..<width {
                let value = panel[k * width + lane] - shifts[lane]
                panel[k * width + lane] = value
                let magnitude = abs(value)
                if magnitude > lengths[lane] { lengths[lane] = magnitude }
            }
        }
        // Two factors, since one power of two may lie beyond the range of Double.
        for lane in 0..<width {
            let largest = lengths[lane]
            let exponent = largest > 0 ? Int(largest.exponent) : 0
            exponents[lane] = Int32(exponent)
            halfScales[lane] = scaled(1, by: -(exponent / 2))
            otherScales[lane] = scaled(1, by: exponent / 2 - exponent)
            squares[lane] = 0
        }
        for k in 0..<subjects {
            for lane in 0..<width {
                let value = panel[k * width + lane] * halfScales[lane] * otherScales[lane]
                panel[k * width + lane] = value
                squares[lane] += value * value
            }
        }
        for lane in 0..<width { lengths[lane] = lengths[lane] > 0 ? squares[lane].squareRoot() : 0 }
    }
}
