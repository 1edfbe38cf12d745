// Normal deviates of t and of F by interpolation.
#ifndef COVEY_DEVIATES_H
#define COVEY_DEVIATES_H
#include <stddef.h>

#define COVEY_DEVIATE_ORDER 12   // coefficients of an interval
#define COVEY_F_INTERVALS 4      // of F, to the unit of ln F

// For t with nu degrees of freedom and w = sqrt(nu ln(1 + t^2 / nu)) the deviate is z = w r(w, nu), of the
// sign of t, where r is a polynomial on each of `intervals` intervals [k, k + 1) of w:
//
//   r = sum_ij c[k][j][i] s^i y^j,   s = 2 (w - k) - 1,   y = (K / (nu + K) - middle) factor
//
// scales: intervals x 3: K, middle and factor. coefficients: intervals x orders x COVEY_DEVIATE_ORDER. Where `degrees`
// is null every nu is `nu`. Where w lies beyond the last interval, or is NaN, the deviate is NaN. Answers how many are.
size_t covey_t_deviates(
    int level, size_t count, const double *t, const double *degrees, double nu,
    const double *scales, const double *coefficients, size_t intervals, size_t orders, double *deviates);

// For F with certain degrees of freedom the deviate is a polynomial on each of `intervals` intervals of ln F, the k-th from
// first + k / COVEY_F_INTERVALS on:
//
//   z = sum_i c[k][i] s^i,   s = 2 (COVEY_F_INTERVALS (ln F - first) - k) - 1
//
// coefficients: intervals x COVEY_DEVIATE_ORDER. Where ln F lies beyond the intervals, or is NaN, the deviate is NaN. Answers how
// many are.
size_t covey_f_deviates(
    int level, size_t count, const double *f, double first, const double *coefficients, size_t intervals,
    double *deviates);

#endif
