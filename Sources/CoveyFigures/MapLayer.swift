internal import CoveyImaging

/// A map as it is drawn: its values, where they lie, and how they become colours.
struct MapLayer: Sendable {
    let grid: Grid
    /// From mm to voxels.
    let inverse: Affine
    /// The map, NaN where nothing was tested.
    let tested: [Double]
    let rule: DisplayRule
    let colorMap: ColorMap
    let opacity: Double
    /// What the numbers are.
    let label: String

    /// Whether the label of the colour bar is so short that it stands upright.
    var hasShortLabel: Bool { label.count <= 3 }

    /// Around the voxels that survive.
    var survivors: WorldBox { grid.worldBox { rule.shows(tested[$0]) } }

    /// The values of a map that are drawn, and what a reader must know of the others.
    struct Values: Sendable {
        let grid: Grid
        let tested: [Double]
        /// The least and the largest finite value; 0 where there is none.
        private(set) var least = 0.0
        private(set) var largest = 0.0
        /// Voxels of infinite value.
        private(set) var infinite = 0
        private(set) var isEmpty = true

        init(_ volume: Volume, _ mask: Mask?) throws(FigureError) {
            grid = volume.grid
            if let mask {
                guard mask.grid.isSame(as: volume.grid) else {
                    throw FigureError.maskOnAnotherGrid(map: volume.grid.shape, mask: mask.grid.shape)
                }
                var values = [Double](repeating: .nan, count: volume.grid.count)
                for offset in mask.offsets { values[Int(offset)] = volume.values[Int(offset)] }
                tested = values
            } else {
                tested = volume.values.map { $0 == 0 ? .nan : $0 }
            }
            for value in tested where !value.isNaN {
                if value.isInfinite {
                    infinite += 1
                } else if isEmpty {
                    (least, largest, isEmpty) = (value, value, false)
                } else {
                    least = min(least, value)
                    largest = max(largest, value)
                }
            }
        }
    }

    /// - Parameter rule: shared by all maps that have a colour bar in common.
    init(
        _ values: Values, rule: DisplayRule, colorMap: ColorMap, opacity: Double = 1, label: String,
        image: String = "map"
    ) throws(FigureError) {
        grid = values.grid
        inverse = try Self.inverse(of: grid, image: image)
        tested = values.tested
        self.rule = rule
        self.colorMap = colorMap
        self.opacity = opacity
        self.label = label
    }

    /// From mm to the voxels of a grid.
    static func inverse(of grid: Grid, image: String) throws(FigureError) -> Affine {
        guard let inverse = grid.affine.inverse, inverse.elements.allSatisfy(\.isFinite) else {
            throw FigureError.singularAffine(image: image)
        }
        return inverse
    }

    /// Which pixels of a plane show a voxel that survives.
    func survivors(in plane: SlicePlane) -> [Bool] {
        let shape = grid.shape
        return (0..<plane.height).flatMap { row in
            var walk = plane.walk(row: row, through: inverse, nudge: SlicePlane.tieNudge)
            return (0..<plane.width).map { _ in
                defer { walk.advance() }
                guard let offset = walk.voxel(in: shape) else { return false }
                return rule.shows(tested[offset])
            }
        }
    }
}
