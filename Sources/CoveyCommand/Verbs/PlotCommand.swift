import ArgumentParser
import Covey

/// A figure of a map.
struct PlotCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plot", abstract: "Draw slices or a glass brain of a map, as PNG, SVG or PDF.")

    @Argument(help: "Map to draw; several stand one below the other, with the same slices and colours.")
    var maps: [String]

    @Option(help: "Title of a map's row, once for each map (default with several: the file's name).")
    var rowTitle: [String] = []

    @Option(name: [.short, .long], help: "The figure; its ending decides: .png, .svg or .pdf.")
    var out: String

    @Option(help: "Draw voxels with a magnitude of at least this.", transform: Read.number)
    var threshold: Double?

    @Option(help: "What to show: ortho (default), row, grid, mosaic or glass.")
    var view: FigureView?

    @Option(help: "Orthogonal slices through x,y,z in mm (default: the peak).", transform: Read.position)
    var cutsMm: [Double]?

    @Option(help: "A row of slices along this axis: x, y or z (with --at or --count).")
    var axis: SliceAxis?

    @Option(help: "Positions of the row's slices in mm: a,b,c.", transform: Read.positions)
    var at: [Double]?

    @Option(
        help: "Number of slices (default 7 in a row, 21 in a grid, 7 per axis of a mosaic).",
        transform: Read.shuffleCount)
    var count: Int?

    @Option(
        help:
            "Slices lie evenly (default of a grid), or near there where the map is strongest (of a row, a mosaic)."
    )
    var spread: SliceSpread?

    @Option(help: "Image behind (default: the MNI 152 template), or none.")
    var background: String?

    @Option(help: "Mask of the voxels that were tested.")
    var mask: String?

    @Option(help: "Colours: RdBu_r (default), cold_hot, inferno, magma, plasma, viridis, hot or gray.")
    var colormap = ColorMap.redBlue

    @Option(
        help: "Values at the ends of the colours: LOW,HIGH.", transform: { try Read.numbers($0, count: [2]) })
    var range: [Double]?

    @Flag(help: "Colours begin at the threshold (for -log10 p).")
    var fromThreshold = false

    @Flag(help: "Show voxels below the threshold faintly instead of hiding them.")
    var faded = false

    @Flag(help: "Mark the position of the other slices by thin lines.")
    var crossHair = false

    @Option(help: "light or dark.")
    var theme = FigureTheme.light

    @OptionGroup(title: "Over the slices") var layers: PlotLayers

    @Option(help: "Title.")
    var title = ""

    @Option(help: "Words beside the colour bar (default: what the file says it holds).")
    var label: String?

    @Option(help: "Resolution in dots per inch.", transform: Read.number)
    var dpi = 200.0

    @Option(help: "Width in inches.", transform: Read.number)
    var width = 7.3

    func validate() throws {
        guard format != nil else {
            throw ValidationError("'--out' must end in .png, .svg or .pdf, not \(out)")
        }
        if maps.isEmpty { throw ValidationError("Missing expected argument '<maps> ...'") }
        if !rowTitle.isEmpty, rowTitle.count != maps.count {
            throw ValidationError(
                "\(rowTitle.count) titles for \(maps.count) rows: give '--row-title' once for each map")
        }
        if at != nil, axis == nil { throw ValidationError("'--at' needs '--axis'") }
        if let view {
            if cutsMm != nil, view != .ortho {
                throw ValidationError("'--cuts-mm' needs '--view ortho', not \(view.rawValue)")
            }
            if axis != nil, view != .row, view != .grid {
                throw ValidationError("'--axis' needs '--view row' or '--view grid', not \(view.rawValue)")
            }
            if count != nil, view == .ortho || view == .glass {
                throw ValidationError(
                    "'--count' needs '--view row', 'grid' or 'mosaic', not \(view.rawValue)")
            }
        }
        if spread != nil {
            let view = view ?? (axis == nil ? .ortho : .row)
            if view == .ortho || view == .glass {
                throw ValidationError(
                    "'--spread' needs '--view row', 'grid' or 'mosaic', not \(view.rawValue)")
            }
            if at != nil { throw ValidationError("'--spread' and '--at' exclude each other") }
        }
        if let range, range[0] >= range[1] { throw ValidationError("'--range' must ascend") }
    }

    private var format: FigureFormat? {
        out.lastIndex(of: ".").flatMap {
            FigureFormat(rawValue: String(out[out.index(after: $0)...]).lowercased())
        }
    }

    private var sliceView: SliceView {
        switch view ?? (axis == nil ? .ortho : .row) {
        case .ortho:
            cutsMm.map { .orthogonal(.millimeters(x: $0[0], y: $0[1], z: $0[2])) } ?? .automatic
        case .row: slices(7, spread ?? .strongest)
        case .grid: slices(21, spread ?? .even)
        case .mosaic: .mosaic(count: count ?? 7, isEven: spread == .even)
        case .glass: .glass
        }
    }

    /// Parallel slices, so many where nothing else was asked for.
    private func slices(_ usual: Int, _ spread: SliceSpread) -> SliceView {
        let (axis, count) = (axis ?? .z, count ?? usual)
        if let at { return .slices(axis, positionsMillimeters: at) }
        return spread == .even ? .evenlySpaced(axis, count: count) : .strongest(axis, count: count)
    }

    func run() throws {
        let rows = try maps.enumerated().map { i, path in
            let (volume, file) = try Self.map(path)
            let title =
                rowTitle.isEmpty ? (maps.count > 1 ? PlotLayers.name(of: path) : "") : rowTitle[i]
            return (
                row: FigureRow(volume, mask: try Self.mask(mask, on: volume.grid), title: title), file: file
            )
        }
        let labels = rows.map { StatisticFile.label(of: $0.file) }
        if label == nil, let other = labels.firstIndex(where: { $0 != labels[0] }) {
            func words(_ label: String) -> String { label.isEmpty ? "no known quantity" : label }
            throw ValidationError(
                "\(quoted(maps[0])) holds \(words(labels[0])), \(quoted(maps[other])) \(words(labels[other])): "
                    + "one colour bar for both needs '--label'")
        }
        var figure = SliceFigure(rows[0].row.statistic)
        figure.mask = rows[0].row.mask
        figure.rowTitle = rows[0].row.title
        figure.moreRows = rows.dropFirst().map(\.row)
        figure.threshold = threshold
        figure.title = title
        figure.label = label ?? labels[0]
        switch background {
        case nil: figure.background = .template
        case "none": figure.background = .none
        case let path?: figure.background = .volume(try ImageFile.readVolume(path))
        }
        figure.view = sliceView
        figure.style.colorMap = colormap
        if fromThreshold { figure.style.range = .fromThreshold }
        if let range { figure.style.range = .fixed(lower: range[0], upper: range[1]) }
        if faded { figure.style.belowThreshold = .faded(alpha: 0.7) }
        figure.style.hasCrossHair = crossHair
        figure.style.theme = theme
        figure.style.dotsPerInch = dpi
        figure.style.widthInches = width
        try layers.add(to: &figure, threshold: threshold)
        try writeFile(try figure.render(format!), to: out)
    }

    /// A map and the file it is in.
    static func map(_ path: String) throws -> (volume: Volume, file: ImageFile) {
        let file = try ImageFile(path)
        guard file.volumeCount == 1 else {
            throw FormatError(path, .badField("dim", "gives \(file.volumeCount) volumes; one map is drawn"))
        }
        return (file.volume(), file)
    }

    private static func mask(_ path: String?, on grid: Grid) throws -> Mask? {
        guard let path else { return nil }
        return try MaskRule.mask(of: try ImageFile.readVolume(path), name: path, on: grid).mask
    }
}

/// Where parallel slices lie, by the names of the option.
enum SliceSpread: String, ExpressibleByArgument, CaseIterable {
    case even, strongest
}

/// The views of `covey plot`, by the names of its option.
enum FigureView: String, ExpressibleByArgument, CaseIterable {
    case ortho, row, grid, mosaic, glass
}
