import Foundation
import Testing

/// The layer table as data: which of Covey's own modules each module may import.
///
/// SwiftPM lets a target import a sibling that it does not declare, and its own check misses transitive
/// ones, so the sources are read here.
@Suite("Layering")
struct LayeringTests {
    static let allowed: [String: Set<String>] = [
        "CoveyCore": [],
        "CoveyKernels": ["CCoveyKernels", "CDeflate"],
        "CoveyCanvas": ["CCairo", "CoveyKernels"],
        "CoveyFormats": ["CoveyCore", "CoveyKernels"],
        "CoveyImaging": ["CoveyCore", "CoveyKernels", "CoveyFormats"],
        "CoveyModel": ["CoveyCore", "CoveyKernels", "CoveyFormats", "CoveyImaging"],
        "CoveyInference": ["CoveyCore", "CoveyKernels", "CoveyImaging", "CoveyModel"],
        "CoveyFigures": [
            "CoveyCore", "CoveyCanvas", "CCoveyTemplate", "CoveyKernels", "CoveyFormats", "CoveyImaging",
            "CoveyModel", "CoveyInference",
        ],
        "CoveyLayouts": ["CoveyCore", "CoveyFormats", "CoveyModel"],
        "CoveyReport": [
            "CoveyCore", "CoveyKernels", "CoveyFormats", "CoveyImaging", "CoveyModel", "CoveyInference",
            "CoveyFigures",
        ],
        "CoveyTransfer": ["CCoveyTransfer"],
        "CoveyServe": ["CCoveyServe", "CoveyCore"],
        "CoveyDatasets": ["CoveyCore", "CoveyKernels", "CoveyFormats", "CoveyTransfer"],
        "Covey": [
            "CoveyCore", "CoveyKernels", "CoveyFormats", "CoveyImaging", "CoveyModel", "CoveyInference",
            "CoveyFigures", "CoveyLayouts", "CoveyReport", "CoveyDatasets", "CoveyServe",
        ],
        "CoveyCommand": ["Covey"],
    ]

    /// The only modules in which an expression may be marked `unsafe`.
    static let mayBeUnsafe: Set<String> = ["CoveyKernels", "CoveyCanvas", "CoveyTransfer", "CoveyServe"]

    static let sources: [(module: String, file: String, text: String)] = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources")
        let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)!
        return files.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }.map { url in
            let path = url.path.dropFirst(root.path.count + 1)
            let text = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
            return (String(path.prefix { $0 != "/" }), String(path), text)
        }
    }()

    @Test("every module imports only what its layer allows")
    func imports() throws {
        #expect(Self.sources.count > 40)
        let pattern =
            /^\s*(?:@[\w()]+\s+)*(?:public |package |internal |private |fileprivate )?import (?:\w+ )?(C?[A-Z]\w*)/
        for source in Self.sources {
            guard let allowed = Self.allowed[source.module] else { continue }
            for line in source.text.split(separator: "\n") {
                guard let match = line.firstMatch(of: pattern) else { continue }
                let name = String(match.1)
                guard
                    name.hasPrefix("Covey") || name.hasPrefix("CCovey")
                        || ["CDeflate", "CCairo", "CCurl"].contains(name)
                else { continue }
                #expect(allowed.contains(name), "\(source.file) imports \(name)")
            }
        }
    }

    @Test("unsafe expressions stand only in the modules that own a system boundary")
    func unsafeExpressions() {
        for source in Self.sources where Self.allowed[source.module] != nil {
            guard !Self.mayBeUnsafe.contains(source.module) else { continue }
            for line in source.text.split(separator: "\n") {
                let code = line.prefix { $0 != "/" }
                #expect(!code.contains(/\bunsafe\b/), "\(source.file): \(line)")
            }
        }
    }
}
