import CoveyFormats
import CoveyTransfer
import Foundation

@testable import CoveyDatasets

/// A NeuroVault collection on a server of this machine: three maps of each of a few subjects, a map of the group,
/// a thresholded map and an atlas, in pages as NeuroVault writes them.
final class ServedCollection {
    typealias Answer = LoopbackServer.Answer

    let server: LoopbackServer
    let folder: String
    let dataSet: DataSet

    /// `edit` may change what is told of an image; `fault` may answer in place of the server.
    init(
        _ dataSet: DataSet = .neuroVault, subjects: Int = 40,
        edit: @escaping @Sendable (inout [String: Any]) -> Void = { _ in },
        fault: @escaping @Sendable (LoopbackServer.Request) -> Answer? = { _ in nil }
    ) {
        self.dataSet = dataSet
        folder = FileManager.default.temporaryDirectory.path + "/covey-vault-\(UUID().uuidString)"
        server = LoopbackServer { request in
            if let answer = fault(request) { return answer }
            if request.path == "/api/collections/504/?format=json" {
                return Self.json([
                    "id": 504, "name": "Single Subject Thermal Pain", "authors": "Luke J. Chang and others",
                    "DOI": "10.1371/journal.pbio.1002180", "number_of_images": 3 * subjects + 3,
                ])
            }
            if request.path.hasPrefix("/api/collections/504/images/?format=json&limit=100&offset=") {
                let offset = Int(request.path.split(separator: "=").last ?? "") ?? 0
                let all = Self.images(subjects: subjects, edit)
                let end = min(all.count, offset + 100)
                return Self.json([
                    "count": all.count, "previous": NSNull(), "results": Array(all[min(offset, end)..<end]),
                    // Where a page says the next is must not matter.
                    "next": end < all.count ? "https://example.org/api/" as Any : NSNull(),
                ])
            }
            guard request.path.hasPrefix("/media/images/504/"), request.path.hasSuffix(".nii.gz"),
                let number = Int(request.path.dropLast(7).split(separator: "_").last ?? "")
            else { return Answer([], status: 404) }
            return ServedLocalizer.part(of: ServedLocalizer.image(seed: number), request)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    var settings: FetchSettings {
        var settings = FetchSettings()
        settings.server = server.address
        settings.pausesSeconds = [0.01, 0.01]
        return settings
    }

    var cache: CacheFolders { CacheFolders(folder) }

    func list(_ number: Int? = 504) throws -> NeuroVaultCollection {
        try NeuroVaultCollection(number, of: dataSet, in: cache, settings)
    }

    func fetch(_ change: (inout NeuroVaultCollection.Choice) -> Void = { _ in }) throws -> FetchedFiles {
        var choice = NeuroVaultCollection.Choice()
        change(&choice)
        return try list().request(choice).fetch(into: cache, settings)
    }

    private static func json(_ value: Any) -> Answer {
        guard let data = try? JSONSerialization.data(withJSONObject: value) else { fatalError("no JSON") }
        return Answer(Array(data))
    }

    /// Images as the recorded answers in pynv's tests show them, the newest first.
    private static func images(
        subjects: Int, _ edit: (inout [String: Any]) -> Void
    ) -> [[String: Any]] {
        var all: [[String: Any]] = []
        func add(_ fields: [String: Any]) {
            let number = 1000 + all.count
            var image: [String: Any] = [
                "url": "http://neurovault.org/images/\(number)/", "id": number,
                "file": "http://neurovault.org/media/images/504/pain_\(number).nii.gz", "collection_id": 504,
                "collection": "http://neurovault.org/collections/504/", "file_size": 856_688,
                "map_type": "univariate-beta map", "analysis_level": NSNull(), "name": "im \(number)",
                "description": "", "is_valid": false, "is_thresholded": false,
                "perc_bad_voxels": 75.0073396711163,
                "not_mni": false, "number_of_subjects": NSNull(), "modality": "fMRI-BOLD",
                "statistic_parameters": NSNull(), "contrast_definition": NSNull(),
                "image_type": "statistic_map",
            ]
            image.merge(fields) { _, new in new }
            edit(&image)
            all.append(image)
        }
        for subject in 1...subjects {
            for level in 1...3 {
                add([
                    "SubjectID": subject, "PainLevel": level, "Age": 20.5 + Double(subject % 7),
                    "analysis_level": "single-subject", "Sex": subject % 2 == 0 ? "f" : "m",
                ])
            }
        }
        add(["analysis_level": "group", "number_of_subjects": subjects])
        add(["is_thresholded": true])
        add(["image_type": "atlas"])
        return all.reversed()
    }
}
