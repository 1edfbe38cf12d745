internal import CoveyCanvas
internal import CoveyImaging

/// A slice figure with every choice made: what is drawn, at which cuts, with which colours and words.
struct PreparedFigure: Sendable {
    /// One slice.
    struct Cut: Sendable, Hashable {
        let axis: SliceAxis
        let millimeters: Double
    }

    let style: SliceStyle
    let title: String
    let label: String
    let grid: Grid
    /// From mm to the map's voxels.
    let inverse: Affine
    /// The map, NaN where nothing was tested.
    let tested: [Double]
    let rule: DisplayRule
    let background: BackgroundImage?
    let cuts: [Cut]
    /// The point in which the slices of an orthogonal view meet.
    let center: [Double]?
    /// Whether the panels are projections through the whole map rather than slices.
    let isProjection: Bool
    /// How many panels stand in a row; `nil` for rows as equal as possible.
    let panelsInRow: Int?
    /// What the panels show of world space.
    let box: WorldBox
    /// What a reader must know and cannot see; empty mostly.
    let sentence: String
    let hasSurvivors: Bool

    /// Whether the label of the colour bar is so short that it stands upright.
    var hasShortLabel: Bool { label.count <= 3 }

    var palette: Palette { Palette(theme: style.theme) }

    init(_ figure: SliceFigure) throws(FigureError) {
        style = figure.style
        title = figure.title
        label = figure.label
        let grid = figure.statistic.grid
        self.grid = grid
        guard let inverse = grid.affine.inverse, inverse.elements.allSatisfy(\.isFinite) else {
            throw FigureError.singularAffine(image: "map")
        }
        self.inverse = inverse
        tested = try Self.testedValues(figure)
        background = try Self.background(figure)

        var (least, largest, infinite) = (0.0, 0.0, 0)
        var firstValue = true
        for value in tested where !value.isNaN {
            if value.isInfinite {
                infinite += 1
            } else if firstValue {
                (least, largest, firstValue) = (value, value, false)
            } else {
                least = min(least, value)
                largest = max(largest, value)
            }
        }
        let rule = try DisplayRule(
            threshold: figure.threshold, style: style, least: least, largest: largest)
        self.rule = rule
        isProjection = figure.view == .glass
        if case .mosaic(let count) = figure.view { panelsInRow = count } else { panelsInRow = nil }
        let values = tested
        let survivors = grid.worldBox { rule.shows(values[$0]) }
        hasSurvivors = !survivors.isEmpty

        var content = (background?.box ?? .empty).union(survivors)
        if background == nil { content = content.union(grid.worldBox { values[$0].isFinite }) }
        if content.isEmpty { content = grid.worldBox }
        box = content.padded(by: 2)
        let views = try Self.cuts(
            figure.view, values: values, rule: rule, grid: grid, box: content,
            reach: grid.worldBox.union(background?.gridBox ?? .empty))
        (cuts, center) = views
        let isSeen =
            isProjection
            || views.cuts.contains { cut in
                Self.survives(
                    in: cut, box: survivors, values: values, rule: rule, grid: grid, inverse: inverse)
            }
        sentence = Self.sentence(
            rule: rule, label: label, hasSurvivors: hasSurvivors, infinite: infinite, least: least,
            largest: largest, isEmpty: firstValue, isSeen: isSeen)
    }

    private static func testedValues(_ figure: SliceFigure) throws(FigureError) -> [Double] {
        let volume = figure.statistic
        guard let mask = figure.mask else { return volume.values.map { $0 == 0 ? .nan : $0 } }
        guard mask.grid.isSame(as: volume.grid) else {
            throw FigureError.maskOnAnotherGrid(map: volume.grid.shape, mask: mask.grid.shape)
        }
        var values = [Double](repeating: .nan, count: volume.grid.count)
        for offset in mask.offsets { values[Int(offset)] = volume.values[Int(offset)] }
        return values
    }

    private static func background(_ figure: SliceFigure) throws(FigureError) -> BackgroundImage? {
        switch figure.background {
        case .none: return nil
        case .template: return Template.background
        case .volume(let volume):
            guard let image = BackgroundImage(volume) else {
                throw volume.grid.affine.inverse == nil
                    ? FigureError.singularAffine(image: "background") : FigureError.flatBackground
            }
            return image
        }
    }
}
