import CCoveyKernels

/// The process itself: what it has used, and how it takes interrupts.
public enum ProcessUsage {
    /// The largest resident memory the process has had, in bytes.
    public static var peakBytes: Int { Int(covey_peak_bytes()) }

    /// Stops interrupts (SIGINT, SIGTERM) from ending the process at once; whoever calls this must answer
    /// them.
    public static func holdInterrupts() { covey_hold_interrupts() }

    /// Whether a process of this machine runs.
    public static func isRunning(_ process: Int32) -> Bool { covey_is_running(process) != 0 }
}
