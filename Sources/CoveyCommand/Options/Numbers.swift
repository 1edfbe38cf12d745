public import ArgumentParser
import Covey

/// Readers of option values that say the legal range when they refuse.
enum Read {
    /// A width in mm: finite, not negative.
    static func widths(_ text: String) throws -> [Double] {
        let values = try numbers(text, count: [1, 3])
        guard values.allSatisfy({ $0 >= 0 && $0 <= 200 }) else {
            throw ValidationError("a width in mm from 0 to 200, or three of them as x,y,z")
        }
        return values.count == 1 ? [values[0], values[0], values[0]] : values
    }

    /// A probability strictly between 0 and 1.
    static func probability(_ text: String) throws -> Double {
        guard let value = decimalNumber(text), value > 0, value < 1 else {
            throw ValidationError("a number between 0 and 1, both excluded, such as 0.05")
        }
        return value
    }

    /// A number of shuffles.
    static func shuffleCount(_ text: String) throws -> Int {
        guard let value = Int(text), value >= 1, value <= 100_000_000 else {
            throw ValidationError("a whole number from 1 to 100000000, such as 1000")
        }
        return value
    }

    /// A number of threads.
    static func threads(_ text: String) throws -> Int {
        guard let value = Int(text), value >= 1, value <= 1024 else {
            throw ValidationError("a whole number from 1 to 1024")
        }
        return value
    }

    /// A seed.
    static func seed(_ text: String) throws -> UInt64 {
        guard let value = UInt64(text) else {
            throw ValidationError("a whole number from 0 to 18446744073709551615")
        }
        return value
    }

    /// A finite number.
    static func number(_ text: String) throws -> Double {
        guard let value = decimalNumber(text) else { throw ValidationError("a decimal number") }
        return value
    }

    /// A finite number above 0.
    static func positive(_ text: String) throws -> Double {
        guard let value = decimalNumber(text), value > 0 else {
            throw ValidationError("a decimal number above 0")
        }
        return value
    }

    /// A share of the shuffles, as I/N.
    static func shard(_ text: String) throws -> Shard {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let index = parts[0], let count = parts[1], index >= 1, count >= index,
            count <= 1_000_000
        else { throw ValidationError("a share such as 3/16: the third of sixteen") }
        return Shard(index: index, count: count)
    }

    /// An exponent of TFCE.
    static func exponent(_ text: String) throws -> Double {
        guard let value = decimalNumber(text), value > 0, value <= TFCE.greatestExponent else {
            throw ValidationError("a number above 0, at most \(Int(TFCE.greatestExponent))")
        }
        return value
    }

    /// How TFCE is summed.
    static func tfceSteps(_ text: String) throws -> TFCE.Integration {
        if text == "fsl" { return .steppedAsFSL }
        guard let step = decimalNumber(text), step >= 1e-4 else {
            throw ValidationError("a step of at least 0.0001, such as 0.1, or fsl")
        }
        return .stepped(step)
    }

    /// A count that may be 0.
    static func count(_ text: String) throws -> Int {
        guard let value = Int(text), value >= 0 else { throw ValidationError("a whole number from 0") }
        return value
    }

    /// A position in mm.
    static func position(_ text: String) throws -> [Double] { try numbers(text, count: [3]) }

    /// Positions along one axis, in mm.
    static func positions(_ text: String) throws -> [Double] { try numbers(text, count: nil) }

    /// Finite numbers separated by commas.
    static func numbers(_ text: String, count allowed: [Int]?) throws -> [Double] {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let values = parts.compactMap { decimalNumber(String($0)) }
        guard values.count == parts.count, allowed?.contains(values.count) ?? !values.isEmpty else {
            let number = allowed.map { $0.map(String.init).joined(separator: " or ") + " " } ?? ""
            throw ValidationError("\(number)decimal numbers separated by commas")
        }
        return values
    }

    /// A connectivity.
    static func connectivity(_ text: String) throws -> Int {
        guard let value = Int(text), [6, 18, 26].contains(value) else {
            throw ValidationError("6 (faces), 18 (and edges) or 26 (and corners)")
        }
        return value
    }

    /// What covariates are centred on.
    static func centring(_ text: String) throws -> Centring {
        switch text {
        case "none": return .none
        case "grand-mean": return .grandMean
        case _ where text.hasPrefix("within:") && text.count > 7:
            return .withinGroup(column: String(text.dropFirst(7)))
        default: throw ValidationError("none, grand-mean or within:COLUMN")
        }
    }

    /// `old=new`.
    static func renaming(_ text: String) throws -> [String: String] {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
            throw ValidationError("OLD=NEW, the column's name in the table and the one to use")
        }
        return [parts[0]: parts[1]]
    }
}

extension Tail: ExpressibleByArgument {}
extension ExchangeScheme: ExpressibleByArgument {}
extension ExchangeabilityBlocks.Exchange: ExpressibleByArgument {}
extension NuisanceMethod: ExpressibleByArgument {}
extension TailMethod: ExpressibleByArgument {}
extension AnalysisPlan.PermutationChoice.Scale: ExpressibleByArgument {}
extension PartitionMethod: ExpressibleByArgument {}
extension InferenceChoice.ClusterMass: ExpressibleByArgument {}
extension ShuffleFile.Convention: ExpressibleByArgument {}
extension AnalysisPlan.AnalyzeChoice: ExpressibleByArgument {}
extension AnalysisPlan.ResamplingChoice: ExpressibleByArgument {}
extension AnalysisPlan.ZeroChoice: ExpressibleByArgument {}
extension FactorCoding: ExpressibleByArgument {
    /// `cell-means` is the word of the flag, `cell means` that of plans.
    init?(argument: String) {
        self.init(rawValue: argument == "cell-means" ? "cell means" : argument)
    }

    /// The words that the flag takes.
    static var allValueStrings: [String] {
        allCases.map { $0 == .cellMeans ? "cell-means" : $0.rawValue }
    }
}
extension AnalysisPlan.OutsideChoice: ExpressibleByArgument {}
extension AnalysisPlan.FigureChoice.Format: ExpressibleByArgument {}
extension AnalysisPlan.FigureChoice.View: ExpressibleByArgument {}
extension ColorMap: ExpressibleByArgument {}
extension SliceAxis: ExpressibleByArgument {}
extension FigureTheme: ExpressibleByArgument {}
