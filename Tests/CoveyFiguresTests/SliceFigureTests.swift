import CoveyCanvas
import CoveyImaging
import CoveyTestSupport
import Testing

@testable import CoveyFigures

/// The Localizer's grid: 3 mm, x stored from right to left.
let localizerGrid = Grid(
    shape: [53, 63, 46], affine: Affine([-3, 0, 0, 78, 0, 3, 0, -111, 0, 0, 3, -51]))

/// A map that is zero but for the given voxels.
func planted(_ voxels: [(VoxelIndex, Double)], grid: Grid = localizerGrid) -> Volume {
    var volume = Volume(grid: grid, repeating: 0)
    for (voxel, value) in voxels { volume[voxel] = value }
    return volume
}

func plainStyle(_ dotsPerInch: Double = 100) -> SliceStyle {
    var style = SliceStyle()
    style.dotsPerInch = dotsPerInch
    style.hasColorBar = false
    return style
}

@Suite("Slice figures")
struct SliceFigureTests {
    /// Where the panels of a figure lie, and the figure's pixels.
    func drawn(_ figure: SliceFigure) throws -> (layout: FigureLayout, box: WorldBox, picture: DecodedPicture)
    {
        let prepared = try PreparedFigure(figure)
        let picture = try #require(DecodedPicture(png: try figure.render(.png)))
        return (try FigureLayout(prepared), prepared.box, picture)
    }

    @Test("a voxel covers its own box of the page, to a pixel, in all three slices")
    func voxelPosition() throws {
        let voxel = VoxelIndex(10, 40, 30)
        let center = localizerGrid.affine.world(voxel)
        var figure = SliceFigure(planted([(voxel, 5)]), threshold: 3, style: plainStyle())
        figure.style.dotsPerInch = 144
        let (layout, box, picture) = try drawn(figure)
        let world = [center.x, center.y, center.z]
        for axis in SliceAxis.allCases {
            let panel = layout.panels[axis.index]
            let found = try #require(picture.bounds(within: panel, dotsPerInch: 144, where: isColored))
            let (h, v) = (axis.horizontal, axis.vertical)
            let scale = layout.pointsPerMillimeter
            let left = panel.x + (world[h] - 1.5 - box.lower[h]) * scale
            let top = panel.y + (box.upper[v] - world[v] - 1.5) * scale
            #expect(abs(Double(found.left) - 2 * left) <= 1.5)
            #expect(abs(Double(found.top) - 2 * top) <= 1.5)
            #expect(abs(Double(found.right) - 2 * (left + 3 * scale)) <= 1.5)
            #expect(abs(Double(found.bottom) - 2 * (top + 3 * scale)) <= 1.5)
        }
    }

    @Test("the subject's left is on the left, beside the L")
    func leftIsLeft() throws {
        // x index 46 lies at -60 mm.
        let voxel = VoxelIndex(46, 40, 25)
        #expect(localizerGrid.affine.world(voxel).x == -60)
        let (layout, _, picture) = try drawn(
            SliceFigure(planted([(voxel, 5)]), threshold: 3, style: plainStyle(200)))
        #expect(layout.sidesStandBelow)
        for (panel, baseline) in zip(layout.panels, layout.captionBaselines).dropFirst() {
            let found = try #require(picture.bounds(within: panel, dotsPerInch: 200, where: isColored))
            #expect(Double(found.right) * 72 / 200 < panel.midX)
            // An L is widest at its foot, an R (and nothing else here) is not.
            func inkWidths(_ x: Double) throws -> (head: Int, foot: Int) {
                let corner = Rectangle(x: x, y: baseline! - 8, width: 11, height: 9)
                let ink = try #require(
                    picture.bounds(within: corner, dotsPerInch: 200) { $0.max()! < 110 })
                func width(_ row: Int) -> Int {
                    (ink.left..<ink.right).count { picture[$0, row].max()! < 110 }
                }
                return (width(ink.top + 2), width(ink.bottom - 2))
            }
            let left = try inkWidths(panel.x + FigureLayout.sideInset - 2)
            let right = try inkWidths(panel.maxX - FigureLayout.sideInset - 9)
            #expect(left.foot > 2 * left.head)
            #expect(right.foot <= 2 * right.head)
        }
    }

    @Test("the order and direction of a map's axes change no byte of its figure")
    func storageOrder() throws {
        var numbers = TestNumbers(7)
        let shape = [14, 11, 9]
        let grid = Grid(shape: shape, affine: Affine([-6, 0, 0, 40, 0, 6, 0, -50, 0, 0, 6, -20]))
        let map = Volume(grid: grid, values: numbers.normals(grid.count))
        // Stored y first, z reversed.
        let other = Grid(
            shape: [11, 14, 9], affine: Affine([0, -6, 0, 40, 6, 0, 0, -50, 0, 0, -6, -20 + 6 * 8]))
        var turned = Volume(grid: other, repeating: 0)
        for offset in 0..<grid.count {
            let voxel = grid.index(at: offset)
            turned[VoxelIndex(voxel.y, voxel.x, 8 - voxel.z)] = map.values[offset]
        }
        // z = 1 mm lies exactly between two voxels.
        let view = SliceView.orthogonal(.millimeters(x: 4, y: -3, z: 1))
        let figures = [map, turned].map {
            SliceFigure($0, threshold: 0.5, view: view, background: .none, style: plainStyle(72))
        }
        #expect(try figures[0].render() == figures[1].render())
    }

    @Test("a cut halfway between two voxels shows the one with the larger coordinate")
    func halfway() throws {
        let low = VoxelIndex(26, 37, 20)
        let high = VoxelIndex(26, 37, 21)
        let figure = SliceFigure(
            planted([(low, -5), (high, 5)]), threshold: 3,
            view: .slices(.z, positionsMillimeters: [localizerGrid.affine.world(low).z + 1.5]),
            background: .none, style: plainStyle())
        let (layout, _, picture) = try drawn(figure)
        let red = picture.bounds(within: layout.panels[0], dotsPerInch: 100) { $0[0] > $0[2] + 40 }
        let blue = picture.bounds(within: layout.panels[0], dotsPerInch: 100) { $0[2] > $0[0] + 40 }
        #expect(red != nil && blue == nil)
    }

    @Test("every pixel of an oblique map has the colour of the voxel that holds its place in the world")
    func oblique() throws {
        var numbers = TestNumbers(3)
        let (c, s) = (0.8, 0.6)
        let grid = Grid(
            shape: [12, 10, 9],
            affine: Affine([4 * c, -4 * s, 0.3, -20, 4 * s, 4 * c, 0, -40, 0, 0.5, 5, -10]))
        let map = Volume(grid: grid, values: numbers.normals(grid.count))
        let figure = SliceFigure(map, threshold: 0.4, background: .none, style: plainStyle())
        let prepared = try PreparedFigure(figure)
        let plane = SlicePlane(
            axis: .z, millimeters: 8.3, left: -60, top: 30, pixelsPerMillimeter: 1.7, width: 150, height: 150)
        let picture = PanelPainter(prepared).picture(plane)
        let inverse = try #require(grid.affine.inverse)
        let colors = prepared.style.colorMap.pixels(256)
        var (visible, wrong) = (0, 0)
        for row in 0..<150 {
            for column in 0..<150 {
                let voxel = inverse.world(
                    -60 + (Double(column) + 0.5) / 1.7, 30 - (Double(row) + 0.5) / 1.7, 8.3)
                let index = VoxelIndex(
                    Int(voxel.x.rounded()), Int(voxel.y.rounded()), Int(voxel.z.rounded()))
                let value = grid.contains(index) ? map[index] : 0
                let pixel = picture.pixels[row * 150 + column]
                let fraction = Int(prepared.rule.fraction(value) * 255 + 0.5)
                if pixel != (abs(value) >= 0.4 ? colors[fraction] : 0) { wrong += 1 }
                if pixel != 0 { visible += 1 }
            }
        }
        #expect(wrong == 0)
        #expect(visible > 1000)
    }

    @Test("what is untested or not finite is transparent, also where it is a zero of a masked map")
    func transparency() throws {
        let voxels = (0..<4).map { VoxelIndex(20 + 4 * $0, 37, 25) }
        let map = planted([(voxels[0], 5), (voxels[1], .nan), (voxels[2], 5), (voxels[3], .infinity)])
        let mask = Mask(grid: localizerGrid) { $0 != localizerGrid.offset(of: voxels[2]) }
        let view = SliceView.slices(.z, positionsMillimeters: [localizerGrid.affine.world(voxels[0]).z])
        func colored(_ figure: SliceFigure) throws -> Int {
            let (layout, _, picture) = try drawn(figure)
            let scale = 100.0 / 72
            let panel = layout.panels[0]
            var count = 0
            for y in Int(panel.y * scale)..<Int(panel.maxY * scale) {
                for x in Int(panel.x * scale)..<Int(panel.maxX * scale) where isColored(picture[x, y]) {
                    count += 1
                }
            }
            return count
        }
        let both = try colored(SliceFigure(map, threshold: 3, view: view, style: plainStyle()))
        let one = try colored(SliceFigure(map, mask: mask, threshold: 3, view: view, style: plainStyle()))
        #expect(one > 0)
        #expect(abs(both - 2 * one) <= both / 5)
        let figure = SliceFigure(map, threshold: 3, view: view)
        #expect(try PreparedFigure(figure).sentence == "1 voxel of infinite value not drawn.")
    }

    @Test("equal figures give equal bytes in every format, in the right container")
    func determinism() throws {
        var figure = SliceFigure(
            planted([(VoxelIndex(30, 30, 25), 4)]), threshold: 2, title: "Twice the same", label: "z")
        figure.style.dotsPerInch = 60
        let starts: [PictureFormat: String] = [.png: "\u{89}PNG", .svg: "<?xml", .pdf: "%PDF"]
        for format in PictureFormat.allCases {
            let first = try figure.render(format)
            #expect(try figure.render(format) == first)
            let start = starts[format]!.unicodeScalars.map { UInt8($0.value) }
            #expect(Array(first.prefix(start.count)) == start)
        }
    }

    @Test("the page has the size asked for, and a long title stands above the slices")
    func titleAndSize() throws {
        var figure = SliceFigure(
            planted([(VoxelIndex(30, 30, 25), 4)]), threshold: 2,
            title: String(repeating: "An unusually long title of a figure ", count: 6), style: plainStyle())
        let grown = try drawn(figure)
        #expect(grown.picture.width == 730)
        #expect(grown.layout.titleLines.count >= 3)
        let lastBaseline =
            grown.layout.titleBaseline + Double(grown.layout.titleLines.count - 1)
            * FigureLayout.titleFont.lineHeight
        #expect(grown.layout.panels.allSatisfy { $0.y > lastBaseline + 3 })
        for line in grown.layout.titleLines {
            #expect(Canvas.width(of: line, FigureLayout.titleFont) <= grown.layout.width - 18)
        }
        figure.style.heightInches = 3.5
        let fixed = try drawn(figure)
        #expect(fixed.picture.width == 730 && fixed.picture.height == 350)
        #expect(fixed.layout.captionBaselines.allSatisfy { $0! <= 3.5 * 72 - 3 })
    }

    @Test("slices are cut where they should be")
    func cuts() throws {
        let peak = VoxelIndex(12, 33, 20)
        let map = planted([(peak, -6), (VoxelIndex(30, 30, 25), 4)])
        let world = localizerGrid.affine.world(peak)
        #expect(try SliceFigure(map).cuts().map(\.millimeters) == [world.x, world.y, world.z])
        // A one-sided range shows the positive voxel only, and its peak counts.
        let positive = SliceFigure(map, threshold: 2, style: .sequential)
        #expect(
            try positive.cuts().map(\.millimeters)[0] == localizerGrid.affine.world(VoxelIndex(30, 30, 25)).x)
        let row = try SliceFigure(map, view: .evenlySpaced(.z, count: 5)).cuts()
        #expect(
            row.count == 5 && row.allSatisfy { $0.axis == .z && $0.millimeters.rounded() == $0.millimeters })
        let steps = zip(row, row.dropFirst()).map { $1.millimeters - $0.millimeters }
        #expect(steps.allSatisfy { abs($0 - steps[0]) <= 1 && $0 > 5 })
    }

    @Test("the strongest slices pass through what is shown near even ones, apart from one another")
    func strongestCuts() throws {
        let voxels = [(12, 33, 11), (30, 30, 12), (31, 30, 12), (20, 20, 27), (20, 25, 33)].map {
            VoxelIndex($0, $1, $2)
        }
        let values = [-6.0, 4, 4, 3.5, 9]
        func cuts(_ view: SliceView, _ threshold: Double) throws -> [Double] {
            try SliceFigure(planted(Array(zip(voxels, values))), threshold: threshold, view: view).cuts()
                .map(\.millimeters)
        }
        for count in [1, 2, 5, 9] {
            let even = try cuts(.evenlySpaced(.z, count: count), 3)
            // Where nothing is shown they are the even ones.
            #expect(try cuts(.strongest(.z, count: count), 10) == even)
            let strongest = try cuts(.strongest(.z, count: count), 3)
            let space = count > 1 ? even[1] - even[0] : .infinity
            #expect(zip(strongest, even).allSatisfy { abs($0 - $1) <= space / 2 })
            #expect(zip(strongest, strongest.dropFirst()).allSatisfy { $1 - $0 >= space / 2 - 1 })
            // The strongest plane of all, of one voxel or of two, is among them.
            let sums = Dictionary(
                zip(voxels, values).map { (localizerGrid.affine.world($0).z.rounded(), abs($1)) },
                uniquingKeysWith: +)
            let reachable = sums.filter { plane in even.contains { abs($0 - plane.key) <= space / 2 } }
            if let best = reachable.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) {
                #expect(strongest.contains(best.key), "\(count): \(strongest), \(sums)")
            }
        }
        let mosaic = try cuts(.mosaic(count: 5), 3)
        #expect(mosaic.count == 15 && Array(mosaic.suffix(5)) == (try cuts(.strongest(.z, count: 5), 3)))
    }

    @Test("where nothing survives the figure says so and gives the largest value")
    func nothingSurvives() throws {
        let map = planted([(VoxelIndex(30, 30, 25), 2.5), (VoxelIndex(31, 30, 25), -2.75)])
        let both = SliceFigure(map, threshold: 3.1, label: "z")
        #expect(try PreparedFigure(both).sentence == "No voxel reaches |z| ≥ 3.1; the largest is −2.75.")
        let oneSided = SliceFigure(map, threshold: 3.1, label: "z", style: .sequential)
        #expect(try PreparedFigure(oneSided).sentence == "No voxel reaches z ≥ 3.1; the largest is 2.5.")
        let elsewhere = SliceFigure(
            map, threshold: 2, view: .slices(.z, positionsMillimeters: [50]), label: "z")
        #expect(try PreparedFigure(elsewhere).sentence.contains("none lies in these slices"))
        let empty = SliceFigure(
            Volume(grid: localizerGrid, repeating: .nan), threshold: 2, style: plainStyle())
        #expect(try PreparedFigure(empty).sentence == "The map has no value in any voxel.")
        #expect(try DecodedPicture(png: empty.render()) != nil)
        #expect(try PreparedFigure(SliceFigure(map, threshold: 2, label: "z")).sentence == "")
    }

    @Test("what cannot be drawn is refused with the reason")
    func refusals() throws {
        let map = planted([(VoxelIndex(30, 30, 25), 4)])
        let small = Grid(shape: [2, 2, 2], affine: localizerGrid.affine)
        func expect(_ figure: SliceFigure, _ error: FigureError) {
            #expect(throws: error) { try figure.render() }
        }
        expect(
            SliceFigure(map, mask: Mask(grid: small, offsets: [1])),
            .maskOnAnotherGrid(map: [53, 63, 46], mask: [2, 2, 2]))
        expect(SliceFigure(map, threshold: -1), .threshold(-1))
        expect(SliceFigure(map, view: .slices(.x, positionsMillimeters: [])), .noSlices)
        var style = SliceStyle()
        style.range = .fixed(lower: 3, upper: 3)
        expect(SliceFigure(map, style: style), .range(lower: 3, upper: 3))
        let flat = Grid(shape: [2, 2, 2], affine: Affine([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]))
        expect(SliceFigure(Volume(grid: flat, repeating: 1)), .singularAffine(image: "map"))
        expect(
            SliceFigure(map, background: .volume(Volume(grid: small, repeating: 7))), .flatBackground)
        expect(
            SliceFigure(map, view: .slices(.z, positionsMillimeters: [400])),
            .cutOutside(axis: "z", millimeters: 400, lowest: -73, highest: 117))
        style = SliceStyle()
        style.widthInches = .nan
        #expect(throws: FigureError.self) { try SliceFigure(map, style: style).render() }
        style.widthInches = 7
        style.heightInches = 1
        #expect(throws: Never.self) { try SliceFigure(map, style: style).render() }
    }
}
