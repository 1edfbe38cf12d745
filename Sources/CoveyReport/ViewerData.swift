import CoveyCore
internal import CoveyFigures
import CoveyImaging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What the page's script needs to know, as JSON; arrays of voxels are numbers of ``Blocks``.
struct ViewerData: Encodable {
    struct Background: Encodable {
        let shape: [Int]
        let origin: [Double]
        let step: [Double]
        let block: Int
    }

    struct Map: Encodable {
        let name: String
        let isNegativeLog10: Bool
        let precision: ReportMap.Precision
        let step: Double
        /// `nil` where the values follow from other maps.
        let block: Int?
        let derivation: Derivation?
        let side: ReportMap.Side
        let colorMap: String
        let threshold: Double
        let marks: [ReportMark]
        /// Of the values that are there.
        let least: Double
        let greatest: Double
    }

    struct Derivation: Encodable {
        let formula: MapDerivation.Formula
        /// The numbers of the maps.
        let maps: [Int]
        let constant: Double
    }

    struct Scatter: Encodable {
        let xName: String
        let yName: String
        let x: [Double]
        let origin: Double
        let weights: [Double]
        let basis: [[Double]]
        let addsMean: Bool
    }

    struct Contrast: Encodable {
        let name: String
        let maps: [Map]
        let start: [Double]
        /// The map that is shown first.
        let opening: Int
        let scatter: Scatter
        let places: [ReportPlace]
        let bounds: Bounds?
    }

    struct Bounds: Encodable {
        let method: String
        let alpha: Double
        let connectivity: Int
        let block: Int
        /// The step of voxels that no bound counts.
        let none: Int
    }

    struct Color: Encodable {
        let key: String
        let name: String
        let table: String
        let isDiverging: Bool
    }

    struct Subjects: Encodable {
        let step: Double
        let block: Int
        /// Which voxels of the mask they are kept at; `nil`: all.
        let voxels: Int?
        /// Those are where a contrast's uncorrected p is at most this.
        let level: Double?
    }

    let shape: [Int]
    let affine: [Double]
    let inverse: [Double]
    /// Around the voxels tested and the background, in mm.
    let lower: [Double]
    let upper: [Double]
    let voxelVolume: Double
    let mask: Int
    let background: Background?
    let identifiers: [String]
    let subjects: Subjects?
    let absence: String
    let colors: [Color]
    let contrasts: [Contrast]

    init(_ content: ReportContent, _ images: ReportImages, into blocks: inout Blocks) {
        let grid = images.mask.grid
        shape = grid.shape
        affine = grid.affine.elements
        inverse = grid.affine.inverse?.elements ?? [Double](repeating: 0, count: 12)
        voxelVolume = grid.voxelVolume
        mask = blocks.add(Packing.bits(images.mask))
        let layer = images.background.flatMap { BackgroundLayer($0) }
        background = layer.map {
            Background(shape: $0.shape, origin: $0.origin, step: $0.step, block: blocks.add($0.bytes))
        }
        var box = images.mask.worldBox
        if let layer { box = layer.extended(box) }
        (lower, upper) = box
        identifiers = content.model.identifiers
        absence = content.subjectsAbsence
        colors = ReportColors.choices.map {
            Color(
                key: $0.rawValue, name: ReportColors.name($0), table: ReportColors.table($0),
                isDiverging: $0.isDiverging)
        }
        contrasts = content.contrasts.map { contrast in
            Contrast(
                name: contrast.name,
                maps: Self.maps(contrast.maps, images, into: &blocks),
                start: contrast.start,
                opening: contrast.opening.flatMap { file in contrast.maps.firstIndex { $0.file == file } }
                    ?? 0,
                scatter: Scatter(
                    xName: contrast.scatter.xName, yName: contrast.scatter.yName, x: contrast.scatter.x,
                    origin: contrast.scatter.origin, weights: contrast.scatter.weights,
                    basis: (0..<contrast.scatter.basis.columns).map(contrast.scatter.basis.column),
                    addsMean: contrast.scatter.addsMean),
                places: contrast.places,
                bounds: contrast.bounds.flatMap { bounds in
                    images.steps[bounds.file].map {
                        Bounds(
                            method: bounds.method, alpha: bounds.alpha, connectivity: bounds.connectivity,
                            block: blocks.add(gzip: $0), none: images.mask.count + 1)
                    }
                })
        }
        if let values = content.subjectValues, let bytes = images.subjectValues {
            subjects = Subjects(
                step: values.step, block: blocks.add(gzip: bytes),
                voxels: images.subjectVoxels.map { blocks.add(gzip: $0) }, level: values.level)
        } else {
            subjects = nil
        }
    }

    private static func maps(
        _ maps: [ReportMap], _ images: ReportImages, into blocks: inout Blocks
    ) -> [Map] {
        maps.map { map in
            let present = (images.maps[map.file] ?? []).filter(\.isFinite)
            var (step, block, derivation): (Double, Int?, Derivation?) = (0, nil, nil)
            switch images.packed[map.file]! {
            case .stored(let bytes, let unit):
                step = unit
                block = blocks.add(gzip: bytes)
            case .derived(let found):
                derivation = Derivation(
                    formula: found.formula,
                    maps: found.files.map { file in maps.firstIndex { $0.file == file }! },
                    constant: found.constant)
            }
            return Map(
                name: map.name, isNegativeLog10: map.isNegativeLog10, precision: map.precision, step: step,
                block: block, derivation: derivation, side: map.side, colorMap: map.colorMap,
                threshold: map.threshold, marks: map.marks, least: present.min() ?? 0,
                greatest: present.max() ?? 0)
        }
    }

    /// The data as JSON that may stand in a script element.
    func json() -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else { preconditionFailure("a number that is not finite") }
        // Within JSON a < can only stand in a string, where its escape means the same.
        return String(decoding: data, as: UTF8.self).replacing("<", with: "\\u003c")
    }
}

extension Mask {
    /// The box around the voxels of the mask, in mm, half a voxel wider on every side.
    var worldBox: (lower: [Double], upper: [Double]) {
        var lower = [Double](repeating: .infinity, count: 3)
        var upper = [Double](repeating: -.infinity, count: 3)
        let half = (0..<3).map { r in (0..<3).reduce(0) { $0 + abs(grid.affine[r, $1]) / 2 } }
        for column in 0..<count {
            let place = world(of: column)
            for (axis, value) in [place.x, place.y, place.z].enumerated() {
                lower[axis] = min(lower[axis], value - half[axis])
                upper[axis] = max(upper[axis], value + half[axis])
            }
        }
        return count > 0 ? (lower, upper) : ([-1, -1, -1], [1, 1, 1])
    }
}
