import Foundation

/// The folder of real cohorts and of other software's answers, which is not part of the project.
///
/// It is looked for in the environment variable `COVEY_SHARED`, then in `shared/` beside the checkout.
public enum SharedData {
    /// The folder, `nil` on a machine without it.
    public static let root: URL? = {
        let here = URL(fileURLWithPath: #filePath)
        let checkout = here.deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let beside = checkout.deletingLastPathComponent().appendingPathComponent("shared")
        let named = ProcessInfo.processInfo.environment["COVEY_SHARED"].map {
            URL(fileURLWithPath: $0, isDirectory: true)
        }
        return [named, beside].compactMap { $0 }.first {
            FileManager.default.fileExists(atPath: $0.appendingPathComponent("reference").path)
        }
    }()

    /// Whether the folder is there; says aloud, once, that tests are skipped where it is not.
    public static let isAvailable: Bool = {
        if root == nil {
            FileHandle.standardError.write(
                Data(
                    "SKIPPED: reference data not found (set COVEY_SHARED or place it at ../shared); tests against it do not run\n"
                        .utf8))
        }
        return root != nil
    }()

    /// A file or folder below the root.
    public static func url(_ path: String) -> URL {
        root!.appendingPathComponent(path)
    }
}
