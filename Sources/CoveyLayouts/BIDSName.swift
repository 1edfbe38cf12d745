/// A file name taken apart as BIDS makes them: `key-value` pairs joined by `_`, a suffix and an extension.
///
/// BIDS specification 1.10, "Filesystem structure: filenames".
public struct BIDSName: Sendable, Hashable {
    /// The pairs, in order.
    public let pairs: [(key: String, value: String)]
    /// What the file holds: `statmap`, `bold`, `probseg`.
    public let suffix: String
    /// From the first point on: `.nii.gz`.
    public let fileExtension: String

    /// Takes a file name apart; `nil` where it is not made of pairs and a suffix, or repeats a key.
    public init?(_ fileName: some StringProtocol) {
        let name = Substring(fileName)
        guard let point = name.firstIndex(of: "."), point != name.startIndex else { return nil }
        var parts = name[..<point].split(separator: "_", omittingEmptySubsequences: false).map(String.init)
        guard let last = parts.popLast(), !last.isEmpty, !last.contains("-"), !parts.isEmpty else {
            return nil
        }
        var pairs: [(key: String, value: String)] = []
        for part in parts {
            guard let dash = part.firstIndex(of: "-") else { return nil }
            let (key, value) = (String(part[..<dash]), String(part[part.index(after: dash)...]))
            guard !key.isEmpty, !value.isEmpty,
                key.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }),
                !pairs.contains(where: { $0.key == key })
            else { return nil }
            pairs.append((key, value))
        }
        self.pairs = pairs
        suffix = last
        fileExtension = String(name[point...])
    }

    /// The value of a key.
    public subscript(key: String) -> String? { pairs.first { $0.key == key }?.value }

    /// Equal where every part is.
    public static func == (one: BIDSName, other: BIDSName) -> Bool {
        one.suffix == other.suffix && one.fileExtension == other.fileExtension
            && one.pairs.elementsEqual(other.pairs) { $0 == $1 }
    }

    /// Feeds every part.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(suffix)
        hasher.combine(fileExtension)
        for pair in pairs {
            hasher.combine(pair.key)
            hasher.combine(pair.value)
        }
    }
}
