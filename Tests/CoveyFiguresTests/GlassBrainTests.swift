import CoveyCanvas
import CoveyImaging
import CoveyTestSupport
import Testing

@testable import CoveyFigures

@Suite("Glass brain and mosaic")
struct GlassBrainTests {
    @Test("each pixel of a projection holds the largest magnitude along its line of voxels")
    func maxima() throws {
        var numbers = TestNumbers(11)
        let shape = [7, 8, 6]
        let grid = Grid(shape: shape, affine: Affine([-4, 0, 0, 10, 0, 4, 0, -20, 0, 0, 4, -6]))
        let map = Volume(grid: grid, values: numbers.normals(grid.count))
        let figure = SliceFigure(
            map, threshold: 1.2, view: .glass, background: .none, style: plainStyle())
        let painter = PanelPainter(try PreparedFigure(figure))
        let box = grid.worldBox
        var (visible, hidden) = (0, 0)
        for axis in SliceAxis.allCases {
            let (h, v, d) = (axis.horizontal, axis.vertical, axis.index)
            // One pixel a voxel.
            let plane = SlicePlane(
                axis: axis, millimeters: 0, left: box.lower[h], top: box.upper[v], pixelsPerMillimeter: 0.25,
                width: shape[h], height: shape[v])
            let found = painter.projection(plane)
            for row in 0..<plane.height {
                for column in 0..<plane.width {
                    var index = [0, 0, 0]
                    // x is stored from right to left, the page's rows run downward.
                    index[h] = h == 0 ? shape[0] - 1 - column : column
                    index[v] = shape[v] - 1 - row
                    var largest = 0.0
                    for depth in 0..<shape[d] {
                        index[d] = depth
                        let value = map[VoxelIndex(index[0], index[1], index[2])]
                        if abs(value) >= 1.2, abs(value) > abs(largest) { largest = value }
                    }
                    let pixel = found[row * plane.width + column]
                    #expect(largest == 0 ? pixel.isNaN : pixel == largest)
                    if largest == 0 { hidden += 1 } else { visible += 1 }
                }
            }
        }
        #expect(visible > 20 && hidden > 0)
    }

    @Test("the area of a contour is that of the disc it was drawn around, to a hundredth")
    func discArea() {
        let radius = 17.3
        let field = (0..<(50 * 60)).map { i in
            let (x, y) = (Double(i % 50) - 24.2, Double(i / 50) - 30.7)
            return radius - (x * x + y * y).squareRoot()
        }
        let loops = Contours.loops(field, width: 50, height: 60, level: 0)
        #expect(loops.count == 1)
        #expect(abs(area(loops) / (Double.pi * radius * radius) - 1) < 0.01)
    }

    @Test("contours cross every edge between inside and outside once, and close at the border")
    func loopsAreComplete() {
        var numbers = TestNumbers(5)
        let (width, height) = (23, 17)
        var field = numbers.normals(width * height)
        field[100] = .nan
        func isInside(_ x: Int, _ y: Int) -> Bool {
            x >= 0 && y >= 0 && x < width && y < height && field[y * width + x] >= 0.3
        }
        var crossings = 0
        for y in -1..<height {
            for x in -1..<width {
                if isInside(x, y) != isInside(x + 1, y) { crossings += 1 }
                if isInside(x, y) != isInside(x, y + 1) { crossings += 1 }
            }
        }
        let loops = Contours.loops(field, width: width, height: height, level: 0.3)
        #expect(loops.reduce(0) { $0 + $1.count } == crossings)
        for loop in loops {
            for (a, b) in zip(loop, loop.dropFirst() + [loop[0]]) {
                #expect(abs(a.x - b.x) <= 1 && abs(a.y - b.y) <= 1)
            }
        }
    }

    @Test("the surface is that of the right, the back and the top, and folds are darker than ridges")
    func relief() throws {
        // A ball, brighter by 4 towards the right, the front and the top, with a dark groove around x = 12 mm.
        let grid = Grid(shape: [40, 40, 40], affine: Affine([2, 0, 0, -39, 0, 2, 0, -39, 0, 0, 2, -39]))
        let volume = Volume(
            grid: grid,
            values: (0..<grid.count).map { offset in
                let p = grid.affine.world(grid.index(at: offset))
                guard p.x * p.x + p.y * p.y + p.z * p.z < 32 * 32 else { return 0 }
                let sides = [p.x, p.y, p.z].map { $0 > 0 ? 5.0 : 1 }.reduce(0, +)
                return abs(p.x - 12) < 2.5 ? sides - 1.5 : sides
            })
        let image = try #require(BackgroundImage(volume))
        func relief(_ axis: SliceAxis, _ h: Double, _ v: Double) -> Float {
            let plane = SlicePlane(
                axis: axis, millimeters: 0, left: h - 1, top: v + 1, pixelsPerMillimeter: 0.5, width: 1,
                height: 1)
            return image.relief(plane)[0]
        }
        // The same quarter of the other two axes: what differs is the side that is seen.
        let right = relief(.x, 6, 6), back = relief(.y, 6, 6), top = relief(.z, 6, 6)
        let leftColumn = image.relief(
            SlicePlane(
                axis: .z, millimeters: 0, left: -7, top: 7, pixelsPerMillimeter: 0.5, width: 1, height: 1))[0]
        #expect(right == top && back < right - 0.2)
        #expect(leftColumn < top - 0.2)
        #expect(relief(.z, 12, 6) < top - 0.05, "the groove")
        #expect(relief(.z, 38, 38).isNaN, "beside the ball")
    }

    @Test("the outline of the glass brain reaches as far as the template does, in all three directions")
    func outline() throws {
        let background = try #require(Template.background)
        for axis in SliceAxis.allCases {
            let points = background.outline(axis).flatMap { $0 }
            for (k, world) in [axis.horizontal, axis.vertical].enumerated() {
                let along = points.map { k == 0 ? $0.x : $0.y }
                #expect(abs(along.min()! - background.box.lower[world]) < 3)
                #expect(abs(along.max()! - background.box.upper[world]) < 3)
            }
        }
    }

    @Test("a glass brain shows a voxel at its place in all three directions, however deep it lies")
    func place() throws {
        let voxel = VoxelIndex(40, 30, 25)
        let world = localizerGrid.affine.world(voxel)
        let figure = SliceFigure(
            planted([(voxel, -5)]), threshold: 3, view: .glass, style: plainStyle(144))
        let prepared = try PreparedFigure(figure)
        let layout = try FigureLayout(prepared)
        let picture = try #require(DecodedPicture(png: try figure.render()))
        for (axis, panel) in zip(SliceAxis.allCases, layout.panels) {
            let found = try #require(picture.bounds(within: panel, dotsPerInch: 144, where: isColored))
            let place = [world.x, world.y, world.z]
            let (h, v) = (axis.horizontal, axis.vertical)
            let x = panel.x + (place[h] - prepared.box.lower[h]) * layout.pointsPerMillimeter
            let y = panel.y + (prepared.box.upper[v] - place[v]) * layout.pointsPerMillimeter
            #expect(abs(Double(found.left + found.right) / 2 - 2 * x) <= 1.5)
            #expect(abs(Double(found.top + found.bottom) / 2 - 2 * y) <= 1.5)
        }
    }

    @Test("a mosaic has a row for each axis, and no panel or caption touches another")
    func mosaic() throws {
        let figure = SliceFigure(
            planted([(VoxelIndex(30, 30, 25), 4)]), threshold: 2, view: .mosaic(count: 6), title: "Mosaic",
            label: "t (20)")
        let prepared = try PreparedFigure(figure)
        let layout = try FigureLayout(prepared)
        #expect(
            prepared.cuts.map(\.axis) == SliceAxis.allCases.flatMap { [SliceAxis](repeating: $0, count: 6) })
        for row in 0..<3 {
            let inRow = Array(layout.panels[(6 * row)..<(6 * row + 6)])
            for (a, b) in zip(inRow, inRow.dropFirst()) { #expect(a.maxX + 5 < b.x) }
            for i in (6 * row)..<(6 * row + 5) {
                let widths = layout.captions[i...(i + 1)].map {
                    Canvas.width(of: $0, FigureLayout.labelFont)
                }
                #expect(
                    layout.panels[i].midX + widths[0] / 2 + 3
                        <= layout.panels[i + 1].midX - widths[1] / 2)
            }
            let caption = try #require(layout.captionBaselines[6 * row])
            #expect(inRow.allSatisfy { $0.maxY < caption - 5 })
            if row < 2 { #expect(layout.panels[6 * row + 6].y > caption + 3) }
            #expect(inRow.allSatisfy { $0.maxX < layout.bars[0].box.x })
        }
        #expect(try #require(layout.captionBaselines.last ?? nil) < layout.height - 3)
    }

    /// Twice the area is the sum of the cross products; holes count negative.
    private func area(_ loops: [[Point]]) -> Double {
        abs(
            loops.reduce(0) { sum, loop in
                zip(loop, loop.dropFirst() + [loop[0]]).reduce(sum) {
                    $0 + ($1.0.x * $1.1.y - $1.1.x * $1.0.y) / 2
                }
            })
    }
}
