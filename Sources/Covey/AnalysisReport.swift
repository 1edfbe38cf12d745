import CoveyCore
import CoveyFigures
import CoveyImaging
import CoveyInference
import CoveyModel
public import CoveyReport

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The report of an analysis: what it says, and the voxels it shows.
///
/// Made from an analysis in memory or from its result folder; both give the same page, byte for byte.
public struct AnalysisReport: Sendable {
    /// Every sentence, number and table.
    public let content: ReportContent
    /// Maps, background, figures, subjects' values.
    public let images: ReportImages
    /// `maps.tsv`: how each map compares with the others; `nil` where the report was made from a folder, which has
    /// it, or where maps were not compared.
    let mapsText: String?

    /// The page: one HTML file.
    public var html: String { HTMLReport.render(content, images) }

    init(content: ReportContent, images: ReportImages, mapsText: String? = nil) {
        self.content = content
        self.images = images
        self.mapsText = mapsText
    }

    /// The report of an analysis.
    ///
    /// - Parameter byteLimit: what its page should not exceed; maps and subjects' values are left out until it does not.
    /// - Throws: `FigureError` or `FormatError` where a figure cannot be drawn.
    public init(_ analysis: Analysis, byteLimit: Int = HTMLReport.byteLimit) throws {
        let parts = analysis.contrasts.enumerated().map { number, found in
            ContrastReport(found, analysis.doctor.diagnoses[number], analysis)
        }
        var content = ReportContent(
            title: Self.title(analysis), software: "Covey \(coveyVersion)", overview: Self.overview(analysis),
            model: ReportModel(analysis.doctor, analysis.plan),
            exclusions: analysis.notes.map(\.text).filter { $0.contains(" left out for ") },
            doctor: analysis.doctor.lines, notes: analysis.notes, contrasts: parts.map(\.content),
            methods: MethodsText(analysis).methods, items: ReportingItems(analysis).items,
            background: analysis.plan.figures?.background)
        let comparison = MapsReport(analysis)
        content.mapComparison = comparison?.table
        content.looks = comparison?.looks
        var maps: [String: [Double]] = [:]
        for part in parts { maps.merge(part.values) { first, _ in first } }

        var images = ReportImages(
            mask: analysis.contrasts.first?.tested.mask ?? analysis.fit.mask, maps: maps,
            background: try Self.background(content.background))
        images.steps = Dictionary(uniqueKeysWithValues: parts.compactMap(\.steps))
        images.figures = try Self.figures(content, images, threads: analysis.options.threads)
        var filling = ReportFilling(content, images, byteLimit: byteLimit, threads: analysis.options.threads)
        filling.fill(analysis, uncorrected: parts.compactMap(\.uncorrected))
        self.init(content: filling.content, images: filling.images, mapsText: comparison?.text)
    }

    /// The figures of a report, drawn from its own maps.
    static func figures(
        _ content: ReportContent, _ images: ReportImages, threads: Int
    ) throws -> [String: [UInt8]] {
        let figures = content.contrasts.flatMap(\.figures)
        let drawn = try mapBlocks(figures.count, threads: threads) { (k: Int) throws -> [UInt8] in
            let figure = figures[k]
            let values = images.maps[figure.map]!
            let shown =
                figure.side == .both
                ? values : values.map { (figure.side == .less ? -$0 : $0) > 0 || $0.isNaN ? $0 : 0 }
            var style = figure.isSequential ? SliceStyle.sequential : SliceStyle()
            style.colorMap = figure.isSequential ? .viridis : .redBlue
            let isGlass = figure.isGlass == true
            // Along a line of sight what is below the threshold would hide what is above it elsewhere.
            style.belowThreshold = isGlass ? .hidden : .faded(alpha: 0.7)
            style.dotsPerInch = 150
            style.sliceDotsPerInch = 150
            return try SliceFigure(
                images.mask.volume(shown), mask: images.mask,
                // The maps are in single precision, and so is what they are compared with.
                threshold: Double(Float(figure.threshold)),
                view: isGlass
                    ? .glass
                    : .orthogonal(
                        figure.cutsMillimeters.map { .millimeters(x: $0[0], y: $0[1], z: $0[2]) }
                            ?? .automatic),
                title: figure.title, label: figure.label,
                background: images.background.map { .volume($0) } ?? .template, style: style
            ).render(.svg)
        }
        return Dictionary(zip(figures.map(\.name), drawn)) { first, _ in first }
    }

    /// The image behind the maps.
    static func background(_ path: String?) throws -> Volume {
        try path.map { try ImageFile.readVolume($0) } ?? Template.mni152()
    }

    private static func title(_ analysis: Analysis) -> String {
        if let title = analysis.plan.report?.title { return title }
        let names = analysis.contrasts.map(\.title)
        let shown = names.prefix(3).joined(separator: ", ") + (names.count > 3 ? " and more" : "")
        return "Group analysis: \(shown)"
    }

    private static func overview(_ analysis: Analysis) -> [String] {
        let grid = analysis.fit.mask.grid
        let tested = analysis.contrasts.first?.testedCount ?? analysis.fit.testedVoxelCount
        let voxels = analysis.contrasts.first?.tested.mask.count ?? analysis.fit.mask.count
        let sizes = grid.affine.voxelSizes.map { significant($0, digits: 4) }.joined(separator: " × ")
        var text =
            "\(analysis.plan.rowWords(analysis.design.subjectCount)); \(tested) voxels of \(sizes) mm were tested"
        if tested < voxels { text += " (of \(voxels) in the mask)" }
        if let smoothing = analysis.plan.smoothing {
            text +=
                ", after smoothing with a Gaussian of "
                + smoothing.widthText + " mm FWHM"
        }
        return [text + "."]
    }

    static func formula(_ plan: AnalysisPlan) -> String {
        switch plan.model {
        case .formula(let text, _, _): text
        case .designTable(let path), .vest(let path): path
        }
    }
}

extension ReportModel {
    /// The model that a doctor has seen.
    init(_ doctor: DesignDoctor, _ plan: AnalysisPlan) {
        let (design, diagnostics) = (doctor.design, doctor.diagnostics)
        // Numbers that stand for images say nothing of the designs that were fitted.
        let images = doctor.voxelwiseColumns
        let isOneDesign = images.isEmpty
        self.init(
            formula: AnalysisReport.formula(plan), names: design.names, identifiers: diagnostics.rowNames,
            rowNoun: plan.data.repeated == nil ? "subjects" : "maps", matrix: design.matrix,
            varianceInflation: diagnostics.varianceInflation.map { value in
                isOneDesign ? value.flatMap { $0.isFinite ? $0 : nil } : nil
            },
            leverage: isOneDesign ? diagnostics.leverage : [], leverageLimit: diagnostics.leverageLimit,
            correlatedNames: isOneDesign ? diagnostics.correlatedNames : [],
            correlations: isOneDesign ? diagnostics.correlations : Matrix(rows: 0, columns: 0),
            remarks: [isOneDesign ? Self.fitWords(doctor) : Self.fitWords(doctor, images: images)])
    }

    private static func fitWords(_ doctor: DesignDoctor) -> String {
        let diagnostics = doctor.diagnostics
        return
            "Ordinary least squares at every voxel: rank \(diagnostics.rank), \(doctor.degreesOfFreedom) residual "
            + "degrees of freedom, condition number \(significant(diagnostics.conditionNumber, digits: 3)) "
            + "(\(significant(diagnostics.centredConditionNumber, digits: 3)) about the means)."
    }

    private static func fitWords(_ doctor: DesignDoctor, images: [String]) -> String {
        let names = images.map { printable($0, limit: 60) }.joined(separator: ", ")
        let are = images.count == 1 ? "is an image per subject" : "are images, one per subject"
        return
            "Ordinary least squares with another design at every voxel: \(names) \(are), and the numbers below only "
            + "stand for them. Rank \(doctor.diagnostics.rank), \(doctor.degreesOfFreedom) residual degrees of freedom."
    }
}

extension AnalysisPlan {
    /// "30 subjects, one map each", or "60 maps of subjects who recur (column subject)".
    func rowWords(_ count: Int) -> String {
        data.repeated.map { "\(count) maps of subjects who recur (column \(printable($0, limit: 60)))" }
            ?? "\(count) subjects, one map each"
    }
}
