import CoveyTestSupport
import Foundation
import Testing

@testable import CoveyImaging

@Suite("Smoothing against a reference", .enabled(if: SharedData.isAvailable))
struct SmoothingReferenceTests {
    // Computed in float64 by a direct implementation of the definition; see the reference's note.
    @Test(
        "agrees to 1e-12 of the largest value",
        arguments: [
            ("iso3_fwhm5", [5.0]), ("aniso_fwhm6", [6]), ("impulse_fwhm8", [8]), ("edge_impulse_fwhm5", [5]),
            ("per_axis_fwhm", [4, 0, 9]), ("nan_voxels_fwhm5", [5]),
        ])
    func cases(_ name: String, _ widths: [Double]) throws {
        let input = try ImageFile.readVolume(
            SharedData.url("reference/stats/smoothing/\(name)_in.nii.gz").path)
        let expected = try ImageFile.readVolume(
            SharedData.url("reference/stats/smoothing/\(name)_out.nii.gz").path)
        let smoothing = try Smoothing(fwhmMillimeters: widths, missing: .fill)
        let result = try Smoother(smoothing, grid: input.grid).smoothed(input)
        let scale = expected.values.map(abs).max() ?? 0
        #expect(scale > 0)
        for (a, b) in zip(result.values, expected.values) { #expect(abs(a - b) <= 1e-12 * max(1, scale)) }
    }
}
