import CoveyTransfer

extension NeuroVaultCollection {
    /// The list of a collection's images: from the cache where it is complete there, else from the server.
    ///
    /// Pages are asked for by number, not where a page says that the next is. Of a collection that has changed
    /// between two pages the list is asked for again by removing it from the cache.
    ///
    /// - Parameters:
    ///   - number: the collection; `nil` for the data set's own.
    ///   - waiting: called where another process holds the folder.
    /// - Throws: `DatasetError`.
    public init(
        _ number: Int?, of dataSet: DataSet, in cache: CacheFolders, _ settings: FetchSettings = .init(),
        waiting: () -> Void = {}
    ) throws(DatasetError) {
        guard case .neuroVault(let source) = dataSet.listing else {
            preconditionFailure("\(dataSet.name) is not on NeuroVault")
        }
        guard let number = source.collection ?? number else { throw .collection(nil, .notNamed) }
        guard (1...9_999_999).contains(number) else { throw .collection(number, .noSuchNumber) }
        let route = try Route(dataSet, server: settings.server)
        let store = CacheStore(folder: Self.folder(dataSet, number), cache)
        if let (record, images) = Self.read(store) {
            self.init(number, dataSet, source, record, images, isFromCache: true)
            return
        }
        let lock = try store.lock(waiting: waiting)
        defer { withExtendedLifetime(lock) {} }
        let download = Download(route, settings, received: { _ in })
        func bring(_ path: String, _ name: String, _ check: FileCheck) throws(DatasetError) -> [UInt8] {
            let address = route.address(path)
            let place = store.folder + "/" + name
            do throws(FetchProblem) {
                try download.run(Download.Job(address: address, path: place, check: check, checksum: nil))
                return try FileCheck.contents(place, limit: check.maximumByteCount)
            } catch {
                throw .index(address.text, error)
            }
        }
        let record = try bring("/api/collections/\(number)/?format=json", Self.recordFile, .record)
        var images: [NeuroVaultImage] = []
        var byteCount = 0
        for page in 0..<NeuroVaultPage.maximumCount {
            let path =
                "/api/collections/\(number)/images/?format=json&limit=\(NeuroVaultPage.size)&offset=\(images.count)"
            let bytes = try bring(path, Self.pageFile(page), .page)
            byteCount += bytes.count
            guard byteCount <= NeuroVaultPage.maximumByteCount else { break }
            do throws(FetchProblem) {
                let content = try NeuroVaultPage(bytes)
                images += content.images
                if content.isLast {
                    guard images.count == content.count else {
                        throw .damaged("\(images.count) images came of a list of \(content.count)")
                    }
                    self.init(
                        number, dataSet, source, try NeuroVaultRecord(record), images, isFromCache: false)
                    return
                }
            } catch {
                throw .index(route.address(path).text, error)
            }
        }
        throw .collection(number, .tooLarge(NeuroVaultPage.maximumCount * NeuroVaultPage.size))
    }

    /// The list in the cache; `nil` where it is not whole.
    private static func read(_ store: CacheStore) -> (NeuroVaultRecord, [NeuroVaultImage])? {
        func bytes(_ name: String) -> [UInt8]? {
            store.path(ofExisting: name).flatMap {
                try? FileCheck.contents($0, limit: FileCheck.page.maximumByteCount)
            }
        }
        guard let record = bytes(recordFile).flatMap({ try? NeuroVaultRecord($0) }) else { return nil }
        var images: [NeuroVaultImage] = []
        for number in 0..<NeuroVaultPage.maximumCount {
            guard let page = bytes(pageFile(number)).flatMap({ try? NeuroVaultPage($0) }) else { return nil }
            images += page.images
            if page.isLast { return images.count == page.count ? (record, images) : nil }
        }
        return nil
    }

    private static let recordFile = "covey_collection.json"
    private static func pageFile(_ number: Int) -> String { "covey_images_\(number).json" }
}
