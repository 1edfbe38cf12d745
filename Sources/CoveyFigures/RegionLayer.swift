internal import CoveyCanvas
internal import CoveyImaging

/// Filled regions of a label image, with a colour for each that the slices meet.
struct RegionLayer: Sendable {
    private let shape: [Int]
    private let inverse: Affine
    private let labels: [Int]
    private let colors: [Int: Color]
    /// The regions that the slices meet, by ascending label.
    let seen: [(name: String, color: Color)]

    /// How much of the background the fills cover.
    static let opacity = 0.75

    /// - Throws: ``FigureError/singularAffine(image:)`` or ``FigureError/notLabels(image:value:)``.
    init(_ regions: FigureRegions, cuts: [PreparedFigure.Cut]) throws(FigureError) {
        let grid = regions.image.grid
        let inverse = try MapLayer.inverse(of: grid, image: regions.name)
        let labels = try regions.image.labels(image: regions.name)
        (shape, self.inverse, self.labels) = (grid.shape, inverse, labels)
        let box = grid.worldBox { labels[$0] != 0 }
        var met: Set<Int> = []
        for cut in cuts where !box.isEmpty {
            // Half voxels miss none.
            let perMillimeter = 2 / (grid.affine.voxelSizes.min() ?? 1)
            let (h, v) = (cut.axis.horizontal, cut.axis.vertical)
            let plane = SlicePlane(
                axis: cut.axis, millimeters: cut.millimeters, left: box.lower[h], top: box.upper[v],
                pixelsPerMillimeter: perMillimeter, width: Int((box.size(h) * perMillimeter).rounded(.up)),
                height: Int((box.size(v) * perMillimeter).rounded(.up)))
            Self.forEachPixel(of: plane, labels, shape, inverse) { met.insert($1) }
        }
        var colors: [Int: Color] = [:]
        for (i, label) in met.sorted().enumerated() {
            colors[label] = Palette.regions[i % Palette.regions.count]
        }
        self.colors = colors
        seen = colors.sorted { $0.key < $1.key }.map { (regions.names[$0.key] ?? "\($0.key)", $0.value) }
    }

    /// Calls `body` with the place of each pixel of a region and with the colour of that region.
    func forEachPixel(of plane: SlicePlane, _ body: (Int, UInt32) -> Void) {
        let pixels = colors.mapValues { Picture.pixel($0) }
        Self.forEachPixel(of: plane, labels, shape, inverse) { place, label in
            if let pixel = pixels[label] { body(place, pixel) }
        }
    }

    private static func forEachPixel(
        of plane: SlicePlane, _ labels: [Int], _ shape: [Int], _ inverse: Affine, _ body: (Int, Int) -> Void
    ) {
        for row in 0..<plane.height {
            var walk = plane.walk(row: row, through: inverse, nudge: SlicePlane.tieNudge)
            for column in 0..<plane.width {
                if let offset = walk.voxel(in: shape), labels[offset] != 0 {
                    body(row * plane.width + column, labels[offset])
                }
                walk.advance()
            }
        }
    }
}

extension Volume {
    /// The whole numbers of a mask or a label image; 0 where a value is not finite.
    ///
    /// - Throws: ``FigureError/notLabels(image:value:)``.
    func labels(image: String) throws(FigureError) -> [Int] {
        var labels = [Int](repeating: 0, count: values.count)
        for (offset, value) in values.enumerated() where value.isFinite {
            guard let label = Int(exactly: value) else {
                throw FigureError.notLabels(image: image, value: value)
            }
            labels[offset] = label
        }
        return labels
    }
}
