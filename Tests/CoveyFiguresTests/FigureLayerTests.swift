import CoveyCanvas
import CoveyImaging
import CoveyTestSupport
import Foundation
import Testing

@testable import CoveyFigures

@Suite("Contours, overlays and rows")
struct FigureLayerTests {
    /// Twice the area inside a loop; positive where it runs clockwise on a page, y downward.
    func doubleArea(_ loop: [Point]) -> Double {
        zip(loop, loop.dropFirst() + loop.prefix(1)).reduce(0) { $0 + $1.0.x * $1.1.y - $1.1.x * $1.0.y }
    }

    func plane(_ axis: SliceAxis = .z, _ millimeters: Double, perMillimeter: Double = 2) -> SlicePlane {
        SlicePlane(
            axis: axis, millimeters: millimeters, left: -90, top: 90, pixelsPerMillimeter: perMillimeter,
            width: Int(180 * perMillimeter), height: Int(200 * perMillimeter))
    }

    func ball(_ radius: Double, sign: Double = 1) -> Volume {
        Volume(
            grid: localizerGrid,
            values: (0..<localizerGrid.count).map { offset in
                let p = localizerGrid.affine.world(localizerGrid.index(at: offset))
                let length = ((p.x - 3) * (p.x - 3) + (p.y + 20) * (p.y + 20) + p.z * p.z).squareRoot()
                return sign * (radius + 5 - length)
            })
    }

    @Test(
        "a level line of a ball encloses its disc, in each axis and for either sign",
        arguments: SliceAxis.allCases)
    func ballLevel(axis: SliceAxis) throws {
        for sign in [1.0, -1] {
            let layer = try ContourLayer(
                FigureContour(ball(24, sign: sign), .level(sign * 5)), color: .gray(0))
            let center = [3.0, -20, 0][axis.index]
            let loops = layer.loops(in: plane(axis, center + 7))
            #expect(loops.count == 1)
            let expected = Double.pi * (24 * 24 - 7 * 7)
            #expect(abs(abs(doubleArea(loops[0])) / 2 / 4 / expected - 1) < 0.01)
        }
    }

    @Test("edges enclose exactly the pixels that are inside, holes left out, whatever they are")
    func edgesEnclose() {
        var numbers = TestNumbers(11)
        for (width, height, share) in [(1, 1, 9), (7, 5, 5), (40, 31, 5), (40, 31, 3), (25, 25, 8)] {
            let inside = (0..<(width * height)).map { _ in numbers.below(10) < share }
            let loops = Contours.edges(of: inside, width: width, height: height)
            let area = loops.reduce(0) { $0 + doubleArea($1) } / 2
            #expect(area == Double(inside.count { $0 }))
            var border = 0
            for y in 0..<height {
                for x in 0..<width where inside[y * width + x] {
                    for (dx, dy) in [(1, 0), (-1, 0), (0, 1), (0, -1)] {
                        let (a, b) = (x + dx, y + dy)
                        let isInside = a >= 0 && b >= 0 && a < width && b < height && inside[b * width + a]
                        if !isInside { border += 1 }
                    }
                }
            }
            var length = 0.0
            for loop in loops {
                for (i, a) in loop.enumerated() {
                    let b = loop[(i + 1) % loop.count], c = loop[(i + 2) % loop.count]
                    #expect((a.x == b.x) != (a.y == b.y), "sides run along the raster")
                    #expect((a.x == b.x) != (b.x == c.x), "corners alone are listed")
                    length += abs(a.x - b.x) + abs(a.y - b.y)
                }
            }
            #expect(length == Double(border))
        }
    }

    @Test("pixels that meet at a corner alone have outlines of their own")
    func cornersDoNotJoin() {
        let loops = Contours.edges(of: [true, false, false, true], width: 2, height: 2)
        #expect(loops.map(\.count) == [4, 4])
        #expect(loops.allSatisfy { doubleArea($0) == 2 })
        let other = Contours.edges(of: [false, true, true, false], width: 2, height: 2)
        #expect(other.map(\.count) == [4, 4])
    }

    @Test("an outline runs along the edges of its voxels, around each label of its own")
    func labelEdges() throws {
        let labels = planted([
            (VoxelIndex(20, 30, 20), 3), (VoxelIndex(21, 30, 20), 3), (VoxelIndex(22, 30, 20), 7),
            (VoxelIndex(30, 40, 20), .nan),
        ])
        let layer = try ContourLayer(FigureContour(labels, .edges), color: .gray(0))
        let world = localizerGrid.affine.world(VoxelIndex(20, 30, 20))
        let loops = layer.loops(in: plane(.z, world.z))
        #expect(loops.count == 2)
        // Two voxels of label 3, 3 mm each at two pixels a millimetre; x falls with the index.
        #expect(doubleArea(loops[0]) / 2 == 12 * 6 && doubleArea(loops[1]) / 2 == 36)
        let left = (loops[0].map(\.x).min() ?? 0) / 2 - 90
        #expect(left == world.x - 4.5)
        #expect(90 - (loops[0].map(\.y).min() ?? 0) / 2 == world.y + 1.5)
        #expect(layer.loops(in: plane(.z, world.z + 3)).isEmpty)
    }

    @Test("all rows have the same slices, one range of colours, and one bar")
    func rows() throws {
        let voxel = VoxelIndex(20, 30, 20)
        var figure = SliceFigure(planted([(voxel, 2)]), threshold: 1, label: "z")
        figure.rowTitle = "first"
        figure.moreRows = [
            FigureRow(planted([(VoxelIndex(30, 40, 25), -9)]), title: "second"),
            FigureRow(planted([(voxel, 0.5)]), title: "third"),
        ]
        let prepared = try PreparedFigure(figure)
        let layout = try FigureLayout(prepared)
        #expect(prepared.rows.map(\.map.rule.upper) == [9, 9, 9])
        #expect(
            prepared.sentence == "first: Voxels with z ≥ 1 exist, but none lies in these slices.\n"
                + "third: No voxel reaches z ≥ 1; the largest is 0.5.")
        let peak = localizerGrid.affine.world(VoxelIndex(30, 40, 25))
        #expect(try figure.cuts().map(\.millimeters) == [peak.x, peak.y, peak.z])
        #expect(layout.panels.count == 9 && layout.bars.count == 1)
        for i in 0..<3 {
            #expect(layout.panels[i].x == layout.panels[3 + i].x)
            #expect(layout.panels[i].width == layout.panels[6 + i].width)
        }
        // Positions stand below the last row.
        #expect(
            layout.captionBaselines.map { $0 == nil } == Array(repeating: true, count: 6) + [
                false, false, false,
            ])
        for row in 0..<3 {
            let top = layout.panels[3 * row..<3 * row + 3].map(\.y).min()!
            #expect(layout.rowTitles[row].y < top)
            if row > 0 {
                let above = layout.panels[3 * row - 3..<3 * row].map(\.maxY).max()!
                #expect(layout.rowTitles[row].y - FigureLayout.rowTitleFont.capHeight > above)
            }
        }
    }

    @Test("an overlay covers the map and has its own bar")
    func overlay() throws {
        let voxel = VoxelIndex(20, 30, 20)
        let world = localizerGrid.affine.world(voxel)
        var figure = SliceFigure(
            planted([(voxel, 5), (VoxelIndex(21, 30, 20), 5)]), threshold: 3,
            view: .orthogonal(.millimeters(x: world.x, y: world.y, z: world.z)), label: "t (28)")
        figure.overlay = FigureOverlay(
            planted([(voxel, 2)]), threshold: 1, range: .fromThreshold, label: "−log₁₀ p (FWE, all contrasts)"
        )
        let prepared = try PreparedFigure(figure)
        let layout = try FigureLayout(prepared)
        #expect(layout.bars.count == 2)
        #expect(layout.bars[0].box.maxY + 8 < layout.bars[1].box.y)
        for bar in layout.bars {
            #expect(bar.box.y >= 0 && bar.box.maxY <= layout.height)
            #expect(bar.ticks.contains { $0.isThreshold })
            #expect(bar.labelX <= layout.width)
            #expect(layout.panels.allSatisfy { $0.maxX <= bar.box.x })
            if !bar.map.hasShortLabel {
                #expect(Canvas.width(of: bar.map.label, FigureLayout.labelFont) <= bar.box.height + 2)
            }
        }
        let picture = PanelPainter(prepared).picture(
            SlicePlane(
                axis: .z, millimeters: world.z, left: world.x - 1, top: world.y + 1, pixelsPerMillimeter: 1,
                width: 2, height: 2))
        let top = ColorMap.viridis.pixels(256)[255]
        #expect(picture.pixels.allSatisfy { $0 == top })
        figure.overlay!.opacity = 0.5
        let mixed = PanelPainter(try PreparedFigure(figure)).picture(
            SlicePlane(
                axis: .z, millimeters: world.z, left: world.x - 1, top: world.y + 1, pixelsPerMillimeter: 1,
                width: 2, height: 2))
        #expect(mixed.pixels.allSatisfy { $0 != top })
    }

    @Test(
        "on a single column bars lie below the slices, no words touch, and all stand on the page",
        arguments: [FigureTheme.light, .dark], [SliceView.automatic, .evenlySpaced(.z, count: 5)])
    func singleColumn(theme: FigureTheme, view: SliceView) throws {
        let voxel = VoxelIndex(20, 30, 20)
        var figure = SliceFigure(
            planted([(voxel, 5.23), (VoxelIndex(40, 30, 20), -4)]), threshold: 3.1, view: view,
            title: "A title of the figure", label: "t (28)")
        figure.rowTitle = "first"
        figure.moreRows = [FigureRow(figure.statistic, title: "second")]
        figure.overlay = FigureOverlay(
            planted([(voxel, 2)]), threshold: 1.3, label: "−log₁₀ p (FWE, all contrasts)")
        figure.contours = [FigureContour(figure.statistic, .level(2), name: "t ≥ 2")]
        figure.style.widthInches = 3.5
        figure.style.theme = theme
        let layout = try FigureLayout(PreparedFigure(figure))
        #expect(layout.bars.isEmpty && layout.lyingBars.count == 2)
        let (label, tick) = (FigureLayout.labelFont, FigureLayout.tickFont)
        func box(_ text: String, _ font: Font, middle: Double, baseline: Double) -> Rectangle {
            let width = Canvas.width(of: text, font)
            return Rectangle(
                x: middle - width / 2, y: baseline - font.capHeight, width: width, height: font.capHeight)
        }
        var boxes = layout.panels
        for (i, baseline) in layout.captionBaselines.enumerated() {
            guard let baseline else { continue }
            let text = layout.captions[i % layout.captions.count]
            boxes.append(box(text, label, middle: layout.panels[i].midX, baseline: baseline))
        }
        for bar in layout.lyingBars {
            boxes.append(bar.box)
            for (line, text) in bar.label.enumerated() {
                let baseline = bar.labelPlace.y + Double(line) * label.lineHeight
                boxes.append(box(text, label, middle: bar.labelPlace.x, baseline: baseline))
            }
            #expect(bar.ticks.count { $0.isThreshold } >= 1 && bar.ticks.count >= 2)
            for mark in bar.ticks {
                let x = bar.box.x + bar.map.rule.fraction(mark.value) * bar.box.width + mark.shift
                boxes.append(box(mark.text, tick, middle: x, baseline: bar.tickBaseline))
            }
        }
        for entry in layout.legend.entries {
            let width =
                FigureLegend.sample + FigureLegend.gap + Canvas.width(of: entry.text, FigureLegend.font)
            let height = FigureLegend.font.capHeight
            boxes.append(
                Rectangle(
                    x: entry.position.x, y: entry.position.y - height, width: width, height: height))
        }
        for (i, a) in boxes.enumerated() {
            #expect(a.x >= 0 && a.y >= 0 && a.maxX <= layout.width && a.maxY <= layout.height)
            for b in boxes[(i + 1)...] {
                #expect(a.maxX <= b.x || b.maxX <= a.x || a.maxY <= b.y || b.maxY <= a.y)
            }
        }
    }

    @Test("a region has its colour in its voxels, its name in the legend, and none of either elsewhere")
    func regions() throws {
        let voxels = [VoxelIndex(20, 30, 20), VoxelIndex(24, 30, 20), VoxelIndex(24, 30, 30)]
        let z = localizerGrid.affine.world(voxels[0]).z
        var figure = SliceFigure(
            planted([(VoxelIndex(40, 30, 20), 5)]), threshold: 3,
            view: .slices(.z, positionsMillimeters: [z]), background: .none)
        let image = planted([(voxels[0], 12), (voxels[1], 3), (voxels[2], 7)])
        figure.regions = FigureRegions(image, names: [12: "hippocampus"])
        let prepared = try PreparedFigure(figure)
        // By ascending label; 7 lies in no slice.
        #expect(prepared.regions?.seen.map(\.name) == ["3", "hippocampus"])
        let layout = try FigureLayout(prepared)
        #expect(layout.legend.entries.map(\.text) == ["3", "hippocampus"])
        for (voxel, color) in [(voxels[1], 0), (voxels[0], 1)] {
            let world = localizerGrid.affine.world(voxel)
            let pixels = PanelPainter(prepared).picture(
                SlicePlane(
                    axis: .z, millimeters: z, left: world.x - 3.5, top: world.y + 0.5, pixelsPerMillimeter: 1,
                    width: 7, height: 1)
            ).pixels
            let expected = Picture.pixel(Palette.regions[color]) & 0xFF_FFFF
            #expect(pixels.map { $0 >> 24 > 0 } == [false, false, true, true, true, false, false])
            #expect(pixels[3] & 0xFF_FFFF == expected)
        }
        figure.regions = FigureRegions(planted([(voxels[0], 0.5)]), name: "r.nii")
        #expect(throws: FigureError.notLabels(image: "r.nii", value: 0.5)) { try figure.render() }
    }

    @Test("a contour that no slice meets says so in the legend")
    func unseen() throws {
        let voxel = VoxelIndex(20, 30, 20)
        let here = localizerGrid.affine.world(voxel)
        for (millimeters, text) in [(here.z, "mask"), (here.z + 30, "mask (in none of these slices)")] {
            var figure = SliceFigure(
                planted([(voxel, 5)]), threshold: 3, view: .slices(.z, positionsMillimeters: [millimeters]))
            figure.contours = [FigureContour(planted([(voxel, 1)]), .edges, name: "mask")]
            #expect(try FigureLayout(PreparedFigure(figure)).legend.entries.map(\.text) == [text])
        }
    }

    @Test("the sides' letters stand below slices that are wide enough, and cover no voxel")
    func sides() throws {
        for (count, isBelow) in [(3, true), (7, false)] {
            let figure = SliceFigure(
                planted([(VoxelIndex(20, 30, 20), 5)]), threshold: 3, view: .evenlySpaced(.z, count: count))
            #expect(try FigureLayout(PreparedFigure(figure)).sidesStandBelow == isBelow, "\(count)")
        }
    }

    @Test("legends of lines stay within the page, below the slices", arguments: [7.3, 3.5])
    func legend(width: Double) throws {
        let map = planted([(VoxelIndex(20, 30, 20), 30), (VoxelIndex(21, 30, 20), 24)])
        var figure = SliceFigure(map, threshold: 20)
        figure.contours = (1...5).map {
            FigureContour(
                map, .level(Double($0) * 4),
                name: FigureContour.name("a_map_of_some_length", level: Double($0)))
        }
        figure.contours.append(
            FigureContour(
                map, .edges, name: "An outline whose name takes more than one line on a narrow page"))
        figure.style.widthInches = width
        figure.style.dotsPerInch = 60
        figure.style.sliceDotsPerInch = 60
        figure.background = .none
        let layout = try FigureLayout(PreparedFigure(figure))
        let entries = layout.legend.entries
        #expect(entries.count >= 6)
        for entry in entries {
            let end =
                entry.position.x + FigureLegend.sample + FigureLegend.gap
                + Canvas.width(of: entry.text, FigureLegend.font)
            #expect(end <= layout.width - FigureLayout.margin + 1)
            #expect(entry.position.y < layout.height)
            #expect(
                layout.captionBaselines.allSatisfy { $0! < entry.position.y - FigureLegend.font.capHeight })
        }
        for format in PictureFormat.allCases { #expect(try figure.render(format) == figure.render(format)) }
    }

    @Test("lines are paths of the vector page, not pixels")
    func vectorLines() throws {
        func paths(_ figure: SliceFigure) throws -> Int {
            String(decoding: try figure.render(.svg), as: UTF8.self).components(separatedBy: "<path").count
        }
        var figure = SliceFigure(
            ball(24), threshold: 20, view: .orthogonal(.millimeters(x: 3, y: -20, z: 0)), background: .none)
        figure.style.dotsPerInch = 60
        figure.style.sliceDotsPerInch = 60
        let plain = try paths(figure)
        figure.style.belowThreshold = .faded(alpha: 0.7)
        let outlined = try paths(figure)
        #expect(outlined >= plain + 3)
        figure.contours = [FigureContour(figure.statistic, .level(10))]
        let lined = try paths(figure)
        #expect(lined >= outlined + 6)
    }

    @Test("what cannot be drawn is refused with the reason")
    func refusals() throws {
        let map = planted([(VoxelIndex(20, 30, 20), 2)])
        var glass = SliceFigure(map, view: .glass)
        glass.contours = [FigureContour(map, .edges)]
        #expect(throws: FigureError.layersOnGlass) { try glass.render() }
        var level = SliceFigure(map)
        level.contours = [FigureContour(map, .level(.infinity))]
        #expect(throws: FigureError.level(.infinity)) { try level.render() }
        func refused(_ contour: FigureContour, _ error: FigureError) {
            var figure = SliceFigure(map)
            figure.contours = [contour]
            #expect(throws: error) { try figure.render() }
        }
        refused(
            FigureContour(map, .level(2.5), name: "z"),
            .levelOutside(2.5, image: "z", least: 0, largest: 2))
        refused(
            FigureContour(map, .level(-1), name: "z"), .levelOutside(-1, image: "z", least: 0, largest: 2))
        refused(
            FigureContour(planted([(VoxelIndex(20, 30, 20), 2.5)]), .edges, name: "z"),
            .notLabels(image: "z", value: 2.5))
        refused(FigureContour(planted([]), .edges, name: "z"), .nothingToOutline(image: "z"))
        glass.contours = []
        glass.regions = FigureRegions(map)
        #expect(throws: FigureError.layersOnGlass) { try glass.render() }
        var overlay = SliceFigure(map)
        overlay.overlay = FigureOverlay(map, opacity: 0)
        #expect(throws: FigureError.opacity(0)) { try overlay.render() }
        overlay.overlay = FigureOverlay(map, threshold: -2)
        #expect(throws: FigureError.threshold(-2)) { try overlay.render() }
    }
}
