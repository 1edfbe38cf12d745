import CoveyCore
import CoveyFormats
import CoveyImaging
import Testing

/// A labelled box whose x axis runs to the right or to the left: the same world, stored the other way round.
private func atlas(
    step: Double, shift: Double = 0, flipped: Bool, label: (WorldPoint) -> Int
) throws -> LabelAtlas {
    let shape = [20, 18, 16].map { Int(Double($0) * 2 / step) + 1 }
    let (dx, x0) = flipped ? (-step, 20 + shift) : (step, -20 + shift)
    let grid = Grid(
        shape: shape, affine: Affine([dx, 0, 0, x0, 0, step, 0, -18, 0, 0, step, -16]))
    let values = (0..<grid.count).map { offset -> Double in
        Double(label(grid.affine.world(grid.index(at: offset))))
    }
    return try LabelAtlas(name: "box", Volume(grid: grid, values: values), names: [1: "left", 2: "right"])
}

/// Left, right, and nothing near the edge.
private func sides(_ place: WorldPoint) -> Int {
    abs(place.x) > 15 || place.x == 0 ? 0 : place.x < 0 ? 1 : 2
}

@Suite("Labels of an atlas at places of the world")
struct LabelAtlasTests {
    @Test("left stays left whichever way the image is stored, at voxel centres, between them and beyond")
    func storage() throws {
        // Voxels on the midline, and on either side of it.
        for shift in [0.0, 1] {
            try storage(
                try atlas(step: 2, shift: shift, flipped: false, label: sides),
                try atlas(step: 2, shift: shift, flipped: true, label: sides))
        }
    }

    private func storage(_ plain: LabelAtlas, _ flipped: LabelAtlas) throws {
        for x in stride(from: -24.0, through: 24, by: 0.5) {
            for y in [-18.0, -1, 3.3] {
                let place = WorldPoint(x, y, 5)
                #expect(plain.label(at: place) == flipped.label(at: place), "\(place)")
                guard x != 0 else { continue }
                let mirrored = plain.label(at: WorldPoint(-x, y, 5))
                #expect(plain.label(at: place) == [0, 2, 1][mirrored], "neither side is preferred: \(place)")
            }
        }
        #expect(plain.label(at: WorldPoint(-8, 0, 0)) == 1 && plain.label(at: WorldPoint(8, 0, 0)) == 2)
    }

    @Test("the label is that of the voxel whose centre is nearest")
    func nearest() throws {
        let atlas = try atlas(step: 1, flipped: true) { Int($0.x + 30) }
        for x in [-19.4, -3.2, 0.2, 7.6, 19.9] {
            #expect(atlas.label(at: WorldPoint(x, 1.2, -3.4)) == Int(x.rounded()) + 30)
        }
        for place in [WorldPoint(20.6, 0, 0), WorldPoint(0, -18.6, 0), WorldPoint(0, 0, .infinity)] {
            #expect(atlas.label(at: place) == 0)
        }
    }

    @Test("shares sum to one, the largest first, with the outside and unnamed labels called so")
    func shares() throws {
        let atlas = try atlas(step: 2, flipped: false) { $0.z > 0 ? 7 : sides($0) }
        let places = [-6.0, -4, 4, 40].map { WorldPoint($0, 0, -4) } + [WorldPoint(0, 0, 8)]
        let shares = atlas.shares(at: places)
        #expect(shares.map(\.name) == ["left", "outside", "right", "label 7"])
        #expect(shares.map(\.share) == [0.4, 0.2, 0.2, 0.2])
        #expect(atlas.unnamed == [7])
    }

    @Test("images that hold no labels are refused")
    func refusals() {
        let grid = Grid(shape: [2, 2, 1], affine: Affine([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]))
        func problem(_ values: [Double]) -> LabelAtlasProblem? {
            do throws(LabelAtlasProblem) {
                _ = try LabelAtlas(name: "a", Volume(grid: grid, values: values), names: [:])
                return nil
            } catch { return error }
        }
        #expect(problem([0, 1, 2.5, 0]) == .notWhole(2.5))
        #expect(problem([0, .nan, 0, 0]) == .noLabel)
        #expect(problem([0, 1, .nan, 3.00001]) == nil, "scaled integers come back with rounding errors")
    }
}

@Suite("Names of an atlas's labels")
struct LabelNamesTests {
    /// Every kind that atlases come with, in the shape in which their packages have it.
    static let tables: [(text: String, kind: LabelNames.Kind, names: [Int: String])] = [
        ("index\tname\tcolor\n3\tA b\t#fff\n7\tC\t#000\n", .columns, [3: "A b", 7: "C"]),
        (
            "index,name\n0,Background\n1,\"L G_and_S, frontal\"\n", .columns,
            [0: "Background", 1: "L G_and_S, frontal"]
        ),
        ("name;value\nA;3\nB;4\n", .columns, [3: "A", 4: "B"]),
        (
            """
            <?xml version="1.0"?><atlas><header><type>Probabalistic</type></header><data>
            <label index="0" x="48" y="94" z="35">Frontal Pole</label>
            <label index="1" x="2" y="3" z="4">Gyrus, pars &amp; more</label></data></atlas>
            """, .xml, [1: "Frontal Pole", 2: "Gyrus, pars & more"]
        ),
        (
            """
            <atlas><header><type>Label</type></header><data><label index="0" x="0" y="0" z="0">None</label>
            <label index="5" x="0" y="0" z="0">Tract</label></data></atlas>
            """, .xml, [0: "None", 5: "Tract"]
        ),
        (
            "<atlas><label><index>2001</index><name>Precentral_L</name></label></atlas>", .xml,
            [2001: "Precentral_L"]
        ),
        (
            "# colours\n\n0   Unknown   0 0 0 0\n17  Left-Hippocampus  220 216 20 0\n", .colourTable,
            [0: "Unknown", 17: "Left-Hippocampus"]
        ),
        ("1\t7Networks_LH_Vis_1\t120\t18\t131\t0\n", .colourTable, [1: "7Networks_LH_Vis_1"]),
        (
            "# (c)\n0 ??? Unknown 0 0 0 0\n1 L.BSTS ctx-lh-bankssts 25 100 40 255\n", .colourTable,
            [0: "Unknown", 1: "ctx-lh-bankssts"]
        ),
        (
            "1 Frontal Pole 25 100 40 255\n2 Insula 1 2 3 0\n", .colourTable,
            [1: "Frontal Pole", 2: "Insula"]
        ),
        (
            "1 0.93 0.45 0.1 Frontal Pole\n2 0.1 0.2 0.3 Area 4\n", .colourTable,
            [1: "Frontal Pole", 2: "Area 4"]
        ),
        ("1,Precentral gyrus\n2,Insula\n", .colourTable, [1: "Precentral gyrus", 2: "Insula"]),
        (
            "FAG\tPrecentral_L\t2001\nFAD\tPrecentral_R\t2002\n", .trailingNumbers,
            [2001: "Precentral_L", 2002: "Precentral_R"]
        ),
        ("Amygdala\nArea 4\n", .list, [1: "Amygdala", 2: "Area 4"]),
        ("Background\nAmygdala, left\n", .list, [0: "Background", 1: "Amygdala, left"]),
    ]

    @Test("each kind of table gives its names and is recognised", arguments: tables.indices)
    func kinds(_ k: Int) throws {
        let found = try LabelNames(Self.tables[k].text, source: "t")
        #expect(found.kind == Self.tables[k].kind)
        #expect(found.names == Self.tables[k].names)
        let windows = try LabelNames(Self.tables[k].text.replacing("\n", with: "\r\n"), source: "t")
        #expect(windows == found)
    }

    @Test("a number that comes twice keeps its first name; nothing and numbers that are none are refused")
    func edges() throws {
        #expect(try LabelNames("1 A 0 0 0\n1 B 0 0 0\n", source: "t").names == [1: "A"])
        #expect(throws: FormatError.self) { try LabelNames("# nothing\n", source: "t") }
        #expect(throws: FormatError.self) { try LabelNames("index\tname\n1.5\tA\n", source: "t") }
    }
}
