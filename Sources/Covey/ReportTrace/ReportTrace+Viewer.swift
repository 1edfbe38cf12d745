import CoveyCore
import CoveyImaging
import CoveyReport

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension ReportTrace {
    /// Holds the viewer's arrays against the maps on disk.
    mutating func traceViewer(
        _ viewer: TraceViewer, _ blocks: TraceBlocks, _ sources: TraceSources, _ content: ReportContent
    ) throws -> [TracedContrast] {
        let mask = sources.mask
        let affine = zip(viewer.affine, mask.grid.affine.elements)
        if viewer.shape != mask.grid.shape || affine.contains(where: { abs($0 - $1) > 1e-4 })
            || abs(viewer.voxelVolume - mask.grid.voxelVolume) > 1e-5 * mask.grid.voxelVolume
        {
            fail("the viewer's grid", "it is not that of mask.nii.gz")
        }
        let bits = blocks.bytes(viewer.mask, count: (mask.grid.count + 7) / 8)
        let inside = (0..<bits.count * 8).filter { bits[$0 >> 3] >> UInt8($0 & 7) & 1 == 1 }
        if inside != mask.offsets.map({ Int($0) }) { fail("the viewer's mask", "it is not mask.nii.gz") }
        if viewer.identifiers != sources.design.identifiers {
            fail("the viewer's subjects", "they are not those of design.tsv")
        }
        var columns: [Int: Int] = [:]
        for (column, offset) in mask.offsets.enumerated() { columns[Int(offset)] = column }
        var traced: [TracedContrast] = []
        let near = TraceNeighbours(mask.grid.shape, mask.offsets.map { Int($0) })
        for (k, contrast) in viewer.contrasts.enumerated() {
            var found = TracedContrast(
                places: sources.places[k] + [contrast.start] + contrast.places.map(\.place))
            let label = content.contrasts[k].label
            found.maps = try Self.readMaps(label, sources)
            let summary = sources.summary["contrasts"]?.list[k]
            found.addThresholds(summary, voxelVolume: mask.grid.voxelVolume)
            for (number, map) in contrast.maps.enumerated() {
                trace(
                    map, blocks.values(number, of: contrast, near),
                    named: content.contrasts[k].maps[number].file, found,
                    sources.sources(contrast: k) + found.sources)
            }
            if !found.isVariant(summary) {
                traceValues(contrast, label, found, columns, viewer, blocks, sources)
            }
            traced.append(found)
        }
        traceKeptVoxels(viewer, blocks, sources, traced)
        if let level = viewer.subjects?.level {
            for k in traced.indices {
                traced[k].sources.append(TraceSource("the subjects' values", "level", level))
            }
        }
        return traced
    }

    /// Holds the image behind the maps against the one it was made of: each of its bytes is a step of one grey scale.
    mutating func traceBackground(_ viewer: TraceViewer, _ blocks: TraceBlocks, _ image: Volume) {
        guard let shown = viewer.background, shown.shape.count == 3, shown.origin.count == 3,
            shown.step.count == 3
        else { return }
        let grid = Grid(
            shape: shown.shape,
            affine: Affine(
                (0..<3).flatMap { r in (0..<3).map { $0 == r ? shown.step[r] : 0 } + [shown.origin[r]] }))
        let bytes = blocks.bytes(shown.block, count: grid.count)
        let values = Resampling.resample(image, to: grid, .linear).values
        guard bytes.count == values.count else {
            return fail("the image behind the maps", "its block is damaged")
        }
        // The line through the means of the darker and of the brighter half of what is not clipped.
        var (counts, levels, greys) = ([0.0, 0.0], [0.0, 0.0], [0.0, 0.0])
        for (byte, value) in zip(bytes, values) where byte > 1 && byte < 255 {
            let half = byte < 128 ? 0 : 1
            counts[half] += 1
            levels[half] += value
            greys[half] += Double(byte)
        }
        let (darker, brighter) = (levels[0] / counts[0], levels[1] / counts[1])
        let slope = (greys[1] / counts[1] - greys[0] / counts[0]) / (brighter - darker)
        let wrong = zip(bytes, values).count { byte, value in
            guard value.isFinite, value != 0 else { return byte != 0 }
            let grey = greys[0] / counts[0] + slope * (value - darker)
            return switch byte {
            case 0: true
            case 1: grey > 2.5
            case 255: grey < 254
            default: abs(grey - Double(byte)) > 1
            }
        }
        if wrong > 0 || !slope.isFinite {
            fail("the image behind the maps", "\(wrong) of \(bytes.count) voxels are no grey of it")
        }
    }

    /// The maps of a contrast, by what follows its label in their names.
    private static func readMaps(_ label: String, _ sources: TraceSources) throws -> [String: [Double]] {
        let stem = "contrast-\(label)_"
        var maps: [String: [Double]] = [:]
        for file in try sources.files() where file.hasPrefix(stem) && file.hasSuffix("_statmap.nii.gz") {
            let volume = try ImageFile.readVolume(sources.folder + "/" + file)
            guard volume.grid.isSame(as: sources.mask.grid) else { continue }
            maps[String(file.dropFirst(stem.count).dropLast("_statmap.nii.gz".count))] =
                sources.mask.values(of: volume)
        }
        return maps
    }

    /// One map of the viewer and its file.
    private mutating func trace(
        _ map: TraceViewer.Map, _ shown: [Double], named file: String, _ found: TracedContrast,
        _ sources: [TraceSource]
    ) {
        maps += 1
        let name = "the viewer's map \(map.name)"
        let kind = file.split(separator: "_stat-", maxSplits: 1).last.map { "stat-" + $0 } ?? ""
        guard let values = found.maps[String(kind.dropLast("_statmap.nii.gz".count))] else {
            return fail(name, "there is no file \(file)")
        }
        let isExact = map.precision != "rounded"
        guard shown.count == values.count else { return fail(name, "it has not the voxels of the mask") }
        let greatest = values.reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 }
        let step = isExact ? 0 : greatest / 32_767 * 1.0001
        // What would be rounded across a mark stands on its own side of it, up to half a step farther away.
        func allowed(_ value: Double) -> Double {
            if isExact { return map.precision == "exact" ? 0 : abs(value) * 0x1p-16 }
            return map.marks.contains { abs(abs(value) - $0.value) <= 1.5 * step } ? 1.5 * step : step
        }
        if let place = values.indices.first(where: {
            values[$0].isFinite != shown[$0].isFinite || abs(values[$0] - shown[$0]) > allowed(values[$0])
        }) {
            fail(name, "voxel \(place) is \(shown[place]), in \(file) \(values[place])")
        }
        voxels += values.count
        let present = values.filter(\.isFinite)
        if map.least != present.min() ?? 0 || map.greatest != present.max() ?? 0 {
            fail(name, "its least and greatest value are not those of \(file)")
        }
        let known = sources.map(\.value)
        for mark in map.marks {
            if !known.contains(where: { abs($0 - mark.value) <= 1e-6 * abs(mark.value) }) {
                fail("\(mark.value)", "the threshold \(mark.name) of \(map.name) is in no file")
            }
            let mark = Double(Float(mark.value))
            // A value of the page that rounding left a hair below a mark counts as its multiple does.
            let least = isExact ? mark : (mark / map.step - 0.5).rounded(.up) * map.step * (1 - 1e-12)
            let counted = (shown.count { abs($0) >= least }, values.count { abs($0) >= mark })
            if counted.0 != counted.1 {
                fail(name, "\(counted.0) voxels reach \(mark), in \(file) \(counted.1)")
            }
        }
    }

    /// The voxels of the mask at which subjects' values are kept.
    private func keptVoxels(
        _ subjects: TraceViewer.Subjects, _ blocks: TraceBlocks, _ sources: TraceSources
    ) -> [Int] {
        guard let voxels = subjects.voxels else { return Array(0..<sources.mask.count) }
        let bits = blocks.bytes(voxels, count: (sources.mask.count + 7) / 8)
        return (0..<bits.count * 8).filter { bits[$0 >> 3] >> UInt8($0 & 7) & 1 == 1 }
    }

    /// Holds the choice of voxels at which subjects' values are kept against the maps of uncorrected p.
    mutating func traceKeptVoxels(
        _ viewer: TraceViewer, _ blocks: TraceBlocks, _ sources: TraceSources, _ found: [TracedContrast]
    ) {
        guard let subjects = viewer.subjects, subjects.voxels != nil, let level = subjects.level else {
            return
        }
        let bound = LogProbability.negativeLog10(LogProbability.fromP(level))
        let maps = found.compactMap { $0.maps["stat-log10p"] }
        let known = (0..<sources.mask.count).filter { column in maps.contains { $0[column] >= bound } }
        if known != keptVoxels(subjects, blocks, sources) {
            fail(
                "the subjects' values", "they are not kept where the maps' uncorrected p is \(level) or less")
        }
    }

    /// Fits the subjects' values to the design again, at the peaks and under the cursor.
    private mutating func traceValues(
        _ contrast: TraceViewer.Contrast, _ label: String, _ found: TracedContrast, _ columns: [Int: Int],
        _ viewer: TraceViewer, _ blocks: TraceBlocks, _ sources: TraceSources
    ) {
        let weights = contrast.scatter.weights
        guard !weights.isEmpty, let t = found.maps["stat-t"], let effect = found.maps["stat-effect"] else {
            return
        }
        if let problem = sources.design.problem(
            contrast.scatter, TraceDocument(path: "\(sources.folder)/contrast-\(label)_statmap.json"))
        {
            return fail("the scatter of \(contrast.name)", problem)
        }
        func refit(_ y: [Double]) -> (effect: Double, t: Double) {
            let residuals = sources.design.residuals(y)
            let variance = dot(residuals, residuals) / Double(sources.design.degreesOfFreedom)
            let estimate = dot(weights, y)
            return (estimate, estimate / (variance * dot(weights, weights)).squareRoot())
        }
        for place in contrast.places {
            guard let column = sources.column(of: place.place, columns) else {
                fail(place.name, "it is outside the mask")
                continue
            }
            let (estimate, statistic) = refit(place.values)
            if abs(estimate - effect[column]) > 1e-5 * abs(effect[column]) + 1e-12
                || abs(statistic - t[column]) > 1e-5 * max(1, abs(t[column]))
            {
                fail(
                    "the values at \(place.name)",
                    "they give t = \(statistic) and effect \(estimate), the maps \(t[column]) and \(effect[column])"
                )
            }
            subjectValues += place.values.count
        }
        guard let subjects = viewer.subjects, let error = found.maps["stat-se"] else { return }
        let kept = keptVoxels(subjects, blocks, sources)
        let count = kept.count
        let near = TraceNeighbours(sources.mask.grid.shape, kept.map { Int(sources.mask.offsets[$0]) })
        let all = blocks.multiples(subjects.block, near, sets: viewer.identifiers.count)
        guard !all.isEmpty else {
            return fail("the subjects' values", "they are not as many as subjects and voxels")
        }
        // What rounding of every value by half a step can do to the effect, at most.
        let reach = 0.5 * subjects.step * weights.reduce(0) { $0 + abs($1) }
        for (place, column) in kept.enumerated() where place % max(1, count / 400) == 0 {
            let y = viewer.identifiers.indices.map { Double(all[$0 * count + place]) * subjects.step }
            let estimate = dot(weights, y)
            if abs(estimate - effect[column]) > reach * 1.001 + 1e-5 * (abs(effect[column]) + error[column]) {
                fail(
                    "the subjects' values",
                    "at voxel \(column) they give an effect of \(estimate), the map \(effect[column])")
                break
            }
            subjectValues += y.count
        }
    }
}

extension TraceSources {
    /// The files of the folder, in order.
    func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }

    /// The voxel of the mask nearest to a place.
    func column(of place: [Double], _ columns: [Int: Int]) -> Int? {
        guard let inverse = mask.grid.affine.inverse, place.count == 3 else { return nil }
        let voxel = inverse.world(place[0], place[1], place[2])
        let index = VoxelIndex(
            Int(voxel.x.rounded()), Int(voxel.y.rounded()), Int(voxel.z.rounded()))
        return mask.grid.contains(index) ? columns[mask.grid.offset(of: index)] : nil
    }
}
