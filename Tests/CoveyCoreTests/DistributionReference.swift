import CoveyTestSupport
import Foundation

/// Rows of a tab-separated table under `reference/numerics`, keyed by column name.
func numericsTable(_ name: String) throws -> [[String: String]] {
    let text = try String(contentsOf: SharedData.url("reference/numerics/\(name)"), encoding: .utf8)
    let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
    let header = lines[0].split(separator: "\t").map(String.init)
    return lines.dropFirst().map { line in
        let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        return Dictionary(uniqueKeysWithValues: zip(header, cells))
    }
}

/// The largest relative error met, and where. Expected values below `floor` in size are what 70 digits left of
/// a zero; there `zeroTolerance` bounds the absolute value found.
struct WorstError: CustomStringConvertible {
    var relative = 0.0
    var place = "nowhere"
    var count = 0
    let floor: Double
    let zeroTolerance: Double

    init(floor: Double = 1e-60, zeroTolerance: Double = 1e-15) {
        self.floor = floor
        self.zeroTolerance = zeroTolerance
    }

    mutating func add(_ found: Double, _ expected: Double, _ place: @autoclosure () -> String) {
        count += 1
        var error = found == expected ? 0 : abs(found - expected) / abs(expected)
        if abs(expected) < floor { error = abs(found) <= zeroTolerance ? 0 : .infinity }
        if error.isNaN { error = .infinity }
        if error > relative {
            relative = error
            self.place = "\(place()): \(found), expected \(expected)"
        }
    }

    var description: String { "worst relative error \(relative) of \(count) at \(place)" }
}
