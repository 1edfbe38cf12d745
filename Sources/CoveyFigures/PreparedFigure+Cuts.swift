internal import CoveyImaging

extension PreparedFigure {
    /// The slices of a view, and the point in which they meet.
    ///
    /// - Parameters:
    ///   - box: around what there is to see.
    ///   - reach: where a cut meets a voxel at all.
    static func cuts(
        _ view: SliceView, maps: [MapLayer], box: WorldBox, reach: WorldBox
    ) throws(FigureError) -> (cuts: [Cut], center: [Double]?) {
        let cuts: [Cut]
        var center: [Double]?
        switch view {
        case .orthogonal(let position):
            let point: [Double]
            switch position {
            case .millimeters(let x, let y, let z): point = [x, y, z]
            case .automatic: point = peak(maps)
            }
            cuts = SliceAxis.allCases.map { Cut(axis: $0, millimeters: point[$0.index]) }
            center = point
        case .slices(let axis, let positions):
            cuts = positions.map { Cut(axis: axis, millimeters: $0) }
        case .evenlySpaced(let axis, let count):
            cuts = evenlySpaced(axis, count: count, box: box)
        case .strongest(let axis, let count):
            cuts = strongest(axis, count: count, box: box, maps: maps)
        case .mosaic(let count, let isEven):
            cuts = SliceAxis.allCases.flatMap {
                isEven
                    ? evenlySpaced($0, count: count, box: box)
                    : strongest($0, count: count, box: box, maps: maps)
            }
        case .glass:
            cuts = SliceAxis.allCases.map { Cut(axis: $0, millimeters: box.middle($0.index)) }
        }
        guard !cuts.isEmpty else { throw FigureError.noSlices }
        for cut in cuts {
            let (low, high) = (reach.lower[cut.axis.index], reach.upper[cut.axis.index])
            guard cut.millimeters >= low, cut.millimeters <= high else {
                throw FigureError.cutOutside(
                    axis: cut.axis.rawValue, millimeters: cut.millimeters, lowest: low, highest: high)
            }
        }
        return (cuts, center)
    }

    private static func evenlySpaced(_ axis: SliceAxis, count: Int, box: WorldBox) -> [Cut] {
        let (middle, length) = (box.middle(axis.index), 0.8 * box.size(axis.index))
        return (0..<max(0, count)).map { i in
            let fraction = count == 1 ? 0 : Double(i) / Double(count - 1) - 0.5
            return Cut(axis: axis, millimeters: (middle + fraction * length).rounded())
        }
    }

    /// Evenly spaced slices, each moved to the strongest plane near it: that with the greatest sum of the magnitudes of the
    /// voxels the figure shows, in units of their map's greatest.
    ///
    /// The slice with the strongest plane chooses first. Each stays within half a space of its even place, and half a
    /// space away from those that chose before; where nothing is shown there, it stays where it was.
    static func strongest(_ axis: SliceAxis, count: Int, box: WorldBox, maps: [MapLayer]) -> [Cut] {
        let even = evenlySpaced(axis, count: count, box: box)
        let space = even.count > 1 ? even[1].millimeters - even[0].millimeters : 0.8 * box.size(axis.index)
        let planes = planes(axis, maps)
        var places = even.map(\.millimeters)
        func reachable(_ slice: Int) -> [(place: Double, strength: Double)] {
            planes.filter { abs($0.place - even[slice].millimeters) <= space / 2 }
        }
        // Of equal planes the one nearest to the even place.
        func best(_ slice: Int, among planes: [(place: Double, strength: Double)]) -> (
            place: Double, strength: Double
        )? {
            func distance(_ place: Double) -> Double { abs(place - even[slice].millimeters) }
            return planes.min { ($1.strength, distance($0.place)) < ($0.strength, distance($1.place)) }
        }
        let order = even.indices.map { (slice: $0, strength: best($0, among: reachable($0))?.strength ?? 0) }
            .sorted { ($1.strength, $0.slice) < ($0.strength, $1.slice) }
        var chosen: [Double] = []
        for (slice, _) in order {
            let free = reachable(slice).filter { plane in
                chosen.allSatisfy { abs($0 - plane.place) >= space / 2 }
            }
            if let best = best(slice, among: free) {
                places[slice] = best.place
                chosen.append(best.place)
            }
        }
        return places.map { Cut(axis: axis, millimeters: $0) }
    }

    /// Planes across an axis, at whole millimetres, that hold voxels the figure shows, and how strong they are there.
    private static func planes(
        _ axis: SliceAxis, _ maps: [MapLayer]
    ) -> [(place: Double, strength: Double)] {
        var strengths: [Double: Double] = [:]
        for map in maps {
            let shown = map.tested.indices.filter {
                map.tested[$0].isFinite && map.rule.shows(map.tested[$0])
            }
            let greatest = shown.reduce(0) { max($0, abs(map.tested[$1])) }
            for offset in shown {
                let world = map.grid.affine.world(map.grid.index(at: offset))
                let place = [world.x, world.y, world.z][axis.index].rounded()
                strengths[place, default: 0] += greatest > 0 ? abs(map.tested[offset]) / greatest : 0
            }
        }
        return strengths.map { (place: $0.key, strength: $0.value) }.sorted { $0.place < $1.place }
    }

    /// The centre of the voxel of largest absolute value, by the rule of ``CutPosition/automatic``, in all maps.
    private static func peak(_ maps: [MapLayer]) -> [Double] {
        var best: (map: MapLayer, offset: Int, isShown: Bool, size: Double)?
        for map in maps {
            for (offset, value) in map.tested.enumerated() where value.isFinite {
                let isShown = map.rule.shows(value)
                if let best, best.isShown && !isShown || best.isShown == isShown && best.size >= abs(value) {
                    continue
                }
                best = (map, offset, isShown, abs(value))
            }
        }
        guard let best else {
            let box = maps[0].grid.worldBox
            return (0..<3).map(box.middle)
        }
        let world = best.map.grid.affine.world(best.map.grid.index(at: best.offset))
        return [world.x, world.y, world.z]
    }

    /// Whether a slice cuts a voxel that survives, looked for at every half voxel of their box.
    static func survives(in cut: Cut, box: WorldBox, _ map: MapLayer) -> Bool {
        guard !box.isEmpty else { return false }
        let perMillimeter = 2 / (map.grid.affine.voxelSizes.min() ?? 1)
        let (h, v) = (cut.axis.horizontal, cut.axis.vertical)
        let plane = SlicePlane(
            axis: cut.axis, millimeters: cut.millimeters, left: box.lower[h], top: box.upper[v],
            pixelsPerMillimeter: perMillimeter, width: Int((box.size(h) * perMillimeter).rounded(.up)),
            height: Int((box.size(v) * perMillimeter).rounded(.up)))
        return map.survivors(in: plane).contains(true)
    }

    /// What the reader must know and cannot see in the slices.
    static func sentence(
        _ map: MapLayer, _ values: MapLayer.Values, hasSurvivors: Bool, isSeen: Bool
    ) -> String {
        let (rule, least, largest, infinite) = (map.rule, values.least, values.largest, values.infinite)
        var sentences: [String] = []
        let name = map.label.isEmpty ? "value" : map.label
        let threshold = numberText(
            rule.isPositiveOnly
                ? max(rule.threshold, rule.lower)
                : rule.isNegativeOnly ? max(rule.threshold, -rule.upper) : rule.threshold)
        let condition =
            rule.isPositiveOnly || (least >= 0 && !values.isEmpty)
            ? "\(name) ≥ \(threshold)"
            : rule.isNegativeOnly ? "\(name) ≤ −\(threshold)" : "|\(name)| ≥ \(threshold)"
        if values.isEmpty {
            sentences.append("The map has no value in any voxel.")
        } else if !hasSurvivors {
            let extreme =
                rule.isPositiveOnly ? largest : rule.isNegativeOnly || abs(least) > largest ? least : largest
            // A threshold just beyond the largest value stands for one that nobody knows.
            sentences.append(
                numberText(abs(extreme)) == threshold
                    ? "No voxel survives; the largest is \(numberText(extreme))."
                    : "No voxel reaches \(condition); the largest is \(numberText(extreme)).")
        } else if !isSeen {
            sentences.append("Voxels with \(condition) exist, but none lies in these slices.")
        }
        if infinite > 0 {
            sentences.append("\(infinite) voxel\(infinite == 1 ? "" : "s") of infinite value not drawn.")
        }
        return sentences.joined(separator: " ")
    }

    /// What the figure shows, for those who cannot see it.
    var description: String {
        func name(_ map: MapLayer) -> String {
            let (label, rule) = (map.label.isEmpty ? "values" : map.label, map.rule)
            let drawn =
                rule.threshold > 0 ? ", drawn from a magnitude of \(numberText(rule.threshold)) on" : ""
            return "\(label) in colours from \(numberText(rule.lower)) to \(numberText(rule.upper))\(drawn)"
        }
        var parts: [String] = []
        let titles = rows.map(\.title).filter { !$0.isEmpty }
        if rows.count > 1 { parts.append("\(rows.count) rows: \(titles.joined(separator: "; "))") }
        parts.append(name(rows[0].map))
        if let overlay { parts.append("over them \(name(overlay))") }
        let lines = contours.map(\.name).filter { !$0.isEmpty }
        if !lines.isEmpty { parts.append("lines: \(lines.joined(separator: "; "))") }
        let names = regions?.seen.map(\.name) ?? []
        if !names.isEmpty { parts.append("regions: \(names.joined(separator: "; "))") }
        let places = cuts.map { "\($0.axis.rawValue) = \(millimeterText($0.millimeters)) mm" }
        parts.append(
            isProjection
                ? "projections along x, y and z" : "slices at \(places.joined(separator: ", "))")
        return (parts.map { $0 + "." } + [sentence]).filter { !$0.isEmpty }.joined(separator: " ")
    }
}
