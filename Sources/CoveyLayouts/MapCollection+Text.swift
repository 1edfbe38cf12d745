import CoveyCore

extension MapCollection {
    /// What was found, in lines: the contrasts with their counts and gaps, then one row per subject.
    ///
    /// - Parameter limit: rows of complete subjects beyond so many are summed up; rows with gaps are always shown.
    public func lines(limit: Int = 200) -> [String] {
        let count = contrasts.count
        var lines = [
            "\(subjects.count) subject\(subjects.count == 1 ? "" : "s") x \(count) contrast\(count == 1 ? "" : "s") "
                + "in \(printable(folder)) (\(layout.name))", "",
        ]
        let width = String(count).count
        let label = contrasts.map { printable($0.text, limit: 60) }
        let labelWidth = label.map(\.count).max() ?? 0
        for place in contrasts.indices {
            let gaps = gaps(of: place)
            let variances = maps.count { $0[place]?.variance != nil }
            var line =
                "  \(padded(String(place + 1), width, right: true))  \(padded(label[place], labelWidth))"
            line += "  \(subjects.count - gaps.count) map\(subjects.count - gaps.count == 1 ? "" : "s")"
            if variances > 0 { line += ", \(variances) with variance" }
            if !gaps.isEmpty {
                line +=
                    "; none for " + gaps.prefix(6).map { printable($0, limit: 40) }.joined(separator: ", ")
                if gaps.count > 6 { line += " and \(gaps.count - 6) more" }
            }
            lines.append(line)
        }
        lines.append("")
        let names = subjects.map { printable($0, limit: 40) }
        let nameWidth = max(7, names.map(\.count).max() ?? 0)
        lines.append(
            padded("subject", nameWidth) + "  "
                + (1...max(count, 1)).map { padded(String($0), width, right: true) }.joined(separator: " "))
        var shown = 0
        var complete = 0
        for (subject, row) in maps.enumerated() {
            let isComplete = row.allSatisfy { $0 != nil }
            if isComplete, shown >= limit {
                complete += 1
                continue
            }
            shown += 1
            lines.append(
                padded(names[subject], nameWidth) + "  "
                    + row.map { padded($0 == nil ? "-" : "x", width, right: true) }.joined(separator: " "))
        }
        if complete > 0 { lines.append("... and \(complete) more without a gap") }
        return lines
    }

    private func padded(_ text: String, _ width: Int, right: Bool = false) -> String {
        let fill = String(repeating: " ", count: max(0, width - text.count))
        return right ? fill + text : text + fill
    }
}
