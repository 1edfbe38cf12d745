import ArgumentParser
import Covey

/// What `covey plot` draws over the slices besides the maps.
struct PlotLayers: ParsableArguments {
    @Option(help: "Draw lines along a level of this image; may be given several times.")
    var contour: [String] = []

    @Option(
        help: "The level of the lines, once or once for each --contour (default: --threshold).",
        transform: Read.number)
    var contourLevel: [Double] = []

    @Option(help: "Name in the legend, once for each --contour (default: file and level).")
    var contourLabel: [String] = []

    @Option(
        help: "Outline the voxels that are not 0, around each value of its own; may be given several times.")
    var outline: [String] = []

    @Option(help: "Name in the legend, once for each --outline (default: the file's name).")
    var outlineLabel: [String] = []

    @Option(help: "A second map over the first, with a colour bar of its own.")
    var overlay: String?

    @Option(help: "Draw the second map's voxels with a magnitude of at least this.", transform: Read.number)
    var overlayThreshold: Double?

    @Option(help: "Colours of the second map (default: viridis; with both signs cold_hot).")
    var overlayColormap: ColorMap?

    @Option(
        help: "Values at the ends of the second map's colours: LOW,HIGH (default: from its threshold or 0).",
        transform: { try Read.numbers($0, count: [2]) })
    var overlayRange: [Double]?

    @Option(help: "Words beside the second colour bar (default: what the file says it holds).")
    var overlayLabel: String?

    @Option(help: "Opacity of the second map, up to 1 (default).", transform: Read.number)
    var overlayOpacity: Double?

    func validate() throws {
        func expect(_ count: Int, of option: String, for images: Int, of other: String) throws {
            if count > 0, count != images {
                throw ValidationError("'\(option)' is given \(count) times for \(images) of '\(other)'")
            }
        }
        if contourLevel.count != 1 {
            try expect(contourLevel.count, of: "--contour-level", for: contour.count, of: "--contour")
        } else if contour.isEmpty {
            throw ValidationError("'--contour-level' needs '--contour'")
        }
        try expect(contourLabel.count, of: "--contour-label", for: contour.count, of: "--contour")
        try expect(outlineLabel.count, of: "--outline-label", for: outline.count, of: "--outline")
        if overlay == nil {
            for (option, isGiven) in [
                ("--overlay-threshold", overlayThreshold != nil), ("--overlay-range", overlayRange != nil),
                ("--overlay-colormap", overlayColormap != nil), ("--overlay-label", overlayLabel != nil),
                ("--overlay-opacity", overlayOpacity != nil),
            ] where isGiven {
                throw ValidationError("'\(option)' needs '--overlay'")
            }
        }
        if let overlayRange, overlayRange[0] >= overlayRange[1] {
            throw ValidationError("'--overlay-range' must ascend")
        }
    }

    /// Adds the layers to a figure.
    ///
    /// - Parameter threshold: the first map's, at which contours run where nothing else is said.
    func add(to figure: inout SliceFigure, threshold: Double?) throws {
        for (i, path) in contour.enumerated() {
            let level = contourLevel.count > 1 ? contourLevel[i] : contourLevel.first ?? threshold
            guard let level else {
                throw ValidationError("'--contour' needs a level: give '--contour-level', or '--threshold'")
            }
            let name =
                contourLabel.isEmpty
                ? FigureContour.name(Self.name(of: path), level: level) : contourLabel[i]
            figure.contours.append(
                FigureContour(try PlotCommand.map(path).volume, .level(level), name: name))
        }
        for (i, path) in outline.enumerated() {
            figure.contours.append(
                FigureContour(
                    try PlotCommand.map(path).volume, .edges,
                    name: outlineLabel.isEmpty ? Self.name(of: path) : outlineLabel[i]))
        }
        guard let overlay else { return }
        let (volume, file) = try PlotCommand.map(overlay)
        let hasBothSigns = volume.values.contains { $0 < 0 }
        let range: ValueRange =
            if let overlayRange {
                .fixed(lower: overlayRange[0], upper: overlayRange[1])
            } else if overlayThreshold != nil, !hasBothSigns {
                .fromThreshold
            } else {
                .automatic
            }
        figure.overlay = FigureOverlay(
            volume, threshold: overlayThreshold,
            colorMap: overlayColormap ?? (hasBothSigns ? .coldHot : .viridis),
            range: range, label: overlayLabel ?? StatisticFile.label(of: file), opacity: overlayOpacity ?? 1)
    }

    /// A file's name without folder and ending.
    static func name(of path: String) -> String {
        var name = path.split(separator: "/").last.map(String.init) ?? path
        for ending in [".gz", ".nii", ".hdr", ".img"]
        where name.hasSuffix(ending) && name.count > ending.count {
            name.removeLast(ending.count)
        }
        return name
    }
}
