import CoveyCore
import CoveyFormats

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension AnalysisPlan {
    /// Reads a plan from a JSON file.
    ///
    /// - Throws: ``PlanError`` where the file is no plan, naming what is wrong in it.
    public init(contentsOf path: String) throws {
        let text = try readText(path)
        do {
            self = try JSONDecoder().decode(AnalysisPlan.self, from: Data(text.utf8))
        } catch let DecodingError.keyNotFound(key, _) {
            throw PlanError.unreadable(path, reason: "\(key.stringValue) is missing")
        } catch let DecodingError.typeMismatch(_, context) {
            throw PlanError.unreadable(path, reason: Self.place(context) + " has the wrong type")
        } catch let DecodingError.valueNotFound(_, context) {
            throw PlanError.unreadable(path, reason: Self.place(context) + " has no value")
        } catch let DecodingError.dataCorrupted(context) {
            let place =
                context.codingPath.isEmpty ? "not valid JSON" : Self.place(context) + " is not a known value"
            throw PlanError.unreadable(path, reason: place)
        } catch {
            throw PlanError.unreadable(path, reason: "not valid JSON")
        }
    }

    /// The plan as JSON, keys sorted.
    public func json() -> String { encoded(self) }

    private static func place(_ context: DecodingError.Context) -> String {
        context.codingPath.map(\.stringValue).joined(separator: ".")
    }
}
