import ArgumentParser
import Covey

/// What `covey plot` draws over the slices besides the maps.
struct PlotLayers: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Draw lines along a level of this image; may be given several times.", valueName: "file[@level]"))
    var contour: [String] = []

    @Option(
        help:
            "The level of the lines of each --contour without @LEVEL, once or once for each (default: --threshold).",
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

    @Option(help: "Fill the regions of this label image, under the map.")
    var labels: String?

    @Option(help: "Table of the regions' names; the columns index and name count.")
    var labelNames: String?

    func validate() throws {
        if labelNames != nil, labels == nil { throw ValidationError("'--label-names' needs '--labels'") }
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
        for (i, choice) in contour.enumerated() {
            let (path, own) = Self.pathAndLevel(choice)
            let common = contourLevel.count > 1 ? contourLevel[i] : contourLevel.first ?? threshold
            guard let level = own ?? common else {
                throw ValidationError(
                    "'--contour' needs a level: give \(quoted(path + "@LEVEL")), '--contour-level' or '--threshold'"
                )
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
        if let labels {
            let names = try labelNames.map { try LabelNames(try readText($0), source: $0).names }
            figure.regions = FigureRegions(
                try PlotCommand.map(labels).volume, names: names ?? [:], name: labels)
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

    /// A file, and the number after its last @.
    private static func pathAndLevel(_ text: String) -> (path: String, level: Double?) {
        guard let at = text.lastIndex(of: "@"),
            let level = decimalNumber(String(text[text.index(after: at)...]))
        else { return (text, nil) }
        return (String(text[..<at]), level)
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
