import CoveyCore
import CoveyInference

extension ClusterFinding {
    /// The table as tab-separated text, with every column.
    public var text: String { table.text(with: columns) }

    /// What the rows are and how they came about, in sentences.
    public var caption: String {
        let names = Set(columns.map(\.measure.name))
        let hasP = names.contains("Cluster extent p FWE") || names.contains("Cluster mass p FWE")
        let sentences =
            [
                formation,
                "The number is the \(isOfSurvivors ? "region" : "cluster")’s value in the label map. x, y, z in mm (RAS+)"
                    + (isOfSurvivors ? "" : "; mass is the sum of what exceeds the threshold")
                    + (hasP ? "; p (extent) and p (mass) are the cluster’s, family-wise over clusters" : "")
                    + "\(further.isEmpty ? "" : "; \(further)"). Values are those of the peak voxel.",
            ] + setSentences + remarks + credits
        return sentences.joined(separator: " ")
    }

    /// How the clusters were formed.
    private var formation: String {
        let statistic = table.tail == .twoSided ? "|\(letter)|" : table.tail == .less ? "−\(letter)" : letter
        if isOfSurvivors {
            return "Regions of connected voxels with \(origin); \(table.connectivity.rawValue) neighbours."
        }
        guard table.threshold.isFinite else { return "No voxel survives (\(origin))." }
        let smallest = table.minimumVoxelCount > 1 ? ", at least \(table.minimumVoxelCount) voxels" : ""
        return
            "Clusters of voxels with \(statistic) ≥ \(significant(table.threshold, digits: 4)) (\(origin)); "
            + "\(table.connectivity.rawValue) neighbours\(smallest)."
    }

    /// Which peaks are listed besides the first; empty where none are.
    private var further: String {
        guard table.subpeakLimit > 0 else { return "" }
        let peaks =
            table.subpeakLimit == 1 ? "one further peak" : "\(Self.words(table.subpeakLimit)) further peaks"
        return "up to \(peaks) at least "
            + "\(shortest(table.peakDistanceMillimeters)) mm apart"
    }

    private var setSentences: [String] {
        setValues.map {
            "\(($0.measure.heading ?? $0.measure.name).capitalizedFirst) = "
                + "\($0.measure.text(.number($0.value))): \($0.measure.meaning)."
        }
    }

    /// The table in Markdown, to be pasted into a paper: a caption, the rows that readers see, and what the
    /// columns of numbers mean.
    ///
    /// - Parameter title: what stands before the caption.
    public func markdown(title: String) -> String {
        let columns = columns.forReaders
        let rows = table.rows
        let peaks = further.isEmpty ? "" : "; with letters: \(further)"
        let caption = (["\(formation) x, y, z in mm (RAS+)\(peaks)."] + setSentences + credits)
            .joined(separator: " ")
        guard !rows.isEmpty else {
            return "**\(Self.cell(title)).** No cluster. \(Self.cell(formation))\n"
        }
        func line(_ cells: [String]) -> String {
            "| " + cells.map(Self.cell).joined(separator: " | ") + " |"
        }
        let rule = columns.map { $0.measure.isNumeric ? "---:" : "---" }
        let lines = rows.indices.map { row in line(columns.map { $0.measure.text($0.values[row]) }) }
        let legend = columns.filter { $0.measure.needsLegend }.map {
            "\($0.measure.heading ?? $0.measure.name): \($0.measure.meaning.loweredFirst)"
        }
        return
            ([
                "**\(Self.cell(title)).** \(Self.cell(caption))", "",
                line(columns.compactMap(\.measure.heading)), "| " + rule.joined(separator: " | ") + " |",
            ] + lines + (legend.isEmpty ? [] : ["", Self.cell(legend.joined(separator: "; ")) + "."]))
            .joined(separator: "\n") + "\n"
    }

    /// A text that Markdown shows as it is, on one line.
    private static func cell(_ text: String) -> String {
        var cell = ""
        for character in text {
            if character.isNewline || character == "\t" {
                cell.append(" ")
            } else {
                if "|\\*_`<[".contains(character) { cell.append("\\") }
                cell.append(character)
            }
        }
        return cell
    }

    private static func words(_ count: Int) -> String {
        let words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
        return count < words.count ? words[count] : "\(count)"
    }
}

extension Measure {
    /// Whether readers see numbers, which stand best on the right.
    fileprivate var isNumeric: Bool { style != .text && style != .sign }

    /// Whether the heading alone does not say what the numbers are.
    fileprivate var needsLegend: Bool {
        switch style {
        case .p, .percent, .significant: true
        case .count: heading != "Voxels"
        case .text: name != "Cluster ID"
        case .sign: false
        case .decimals: unit == nil
        }
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }

    /// With a small first letter, unless an abbreviation stands there.
    fileprivate var loweredFirst: String {
        dropFirst().first?.isUppercase == true ? self : prefix(1).lowercased() + dropFirst()
    }
}
