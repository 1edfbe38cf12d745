import CoveyCore
import CoveyKernels
import Synchronization

/// The maps of several shuffles, computed panel by panel on several threads.
///
/// - Parameter panel: fills `shuffles x Panel.width` numbers for the voxels it is given, one per lane; lanes
///   beyond the last voxel are ignored.
/// - Returns: shuffles x voxels, in the order of `voxels`.
func panelwiseMaps<Scratch>(
    shuffles: Int, voxels: [Int32], threads: Int, scratch: @Sendable () -> Scratch,
    panel: @Sendable (inout Scratch, ArraySlice<Int32>, inout [Double]) -> Void
) -> [Double] {
    let width = Panel.width
    let panelsPerBlock = 8
    let panels = Panel.count(for: voxels.count)
    let maps = Mutex([Double](repeating: 0, count: shuffles * voxels.count))
    forEachBlock(
        (panels + panelsPerBlock - 1) / panelsPerBlock, threads: threads,
        scratch: {
            (
                own: scratch(), values: [Double](repeating: 0, count: shuffles * width),
                block: [Double](repeating: 0, count: shuffles * panelsPerBlock * width)
            )
        }
    ) { scratch, block in
        let first = block * panelsPerBlock * width
        let last = min(first + panelsPerBlock * width, voxels.count)
        let size = last - first
        for start in stride(from: first, to: last, by: width) {
            let chosen = voxels[start..<min(start + width, last)]
            panel(&scratch.own, chosen, &scratch.values)
            for shuffle in 0..<shuffles {
                let place = shuffle * size + start - first
                for lane in 0..<chosen.count {
                    scratch.block[place + lane] = scratch.values[shuffle * width + lane]
                }
            }
        }
        maps.withLock { maps in
            for shuffle in 0..<shuffles {
                let from = shuffle * size
                for voxel in 0..<size {
                    maps[shuffle * voxels.count + first + voxel] = scratch.block[from + voxel]
                }
            }
        }
    }
    return maps.withLock { maps in
        defer { maps = [] }
        return maps
    }
}
