// Compiled once per instruction level by welch.c; every_level.h says what a template has.

#define WIDTH (3 * LANES)
#define EACH for (int v = 0; v < 3; v++)

// Moves the data to the rows of the design, projects them on the basis and leaves the residuals.
TARGET static inline __attribute__((always_inline)) void NAME(refit)(
    const welch_pointers *w, const int32_t *rows, const double *signs, size_t offset, VECTOR (*moved)[3],
    VECTOR (*a)[3]) {
#pragma STDC FP_CONTRACT OFF
    const size_t n = w->shape.subjects, p = w->shape.columns;
    for (size_t k = 0; k < n; k++) {
        const VECTOR *y = (const VECTOR *)(w->data + (size_t)rows[k] * COVEY_PANEL + offset);
        VECTOR sign = (VECTOR)signs[k];
        EACH moved[k][v] = sign * y[v];
    }
    for (size_t first = 0; first < p; first += 4) {
        size_t columns = p - first < 4 ? p - first : 4;
        VECTOR sum[4][3];
        for (size_t j = 0; j < 4; j++) EACH sum[j][v] = (VECTOR)0.0;
        // Columns of an orthonormal basis: the projections on one group of columns do not depend on whether
        // another has been subtracted.
        for (size_t k = 0; k < n; k++) {
            for (size_t j = 0; j < columns; j++) {
                VECTOR q = (VECTOR)w->basis[k * p + first + j];
                EACH sum[j][v] = MULADD(q, moved[k][v], sum[j][v]);
            }
        }
        for (size_t k = 0; k < n; k++) {
            for (size_t j = 0; j < columns; j++) {
                VECTOR q = (VECTOR)-w->basis[k * p + first + j];
                EACH moved[k][v] = MULADD(q, sum[j][v], moved[k][v]);
            }
        }
        for (size_t j = 0; j < columns; j++) EACH a[first + j][v] = sum[j][v];
    }
}

// W_g, from the residuals.
TARGET static inline __attribute__((always_inline)) void NAME(weigh)(
    const welch_pointers *w, VECTOR (*moved)[3], VECTOR (*weight)[3]) {
#pragma STDC FP_CONTRACT OFF
    VECTOR total[3];
    EACH total[v] = (VECTOR)0.0;
    for (size_t g = 0, k = 0; g < w->shape.groups; g++) {
        VECTOR sum[3];
        EACH sum[v] = (VECTOR)0.0;
        for (; k < w->ends[g]; k++) EACH sum[v] = MULADD(moved[k][v], moved[k][v], sum[v]);
        EACH weight[g][v] = sum[v];
        EACH total[v] = total[v] + sum[v];
    }
    for (size_t g = 0; g < w->shape.groups; g++) {
        EACH {
            VECTOR least = (total[v] > 1e-24 ? total[v] : (VECTOR)1e-24) * 1e-13;
            VECTOR squares = weight[g][v] > least ? weight[g][v] : least;
            weight[g][v] = (VECTOR)w->traces[g] / squares;
        }
    }
}

// Cholesky's L of sum_g W_g B_g'B_g: columns x columns, the lower triangle.
TARGET static inline __attribute__((always_inline)) void NAME(factor)(
    const welch_pointers *w, VECTOR (*weight)[3], VECTOR (*l)[3]) {
#pragma STDC FP_CONTRACT OFF
    const size_t p = w->shape.columns;
    for (size_t i = 0; i < p; i++) {
        for (size_t k = 0; k <= i; k++) {
            VECTOR sum[3];
            EACH sum[v] = (VECTOR)0.0;
            for (size_t g = 0; g < w->shape.groups; g++) {
                VECTOR gram = (VECTOR)w->grams[(g * p + i) * p + k];
                EACH sum[v] = MULADD(gram, weight[g][v], sum[v]);
            }
            for (size_t m = 0; m < k; m++) EACH sum[v] = sum[v] - l[i * p + m][v] * l[k * p + m][v];
            if (i == k) {
                EACH l[i * p + i][v] = __builtin_elementwise_sqrt(sum[v] > 1e-300 ? sum[v] : (VECTOR)1e-300);
            } else {
                EACH l[i * p + k][v] = sum[v] / l[k * p + k][v];
            }
        }
    }
}

// sum_g (tr S_g^2 + (tr S_g)^2) / (2 trace_g), where S_g = W_g H'B_g'B_g H, L'H = (0 I)', is the share that
// group g has in the variance of the tested coefficients: the S_g add up to I.
TARGET static inline __attribute__((always_inline)) void NAME(shares)(
    const welch_pointers *w, VECTOR (*weight)[3], VECTOR (*l)[3], VECTOR (*h)[3], VECTOR out[3]) {
#pragma STDC FP_CONTRACT OFF
    const size_t p = w->shape.columns, s = w->shape.tested, fixed = p - s;
    for (size_t t = 0; t < s; t++) {
        for (size_t i = p; i-- > 0;) {
            VECTOR x[3];
            EACH x[v] = (VECTOR)(i == fixed + t ? 1.0 : 0.0);
            for (size_t m = i + 1; m < p; m++) EACH x[v] = x[v] - l[m * p + i][v] * h[m * s + t][v];
            EACH h[i * s + t][v] = x[v] / l[i * p + i][v];
        }
    }
    EACH out[v] = (VECTOR)0.0;
    for (size_t g = 0; g < w->shape.groups; g++) {
        const double *gram = w->grams + g * p * p;
        VECTOR trace[3], squares[3];
        EACH trace[v] = squares[v] = (VECTOR)0.0;
        for (size_t t = 0; t < s; t++) {
            for (size_t u = 0; u <= t; u++) {
                VECTOR entry[3];
                EACH entry[v] = (VECTOR)0.0;
                for (size_t i = 0; i < p; i++) {
                    VECTOR row[3];
                    EACH row[v] = (VECTOR)0.0;
                    for (size_t k = 0; k < p; k++) {
                        VECTOR q = (VECTOR)gram[i * p + k];
                        EACH row[v] = MULADD(q, h[k * s + u][v], row[v]);
                    }
                    EACH entry[v] = MULADD(h[i * s + t][v], row[v], entry[v]);
                }
                EACH {
                    entry[v] = entry[v] * weight[g][v];
                    VECTOR square = entry[v] * entry[v];
                    squares[v] = squares[v] + (t == u ? square : square + square);
                    if (t == u) trace[v] = trace[v] + entry[v];
                }
            }
        }
        EACH out[v] = out[v] + (squares[v] + trace[v] * trace[v]) / (VECTOR)(2 * w->traces[g]);
    }
}

// Lambda of G: 1 + 2 (s - 1) / (s (s + 2)) sum_g (1 - n_g W_g / sum n W)^2 / trace_g.
TARGET static inline __attribute__((always_inline)) void NAME(correction)(
    const welch_pointers *w, VECTOR (*weight)[3], VECTOR out[3]) {
#pragma STDC FP_CONTRACT OFF
    const double s = (double)w->shape.tested, factor = 2 * (s - 1) / (s * (s + 2));
    VECTOR total[3];
    EACH total[v] = (VECTOR)0.0;
    for (size_t g = 0, first = 0; g < w->shape.groups; first = w->ends[g++])
        EACH total[v] = total[v] + (VECTOR)(double)(w->ends[g] - first) * weight[g][v];
    EACH out[v] = (VECTOR)1.0;
    for (size_t g = 0, first = 0; g < w->shape.groups; first = w->ends[g++]) {
        EACH {
            VECTOR rest = 1.0 - (VECTOR)(double)(w->ends[g] - first) * weight[g][v] / total[v];
            out[v] = out[v] + factor * (rest * rest) / w->traces[g];
        }
    }
}

TARGET static void NAME(welch)(const welch_pointers *w) {
#pragma STDC FP_CONTRACT OFF
    const size_t n = w->shape.subjects, p = w->shape.columns, s = w->shape.tested, fixed = p - s;
    VECTOR (*moved)[3] = (VECTOR (*)[3])w->scratch;
    VECTOR (*a)[3] = moved + n;
    VECTOR (*weight)[3] = a + p;
    VECTOR (*l)[3] = weight + w->shape.groups;
    VECTOR (*h)[3] = l + p * p;
    for (size_t offset = 0; offset < COVEY_PANEL; offset += WIDTH) {
        for (size_t shuffle = 0; shuffle < w->shape.shuffles; shuffle++) {
            NAME(refit)(w, w->rows + shuffle * n, w->signs + shuffle * n, offset, moved, a);
            NAME(weigh)(w, moved, weight);
            NAME(factor)(w, weight, l);
            VECTOR value[3];
            if (!w->shape.squares) {
                EACH value[v] = a[p - 1][v] * l[p * p - 1][v];
            } else {
                EACH value[v] = (VECTOR)0.0;
                for (size_t t = fixed; t < p; t++) {
                    VECTOR sum[3];
                    EACH sum[v] = (VECTOR)0.0;
                    for (size_t i = t; i < p; i++) EACH sum[v] = sum[v] + l[i * p + t][v] * a[i][v];
                    EACH value[v] = value[v] + sum[v] * sum[v];
                }
            }
            VECTOR degrees[3], divisor[3];
            EACH divisor[v] = (VECTOR)(double)s;
            if (w->shape.groups == 1) {
                EACH degrees[v] = (VECTOR)w->traces[0];
            } else if (w->shape.approximates) {
                VECTOR b[3];
                NAME(shares)(w, weight, l, h, b);
                EACH degrees[v] = (VECTOR)((double)(s * (s + 2)) / 3) / b[v];
                EACH divisor[v] = divisor[v] + (VECTOR)(2.0 * (double)(s - 1) / (double)(s + 2)) * b[v];
            } else if (w->shape.squares) {
                VECTOR lambda[3];
                NAME(correction)(w, weight, lambda);
                EACH divisor[v] = divisor[v] * lambda[v];
            }
            size_t place = shuffle * COVEY_PANEL + offset;
            EACH {
                *(VECTOR *)(w->values + place + v * LANES) = w->shape.squares ? value[v] / divisor[v] : value[v];
                if (w->shape.approximates) *(VECTOR *)(w->degrees + place + v * LANES) = degrees[v];
            }
        }
    }
}
