// Compiled once per instruction level by deviates.c; every_level.h says what a template has. LANES divides
// COVEY_DEVIATE_ORDER.

#define VECTORS (COVEY_DEVIATE_ORDER / LANES)

// A polynomial's value: even and odd powers apart, two short chains instead of a long one.
TARGET static inline __attribute__((always_inline)) double NAME(polynomial)(const VECTOR coefficients[VECTORS], double s) {
#pragma STDC FP_CONTRACT OFF
    const double square = s * s;
    double even = 0, odd = 0;
    for (int i = COVEY_DEVIATE_ORDER - 2; i >= 0; i -= 2) {
        even = SCALAR_MULADD(square, even, coefficients[i / LANES][i % LANES]);
        odd = SCALAR_MULADD(square, odd, coefficients[(i + 1) / LANES][(i + 1) % LANES]);
    }
    return SCALAR_MULADD(s, odd, even);
}

TARGET static size_t NAME(deviates)(
    size_t count, const double *t, const double *degrees, double nu,
    const double *scales, const double *coefficients, size_t intervals, size_t orders, double *out) {
#pragma STDC FP_CONTRACT OFF
    const size_t size = orders * COVEY_DEVIATE_ORDER;
    const double limit = (double)intervals;
    size_t beyond = 0;
    for (size_t k = 0; k < count; k++) {
        const double own = degrees ? degrees[k] : nu;
        const double w = sqrt(own * log1p(t[k] * t[k] / own));
        if (!(w < limit)) {
            out[k] = NAN;
            beyond++;
            continue;
        }
        const int interval = (int)w;
        const double *scale = scales + 3 * interval;
        const double s = 2 * (w - interval) - 1;
        const double y = (scale[0] / (own + scale[0]) - scale[1]) * scale[2];
        const double *c = coefficients + (size_t)interval * size + size - COVEY_DEVIATE_ORDER;
        VECTOR sum[VECTORS];
        for (int v = 0; v < VECTORS; v++) sum[v] = ((const VECTOR *)c)[v];
        for (size_t j = 1; j < orders; j++) {
            c -= COVEY_DEVIATE_ORDER;
            for (int v = 0; v < VECTORS; v++) sum[v] = MULADD((VECTOR)y, sum[v], ((const VECTOR *)c)[v]);
        }
        out[k] = copysign(w * NAME(polynomial)(sum, s), t[k]);
    }
    return beyond;
}

TARGET static size_t NAME(f_deviates)(
    size_t count, const double *f, double first, const double *coefficients, size_t intervals, double *out) {
#pragma STDC FP_CONTRACT OFF
    const double limit = (double)intervals;
    size_t beyond = 0;
    for (size_t k = 0; k < count; k++) {
        const double place = COVEY_F_INTERVALS * (log(f[k]) - first);
        if (!(place >= 0 && place < limit)) {
            out[k] = NAN;
            beyond++;
            continue;
        }
        const int interval = (int)place;
        const VECTOR *c = (const VECTOR *)(coefficients + (size_t)interval * COVEY_DEVIATE_ORDER);
        VECTOR own[VECTORS];
        for (int v = 0; v < VECTORS; v++) own[v] = c[v];
        out[k] = NAME(polynomial)(own, 2 * (place - interval) - 1);
    }
    return beyond;
}
