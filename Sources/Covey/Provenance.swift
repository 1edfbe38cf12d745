import CoveyCore
import CoveyFormats
import CoveyKernels
import Crypto

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `provenance.json`: what made the results, from what.
struct Provenance: Encodable {
    struct Input: Encodable {
        let path: String
        let bytes: Int
        let sha256: String
    }

    let software = "Covey"
    let version = coveyVersion
    let command: [String]
    let plan: AnalysisPlan
    let inputs: [Input]
    let processors: Int
    let instructionLevel: String
    let operatingSystem: String
    let seconds: [String: Double]
    let peakBytes: Int

    /// Reads every input once more and takes its checksum.
    init(_ analysis: Analysis) throws {
        command = analysis.options.command
        plan = analysis.plan
        var files: [String] = []
        for file in analysis.inputs {
            files.append(file)
            // The other half of a pair is an input too.
            let lower = file.lowercased()
            if lower.hasSuffix(".img") { files.append(String(file.dropLast(3)) + "hdr") }
            if lower.hasSuffix(".hdr") { files.append(String(file.dropLast(3)) + "img") }
        }
        if case .image(let mask) = analysis.plan.mask { files.append(mask) }
        let names = files
        inputs = try mapBlocks(names.count, threads: analysis.options.threads) { (k: Int) throws -> Input in
            let file = try RegularFile(names[k])
            var hash = SHA256()
            var offset = 0
            while offset < file.byteCount {
                let part = try file.read(1 << 20, at: offset)
                if part.isEmpty { break }
                hash.update(data: part)
                offset += part.count
            }
            let digits = Array("0123456789abcdef")
            let text = hash.finalize().reduce(into: "") {
                $0.append(digits[Int($1 >> 4)])
                $0.append(digits[Int($1 & 15)])
            }
            return Input(path: names[k], bytes: offset, sha256: text)
        }
        processors = availableThreads()
        instructionLevel = "\(InstructionLevel.best)"
        operatingSystem = ProcessInfo.processInfo.operatingSystemVersionString
        seconds = Dictionary(uniqueKeysWithValues: analysis.clock.seconds.map { ($0.name, $0.seconds) })
        peakBytes = ProcessUsage.peakBytes
    }
}
