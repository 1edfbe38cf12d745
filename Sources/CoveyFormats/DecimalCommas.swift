import CoveyCore

/// Finds columns whose numbers have decimal commas, and gives them points.
enum DecimalCommas {
    /// A column is one of such numbers where every value is a number with at most one comma and no point, one at
    /// least has a comma, and the comma cannot be a mark of thousands: a comma with other than three digits behind
    /// it, or after 0 or more than three digits, or semicolons between the cells.
    ///
    /// In a comma-separated table a comma in a cell is left alone.
    static func resolve(
        _ columns: [String], _ rows: inout [[String]], isSemicolonSeparated: Bool, isCommaSeparated: Bool,
        _ source: String, _ notes: inout [Note]
    ) {
        guard !isCommaSeparated else { return }
        var converted: [String] = []
        for column in columns.indices {
            var hasComma = false
            var isCertain = isSemicolonSeparated
            let isDecimal = rows.allSatisfy { row in
                let cell = row[column]
                if Table.isMissing(cell) { return true }
                guard !cell.utf8.contains(UInt8(ascii: ".")) else { return false }
                guard let point = withPoint(cell) else { return decimalNumber(cell) != nil }
                hasComma = true
                if !mayBeThousands(cell) { isCertain = true }
                return decimalNumber(point) != nil
            }
            guard isDecimal, hasComma, isCertain else { continue }
            for row in rows.indices { rows[row][column] = withPoint(rows[row][column]) ?? rows[row][column] }
            converted.append(columns[column])
        }
        guard !converted.isEmpty else { return }
        let names = converted.prefix(8).map { quoted($0) }.joined(separator: ", ")
        let more = converted.count > 8 ? " and \(converted.count - 8) more columns" : ""
        notes.append(.information("\(quoted(source)): decimal commas are read as points in \(names)\(more)"))
    }

    /// The text with its one comma as a point; `nil` where there is none, or more than one.
    private static func withPoint(_ cell: String) -> String? {
        let parts = cell.split(separator: ",", omittingEmptySubsequences: false)
        return parts.count == 2 ? parts[0] + "." + parts[1] : nil
    }

    /// Whether the comma of a number may separate thousands: one to three digits before it, the first not 0, and
    /// three behind.
    private static func mayBeThousands(_ cell: String) -> Bool {
        let parts = cell.split(separator: ",", omittingEmptySubsequences: false)
        let whole = parts[0].drop { $0 == "-" || $0 == "+" }
        return parts[1].count == 3 && (1...3).contains(whole.count) && whole.first != "0"
    }
}
