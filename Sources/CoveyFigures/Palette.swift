internal import CoveyCanvas

/// The colours of a page.
struct Palette: Sendable {
    let theme: FigureTheme

    /// The paper.
    var page: Color { theme == .light ? .gray(1) : .gray(0) }
    /// Letters and lines.
    var ink: Color { theme == .light ? .gray(0.1) : .gray(0.94) }
    /// Values that the threshold hides, in the colour bar.
    var hidden: Color { theme == .light ? .gray(0.83) : .gray(0.32) }
    /// The surface of a glass brain, from its folds to its ridges: faint, since it is not what is shown.
    func relief(_ brightness: Double) -> Color {
        theme == .light ? .gray(0.83 + 0.14 * brightness) : .gray(0.08 + 0.16 * brightness)
    }
    /// The outline of a glass brain.
    var outline: Color { theme == .light ? .gray(0.35) : .gray(0.7) }
    /// The lines of contours, in turn: told apart with any kind of colour vision (Okabe and Ito 2008), and lying in
    /// none of the default map's two colours.
    var lines: [Color] {
        (theme == .light
            ? [0x007A55, 0x9C4A86, 0xB37A00, 0x2F7FB5] : [0x2FD6A3, 0xE79AC6, 0xF0B33C, 0x7CC8F2])
            .map { Color(hexadecimal: $0) }
    }
    /// Filled regions: Tol's muted scheme (2021), told apart with any kind of colour vision;
    /// the colours nearest to the default map's come last.
    static let regions: [Color] = [
        0x44AA99, 0xDDCC77, 0xAA4499, 0x117733, 0x88CCEE, 0x999933, 0x882255, 0x332288, 0xCC6677,
    ].map(Color.init(hexadecimal:))
    /// Around lines, to keep them apart from what they cross.
    var halo: Color { theme == .light ? .gray(1, alpha: 0.8) : .gray(0, alpha: 0.8) }

    /// The cross-hair.
    var crossHair: Color { theme == .light ? .gray(0.1, alpha: 0.55) : .gray(1, alpha: 0.6) }

    /// The grey of a brightness from 0 to 1, kept apart from the page and from strong colours.
    func anatomy(_ brightness: Double) -> Color {
        theme == .light ? .gray(0.32 + 0.63 * brightness) : .gray(0.06 + 0.7 * brightness)
    }
}
