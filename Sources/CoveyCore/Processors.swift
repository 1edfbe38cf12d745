#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

func activeProcessors() -> Int { ProcessInfo.processInfo.activeProcessorCount }
