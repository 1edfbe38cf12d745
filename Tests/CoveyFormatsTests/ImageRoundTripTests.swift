import CoveyCore
import CoveyTestSupport
import Foundation
import Testing

@testable import CoveyFormats

@Suite("Written images")
struct ImageRoundTripTests {
    /// Runs with a folder that is gone afterwards.
    func withFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    let affine: [Double] = [-3, 0, 0, 78, 0, 3, 0, -112.5, 0, 0, 4.5, -50]

    @Test("values, place, intent, text and extensions come back", arguments: [".nii", ".nii.gz"])
    func content(ending: String) throws {
        try withFolder { folder in
            var numbers = TestNumbers(5)
            let values = numbers.normals(7 * 6 * 5 * 2) + []
            var writer = NIfTIWriter(shape: [7, 6, 5, 2], affine: affine, qformCode: 1, sformCode: 4)
            writer.datatype = .float64
            writer.intent = NIfTIIntent(code: 3, parameters: [28], name: "t test")
            writer.descrip = "SPM{T_[28.0]} contrast"
            writer.extensions = [16, 0, 0, 0, 6, 0, 0, 0] + Array("comment ".utf8)
            let path = folder.appendingPathComponent("a" + ending).path
            try writer.write(values, to: path)

            let image = try NIfTIImage(contentsOf: path)
            #expect(image.decode(volume: 0) + image.decode(volume: 1) == values)
            #expect(image.header.affine == affine && image.header.shape == [7, 6, 5, 2])
            #expect(image.header.qformCode == 1 && image.header.sformCode == 4)
            #expect(image.header.intentCode == 3 && image.header.intentParameters == [28, 0, 0])
            #expect(image.header.intentName == "t test" && image.header.descrip == writer.descrip)
            #expect(image.header.extensions == writer.extensions)
            #expect(image.notes.isEmpty)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a" + ending])
        }
    }

    @Test("integers are rounded to nearest and kept within their type; floats are the nearest Float")
    func datatypes() throws {
        let values = [0, 1.5, 2.4, -3, 300, 1e9, .nan, -1e9]
        let cases: [(Datatype, [Double])] = [
            (.uint8, [0, 2, 2, 0, 255, 255, 0, 0]), (.int16, [0, 2, 2, -3, 300, 32767, 0, -32768]),
            (.int32, [0, 2, 2, -3, 300, 1e9, 0, -1e9]),
            (.float32, values.map { Double(Float($0)) }), (.float64, values),
        ]
        try withFolder { folder in
            let path = folder.appendingPathComponent("a.nii").path
            for (datatype, expected) in cases {
                var writer = NIfTIWriter(shape: [2, 2, 2], affine: affine, qformCode: 0, sformCode: 2)
                writer.datatype = datatype
                try writer.write(values, to: path)
                let found = try NIfTIImage(contentsOf: path).decode()
                #expect(zip(found, expected).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) })
            }
        }
    }

    @Test("a length beyond NIfTI-1 is written as NIfTI-2")
    func longAxis() throws {
        try withFolder { folder in
            let path = folder.appendingPathComponent("a.nii").path
            let values = (0..<40_000).map(Double.init)
            try NIfTIWriter(shape: [40_000, 1, 1], affine: affine, qformCode: 2, sformCode: 2)
                .write(values, to: path)
            let image = try NIfTIImage(contentsOf: path)
            #expect(image.header.format == .nifti2 && image.header.shape == [40_000, 1, 1])
            #expect(image.decode() == values && image.header.affine == affine)
        }
    }

    @Test("the qform alone leads where the affine leads, for any rotation, mirrored or not")
    func quaternion() throws {
        var numbers = TestNumbers(11)
        try withFolder { folder in
            let path = folder.appendingPathComponent("a.nii").path
            for _ in 0..<40 {
                let (q, offset) = (numbers.normals(4), numbers.normals(3).map { $0 * 50 })
                let length = q.map { $0 * $0 }.reduce(0, +).squareRoot()
                let (a, b, c, d) = (q[0] / length, q[1] / length, q[2] / length, q[3] / length)
                let sizes = [2.0, 3.5, numbers.uniform() < 0.5 ? -1.25 : 1.25]
                let rotation: [[Double]] = [
                    [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
                    [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
                    [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
                ]
                let turned = (0..<3).flatMap { r in
                    zip(rotation[r], sizes).map { $0 * $1 } + [offset[r]]
                }
                try NIfTIWriter(shape: [2, 2, 2], affine: turned, qformCode: 1, sformCode: 0)
                    .write([Double](repeating: 0, count: 8), to: path)
                let header = try NIfTIImage(contentsOf: path).header
                #expect(header.orientation == .qform)
                // The header holds Floats.
                #expect(zip(header.affine, turned).allSatisfy { abs($0 - $1) < 2e-5 * max(1, abs($1)) })
            }
        }
    }

    @Test("an affine with shear goes to the sform, whatever the codes say")
    func shear() throws {
        try withFolder { folder in
            let path = folder.appendingPathComponent("a.nii").path
            let sheared: [Double] = [2, 0.5, 0, 1, 0, 2, 0, 2, 0, 0, 2, 3]
            try NIfTIWriter(shape: [2, 2, 2], affine: sheared, qformCode: 1, sformCode: 0)
                .write([Double](repeating: 1, count: 8), to: path)
            let header = try NIfTIImage(contentsOf: path).header
            #expect(header.orientation == .sform && header.affine == sheared && header.qformCode == 0)
        }
    }

    @Test("a place that cannot be written is told with its name and leaves nothing")
    func unwritable() throws {
        try withFolder { folder in
            let path = folder.appendingPathComponent("none/a.nii").path
            let error = #expect(throws: FormatError.self) {
                try NIfTIWriter(shape: [1, 1, 1], affine: affine, qformCode: 0, sformCode: 2)
                    .write([1], to: path)
            }
            let text = error?.description ?? ""
            #expect(text.contains(path))
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(left.isEmpty)
        }
    }

    @Test("a header that claims a terabyte is refused before memory is taken", arguments: [false, true])
    func claims(hasFarOffset: Bool) throws {
        try withFolder { folder in
            let path = folder.appendingPathComponent("a.nii").path
            var bytes = NIfTIWriter(shape: [2, 2, 2], affine: affine, qformCode: 0, sformCode: 2)
                .bytes([Double](repeating: 1, count: 8))
            if hasFarOffset {
                // Voxels and "extensions" 64 GiB into a file of holes.
                bytes.replaceSubrange(108..<112, with: withUnsafeBytes(of: Float(0x1p36)) { Array($0) })
                bytes[348] = 1
            } else {
                for k in 0..<3 { bytes.replaceSubrange(42 + 2 * k..<44 + 2 * k, with: [0, 0x40]) }
            }
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            if hasFarOffset {
                let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
                try file.truncate(atOffset: 1 << 36 + 32)
                try file.close()
                let image = try NIfTIImage(contentsOf: path)
                #expect(image.header.extensions.isEmpty && image.notes.contains { $0.severity == .warning })
                #expect(image.decode() == [Double](repeating: 0, count: 8))
            } else {
                #expect(throws: FormatError.self) { try NIfTIImage(contentsOf: path) }
            }
        }
    }

    @Test("a folder, a pipe and a missing file are told apart")
    func kinds() throws {
        try withFolder { folder in
            let pipe = folder.appendingPathComponent("pipe.nii").path
            #expect(mkfifo(pipe, 0o600) == 0)
            let wanted: [(String, FormatError.Problem)] = [
                (folder.path, .unreadable(.isDirectory)), (pipe, .unreadable(.notRegular)),
                (folder.path + "/none.nii", .unreadable(.notFound)),
            ]
            for (path, problem) in wanted {
                let error = #expect(throws: FormatError.self) { try NIfTIImage(contentsOf: path) }
                #expect(error == FormatError(path, problem))
            }
        }
    }

    @Test("an origin of ANALYZE far outside the image is not believed")
    func analyzeOrigin() throws {
        try withFolder { folder in
            var header = [UInt8](repeating: 0, count: 348)
            func put(_ values: [Int], _ offset: Int) {
                for (k, value) in values.enumerated() {
                    header[offset + 2 * k] = UInt8(truncatingIfNeeded: value)
                    header[offset + 2 * k + 1] = UInt8(truncatingIfNeeded: value >> 8)
                }
            }
            put([348], 0)
            put([3, 4, 5, 6], 40)
            put([4, 16], 70)
            for k in 0..<3 { header.replaceSubrange(80 + 4 * k..<84 + 4 * k, with: [0, 0, 0, 0x40]) }
            let stem = folder.appendingPathComponent("a").path
            try Data(count: 240).write(to: URL(fileURLWithPath: stem + ".img"))
            for (origin, x) in [([1, 1, 1], 0.0), ([9000, 1, 1], 3.0), ([0, 0, 0], 3.0)] {
                put(origin, 253)
                try Data(header).write(to: URL(fileURLWithPath: stem + ".hdr"))
                let image = try NIfTIImage(contentsOf: stem + ".img")
                #expect(image.header.affine[3] == x && image.header.affine[0] == -2)
                #expect(image.notes.contains { $0.text.contains("9000") } == (origin[0] == 9000))
            }
        }
    }
}
