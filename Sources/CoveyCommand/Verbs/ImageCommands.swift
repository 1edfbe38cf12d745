import ArgumentParser
import Covey

/// A mask from maps.
struct MaskCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mask", abstract: "Make a mask: the voxels with a value in every map.")

    @Argument(help: "Maps (NIfTI or ANALYZE; a 4-D image counts as a list).")
    var maps: [String]

    @Option(help: "automatic (0 is no value in maps with a background of 0) or finite.")
    var rule = "automatic"

    @Option(name: [.short, .long], help: "The mask.")
    var out: String

    @Option(help: "Also write how many maps have a value at each voxel.")
    var counts: String?

    func validate() throws {
        guard ["automatic", "finite"].contains(rule) else {
            throw ValidationError("'--rule' must be automatic or finite, not \(rule)")
        }
    }

    func run() throws {
        var sources: [MapSource] = []
        for map in maps {
            let count = try ImageFile(map).volumeCount
            sources += (0..<count).map {
                MapSource(identifier: "\(map)\(count > 1 ? " volume \($0 + 1)" : "")", path: map, volume: $0)
            }
        }
        var reader = CohortReader()
        reader.maskRule = rule == "finite" ? .finite : .automatic
        let reading = try reader.read(sources)
        for note in reading.notes {
            Terminal.say("covey: \(note.severity == .warning ? "warning: " : "")\(note.text)")
        }
        let mask = reading.cohort.mask
        try mask.volume([Double](repeating: 1, count: mask.count), outside: 0).write(
            to: out, ImageContent(descrip: "mask, \(rule), \(sources.count) maps", datatype: .uint8))
        if let counts {
            try reading.mapCounts.write(
                to: counts, ImageContent(descrip: "number of maps with a value", datatype: .int16))
        }
        print("\(mask.count) of \(mask.grid.count) voxels have a value in all \(sources.count) maps")
    }
}

/// Gaussian smoothing.
struct SmoothCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "smooth", abstract: "Smooth an image with a Gaussian.")

    @Argument(help: "Image; a 4-D one is smoothed map by map.")
    var image: String

    @Option(help: "FWHM in mm: one number, or x,y,z.", transform: Read.widths)
    var fwhm: [Double]

    @Flag(help: "Divide by the smoothed support, so that nothing is attenuated at its edges.")
    var normaliseEdges = false

    @Flag(help: "Leave a smoothed value also where the image had none (NaN).")
    var fillMissing = false

    @Flag(help: "An exact 0 is the absence of a value.")
    var zerosMissing = false

    @Option(name: [.short, .long], help: "The smoothed image.")
    var out: String

    func run() throws {
        let file = try ImageFile(image)
        for note in file.notes where note.severity == .warning {
            Terminal.say("covey: warning: \(note.text)")
        }
        let smoother = try Smoother(
            Smoothing(
                fwhmMillimeters: fwhm, edges: normaliseEdges ? .normalised : .plain,
                missing: fillMissing ? .fill : .keep),
            grid: file.grid)
        let volumes = (0..<file.volumeCount).map {
            smoother.smoothed(file.volume($0), zeroIsMissing: zerosMissing)
        }
        let header = file.image.header
        var content = ImageContent(
            intent: NIfTIIntent(code: header.intentCode, parameters: header.intentParameters),
            descrip: "smoothed, FWHM " + fwhm.map(shortest).joined(separator: " x ") + " mm",
            datatype: header.datatype == .float64 ? .float64 : .float32)
        content.extensions = header.extensions
        try Volume.write(volumes, to: out, content)
    }
}

/// Arithmetic on images.
struct MathCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "math",
        abstract: "Compute with images: an expression over named images on one grid.",
        discussion: """
            covey math -e '-log10(p * 50000)' p=p.nii.gz --out corrected.nii.gz

            Operators + - * / ^ and < <= > >= == (1 or 0), parentheses; functions abs, sqrt, exp, log, log10, min, \
            max, isnan; numbers. NaN and infinities follow IEEE arithmetic.
            """)

    @Option(name: [.customShort("e"), .long], parsing: .unconditional, help: "Expression.")
    var expression: String

    @Argument(help: "Images as NAME=FILE.", transform: Read.renaming)
    var images: [[String: String]]

    @Option(name: [.short, .long], help: "The result (float32).")
    var out: String

    func run() throws {
        var volumes: [String: Volume] = [:]
        for pair in images {
            for (name, file) in pair { volumes[name] = try ImageFile.readVolume(file) }
        }
        let result = try ImageExpression(expression).evaluate(volumes)
        try result.write(to: out, ImageContent(descrip: printable(expression, limit: 70)))
    }
}
