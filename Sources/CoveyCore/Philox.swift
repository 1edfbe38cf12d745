/// Philox4x32-10: random bits as a pure function of a key and a counter.
///
/// Nothing is carried from one number to the next, so that the draw with a given index is the same on any
/// thread and in any shard. Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", SC'11.
public struct Philox: Sendable {
    private let key: (UInt32, UInt32)

    /// The generator of a seed.
    public init(seed: UInt64) {
        key = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    }

    /// The four words at a counter.
    public func words(
        _ counter: (UInt32, UInt32, UInt32, UInt32)
    ) -> (UInt32, UInt32, UInt32, UInt32) {
        var c = counter
        var k = key
        for _ in 0..<10 {
            let a = UInt32(0xD251_1F53).multipliedFullWidth(by: c.0)
            let b = UInt32(0xCD9E_8D57).multipliedFullWidth(by: c.2)
            c = (b.high ^ c.1 ^ k.0, b.low, a.high ^ c.3 ^ k.1, a.low)
            k = (k.0 &+ 0x9E37_79B9, k.1 &+ 0xBB67_AE85)
        }
        return c
    }
}

/// The words of one draw, in order: a sequence that depends on (seed, domain, index) alone.
///
/// The counter is (word block, index low, index high, domain). A domain keeps two uses of the same seed and
/// index apart.
public struct PhiloxStream: Sendable {
    private let generator: Philox
    private let index: UInt64
    private let domain: UInt32
    private var block: UInt32 = 0
    private var buffer: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
    private var used = 4

    /// The stream of (seed, domain, index).
    public init(seed: UInt64, domain: UInt32, index: UInt64) {
        generator = Philox(seed: seed)
        self.domain = domain
        self.index = index
    }

    /// The next 32 bits.
    public mutating func nextUInt32() -> UInt32 {
        if used == 4 {
            buffer = generator.words(
                (block, UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32), domain))
            block &+= 1
            used = 0
        }
        used += 1
        switch used {
        case 1: return buffer.0
        case 2: return buffer.1
        case 3: return buffer.2
        default: return buffer.3
        }
    }

    /// The next 64 bits, the first word low.
    public mutating func nextUInt64() -> UInt64 {
        let low = nextUInt32()
        return UInt64(nextUInt32()) << 32 | UInt64(low)
    }

    /// A whole number from 0 to `bound - 1`, each equally likely.
    ///
    /// Lemire 2019, "Fast random integer generation in an interval", ACM TOMACS 29(1):3.
    public mutating func below(_ bound: UInt32) -> UInt32 {
        precondition(bound > 0)
        var product = nextUInt32().multipliedFullWidth(by: bound)
        if product.low < bound {
            let least = (0 &- bound) % bound
            while product.low < least { product = nextUInt32().multipliedFullWidth(by: bound) }
        }
        return product.high
    }

    /// A number in [0, 1) with 53 random bits.
    public mutating func uniform() -> Double { Double(nextUInt64() >> 11) * 0x1p-53 }
}
