import CCairo
import CoveyCanvas
import Foundation

/// A PNG file read back by libpng (through cairo), which knows nothing of our encoder.
struct DecodedPicture {
    let width: Int
    let height: Int
    private let pixels: [UInt32]

    init?(png: [UInt8]) {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("covey-\(UUID()).png")
        guard (try? Data(png).write(to: path)) != nil else { return nil }
        defer { try? FileManager.default.removeItem(at: path) }
        guard let surface = cairo_image_surface_create_from_png(path.path) else { return nil }
        defer { cairo_surface_destroy(surface) }
        guard cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS,
            let data = cairo_image_surface_get_data(surface)
        else { return nil }
        width = Int(cairo_image_surface_get_width(surface))
        height = Int(cairo_image_surface_get_height(surface))
        let stride = Int(cairo_image_surface_get_stride(surface))
        var pixels: [UInt32] = []
        for y in 0..<height {
            for x in 0..<width {
                pixels.append(
                    UnsafeRawPointer(data).load(fromByteOffset: y * stride + 4 * x, as: UInt32.self))
            }
        }
        self.pixels = pixels
    }

    /// Red, green and blue from 0 to 255.
    subscript(x: Int, y: Int) -> [Int] {
        let pixel = pixels[y * width + x]
        return [Int(pixel >> 16 & 255), Int(pixel >> 8 & 255), Int(pixel & 255)]
    }

    /// The smallest box of pixels, right and bottom edges excluded, around those for which `isInside` holds
    /// within a box in points.
    func bounds(
        within box: Rectangle, dotsPerInch: Double, where isInside: ([Int]) -> Bool
    ) -> (left: Int, top: Int, right: Int, bottom: Int)? {
        let scale = dotsPerInch / 72
        var result: (left: Int, top: Int, right: Int, bottom: Int)?
        for y in max(0, Int(box.y * scale))..<min(height, Int(box.maxY * scale) + 1) {
            for x in max(0, Int(box.x * scale))..<min(width, Int(box.maxX * scale) + 1)
            where isInside(self[x, y]) {
                let old = result ?? (x, y, x + 1, y + 1)
                result = (
                    min(old.left, x), min(old.top, y), max(old.right, x + 1), max(old.bottom, y + 1)
                )
            }
        }
        return result
    }
}

/// Neither grey nor nearly so.
func isColored(_ pixel: [Int]) -> Bool { pixel.max()! - pixel.min()! > 40 }
