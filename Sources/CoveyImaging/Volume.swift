/// One number per voxel of a grid. The only type of the library, beside `Table`, that may hold NaN.
///
/// Values are Double: what a file holds is never narrowed, whatever its datatype and scaling.
public struct Volume: Sendable {
    /// Where the voxels lie.
    public let grid: Grid
    /// `grid.count` values, x fastest. NaN means "no value here".
    public var values: [Double]

    /// A volume over `grid`.
    ///
    /// - Precondition: `values.count == grid.count`.
    public init(grid: Grid, values: [Double]) {
        precondition(values.count == grid.count, "\(values.count) values for \(grid.count) voxels")
        self.grid = grid
        self.values = values
    }

    /// A volume with one value everywhere.
    public init(grid: Grid, repeating value: Double) {
        self.init(grid: grid, values: [Double](repeating: value, count: grid.count))
    }

    /// The value at a voxel.
    public subscript(index: VoxelIndex) -> Double {
        get { values[grid.offset(of: index)] }
        set { values[grid.offset(of: index)] = newValue }
    }
}
