import CoveyCore
import CoveyFormats
import CoveyImaging

extension PreflightPage {
    /// The page in lines, for a terminal or `preflight.txt`.
    public var lines: [String] {
        var lines = ["Pre-flight of \(printable(source))", ""]
        lines += who
        if !columns.isEmpty {
            lines += ["", "Columns"]
            let width = min(30, columns.map(\.name.count).max() ?? 0)
            for column in columns {
                var line =
                    "  " + Self.padded(printable(column.name, limit: 60), width) + "  " + column.content
                if !column.missing.isEmpty {
                    line += "; \(column.missing.count) missing: "
                    line += Self.names(Array(column.missing.prefix(12)))
                    if column.missing.count > 12 { line += " and \(column.missing.count - 12) more" }
                }
                lines.append(line)
            }
        }
        if !voxelCounts.isEmpty { lines += [""] + voxels }
        let compared = subjects.filter { $0.comparison != nil }
        if !compared.isEmpty { lines += ["", "Maps"] + table(compared) }
        section(
            "Look at",
            subjects.flatMap { s in s.suspicions.map { "\(printable(s.identifier, limit: 80)): \($0)" } },
            &lines)
        section("Problems that an analysis would refuse", problems, &lines)
        section("Notes", notes.map { ($0.severity == .warning ? "warning: " : "") + $0.text }, &lines)
        lines += ["", verdict]
        return lines
    }

    /// One line: whether an analysis would run, and how much there is to look at.
    public var verdict: String {
        let looks = subjects.reduce(0) { $0 + $1.suspicions.count }
        let refusals = "\(problems.count) problem\(problems.count == 1 ? "" : "s")"
        return (problems.isEmpty ? "nothing that an analysis would refuse" : refusals)
            + ", \(looks == 0 ? "nothing" : "\(looks) thing\(looks == 1 ? "" : "s")") to look at"
    }

    private func section(_ title: String, _ content: [String], _ lines: inout [String]) {
        guard !content.isEmpty else { return }
        lines += ["", title] + content.map { "  " + $0 }
    }

    private var who: [String] {
        var lines = ["Subjects"]
        let mapped = subjects.count { $0.map != nil }
        lines.append("  \(rowCount) rows, \(mapped) joined to a map, \(takingPart.count) take part")
        let absent = subjects.filter { $0.map == nil }.map(\.identifier)
        if !absent.isEmpty { lines.append("  without a map (\(absent.count)): \(Self.names(absent))") }
        if !extraFiles.isEmpty {
            lines.append("  maps of nobody in the table (\(extraFiles.count)): \(Self.names(extraFiles))")
        }
        for double in duplicates {
            lines.append(
                "  twice: \(quoted(double.identifier)) on lines "
                    + double.lines.map(String.init).joined(separator: ", "))
        }
        var reasons: [String: [String]] = [:]
        for subject in subjects {
            for reason in subject.leftOutFor { reasons[reason, default: []].append(subject.identifier) }
        }
        for (reason, names) in reasons.sorted(by: { $0.key < $1.key }) {
            let words = reason == "no map" ? "for want of a map" : "for a missing \(quoted(reason))"
            lines.append("  left out \(words) (\(names.count)): \(Self.names(names))")
        }
        return lines
    }

    private var voxels: [String] {
        let all = voxelCounts.count - 1
        var lines = [
            "Voxels",
            "  \(comparedVoxels) voxels are compared; \(voxelCounts[all]) have a value in all \(all) maps",
        ]
        var levels = [all - 1, all - 2, (9 * all + 9) / 10, (all + 1) / 2].filter {
            $0 > 0 && $0 < all && voxelCounts[$0] > voxelCounts[all]
        }
        if let k = minimumSubjects, (1..<all).contains(k) { levels.append(k) }
        for k in Set(levels).sorted(by: >) {
            lines.append(
                "  \(voxelCounts[k]) in at least \(k) (+\(voxelCounts[k] - voxelCounts[all]))"
                    + (k == minimumSubjects ? ", as asked for" : ""))
        }
        if let k = minimumSubjects, k > all {
            lines.append("  at least \(k) were asked for, there are \(all) maps")
        }
        let costly = subjects.filter { ($0.comparison?.soleLossVoxels ?? 0) > 0 }
            .sorted { $0.comparison!.soleLossVoxels > $1.comparison!.soleLossVoxels }
        if !costly.isEmpty {
            lines.append(
                "  lost through one map alone: "
                    + costly.prefix(8).map {
                        "\($0.comparison!.soleLossVoxels) by \(printable($0.identifier, limit: 40))"
                    }
                    .joined(separator: ", ") + (costly.count > 8 ? " and \(costly.count - 8) more maps" : ""))
        }
        return lines
    }

    private func table(_ compared: [Subject]) -> [String] {
        let width = max(7, min(30, compared.map(\.identifier.count).max() ?? 0))
        var lines = [
            "  r: correlation with the mean of the other maps; z: robust, among the maps; ! asks for a look",
            "  " + Self.padded("subject", width)
                + "  lost %   alone       r   z(r)        mean      z          sd  z(sd)",
        ]
        for subject in compared {
            guard let c = subject.comparison else { continue }
            func score(_ value: Double?) -> String { value.map { fixed($0, decimals: 1) } ?? "-" }
            let cells = [
                (fixed(c.lostShare * 100, decimals: 2), 8), (String(c.soleLossVoxels), 8),
                (c.correlation.map { fixed($0, decimals: 3) } ?? "-", 8), (score(c.correlationScore), 7),
                (c.level.map { significant($0, digits: 4) } ?? "-", 12), (score(c.levelScore), 7),
                (c.spread.map { significant($0, digits: 4) } ?? "-", 12), (score(c.spreadScore), 7),
            ]
            lines.append(
                "  " + Self.padded(printable(subject.identifier, limit: 30), width)
                    + cells.map { Self.padded($0.0, $0.1, right: true) }.joined()
                    + (subject.suspicions.isEmpty ? "" : " !"))
        }
        return lines
    }

    private static func padded(_ text: String, _ width: Int, right: Bool = false) -> String {
        let fill = String(repeating: " ", count: max(0, width - text.count))
        return right ? fill + text : text + fill
    }

    /// The subjects as a table, one row each; `preflight.tsv`.
    public var table: Table {
        func cell(_ value: Double?) -> String { value.map(shortest) ?? "n/a" }
        return Table(
            columns: [
                "participant_id", "map", "left_out_for", "lost_share", "sole_loss_voxels", "correlation",
                "correlation_score", "mean", "mean_score", "standard_deviation", "standard_deviation_score",
                "look_at",
            ],
            rows: subjects.map { s in
                let c = s.comparison
                return [
                    s.identifier, s.map ?? "n/a",
                    s.leftOutFor.isEmpty ? "n/a" : s.leftOutFor.joined(separator: ", "),
                    cell(c?.lostShare), c.map { String($0.soleLossVoxels) } ?? "n/a", cell(c?.correlation),
                    cell(c?.correlationScore), cell(c?.level), cell(c?.levelScore), cell(c?.spread),
                    cell(c?.spreadScore), s.suspicions.isEmpty ? "n/a" : s.suspicions.joined(separator: "; "),
                ]
            })
    }
}

extension Preflight {
    /// Writes the page as text, table and JSON, and the images: `stat-n_statmap.nii.gz`, how many maps have a
    /// value at each voxel, and `desc-lost_statmap.nii.gz`, how many of them lack one where most have it.
    public func write(into folder: ResultFolder) throws {
        try folder.write(page.lines.joined(separator: "\n") + "\n", to: "preflight.txt")
        try folder.write(page.json(), to: "preflight.json")
        try folder.write(page.table.tabSeparated, to: "preflight.tsv")
        try mapCounts?.write(
            to: folder.path("stat-n_statmap.nii.gz"),
            ImageContent(descrip: "number of maps with a value", datatype: .int16))
        try lossCounts?.write(
            to: folder.path("desc-lost_statmap.nii.gz"),
            ImageContent(descrip: "number of maps without a value", datatype: .int16))
    }
}

/// A pre-flight that found what an analysis would refuse.
public struct PreflightRefusal: ExplainedError, Equatable {
    /// How many problems.
    public let count: Int

    /// What was found.
    public init(count: Int) { self.count = count }

    /// What is wrong.
    public var description: String {
        "the pre-flight found \(count == 1 ? "a problem" : "\(count) problems") that an analysis would refuse"
    }
    /// What to do.
    public var remedy: String { "they are listed on the page under Problems" }
}
