// Compiled once per instruction level by voxelwise.c; every_level.h says what a template has.

#define WIDTH (3 * LANES)
#define EACH for (int v = 0; v < 3; v++)
#define AT(base, row) ((VECTOR *)((base) + (row) * COVEY_PANEL + offset))

// Takes from one column its projections on others, twice, and sums the squares of what is left.
TARGET static inline __attribute__((always_inline)) void NAME(reduce)(
    size_t n, size_t columns, const double *bases, double *column, size_t offset, VECTOR squares[3]) {
#pragma STDC FP_CONTRACT OFF
    for (int pass = 0; pass < 2; pass++) {
        for (size_t m = 0; m < columns; m++) {
            double *other = (double *)bases + m * n * COVEY_PANEL;
            VECTOR dot[3];
            EACH dot[v] = (VECTOR)0.0;
            for (size_t k = 0; k < n; k++) EACH dot[v] = dot[v] + AT(other, k)[v] * AT(column, k)[v];
            for (size_t k = 0; k < n; k++)
                EACH AT(column, k)[v] = AT(column, k)[v] - dot[v] * AT(other, k)[v];
        }
    }
    EACH squares[v] = (VECTOR)0.0;
    for (size_t k = 0; k < n; k++) EACH squares[v] = squares[v] + AT(column, k)[v] * AT(column, k)[v];
}

TARGET static void NAME(residual)(
    size_t n, size_t columns, const double *bases, double *data, double *squares) {
    for (size_t offset = 0; offset < COVEY_PANEL; offset += WIDTH) {
        VECTOR left[3];
        NAME(reduce)(n, columns, bases, data, offset, left);
        EACH *(VECTOR *)(squares + offset + v * LANES) = left[v];
    }
}

TARGET static void NAME(orthonormalise)(size_t n, size_t columns, double *design, double *least) {
#pragma STDC FP_CONTRACT OFF
    for (size_t offset = 0; offset < COVEY_PANEL; offset += WIDTH) {
        VECTOR share[3];
        EACH share[v] = (VECTOR)1.0;
        for (size_t c = 0; c < columns; c++) {
            double *column = design + c * n * COVEY_PANEL;
            VECTOR before[3], after[3];
            EACH before[v] = (VECTOR)0.0;
            for (size_t k = 0; k < n; k++) EACH before[v] = before[v] + AT(column, k)[v] * AT(column, k)[v];
            NAME(reduce)(n, c, design, column, offset, after);
            EACH {
                VECTOR left = __builtin_elementwise_sqrt(after[v] / before[v]);
                left = before[v] > 0.0 ? left : (VECTOR)0.0;
                share[v] = left < share[v] ? left : share[v];
                VECTOR inverse = 1.0 / __builtin_elementwise_sqrt(after[v]);
                after[v] = left > 1e-11 ? inverse : (VECTOR)0.0;
            }
            for (size_t k = 0; k < n; k++) EACH AT(column, k)[v] = AT(column, k)[v] * after[v];
        }
        EACH *(VECTOR *)(least + offset + v * LANES) = share[v];
    }
}

TARGET static void NAME(voxelwise)(
    const covey_voxelwise *w, const double *bases, const int32_t *rows, const double *signs,
    const double *data, double *values) {
#pragma STDC FP_CONTRACT OFF
    const size_t n = w->subjects, fixed = w->columns - w->tested;
    for (size_t shuffle = 0; shuffle < w->shuffles; shuffle++) {
        const int32_t *from = rows + shuffle * n;
        const double *sign = signs + shuffle * n;
        for (size_t offset = 0; offset < COVEY_PANEL; offset += WIDTH) {
            VECTOR explained[3], left[3], last[3];
            EACH explained[v] = (VECTOR)0.0;
            EACH left[v] = (VECTOR)1.0;
            // Two columns at a time: enough independent sums to keep the adders busy.
            for (size_t c = 0; c < w->columns; c += 2) {
                const size_t next = c + 1 < w->columns ? c + 1 : c;
                const double *one = bases + c * n * COVEY_PANEL, *two = bases + next * n * COVEY_PANEL;
                VECTOR sum[2][3];
                EACH sum[0][v] = sum[1][v] = (VECTOR)0.0;
                for (size_t k = 0; k < n; k++) {
                    const VECTOR *y = (const VECTOR *)(data + k * COVEY_PANEL + offset);
                    const size_t row = (size_t)from[k];
                    const VECTOR *p = (const VECTOR *)(one + row * COVEY_PANEL + offset);
                    const VECTOR *q = (const VECTOR *)(two + row * COVEY_PANEL + offset);
                    EACH {
                        VECTOR signed_y = (VECTOR)sign[k] * y[v];
                        sum[0][v] = MULADD(p[v], signed_y, sum[0][v]);
                        sum[1][v] = MULADD(q[v], signed_y, sum[1][v]);
                    }
                }
                for (size_t j = c; j < c + 2 && j < w->columns; j++) {
                    EACH {
                        VECTOR square = sum[j - c][v] * sum[j - c][v];
                        if (j < fixed) left[v] = left[v] - square;
                        else explained[v] = explained[v] + square;
                        last[v] = sum[j - c][v];
                    }
                }
            }
            EACH {
                VECTOR rest = left[v] - explained[v];
                VECTOR least = left[v] * 1e-16;
                rest = rest > least ? rest : least;
                VECTOR value;
                if (w->squares) {
                    value = explained[v] / (double)w->tested / (rest / w->degrees);
                } else {
                    value = last[v] * __builtin_elementwise_sqrt((VECTOR)w->degrees / rest);
                }
                value = left[v] <= 1e-13 ? (VECTOR)0.0 : value;
                *(VECTOR *)(values + shuffle * COVEY_PANEL + offset + v * LANES) = value;
            }
        }
    }
}
