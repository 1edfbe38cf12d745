import CCoveyKernels

/// What the process has used so far.
public enum ProcessUsage {
    /// The largest resident memory the process has had, in bytes.
    public static var peakBytes: Int { Int(covey_peak_bytes()) }
}
