import CoveyCore
import CoveyFormats
import CoveyTestSupport
import Foundation
import Testing

/// Files made and read by nibabel 5.4.2, and files damaged on purpose, in the shared reference folder.
@Suite("Images of other programs", .enabled(if: SharedData.isAvailable))
struct ImageReferenceTests {
    struct CaseList: Decodable { let cases: [Case] }

    struct Case: Decodable {
        let file: String
        let policy: String?
        let must: String?
        let expected: Expected?
        let affineAlternatives: [[[Double]]]?
    }

    struct Expected: Decodable {
        let affine: [[Double]]?
        let samples: [Sample]?
    }

    /// A position and its value: a number, or "nan", "inf", "-inf".
    struct Sample: Decodable {
        let index: [Int]
        let value: Double

        init(from decoder: any Decoder) throws {
            var parts = try decoder.unkeyedContainer()
            index = try parts.decode([Int].self)
            if let number = try? parts.decode(Double.self) {
                value = number
            } else {
                let word = try parts.decode(String.self)
                value = try #require(Double(word))
            }
        }
    }

    func cases(_ name: String) throws -> [Case] {
        let data = try Data(contentsOf: SharedData.url("reference/nifti/\(name).json"))
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(CaseList.self, from: data).cases
    }

    @Test("every sample of every readable file is nibabel's to the bit, and so is the affine")
    func samples() throws {
        var compared = 0
        for item in try cases("valid") {
            let (name, policy) = (item.file, try #require(item.policy))
            let image: NIfTIImage
            do {
                image = try NIfTIImage(contentsOf: SharedData.url("reference/nifti/valid/" + name).path)
            } catch {
                #expect(policy.contains("reject"), "\(name): \(error)")
                continue
            }
            #expect(policy.hasPrefix("accept") || policy.contains("may be accepted"), "\(name)")
            guard let expected = item.expected, let affine = expected.affine else { continue }
            let alternatives = [affine] + (item.affineAlternatives ?? [])
            // nibabel makes a qform's rotation in Double from Float parameters, as we do, in another order.
            let isNear = alternatives.contains { other in
                zip(image.header.affine, other.prefix(3).joined()).allSatisfy {
                    abs($0 - $1) <= 1e-6 * max(1, abs($1))
                }
            }
            #expect(isNear, "\(name): \(image.header.affine)")

            let lengths = image.header.gridShape
            for sample in expected.samples ?? [] {
                let at = sample.index + [0, 0, 0]
                let found = image.decode(volume: sample.index.count > 3 ? at[3] : 0)[
                    at[0] + lengths[0] * (at[1] + lengths[1] * at[2])]
                let (index, value) = (sample.index, sample.value)
                #expect(
                    found == value || (found.isNaN && value.isNaN), "\(name) \(index): \(found) not \(value)")
                compared += 1
            }
        }
        #expect(compared > 500)
    }

    @Test("a file that must be refused is refused with a message that fits on a line and names it")
    func malformed() throws {
        var refused = 0
        for item in try cases("malformed") where item.must == "reject" {
            let name = item.file
            let path = SharedData.url("reference/nifti/malformed/" + name).path
            do {
                _ = try NIfTIImage(contentsOf: path)
                Issue.record("\(name) was read")
            } catch {
                #expect(error.description.contains(name) && !error.description.contains("\n"))
                refused += 1
            }
        }
        #expect(refused > 50)
    }

    @Test("SPM's ANALYZE pairs get the affine that nibabel gives them, and a warning about left and right")
    func analyze() throws {
        let stem = "data/emotion_regulation/con_00810001"
        let image = try NIfTIImage(contentsOf: SharedData.url(stem + ".img").path)
        #expect(
            image.header.affine == [-3.4375, 0, 0, 79.0625, 0, 3.4375, 0, -113.4375, 0, 0, 4.5, -49.5])
        #expect(image.header.isBigEndian && image.header.format == .analyze)
        #expect(image.notes.contains { $0.severity == .warning && $0.text.contains("left and right") })

        let plain = try NIfTIImage(
            contentsOf: SharedData.url(stem + ".hdr").path, analyzeOrientation: .plain)
        #expect(Array(plain.header.affine.prefix(4)) == [3.4375, 0, 0, -79.0625])
        #expect(zip(plain.decode(), image.decode()).allSatisfy { $0.bitPattern == $1.bitPattern })
    }
}
