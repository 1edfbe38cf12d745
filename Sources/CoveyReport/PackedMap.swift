internal import CoveyCore
import CoveyImaging
internal import CoveyKernels

/// How a page keeps the values of a map.
enum PackedMap: Sendable, Hashable {
    /// As gzip data of numbers, multiples of a step where they are rounded.
    case stored([UInt8], step: Double)
    /// As a formula of other maps.
    case derived(MapDerivation)

    /// Bytes of the page, before base64.
    var byteCount: Int {
        switch self {
        case .stored(let bytes, _): bytes.count
        case .derived: 0
        }
    }

    /// The maps it follows from.
    var files: [String] {
        switch self {
        case .stored: []
        case .derived(let derivation): derivation.files
        }
    }

    /// The maps of a contrast, by their files.
    ///
    /// - Parameter values: by the maps' files, one per voxel of the mask, NaN where there is none.
    static func packed(
        _ maps: [ReportMap], _ values: [String: [Double]], _ prediction: VoxelPrediction, threads: Int
    ) -> [String: PackedMap] {
        func known(_ kind: String, _ precision: ReportMap.Precision) -> (file: String, values: [Double])? {
            maps.first { $0.file.hasSuffix("_stat-\(kind)_statmap.nii.gz") && $0.precision == precision }
                .flatMap { map in values[map.file].map { (map.file, $0) } }
        }
        let t = known("t", .exact)
        let error = known("se", .relative).map { ($0.file, Packing.relativeValues($0.values)) }
        let packed = mapBlocks(maps.count, threads: threads) { (k: Int) -> PackedMap in
            let values = values[maps[k].file] ?? []
            if let t, maps[k].precision == .rounded, maps[k].marks.isEmpty,
                let derivation = MapDerivation.found(for: values, t: t, error: error)
            {
                return .derived(derivation)
            }
            return stored(maps[k], values, prediction)
        }
        return Dictionary(zip(maps.map(\.file), packed)) { first, _ in first }
    }

    private static func stored(
        _ map: ReportMap, _ values: [Double], _ prediction: VoxelPrediction
    ) -> PackedMap {
        func gzip(_ bytes: [UInt8]) -> [UInt8] { Deflate.gzip(bytes, level: 6) }
        switch map.precision {
        case .exact: return .stored(gzip(Packing.floats(values)), step: 0)
        case .relative: return .stored(gzip(Packing.relative(values, prediction)), step: 0)
        case .rounded:
            let rounded = Packing.rounded(values, marks: map.marks.map(\.value))
            return .stored(gzip(Packing.predicted(rounded.multiples, prediction)), step: rounded.step)
        }
    }
}

/// A formula by which the page's script finds a map from others that the page has.
///
/// What is told of effects follows from the statistic `t` and the standard error of each voxel. Whether a map does is
/// not taken for granted: the formula is compared with every one of its values.
struct MapDerivation: Sendable, Hashable {
    /// The formula: of `t`, the standard error `s` and a constant `c`.
    enum Formula: String, Codable, CaseIterable, Sendable {
        /// `t s`: the effect.
        case product
        /// `c t`: d and Hedges' g.
        case multiple
        /// `t / sqrt(t^2 + c)`, with `c` the degrees of freedom: partial r.
        case correlation
        /// `|t s| + c s`: the largest effect that is not ruled out.
        case bound

        /// Whether it is one of the standard error too.
        var needsError: Bool { self == .product || self == .bound }

        /// A value of the map.
        func value(_ t: Double, _ error: Double, _ constant: Double) -> Double {
            switch self {
            case .product: t * error
            case .multiple: constant * t
            case .correlation: t / (t * t + constant).squareRoot()
            case .bound: abs(t * error) + constant * error
            }
        }

        /// The constant by which a voxel of the map has its value.
        func constant(_ t: Double, _ error: Double, _ value: Double) -> Double {
            switch self {
            case .product: 0
            case .multiple: value / t
            case .correlation: t * t * (1 / (value * value) - 1)
            case .bound: (value - abs(t * error)) / error
            }
        }
    }

    let formula: Formula
    /// The file of `t`, and of the standard error where the formula needs it.
    let files: [String]
    let constant: Double

    /// The formula of a map; `nil` where it has none, so that its values have to be kept.
    ///
    /// - Parameters:
    ///   - values: of the map, one per voxel.
    ///   - t: the statistic as the page has it.
    ///   - error: the standard error as the page has it.
    static func found(
        for values: [Double], t: (file: String, values: [Double]), error: (file: String, values: [Double])?
    ) -> MapDerivation? {
        let greatest = values.reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 }
        guard greatest > 0,
            // Where t is large, the constants are found most exactly.
            let place = t.values.indices.filter({ t.values[$0].isFinite && values[$0].isFinite })
                .max(by: { abs(t.values[$0]) < abs(t.values[$1]) }), t.values[place] != 0
        else { return nil }
        // As exact as a rounded map: `ReportMap.Precision`.
        let tolerance = greatest / 32_767
        for formula in Formula.allCases where error != nil || !formula.needsError {
            let errors = formula.needsError ? error!.values : t.values
            let constant = formula.constant(t.values[place], errors[place], values[place])
            guard constant.isFinite else { continue }
            let agrees = values.indices.allSatisfy { k in
                let derived = formula.value(t.values[k], errors[k], constant)
                return values[k].isFinite ? abs(derived - values[k]) <= tolerance : !derived.isFinite
            }
            if agrees {
                return MapDerivation(
                    formula: formula, files: [t.file] + (formula.needsError ? [error!.file] : []),
                    constant: constant)
            }
        }
        return nil
    }
}
