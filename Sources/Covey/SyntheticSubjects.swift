import CoveyCore
import CoveyFormats

/// The table of a synthetic cohort.
enum SyntheticSubjects {
    /// What the streams of one seed are used for.
    enum Domain: UInt32 {
        case noise = 0x5359_0001
        case variables = 0x5359_0002
        case choices = 0x5359_0003
    }

    /// Standardised scores, one per subject whether or not the table tells them, and the table.
    static func make(_ options: SyntheticCohort.Options) -> (scores: [Double], table: Table) {
        let n = options.subjectCount
        let missing = Set(shuffled(n, seed: options.seed, index: 0).prefix(options.missingCount))
        let trained = Set(shuffled(n, seed: options.seed, index: 1).prefix(n / 2))
        let width = max(2, String(n).count)
        var scores: [Double] = []
        var rows: [[String]] = []
        for subject in 0..<n {
            var stream = PhiloxStream(
                seed: options.seed, domain: Domain.variables.rawValue, index: UInt64(subject))
            // Pseudo-words read in a given time; the Localizer's subjects read 17.7 +- 3.5.
            let tenths = (177 + 35 * stream.normal()).rounded()
            let age = 18 + stream.below(28)
            let sex = stream.below(2) == 0 ? "F" : "M"
            scores.append((tenths - 177) / 35)
            let number = String(subject + 1)
            let name = "sub-" + String(repeating: "0", count: width - number.count) + number
            rows.append([
                name, "maps/\(name)_contrast-LeftButtonPress_effect.nii.gz",
                missing.contains(subject) ? "n/a" : fixed(tenths / 10, decimals: 1), "\(age)", sex,
                trained.contains(subject) ? "trained" : "control",
            ])
        }
        return (
            scores,
            Table(
                source: "participants.tsv",
                columns: ["participant_id", "map", "pseudo", "age", "sex", "group"], rows: rows)
        )
    }

    /// The numbers 0..<n in random order (Fisher and Yates).
    private static func shuffled(_ n: Int, seed: UInt64, index: UInt64) -> [Int] {
        var stream = PhiloxStream(seed: seed, domain: Domain.choices.rawValue, index: index)
        var order = Array(0..<n)
        for i in stride(from: n - 1, to: 0, by: -1) { order.swapAt(i, Int(stream.below(UInt32(i + 1)))) }
        return order
    }
}
