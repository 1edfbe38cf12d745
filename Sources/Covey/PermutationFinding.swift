import CoveyCore
import CoveyImaging
public import CoveyInference
public import CoveyModel

/// What the permutation test of a contrast found: one finding for each quantity that was compared.
public struct PermutationFinding: Sendable {
    /// What was compared, the voxels first.
    public private(set) var findings: [QuantityFinding]
    /// The level asked for.
    public let alpha: Double
    /// What was asked for, with forming thresholds as heights.
    public let choice: InferenceChoice
    /// What was shuffled in the presence of nuisance columns.
    public let method: NuisanceMethod
    /// How the model was split, where that was asked for or columns were shuffled.
    public let split: PartitionMethod?
    /// The uncorrected p of each voxel from as many shuffles as it needed, where that was asked for.
    public let sequential: SequentialTest.Result?
    /// What the shuffles calibrated, where bounds on true discoveries were asked for.
    public let calibration: PermutationCalibration?

    /// The finding for the statistic of every voxel.
    public var voxel: QuantityFinding { findings[0] }
    /// The shuffles that were used.
    public var shuffles: ShuffleSet { voxel.result.shuffles }

    /// The finding for a quantity; `nil` where it was not compared.
    public subscript(quantity: TestedQuantity) -> QuantityFinding? {
        findings.first { $0.result.quantity == quantity }
    }

    /// The null distributions as tab-separated text: a row per shuffle, the unshuffled data first, and the
    /// greatest value of each quantity over all voxels; the number of clusters at each forming threshold; where bounds
    /// were calibrated, also ln of the pivot.
    var maximaText: String {
        let pools = numbersOfClusters
        var text = "shuffle\t" + findings.map(\.result.quantity.label).joined(separator: "\t")
        for pool in pools { text += "\t" + pool.label }
        text += calibration == nil ? "\n" : "\tlog pivot\n"
        for shuffle in 0..<voxel.result.shuffleCount {
            text += "\(shuffle)"
            for finding in findings { text += "\t" + shortest(finding.result.maxima[shuffle]) }
            for pool in pools { text += "\t\(pool.numbers[shuffle])" }
            if let calibration { text += "\t" + shortest(calibration.logPivots[shuffle]) }
            text += "\n"
        }
        return text
    }

    /// The number of clusters of each shuffle, for each forming threshold.
    private var numbersOfClusters: [(label: String, numbers: [Int32])] {
        var heights: Set<Double> = []
        return findings.compactMap { finding in
            guard let threshold = finding.result.quantity.formingThreshold,
                let pooled = finding.result.pooled,
                heights.insert(threshold.height).inserted
            else { return nil }
            return ("clusters\(threshold.number.map(String.init) ?? "")", pooled.numbers)
        }
    }

    /// The findings of several contrasts from the same shuffles, each with p corrected for all of them.
    static func correctedAcross(_ findings: [PermutationFinding]) -> [PermutationFinding] {
        guard let first = findings.first else { return [] }
        let joint = first.findings.indices.map { quantity in
            (0..<first.voxel.result.shuffleCount).map { shuffle in
                findings.reduce(-Double.infinity) {
                    max($0, $1.findings[quantity].result.maxima[shuffle])
                }
            }
        }
        return findings.map { finding in
            var finding = finding
            for quantity in finding.findings.indices {
                finding.findings[quantity].acrossContrasts = JointFinding(
                    finding.findings[quantity].result, among: joint[quantity], alpha: finding.alpha)
            }
            return finding
        }
    }

    init(
        _ results: PermutationResults, choice: InferenceChoice, asked: AnalysisPlan.PermutationChoice,
        sequential: SequentialTest.Result?
    ) {
        findings = results.all.map {
            QuantityFinding($0, alpha: asked.alpha, tailFit: asked.tailFit)
        }
        self.choice = choice
        self.sequential = sequential
        calibration = results.calibration
        method = asked.nuisanceMethod
        split = asked.split ?? (method.shufflesColumns ? asked.partitionMethod : nil)
        alpha = asked.alpha
    }
}

/// What the permutation test found for one quantity.
public struct QuantityFinding: Sendable {
    /// Counts and maxima.
    public let result: PermutationResult
    /// The least value, in the direction of the tail, that is significant; `nil` where none can be.
    public let threshold: Double?
    /// Voxels with family-wise p at most alpha.
    public let survivorCount: Int
    /// The smallest family-wise p.
    public let smallestP: Double
    /// What was found where all contrasts of the run are one family, where that was asked for.
    public internal(set) var acrossContrasts: JointFinding?

    /// The fitted tail of the maxima, where that was asked for.
    public let tail: NullTail?

    init(_ result: PermutationResult, alpha: Double, tailFit: TailMethod?) {
        tail = tailFit.map(result.tail(by:))
        self.result = result
        threshold = result.familyWiseThreshold(alpha: alpha)
        let p = result.familyWiseP.values
        survivorCount = p.count { $0 <= alpha }
        smallestP = p.filter { !$0.isNaN }.min() ?? 1
    }
}

extension ContrastAnalysis {
    /// What tells the files of several forming thresholds apart: 1, 2, ..., or nothing where there is one.
    func clusterNumber(_ place: Int) -> String { clusters.count > 1 ? "\(place + 1)" : "" }
}

extension AnalysisPlan.PermutationChoice {
    /// What is compared for a statistic: forming thresholds given as p become heights of it.
    func inference(
        for statistic: Statistic, tail: Tail, connectivity: Connectivity
    ) -> InferenceChoice {
        var choice = InferenceChoice()
        choice.connectivity = connectivity
        choice.boundTemplateSize = calibratedBounds?.templateSize
        guard let comparison else { return choice }
        choice.tfce = comparison.tfce
        choice.formingHeights = comparison.formingThresholds.map { threshold in
            switch threshold {
            case .height(let height): height
            case .p(let p): uncorrectedThreshold(statistic, tail: tail, p: p)
            }
        }
        choice.usesExtent = comparison.extent
        choice.mass = comparison.mass
        return choice
    }
}
