#include "deviates.h"

#include <math.h>

// Eight lanes do not divide the twelve coefficients of an interval.
#define TEMPLATE "deviates_template.h"
#define WITHOUT_AVX512
#include "every_level.h"

size_t covey_t_deviates(
    int level, size_t count, const double *t, const double *degrees, double nu,
    const double *scales, const double *coefficients, size_t intervals, size_t orders, double *deviates) {
    return AT_LEVEL(level, deviates)(
        count, t, degrees, nu, scales, coefficients, intervals, orders, deviates);
}

size_t covey_f_deviates(
    int level, size_t count, const double *f, double first, const double *coefficients, size_t intervals,
    double *deviates) {
    return AT_LEVEL(level, f_deviates)(count, f, first, coefficients, intervals, deviates);
}
