import ArgumentParser
import Covey

/// Which maps of a NeuroVault collection.
struct CollectionOptions: ParsableArguments {
    @Option(help: "neurovault: the collection's number, as in the address of its page.")
    var collection: Int?

    @Option(
        name: .customLong("where"),
        help: "neurovault: take the maps of which this is told: FIELD=VALUE; repeatable.",
        transform: CollectionOptions.condition)
    var conditions: [Condition] = []

    @Option(help: "neurovault: the field that names the subject (default: one of a usual name).")
    var subjectField: String?

    @Flag(help: "neurovault: take several maps of a subject, for 'covey analyze --repeated'.")
    var severalMaps = false

    struct Condition {
        let field: String
        let value: String
    }

    static func condition(_ text: String) throws -> Condition {
        let parts = text.split(separator: "=", maxSplits: 1)
        guard parts.count == 2 else { throw ValidationError("\(quoted(text)) is not FIELD=VALUE") }
        return Condition(field: String(parts[0]), value: String(parts[1]))
    }

    func validate() throws {
        var seen: Set<String> = []
        for condition in conditions where !seen.insert(condition.field).inserted {
            throw ValidationError("'--where' names \(quoted(condition.field)) twice")
        }
    }

    /// The first option that was given; `nil` for none.
    var firstGiven: String? {
        if collection != nil { return "--collection" }
        if !conditions.isEmpty { return "--where" }
        if subjectField != nil { return "--subject-field" }
        return severalMaps ? "--several-maps" : nil
    }

    func choice(contrast: String?, subjects: String?) -> NeuroVaultCollection.Choice {
        var choice = NeuroVaultCollection.Choice()
        choice.contrast = contrast
        choice.subjects = subjects
        choice.subjectField = subjectField
        choice.isRepeated = severalMaps
        choice.conditions = Dictionary(uniqueKeysWithValues: conditions.map { ($0.field, $0.value) })
        return choice
    }
}
