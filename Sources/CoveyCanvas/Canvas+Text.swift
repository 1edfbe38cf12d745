internal import CCairo

/// How letters look.
public struct Font: Sendable, Hashable {
    /// The size in points.
    public var size: Double
    /// Whether the strokes are heavy.
    public var isBold: Bool

    /// DejaVu Sans of a size.
    public init(size: Double, isBold: Bool = false) {
        self.size = size
        self.isBold = isBold
    }

    /// From the baseline to the top of a capital, in points.
    public var capHeight: Double { size * 0.729 }
    /// From one baseline to the next, in points.
    public var lineHeight: Double { size * 1.25 }
}

/// Which part of a line of text lies at the given position.
public enum TextAlignment: Sendable {
    /// The left end.
    case leading
    /// The middle.
    case center
    /// The right end.
    case trailing
}

extension Canvas {
    /// Writes one line of text.
    ///
    /// - Parameters:
    ///   - position: where the baseline begins, is halved or ends, by `alignment`.
    ///   - quarterTurns: how often the line is turned counterclockwise by 90 degrees about `position`.
    ///   - halo: a colour painted around the letters, to keep them legible over a picture.
    public borrowing func text(
        _ text: String, at position: Point, _ font: Font, _ color: Color, alignment: TextAlignment = .leading,
        quarterTurns: Int = 0, halo: Color? = nil
    ) {
        unsafe cairo_save(context)
        defer { unsafe cairo_restore(context) }
        unsafe select(font, in: context)
        let width = unsafe advance(text, in: context)
        if let words {
            words.add(
                text, at: position, font, color, alignment: alignment, quarterTurns: quarterTurns, halo: halo,
                width: width)
            return
        }
        let shift =
            switch alignment {
            case .leading: 0.0
            case .center: width / 2
            case .trailing: width
            }
        unsafe cairo_translate(context, position.x, position.y)
        if quarterTurns != 0 { unsafe cairo_rotate(context, -Double(quarterTurns) * .pi / 2) }
        if let halo {
            unsafe cairo_move_to(context, -shift, 0)
            unsafe cairo_text_path(context, text)
            setColor(halo)
            unsafe cairo_set_line_width(context, font.size * 0.3)
            unsafe cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
            unsafe cairo_stroke(context)
        }
        unsafe cairo_move_to(context, -shift, 0)
        setColor(color)
        unsafe cairo_show_text(context, text)
    }

    /// How far a line of text reaches, in points.
    public static func width(of text: String, _ font: Font) -> Double {
        let surface = unsafe cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1)
        let context = unsafe cairo_create(surface)
        defer {
            unsafe cairo_destroy(context)
            unsafe cairo_surface_destroy(surface)
        }
        guard let context = unsafe context else { return 0 }
        let options = unsafe cairo_font_options_create()
        unsafe cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
        unsafe cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
        unsafe cairo_set_font_options(context, options)
        unsafe cairo_font_options_destroy(options)
        unsafe select(font, in: context)
        return unsafe advance(text, in: context)
    }

    /// Breaks a text at spaces so that no line is wider than `width` points; a longer word stands alone.
    /// Line breaks in the text are kept.
    public static func wrapped(_ text: String, width: Double, _ font: Font) -> [String] {
        var lines: [String] = []
        for paragraph in text.split(separator: "\n", omittingEmptySubsequences: true) {
            var line = ""
            for word in paragraph.split(separator: " ") {
                let longer = line.isEmpty ? String(word) : line + " " + word
                if !line.isEmpty, Self.width(of: longer, font) > width {
                    lines.append(line)
                    line = String(word)
                } else {
                    line = longer
                }
            }
            if !line.isEmpty { lines.append(line) }
        }
        return lines
    }
}

private func select(_ font: Font, in context: OpaquePointer) {
    unsafe cairo_select_font_face(
        context, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
        font.isBold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL)
    unsafe cairo_set_font_size(context, font.size)
}

private func advance(_ text: String, in context: OpaquePointer) -> Double {
    var extents = cairo_text_extents_t()
    unsafe cairo_text_extents(context, text, &extents)
    return extents.x_advance
}
