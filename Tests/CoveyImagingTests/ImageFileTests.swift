import CoveyFormats
import CoveyTestSupport
import Foundation
import Testing

@testable import CoveyImaging

@Suite("Image files")
struct ImageFileTests {
    let grid = Grid(
        shape: [4, 3, 2], affine: Affine([-3, 0, 0, 78, 0, 3, 0, -112, 0, 0, 3, -50]), qformCode: 4,
        sformCode: 4)

    @Test("a written volume comes back with its grid; several make a list of maps")
    func roundTrip() throws {
        var numbers = TestNumbers(9)
        let volumes = (0..<3).map { _ in Volume(grid: grid, values: numbers.normals(24)) }
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(
            UUID().uuidString + ".nii.gz"
        ).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let content = ImageContent(
            intent: NIfTIIntent(code: 5), descrip: "z", datatype: .float64)
        try Volume.write(volumes, to: path, content)
        let file = try ImageFile(path)
        #expect(file.volumeCount == 3 && file.grid == grid && file.image.header.intentCode == 5)
        for k in 0..<3 { #expect(file.volume(k).values == volumes[k].values) }
        #expect(throws: FormatError.self) { try ImageFile.readVolume(path) }

        try volumes[1].write(to: path, content)
        let single = try ImageFile.readVolume(path)
        #expect(single.values == volumes[1].values && single.grid == grid)
        let first = try Data(contentsOf: URL(fileURLWithPath: path))
        try volumes[1].write(to: path, content)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == first, "same content, same bytes")
    }

    @Test("a grid that names no space is still written with an orientation")
    func codes() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString + ".nii")
            .path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let bare = Grid(shape: grid.shape, affine: grid.affine, qformCode: 0, sformCode: 0)
        try Volume(grid: bare, repeating: 1).write(to: path, ImageContent())
        let header = try ImageFile(path).image.header
        #expect(
            header.orientation == .sform && header.sformCode == 2 && header.affine == grid.affine.elements)
    }
}
