internal import CoveyCanvas
internal import CoveyImaging

/// A slice figure with every choice made: what is drawn, at which cuts, with which colours and words.
struct PreparedFigure: Sendable {
    /// One slice.
    struct Cut: Sendable, Hashable {
        let axis: SliceAxis
        let millimeters: Double
    }

    /// A map and what is said of it.
    struct Row: Sendable {
        let title: String
        let map: MapLayer
        /// What a reader must know and cannot see; empty mostly.
        let sentence: String
    }

    let style: SliceStyle
    let title: String
    /// The maps: all with the same rule and label.
    let rows: [Row]
    /// A second map over each row's.
    let overlay: MapLayer?
    /// Lines over the slices.
    let contours: [ContourLayer]
    /// Whether some slice meets each of them.
    let contoursSeen: [Bool]
    /// Under the maps.
    let regions: RegionLayer?
    let background: BackgroundImage?
    /// The slices of every row.
    let cuts: [Cut]
    /// The point in which the slices of an orthogonal view meet.
    let center: [Double]?
    /// Whether the panels are projections through the whole map rather than slices.
    let isProjection: Bool
    /// How many panels stand in a row; `nil` for rows as equal as possible.
    let panelsInRow: Int?
    /// What the panels show of world space.
    let box: WorldBox

    /// The maps that have a colour bar.
    var bars: [MapLayer] { [rows[0].map] + (overlay.map { [$0] } ?? []) }
    var rule: DisplayRule { rows[0].map.rule }
    /// The sentences of all rows, those of several with their titles.
    var sentence: String {
        rows.filter { !$0.sentence.isEmpty }
            .map { rows.count == 1 || $0.title.isEmpty ? $0.sentence : "\($0.title): \($0.sentence)" }
            .joined(separator: "\n")
    }
    var palette: Palette { Palette(theme: style.theme) }

    init(_ figure: SliceFigure) throws(FigureError) {
        style = figure.style
        title = figure.title
        isProjection = figure.view == .glass
        if isProjection, figure.overlay != nil || !figure.contours.isEmpty || figure.regions != nil {
            throw .layersOnGlass
        }
        if case .mosaic(let count, _) = figure.view { panelsInRow = count } else { panelsInRow = nil }
        background = try Self.background(figure)
        let label = figure.label
        let sources =
            [FigureRow(figure.statistic, mask: figure.mask, title: figure.rowTitle)] + figure.moreRows
        var values: [MapLayer.Values] = []
        for source in sources { values.append(try MapLayer.Values(source.statistic, source.mask)) }
        let rule = try DisplayRule(
            threshold: figure.threshold, range: style.range, belowThreshold: style.belowThreshold,
            isDiverging: style.colorMap.isDiverging, least: values.map(\.least).min() ?? 0,
            largest: values.map(\.largest).max() ?? 0)
        var maps: [MapLayer] = []
        for value in values {
            maps.append(try MapLayer(value, rule: rule, colorMap: style.colorMap, label: label))
        }
        overlay = try Self.overlay(figure.overlay)
        contours = try Self.contours(figure.contours, Palette(theme: figure.style.theme))

        let survivors = maps.map(\.survivors)
        var content = survivors.reduce(background?.box ?? .empty) { $0.union($1) }
        if let overlay { content = content.union(overlay.survivors) }
        if background == nil {
            for map in maps { content = content.union(map.grid.worldBox { map.tested[$0].isFinite }) }
        }
        let grids = maps.reduce(WorldBox.empty) { $0.union($1.grid.worldBox) }
        if content.isEmpty { content = grids }
        box = content.padded(by: 2)
        let views = try Self.cuts(
            figure.view, maps: maps, box: content, reach: grids.union(background?.gridBox ?? .empty))
        (cuts, center) = views
        if let regions = figure.regions {
            self.regions = try RegionLayer(regions, cuts: views.cuts)
        } else {
            regions = nil
        }
        let drawn = box
        contoursSeen = contours.map { contour in
            views.cuts.contains { contour.isSeen(in: $0, of: drawn) }
        }
        let isProjection = isProjection
        rows = maps.indices.map { i in
            let isSeen =
                isProjection || views.cuts.contains { Self.survives(in: $0, box: survivors[i], maps[i]) }
            return Row(
                title: sources[i].title, map: maps[i],
                sentence: Self.sentence(
                    maps[i], values[i], hasSurvivors: !survivors[i].isEmpty, isSeen: isSeen))
        }
    }

    private static func overlay(_ overlay: FigureOverlay?) throws(FigureError) -> MapLayer? {
        guard let overlay else { return nil }
        guard overlay.opacity > 0, overlay.opacity <= 1 else { throw .opacity(overlay.opacity) }
        let values = try MapLayer.Values(overlay.statistic, nil)
        return try MapLayer(
            values,
            rule: DisplayRule(
                threshold: overlay.threshold, range: overlay.range, belowThreshold: .hidden,
                isDiverging: overlay.colorMap.isDiverging, least: values.least, largest: values.largest),
            colorMap: overlay.colorMap, opacity: overlay.opacity, label: overlay.label, image: "overlay")
    }

    private static func contours(
        _ contours: [FigureContour], _ palette: Palette
    ) throws(FigureError) -> [ContourLayer] {
        var layers: [ContourLayer] = []
        for (i, contour) in contours.enumerated() {
            layers.append(try ContourLayer(contour, color: palette.lines[i % palette.lines.count]))
        }
        return layers
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
