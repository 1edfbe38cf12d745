import CoveyCore
public import CoveyFormats
public import CoveyImaging
import CoveyKernels

/// A made-up group study for planning, teaching and tests: one contrast map per subject and a table with a
/// score, whose truth is known.
///
/// Subject `k` has the map `effect * main + slope * z_k * association + noise` within a brain-shaped support:
/// `noise` is spatially smooth (FWHM about 7 mm) with standard deviation 1, `z_k` is the subject's
/// standardised score, `main` and `association` are sums of smooth bumps of height 1, and
/// `slope = r / sqrt(1 - r^2)` makes r the correlation of map and score where the association peaks.
///
/// Maps and table are pure functions of the options. All arithmetic is made of operations that IEEE 754 rounds
/// alike everywhere, so that one seed gives the same values on every machine, on any number of threads.
public struct SyntheticCohort: Sendable {
    /// What a cohort is made from.
    public struct Options: Sendable, Hashable, Codable {
        /// Number of subjects, 2 to 9999.
        public var subjectCount = 94
        /// What every random number follows from.
        public var seed: UInt64
        /// Mean over subjects at the peak of the main effect, in standard deviations of the noise.
        public var mainEffect = 1.0
        /// Correlation of map and score where their association peaks, between -1 and 1, these excluded.
        public var association = 0.55
        /// Number of subjects without a score.
        public var missingCount = 5
        /// Edge of a voxel in mm, 1 to 12; 3 gives the Localizer's grid of 53 x 63 x 46.
        public var spacingMillimeters = 3.0
        /// Whether voxels outside the brain are NaN (as SPM writes them) rather than 0.
        public var isNaNOutside = false

        /// The usual cohort with a seed.
        public init(seed: UInt64) { self.seed = seed }
    }

    /// What the cohort was made from.
    public let options: Options
    /// The voxels that have values.
    public let brain: Mask
    /// One row per subject: `participant_id`, `map` (a path below the table's folder), `pseudo` (the score;
    /// `n/a` for some), `age`, `sex` and `group` (neither has an effect).
    public let table: Table

    private let scores: [Double]
    private let main: [Double]
    private let association: [Double]
    private let filter: SeparableFilter
    private let noiseScale: Double

    /// A cohort.
    ///
    /// - Throws: ``SyntheticCohortError`` for options out of range.
    public init(_ options: Options) throws(SyntheticCohortError) {
        try Self.check(options)
        self.options = options
        let grid = Self.grid(spacingMillimeters: options.spacingMillimeters)
        let brain = Mask(grid: grid) { SyntheticBrain.contains(grid.affine.world(grid.index(at: $0))) }
        self.brain = brain
        let points = (0..<brain.count).map { brain.world(of: $0) }
        main = points.map { p in
            options.mainEffect * SyntheticBrain.mainEffect.reduce(0) { $0 + $1.value(at: p) }
        }
        let slope = options.association / (1 - options.association * options.association).squareRoot()
        association = points.map { p in
            slope * SyntheticBrain.association.reduce(0) { $0 + $1.value(at: p) }
        }
        let weights = Self.noiseWeights(spacingMillimeters: options.spacingMillimeters)
        filter = SeparableFilter(shape: grid.shape, halfWeights: [weights, weights, weights])
        let power = weights.dropFirst().reduce(weights[0] * weights[0]) { $0 + 2 * $1 * $1 }
        // A sum of four whole numbers uniform on 0...65535 has the variance (2^32 - 1) / 3.
        noiseScale = 1 / (power * power * power * (4_294_967_295.0 / 3)).squareRoot()
        (scores, table) = SyntheticSubjects.make(options)
    }

    /// Number of subjects.
    public var subjectCount: Int { options.subjectCount }

    /// The grid at a spacing: the box of the Localizer's maps, x from +78 mm to the left.
    static func grid(spacingMillimeters h: Double) -> Grid {
        let shape = [156.0, 186, 135].map { Int($0 / h) + 1 }
        return Grid(
            shape: shape, affine: Affine([-h, 0, 0, 78, 0, h, 0, -111, 0, 0, h, -51]), qformCode: 4,
            sformCode: 4)
    }

    /// Binomial weights of the variance of a Gaussian of FWHM 7 mm, as near as whole numbers allow: exact in
    /// binary, which Gaussian weights are not.
    static func noiseWeights(spacingMillimeters: Double) -> [Double] {
        let sigma = 7 / (2.354_820_045_030_949_3 * spacingMillimeters)
        let radius = Int((2 * sigma * sigma).rounded())
        // Row 2r of Pascal's triangle over 4^r has the variance r / 2.
        var row = [1.0]
        for _ in 0..<(2 * radius) { row = zip(row + [0], [0] + row).map { ($0 + $1) / 2 } }
        return Array(row[radius...])
    }

    /// What a thread needs to make maps: one buffer for noise, and room for the filter.
    struct Scratch {
        var values: [Double]
        var filter: SeparableFilter.Scratch
    }

    func makeScratch() -> Scratch {
        Scratch(values: [Double](repeating: 0, count: brain.grid.count), filter: filter.makeScratch())
    }

    /// The map of a subject, counted from 0. Values are rounded to Float, as they are written.
    public func map(of subject: Int) -> Volume {
        var scratch = makeScratch()
        return map(of: subject, &scratch)
    }

    func map(of subject: Int, _ scratch: inout Scratch) -> Volume {
        precondition(subject >= 0 && subject < subjectCount)
        let generator = Philox(seed: options.seed)
        let count = scratch.values.count
        // Each block of four words gives two sums of four 16-bit numbers, near enough normal: smoothing adds
        // over a hundred voxels to one.
        for block in 0..<(count + 1) / 2 {
            let words = generator.words(
                (UInt32(block), UInt32(subject), 0, SyntheticSubjects.Domain.noise.rawValue))
            scratch.values[2 * block] = Self.centred(words.0, words.1)
            if 2 * block + 1 < count { scratch.values[2 * block + 1] = Self.centred(words.2, words.3) }
        }
        filter.apply(to: &scratch.values, scratch: &scratch.filter)
        var volume = Volume(grid: brain.grid, repeating: options.isNaNOutside ? .nan : 0)
        let score = scores[subject]
        for (column, offset) in brain.offsets.enumerated() {
            let noise = noiseScale * scratch.values[Int(offset)]
            volume.values[Int(offset)] = Double(Float(main[column] + score * association[column] + noise))
        }
        return volume
    }

    /// The correlation of map and score at each voxel of the brain: `b / sqrt(1 + b^2)` for the slope b.
    var correlations: [Double] { association.map { $0 / (1 + $0 * $0).squareRoot() } }

    private static func centred(_ a: UInt32, _ b: UInt32) -> Double {
        Double(Int32(a & 0xFFFF) + Int32(a >> 16) + Int32(b & 0xFFFF) + Int32(b >> 16) - 131_070)
    }
}
