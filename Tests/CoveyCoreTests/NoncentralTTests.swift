import Testing

@testable import CoveyCore

@Suite("The noncentral t distribution")
struct NoncentralTTests {
    /// Integrals at 40 digits by mpmath 1.3.
    @Test(
        "probabilities agree with integrals at high precision to 1e-12",
        arguments: [
            (1, 0.5, 2, 0.74848558423929016), (3, -2, 1, 0.99699475240460149),
            (28, 2.5, 5.2168, 0.9864649207435079), (10, 0, 1.5, 0.91774633677693653),
            (87, 4, 3.1, 0.18810803757608299), (200, 30, 32, 0.8507408910753241),
            (5, 60, 40, 0.047052617532725955), (28, -1, 2, 0.99804175507987459),
        ])
    func reference(nu: Double, delta: Double, t: Double, p: Double) {
        let found = NoncentralT(degreesOfFreedom: nu, noncentrality: delta).cumulative(t)
        #expect(abs(found - p) < 1e-12)
    }

    @Test("without noncentrality it is Student's t", arguments: [1.0, 2, 7.5, 40, 900])
    func central(nu: Double) {
        for t in [-3.0, -0.2, 0, 1, 4.5] {
            let found = NoncentralT(degreesOfFreedom: nu, noncentrality: 0).cumulative(t)
            let exact = LogProbability.p(StudentT(degreesOfFreedom: nu).logCumulative(t))
            #expect(abs(found - exact) < 1e-12)
        }
    }

    @Test("the noncentrality found gives back the probability, also far out", arguments: [1.5, 8, 87])
    func inverse(nu: Double) {
        for t in [-30.0, -2, 0, 0.7, 6, 80] {
            for p in [0.025, 0.5, 0.975] {
                let delta = NoncentralT.noncentrality(cumulative: p, at: t, degreesOfFreedom: nu)
                let back = NoncentralT(degreesOfFreedom: nu, noncentrality: delta).cumulative(t)
                #expect(abs(back - p) < 1e-9)
            }
        }
    }

    @Test("the correction of Hedges: its published values, and none without a mean")
    func correction() throws {
        // Hedges 1981, table 1, to four digits; 1 - 3 / (4 nu - 1) is near it.
        #expect(abs(try #require(hedgesCorrection(degreesOfFreedom: 2)) - 0.5642) < 5e-5)
        #expect(abs(try #require(hedgesCorrection(degreesOfFreedom: 10)) - 0.9228) < 6e-5)
        for nu in [20.0, 87, 1e4] {
            #expect(
                abs(try #require(hedgesCorrection(degreesOfFreedom: nu)) - (1 - 3 / (4 * nu - 1))) < 0.1
                    / (nu * nu))
        }
        #expect(hedgesCorrection(degreesOfFreedom: 1) == nil)
    }
}
