import CoveyCore
import CoveyInference
import CoveyTestSupport
import Foundation
import Testing

/// Reproducible p-values, a mixture of uniform ones and small ones, some of them tied.
private func someP(seed: UInt64, count: Int) -> [Double] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    func uniform() -> Double {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return (Double(state >> 11) + 0.5) * 0x1p-53
    }
    return (0..<count).map { k in
        let u = uniform()
        return k % 3 == 0 ? pow(u, 6) : k % 7 == 0 ? (u * 20).rounded(.up) / 20 : u
    }
}

private let samples: [[Double]] = (1...24).map {
    someP(seed: UInt64($0), count: [1, 2, 5, 17, 60, 200][$0 % 6])
}

@Suite("Multiple testing")
struct MultiplicityTests {
    private let levels = [0.001, 0.01, 0.05, 0.1, 0.2, 0.5, 0.9]

    @Test("Benjamini-Hochberg rejects what its textbook rule rejects")
    func stepUp() {
        for p in samples {
            let tests = MultipleTesting(logP: p.map { log($0) })
            let sorted = p.sorted()
            for level in levels {
                let count = sorted.indices.last { sorted[$0] <= level * Double($0 + 1) / Double(p.count) }
                #expect(tests.rejection(by: .falseDiscoveryRate, level: level)?.count == count.map { $0 + 1 })
            }
        }
    }

    @Test("Holm rejects what its step-down rule rejects")
    func stepDown() {
        for p in samples {
            let tests = MultipleTesting(logP: p.map { log($0) })
            for level in levels {
                let count = p.sorted().enumerated().prefix { $1 <= level / Double(p.count - $0) }.count
                #expect((tests.rejection(by: .holm, level: level)?.count ?? 0) == count)
            }
        }
    }

    @Test("the adaptive rule rejects what its two stages, run one after the other, reject")
    func twoStages() {
        func stepUpCount(_ sorted: [Double], _ level: Double) -> Int {
            sorted.indices.last { sorted[$0] <= level * Double($0 + 1) / Double(sorted.count) }.map { $0 + 1 }
                ?? 0
        }
        var gains = 0
        for p in samples {
            let tests = MultipleTesting(logP: p.map { log($0) })
            let (sorted, m) = (p.sorted(), p.count)
            for level in levels {
                let first = stepUpCount(sorted, level / (1 + level))
                let count =
                    first == 0
                    ? 0
                    : first == m
                        ? m
                        : stepUpCount(sorted, level / (1 + level) * Double(m) / Double(m - first))
                let found = tests.rejection(by: .adaptiveFalseDiscoveryRate, level: level)?.count ?? 0
                #expect(found == count, "m = \(m), level \(level)")
                if found > tests.rejection(by: .falseDiscoveryRate, level: level)?.count ?? 0 { gains += 1 }
            }
        }
        #expect(gains > 0)
    }

    @Test("corrected values keep the order of p, are at least p for family-wise error, and at most 1")
    func order() {
        for p in samples {
            let tests = MultipleTesting(logP: p.map { log($0) })
            let byP = p.indices.sorted { p[$0] < p[$1] }
            for method in MultipleTesting.Method.allCases {
                let adjusted = tests.adjusted(by: method)
                for (a, b) in zip(byP, byP.dropFirst()) {
                    #expect(adjusted[a] <= adjusted[b])
                    if p[a] == p[b] { #expect(adjusted[a] == adjusted[b]) }
                }
                #expect(adjusted.allSatisfy { $0 <= 0 })
            }
            let (holm, bonferroni) = (tests.adjusted(by: .holm), tests.adjusted(by: .bonferroni))
            let q = tests.adjusted(by: .falseDiscoveryRate)
            for k in p.indices { #expect(log(p[k]) <= q[k] && q[k] <= holm[k] && holm[k] <= bonferroni[k]) }
        }
    }

    @Test("the largest rejected p splits the map into rejected and not")
    func threshold() {
        for p in samples {
            let tests = MultipleTesting(logP: p.map { log($0) })
            for method in MultipleTesting.Method.allCases {
                let adjusted = tests.adjusted(by: method)
                let rejected = adjusted.count { $0 <= log(0.05) + 1e-12 }
                let rejection = tests.rejection(by: method, level: 0.05)
                #expect((rejection?.count ?? 0) == rejected)
                guard let rejection else { continue }
                #expect(p.count { log($0) <= rejection.largestLogP } == rejected)
            }
        }
    }

    @Test("voxels without a statistic are not tests", arguments: MultipleTesting.Method.allCases)
    func missing(_ method: MultipleTesting.Method) {
        let p = someP(seed: 5, count: 50).map { log($0) }
        let holed = p.flatMap { [$0, .nan] } + [.nan]
        let (whole, withHoles) = (MultipleTesting(logP: p), MultipleTesting(logP: holed))
        let adjusted = withHoles.adjusted(by: method)
        #expect(withHoles.count == 50)
        #expect(stride(from: 0, to: 100, by: 2).map { adjusted[$0] } == whole.adjusted(by: method))
        #expect(stride(from: 1, to: 100, by: 2).allSatisfy { adjusted[$0].isNaN })
        #expect(withHoles.rejection(by: method, level: 0.3) == whole.rejection(by: method, level: 0.3))
    }

    @Test("no tests and no survivors are nil, not a number", arguments: MultipleTesting.Method.allCases)
    func nothing(_ method: MultipleTesting.Method) {
        #expect(MultipleTesting(logP: []).rejection(by: method, level: 0.05) == nil)
        #expect(MultipleTesting(logP: [.nan]).smallestLogP == nil)
        #expect(MultipleTesting(logP: [log(0.7), log(0.9)]).rejection(by: method, level: 0.05) == nil)
    }

    @Test("p below the range of Double is corrected as any other")
    func tiny() {
        let tests = MultipleTesting(logP: [-1e5, -2e5, -1])
        #expect(tests.adjusted(by: .bonferroni)[1] == -2e5 + log(3))
        #expect(tests.adjusted(by: .falseDiscoveryRate)[0] == -1e5 + log(1.5))
        #expect(tests.rejection(by: .adaptiveFalseDiscoveryRate, level: 1e-300)?.count == 2)
    }
}

@Suite("Multiple testing against exact references", .enabled(if: SharedData.isAvailable))
struct MultiplicityReferenceTests {
    private struct File: Decodable {
        struct Case: Decodable {
            struct Counts: Decodable {
                let bhNRejected: Int
                let bhPThreshold: Double?
                let bonferroniN: Int
                let holmN: Int
            }
            let name: String
            let p: [Double]
            let bhAdjusted: [Double]
            let holm: [Double]
            let bonferroni: [Double]
            let counts: [String: Counts]

            enum CodingKeys: String, CodingKey { case name, p, bhAdjusted, holm, bonferroni }

            init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: CodingKeys.self)
                name = try container.decode(String.self, forKey: .name)
                p = try container.decode([Double].self, forKey: .p)
                bhAdjusted = try container.decode([Double].self, forKey: .bhAdjusted)
                holm = try container.decode([Double].self, forKey: .holm)
                bonferroni = try container.decode([Double].self, forKey: .bonferroni)
                struct Level: CodingKey {
                    let stringValue: String
                    var intValue: Int? { nil }
                    init(_ text: String) { stringValue = text }
                    init?(stringValue: String) { self.stringValue = stringValue }
                    init?(intValue: Int) { nil }
                }
                let levels = try decoder.container(keyedBy: Level.self)
                counts = try Dictionary(
                    uniqueKeysWithValues: ["0.05", "0.01", "0.2"].map {
                        ($0, try levels.decode(Counts.self, forKey: Level("alpha" + $0)))
                    })
            }
        }
        struct ZCase: Decodable {
            enum Threshold: Decodable {
                case value(Double)
                case none
                init(from decoder: any Decoder) throws {
                    let container = try decoder.singleValueContainer()
                    self = (try? container.decode(Double.self)).map(Threshold.value) ?? .none
                }
            }
            let name: String
            let z: [Double]
            let nilearnFdrThreshold: [String: Threshold]
        }
        let cases: [Case]
        let zThresholdCases: [ZCase]
    }

    private func file() throws -> File {
        try snakeCaseDecoder().decode(
            File.self, from: Data(contentsOf: SharedData.url("reference/stats/multiplicity.json")))
    }

    /// The references are rational arithmetic on the doubles. A logarithm keeps p to `|ln p|` roundings, hence
    /// 1e-14 of ln p or of p, whichever is larger.
    @Test("corrected p-values to 1e-14")
    func adjusted() throws {
        for example in try file().cases {
            let tests = MultipleTesting(logP: example.p.map { log($0) })
            for (method, expected) in [
                (MultipleTesting.Method.falseDiscoveryRate, example.bhAdjusted),
                (.holm, example.holm), (.bonferroni, example.bonferroni),
            ] {
                for (found, wanted) in zip(tests.adjusted(by: method), expected) {
                    let logWanted = log(wanted)
                    // The subnormal p of one case has 11 bits, which no logarithm can bring back.
                    let tolerance =
                        wanted > 0 && wanted < .leastNormalMagnitude ? 1e-3 : 1e-14 * max(1, abs(logWanted))
                    #expect(
                        found == logWanted || abs(found - logWanted) <= tolerance,
                        "\(example.name), \(method)")
                }
            }
        }
    }

    /// One case differs on purpose: in `boundary_equality` every decimal p equals `0.05 k / 4`, which rejects
    /// all 4; the reference compares the doubles as rationals and misses one by its rounding. Our rule counts
    /// them as equal.
    @Test("numbers rejected and the largest p rejected")
    func rejected() throws {
        var compared = 0
        for example in try file().cases {
            let tests = MultipleTesting(logP: example.p.map { log($0) })
            for (level, expected) in example.counts {
                if example.name == "boundary_equality" && level != "0.01" { continue }
                compared += 1
                let alpha = Double(level)!
                let found = tests.rejection(by: .falseDiscoveryRate, level: alpha)
                #expect((found?.count ?? 0) == expected.bhNRejected, "\(example.name), \(level)")
                #expect(found?.largestLogP == expected.bhPThreshold.map { log($0) })
                #expect((tests.rejection(by: .bonferroni, level: alpha)?.count ?? 0) == expected.bonferroniN)
                #expect((tests.rejection(by: .holm, level: alpha)?.count ?? 0) == expected.holmN)
            }
        }
        #expect(compared == 31)
        let tied = try #require(try file().cases.first { $0.name == "boundary_equality" })
        let tests = MultipleTesting(logP: tied.p.map { log($0) })
        #expect(tests.rejection(by: .falseDiscoveryRate, level: 0.05)?.count == 4)
    }

    /// nilearn returns the smallest rejected z less 1e-12, and infinity for nothing. Its rule is a strict `<`,
    /// which differs from ours only where a p equals its step exactly: in none of these cases.
    @Test("nilearn's FDR thresholds on z")
    func zThresholds() throws {
        for example in try file().zThresholdCases {
            let tests = MultipleTesting(logP: example.z.map(StandardNormal.logSurvival))
            for (level, expected) in example.nilearnFdrThreshold {
                let found = tests.rejection(by: .falseDiscoveryRate, level: Double(level)!)
                let z = found.map { StandardNormal.quantile(logSurvival: $0.largestLogP) }
                switch expected {
                case .none: #expect(z == nil, "\(example.name) at \(level)")
                case .value(let threshold):
                    let z = try #require(z, "\(example.name) at \(level)")
                    #expect(abs(z - 1e-12 - threshold) < 1e-14 * z, "\(example.name) at \(level)")
                }
            }
        }
    }
}

private func snakeCaseDecoder() -> JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
}
