import CoveyCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The folders in which other packages keep atlases.
public struct AtlasFolders: Sendable, Hashable {
    /// The folders, in the order in which they are searched.
    public let folders: [String]

    /// Folders by their paths.
    public init(_ folders: [String]) { self.folders = folders }

    /// The folders that the environment tells of: FSL's (`FSLDIR`), then nilearn's (`NILEARN_SHARED_DATA`,
    /// `NILEARN_DATA`, `~/nilearn_data`), in which FSL's atlases lie below `fsl/data/atlases`.
    public init(environment: [String: String], home: String) {
        let nilearn =
            ["NILEARN_SHARED_DATA", "NILEARN_DATA"].flatMap {
                (environment[$0] ?? "").split(separator: ":").map(String.init)
            } + [home + "/nilearn_data"]
        let fsl = environment["FSLDIR"].flatMap { $0.isEmpty ? nil : $0 + "/data/atlases" }
        folders = [fsl].compactMap { $0 } + nilearn.flatMap { [$0 + "/fsl/data/atlases", $0] }
    }

    /// The images that an atlas's path or name stands for.
    ///
    /// - Throws: ``AtlasError`` where the name is not known, or no folder has it.
    public func find(_ name: String) throws(AtlasError) -> [String] {
        if FileManager.default.fileExists(atPath: name) { return [name] }
        let known = KnownAtlas.named(name)
        guard !known.isEmpty else {
            throw .unknown(
                name,
                known: ["harvard-oxford"] + KnownAtlas.all.map(\.name).filter { !$0.hasPrefix("schaefer") }
                    + ["schaefer-100-7 to schaefer-1000-17"])
        }
        var images: [String] = []
        for atlas in known {
            guard let image = find(atlas) else {
                throw .notInstalled(
                    name, looked: folders.filter { FileManager.default.fileExists(atPath: $0) })
            }
            images.append(image)
        }
        return images
    }

    private func find(_ atlas: KnownAtlas) -> String? {
        for folder in folders {
            for image in atlas.images {
                for ending in [".nii.gz", ".nii"] {
                    let path = "\(folder)/\(image)\(ending)"
                    if FileManager.default.fileExists(atPath: path) { return path }
                }
            }
        }
        return nil
    }
}
