import CoveyCore
import CoveyModel

extension PermutationTest {
    /// The calibration that the shuffles fill; `nil` where none was asked for or nothing is tested.
    ///
    /// - Precondition: the statistic has tail areas.
    var calibration: PermutationCalibration? {
        guard let size = choice.boundTemplateSize, !statistic.voxels.isEmpty else { return nil }
        precondition(statistic.kind.hasTailArea, "\(statistic.kind) has no tail area")
        let tests = statistic.voxels.count
        return PermutationCalibration(testCount: tests, templateSize: min(max(size, 1), tests))
    }

    /// `ln` of the pivot of one map, a slice of several.
    func logPivot(of map: ArraySlice<Double>, _ calibration: PermutationCalibration) -> Double {
        let kind = statistic.kind
        switch tail {
        case .greater: return calibration.logPivot(of: Array(map)) { kind.logP($0, tail: .greater) }
        // t and z are symmetric: the lower tail at x is the upper one at -x.
        case .less: return calibration.logPivot(of: map.map { -$0 }) { kind.logP($0, tail: .greater) }
        case .twoSided:
            return calibration.logPivot(of: map.map { abs($0) }) { kind.logP($0, tail: .twoSided) }
        }
    }
}

extension PermutationResult {
    /// The bounds on true discoveries that the shuffles calibrated, for the voxels of the unshuffled map.
    ///
    /// - Parameters:
    ///   - calibration: of the same shuffles, see ``PermutationResults/calibration``.
    ///   - alpha: the error rate of all bounds together.
    /// - Precondition: this is the result for the voxels.
    public func trueDiscoveryBounds(
        _ calibration: PermutationCalibration, alpha: Double
    ) -> TrueDiscoveryBounds {
        precondition(quantity == .voxel && calibration.logPivots.count == shuffleCount)
        return TrueDiscoveryBounds(
            .calibrated(calibration.bounds(alpha: alpha)),
            logP: observed.values.map { observed.statistic.logP($0, tail: tail) })
    }
}
