import CoveyKernels
import Synchronization

/// A matrix in panel layout that several threads fill row by row.
final class PanelStore: Sendable {
    private let subjects: Int
    private let elements: Mutex<[Double]>

    init(subjects: Int, voxels: Int) {
        self.subjects = subjects
        elements = Mutex([Double](repeating: 0, count: Panel.count(for: voxels) * subjects * Panel.width))
    }

    /// Places one subject's values, in voxel order.
    func set(_ values: [Double], for subject: Int) {
        let width = Panel.width
        elements.withLock { elements in
            for panel in 0..<Panel.count(for: values.count) {
                let start = (panel * subjects + subject) * width
                let lanes = min(width, values.count - panel * width)
                for lane in 0..<lanes { elements[start + lane] = values[panel * width + lane] }
            }
        }
    }

    /// Hands the matrix over and leaves nothing.
    func take() -> [Double] {
        elements.withLock { elements in
            defer { elements = [] }
            return elements
        }
    }
}
