internal import CCairo

/// What kind of file a canvas becomes.
public enum PictureFormat: String, Sendable, Codable, CaseIterable {
    /// Pixels.
    case png
    /// Scalable vector graphics; letters are text.
    case svg
    /// Portable document format; letters are an embedded font.
    case pdf
}

/// A page to draw on, the same for pixels, SVG and PDF.
///
/// Lengths are points (1/72 inch) from the top left corner, y downward. Equal calls give equal bytes on one
/// machine: files carry no date and no random name. Text is DejaVu Sans, without hinting, so that a word is
/// as wide on every kind of page.
@safe
public struct Canvas: ~Copyable {
    let context: OpaquePointer
    /// Where words go on a page that keeps them as text.
    let words: SVGText?

    /// Draws a page of the given size in points and returns the file's bytes.
    ///
    /// - Parameters:
    ///   - pixelsPerInch: the resolution of a PNG; vector pages take no notice of it.
    ///   - title: what the page is called, for readers of SVG and PDF files; empty for nothing.
    ///   - description: what it shows, for those who cannot see it.
    /// - Throws: ``CanvasError``, or what `draw` throws.
    public static func draw(
        _ format: PictureFormat, width: Double, height: Double, pixelsPerInch: Double, background: Color,
        title: String = "", description: String = "", _ draw: (borrowing Canvas) throws -> Void
    ) throws -> [UInt8] {
        let scale = format == .png ? pixelsPerInch / 72 : 1
        let (pixelsWide, pixelsHigh) = ((width * scale).rounded(), (height * scale).rounded())
        guard pixelsWide >= 1, pixelsHigh >= 1, pixelsWide <= 32767, pixelsHigh <= 32767 else {
            throw CanvasError.size(pixelsWide: pixelsWide, pixelsHigh: pixelsHigh)
        }
        switch format {
        case .png:
            return try pixels(
                width: Int32(pixelsWide), height: Int32(pixelsHigh), scale: scale,
                pixelsPerInch: pixelsPerInch, background: background, draw)
        case .svg, .pdf:
            return try vectors(
                format, width: width, height: height, background: background, title: title,
                description: description, draw)
        }
    }

    private static func pixels(
        width: Int32, height: Int32, scale: Double, pixelsPerInch: Double, background: Color,
        _ draw: (borrowing Canvas) throws -> Void
    ) throws -> [UInt8] {
        let surface = try unsafe checked(cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height))
        defer { unsafe cairo_surface_destroy(surface) }
        try unsafe onto(surface, scale: scale, background: background, draw)
        unsafe cairo_surface_flush(surface)
        let stride = unsafe Int(cairo_image_surface_get_stride(surface))
        let bytes = unsafe UnsafeRawBufferPointer(
            start: cairo_image_surface_get_data(surface), count: stride * Int(height))
        return unsafe PNG.encode(
            bytes, width: Int(width), height: Int(height), stride: stride, pixelsPerInch: pixelsPerInch)
    }

    private static func vectors(
        _ format: PictureFormat, width: Double, height: Double, background: Color, title: String,
        description: String, _ draw: (borrowing Canvas) throws -> Void
    ) throws -> [UInt8] {
        let sink = ByteSink()
        let address = unsafe Unmanaged.passUnretained(sink).toOpaque()
        let surface = try unsafe checked(
            format == .svg
                ? cairo_svg_surface_create_for_stream(ByteSink.write, address, width, height)
                : cairo_pdf_surface_create_for_stream(ByteSink.write, address, width, height))
        defer { unsafe cairo_surface_destroy(surface) }
        if format == .pdf {
            // Cairo writes the current time unless it is given another one.
            unsafe cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, "")
            if !title.isEmpty {
                unsafe cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, title)
            }
            if !description.isEmpty {
                unsafe cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_SUBJECT, description)
            }
        }
        let words = format == .svg ? SVGText() : nil
        try unsafe onto(surface, scale: 1, background: background, words: words, draw)
        unsafe cairo_surface_finish(surface)
        let status = unsafe cairo_surface_status(surface)
        try check(status)
        return withExtendedLifetime(sink) {
            guard let words else { return sink.bytes }
            return words.inserted(
                into: renumberedSVG(sink.bytes), title: title, description: description)
        }
    }

    private static func onto(
        _ surface: OpaquePointer, scale: Double, background: Color, words: SVGText? = nil,
        _ draw: (borrowing Canvas) throws -> Void
    ) throws {
        let canvas = unsafe Canvas(context: cairo_create(surface), words: words)
        unsafe cairo_scale(canvas.context, scale, scale)
        canvas.setColor(background)
        unsafe cairo_paint(canvas.context)
        let options = unsafe cairo_font_options_create()
        unsafe cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
        unsafe cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
        unsafe cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
        unsafe cairo_set_font_options(canvas.context, options)
        unsafe cairo_font_options_destroy(options)
        try draw(canvas)
        let status = unsafe cairo_status(canvas.context)
        try check(status)
    }

    private static func checked(_ surface: OpaquePointer?) throws -> OpaquePointer {
        let status = unsafe cairo_surface_status(surface)
        guard status == CAIRO_STATUS_SUCCESS, let surface = unsafe surface else {
            unsafe cairo_surface_destroy(surface)
            try check(status)
            throw CanvasError.cairo(status: -1, text: "no surface")
        }
        return unsafe surface
    }

    private static func check(_ status: cairo_status_t) throws {
        guard status != CAIRO_STATUS_SUCCESS else { return }
        let text = unsafe String(cString: cairo_status_to_string(status))
        throw CanvasError.cairo(status: Int(status.rawValue), text: text)
    }

    private init(context: OpaquePointer?, words: SVGText?) {
        unsafe self.context = context!
        self.words = words
    }

    deinit { unsafe cairo_destroy(context) }

    func setColor(_ color: Color) {
        unsafe cairo_set_source_rgba(context, color.red, color.green, color.blue, color.alpha)
    }
}

/// Collects what cairo writes.
private final class ByteSink {
    var bytes: [UInt8] = []

    static let write: cairo_write_func_t = { address, data, count in
        guard let address = unsafe address, let data = unsafe data else { return CAIRO_STATUS_WRITE_ERROR }
        let sink = unsafe Unmanaged<ByteSink>.fromOpaque(address).takeUnretainedValue()
        unsafe sink.bytes.append(contentsOf: UnsafeBufferPointer(start: data, count: Int(count)))
        return CAIRO_STATUS_SUCCESS
    }
}

/// The page with the names that cairo counts up over the life of the process (`surface12`, `image7`)
/// numbered from 1 in the order of their first appearance.
func renumberedSVG(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var numbers: [[UInt8]: Int] = [:]
    let prefixes = ["surface", "image", "mask", "clip", "linear", "radial"].flatMap { name in
        [Array("\"\(name)".utf8), Array("#\(name)".utf8)]
    }
    var i = 0
    scan: while i < bytes.count {
        let byte = bytes[i]
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "#") {
            for prefix in prefixes where bytes[i...].starts(with: prefix) {
                var end = i + prefix.count
                while end < bytes.count, (48...57).contains(bytes[end]) { end += 1 }
                guard end > i + prefix.count else { continue }
                let name = Array(bytes[(i + 1)..<end])
                let number = numbers[name] ?? numbers.count + 1
                numbers[name] = number
                result += prefix + Array(String(number).utf8)
                i = end
                continue scan
            }
        }
        result.append(byte)
        i += 1
    }
    return result
}
