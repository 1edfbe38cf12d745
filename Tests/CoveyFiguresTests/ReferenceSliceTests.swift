import CoveyCanvas
import CoveyImaging
import CoveyKernels
import CoveyTestSupport
import Foundation
import Testing

@testable import CoveyFigures

/// The slice arrays that nilearn 0.14.1 hands to matplotlib for the reference example's first figure, cut at
/// (10, -5, 10) mm: rows from the top, columns from the left, empty where transparent.
@Suite("Slices beside nilearn's", .enabled(if: SharedData.isAvailable))
struct ReferenceSliceTests {
    func slice(_ axis: SliceAxis, layer: Int) throws -> [[Double?]] {
        let url = SharedData.url("reference/nilearn/figures/fig1_\(axis.rawValue)_layer\(layer).tsv.gz")
        let text = String(decoding: try inflated(try Data(contentsOf: url)), as: UTF8.self)
        return text.split(separator: "\n").map { line in
            line.split(separator: "\t", omittingEmptySubsequences: false).map { Double($0) }
        }
    }

    let cut = [10.0, -5, 10]

    /// The voxel of a RAS grid that pixel (column, row) of a slice shows.
    func voxel(_ axis: SliceAxis, _ column: Int, _ row: Int, rows: Int, fixed: [Int]) -> VoxelIndex {
        var index = fixed
        index[axis.horizontal] = column
        index[axis.vertical] = rows - 1 - row
        return VoxelIndex(index[0], index[1], index[2])
    }

    @Test("the template is nilearn's, voxel by voxel, to the rounding of 8 bits")
    func template() throws {
        let template = Template.mni152()
        let inverse = try #require(template.grid.affine.inverse)
        let at = inverse.world(cut[0], cut[1], cut[2])
        // nilearn's y cut at -5 mm lies halfway between two voxels of 2 mm, and numpy rounds to even: 64.
        let fixed = [at.x, at.y, at.z].map { Int($0.rounded(.toNearestOrEven)) }
        for axis in SliceAxis.allCases {
            let rows = try slice(axis, layer: 0)
            var compared = 0
            var worst = 0.0
            for (row, line) in rows.enumerated() {
                for (column, expected) in line.enumerated() {
                    let value = template[voxel(axis, column, row, rows: rows.count, fixed: fixed)]
                    guard let expected, !value.isNaN else { continue }
                    compared += 1
                    worst = max(worst, abs(value / 255 - expected))
                }
            }
            let present = rows.joined().count { $0 != nil }
            #expect(worst < 0.6 / 255)
            #expect(compared > 3000 && compared > present * 98 / 100)
        }
    }

    @Test("the same voxels of the map are drawn, in the same places and with the same values")
    func overlay() throws {
        let grid = Grid(
            shape: [53, 63, 46], affine: Affine([3, 0, 0, -78, 0, 3, 0, -111, 0, 0, 3, -51]))
        // Slices 29 (9 mm), 35 (-6 mm) and 20 (9 mm) are the nearest to the cut.
        let fixed = [29, 35, 20]
        var map = Volume(grid: grid, repeating: 0)
        var expected: [SliceAxis: Set<VoxelIndex>] = [:]
        for axis in SliceAxis.allCases {
            let rows = try slice(axis, layer: 1)
            for (row, line) in rows.enumerated() {
                for (column, value) in line.enumerated() {
                    guard let value else { continue }
                    let index = voxel(axis, column, row, rows: rows.count, fixed: fixed)
                    // The three slices share voxels, and agree on them.
                    #expect(map[index] == 0 || map[index] == value)
                    map[index] = value
                    expected[axis, default: []].insert(index)
                }
            }
        }
        #expect(expected.mapValues(\.count) == [.x: 23, .y: 16, .z: 22])

        let prepared = try PreparedFigure(
            SliceFigure(
                map, threshold: 3.6, view: .orthogonal(.millimeters(x: 10, y: -5, z: 10)), background: .none))
        let painter = PanelPainter(prepared)
        let colors = prepared.style.colorMap.pixels(256)
        for axis in SliceAxis.allCases {
            // One pixel per voxel, its centre on the voxel's centre.
            let (h, v) = (axis.horizontal, axis.vertical)
            let first = grid.affine.world(0, 0, 0)
            let corner = [first.x, first.y, first.z]
            let plane = SlicePlane(
                axis: axis, millimeters: cut[axis.index], left: corner[h] - 1.5,
                top: corner[v] + 3 * Double(grid.shape[v]) - 1.5, pixelsPerMillimeter: 1.0 / 3,
                width: grid.shape[h], height: grid.shape[v])
            let picture = painter.picture(plane)
            for row in 0..<plane.height {
                for column in 0..<plane.width {
                    let index = voxel(axis, column, row, rows: plane.height, fixed: fixed)
                    let pixel = picture.pixels[row * plane.width + column]
                    let isExpected = expected[axis]!.contains(index)
                    #expect((pixel != 0) == isExpected)
                    if isExpected {
                        #expect(pixel == colors[Int(prepared.rule.fraction(map[index]) * 255 + 0.5)])
                    }
                }
            }
        }
    }
}

/// The bytes of a gzip file of the reference data.
private func inflated(_ data: Data) throws -> [UInt8] {
    try Deflate.gunzip([UInt8](data), limit: 1 << 24).bytes
}
