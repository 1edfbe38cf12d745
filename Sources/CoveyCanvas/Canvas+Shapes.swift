internal import CCairo

extension Canvas {
    /// Fills the inside of a path.
    public borrowing func fill(_ path: Path, _ color: Color) {
        trace(path)
        setColor(color)
        unsafe cairo_fill(context)
    }

    /// Fills a box.
    public borrowing func fill(_ box: Rectangle, _ color: Color) { fill(Path(box), color) }

    /// Draws along a path.
    ///
    /// - Parameter width: the thickness of the line in points.
    public borrowing func stroke(_ path: Path, _ color: Color, width: Double, roundEnds: Bool = false) {
        trace(path)
        setColor(color)
        unsafe cairo_set_line_width(context, width)
        unsafe cairo_set_line_cap(context, roundEnds ? CAIRO_LINE_CAP_ROUND : CAIRO_LINE_CAP_BUTT)
        unsafe cairo_set_line_join(context, CAIRO_LINE_JOIN_MITER)
        unsafe cairo_stroke(context)
    }

    /// Draws a straight line.
    public borrowing func line(from start: Point, to end: Point, _ color: Color, width: Double) {
        stroke(Path([start, end]), color, width: width)
    }

    /// What `draw` paints outside `box` is not seen.
    public borrowing func clipped(to box: Rectangle, _ draw: () throws -> Void) rethrows {
        unsafe cairo_save(context)
        defer { unsafe cairo_restore(context) }
        unsafe cairo_rectangle(context, box.x, box.y, box.width, box.height)
        unsafe cairo_clip(context)
        try draw()
    }

    /// Paints a picture into a box, each pixel a sharp rectangle (nearest neighbour). SVG and PDF files hold
    /// the picture itself; a reader may smooth an SVG's, so give those a printer's resolution.
    public borrowing func draw(_ picture: Picture, in box: Rectangle) {
        let surface = unsafe cairo_image_surface_create(
            CAIRO_FORMAT_ARGB32, Int32(picture.width), Int32(picture.height))
        defer { unsafe cairo_surface_destroy(surface) }
        guard let data = unsafe cairo_image_surface_get_data(surface) else { return }
        let stride = unsafe Int(cairo_image_surface_get_stride(surface)) / 4
        unsafe data.withMemoryRebound(to: UInt32.self, capacity: stride * picture.height) { target in
            unsafe picture.pixels.withUnsafeBufferPointer { source in
                for row in 0..<picture.height {
                    for column in 0..<picture.width {
                        unsafe target[row * stride + column] = premultiplied(
                            source[row * picture.width + column])
                    }
                }
            }
        }
        unsafe cairo_surface_mark_dirty(surface)
        unsafe cairo_save(context)
        unsafe cairo_translate(context, box.x, box.y)
        unsafe cairo_scale(
            context, box.width / Double(picture.width), box.height / Double(picture.height))
        unsafe cairo_set_source_surface(context, surface, 0, 0)
        unsafe cairo_pattern_set_filter(cairo_get_source(context), CAIRO_FILTER_NEAREST)
        unsafe cairo_paint(context)
        unsafe cairo_restore(context)
    }

    private borrowing func trace(_ path: Path) {
        unsafe cairo_new_path(context)
        for point in path.points { unsafe cairo_line_to(context, point.x, point.y) }
        if path.isClosed { unsafe cairo_close_path(context) }
    }
}

/// Cairo's order of bytes, with the colour scaled by the opacity.
@inline(__always)
private func premultiplied(_ pixel: UInt32) -> UInt32 {
    let alpha = pixel >> 24
    if alpha == 0 { return 0 }
    var (red, green, blue) = (pixel & 255, pixel >> 8 & 255, pixel >> 16 & 255)
    if alpha < 255 {
        red = (red * alpha + 127) / 255
        green = (green * alpha + 127) / 255
        blue = (blue * alpha + 127) / 255
    }
    return alpha << 24 | red << 16 | green << 8 | blue
}
