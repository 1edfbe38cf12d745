// Compiled once per instruction level by shuffle_kernels.c; every_level.h says what a template has.

typedef int64_t NAME(mask) __attribute__((ext_vector_type(LANES), aligned(8)));
#define MASK NAME(mask)
#define WIDTH (3 * LANES)

TARGET static void NAME(prepare_panel)(
    size_t subjects, int shifts_data, double *panel, double *shifts, int32_t *exponents, double *squares) {
#pragma STDC FP_CONTRACT OFF
    double factors[2][COVEY_PANEL];
    for (size_t offset = 0; offset < COVEY_PANEL; offset += WIDTH) {
        VECTOR shift[3], largest[3], square[3];
        for (int v = 0; v < 3; v++) {
            VECTOR first = *(const VECTOR *)(panel + offset + v * LANES);
            shift[v] = shifts_data ? first : (VECTOR)0.0;
            largest[v] = (VECTOR)0.0;
            square[v] = (VECTOR)0.0;
            *(VECTOR *)(shifts + offset + v * LANES) = shift[v];
        }
        for (size_t k = 0; k < subjects; k++) {
            VECTOR *y = (VECTOR *)(panel + k * COVEY_PANEL + offset);
            for (int v = 0; v < 3; v++) {
                y[v] = y[v] - shift[v];
                VECTOR magnitude = __builtin_elementwise_abs(y[v]);
                largest[v] = magnitude > largest[v] ? magnitude : largest[v];
            }
        }
        // Two factors, since one power of two may lie beyond the range of double.
        for (int lane = 0; lane < WIDTH; lane++) {
            double size = largest[lane / LANES][lane % LANES];
            int exponent = size > 0 ? ilogb(size) : 0;
            exponents[offset + lane] = exponent;
            factors[0][offset + lane] = ldexp(1, -(exponent / 2));
            factors[1][offset + lane] = ldexp(1, exponent / 2 - exponent);
        }
        for (size_t k = 0; k < subjects; k++) {
            VECTOR *y = (VECTOR *)(panel + k * COVEY_PANEL + offset);
            for (int v = 0; v < 3; v++) {
                VECTOR half = *(const VECTOR *)(factors[0] + offset + v * LANES);
                VECTOR other = *(const VECTOR *)(factors[1] + offset + v * LANES);
                y[v] = y[v] * half;
                y[v] = y[v] * other;
                square[v] = square[v] + y[v] * y[v];
            }
        }
        for (int v = 0; v < 3; v++) *(VECTOR *)(squares + offset + v * LANES) = square[v];
    }
}

TARGET static void NAME(scale_panel)(
    size_t subjects, const double *panel, const double *factors, double *out) {
    for (size_t k = 0; k < subjects; k++) {
        for (size_t lane = 0; lane < COVEY_PANEL; lane += LANES) {
            VECTOR value = *(const VECTOR *)(panel + k * COVEY_PANEL + lane);
            *(VECTOR *)(out + k * COVEY_PANEL + lane) = value * *(const VECTOR *)(factors + lane);
        }
    }
}

TARGET static void NAME(project_panel)(
    const double *basis, size_t subjects, size_t rank, double *panel, double *projection, double *squares) {
#pragma STDC FP_CONTRACT OFF
    for (size_t i = 0; i < rank * COVEY_PANEL; i++) projection[i] = 0;
    for (size_t offset = 0; offset < COVEY_PANEL; offset += WIDTH) {
        for (int pass = 0; pass < 2; pass++) {
            // The correction of this pass is kept beside the running projection until it is subtracted.
            for (size_t first = 0; first < rank; first += 4) {
                size_t columns = rank - first < 4 ? rank - first : 4;
                VECTOR sum[4][3];
                for (size_t j = 0; j < 4; j++) for (int v = 0; v < 3; v++) sum[j][v] = (VECTOR)0.0;
                for (size_t k = 0; k < subjects; k++) {
                    const VECTOR *y = (const VECTOR *)(panel + k * COVEY_PANEL + offset);
                    for (size_t j = 0; j < columns; j++) {
                        VECTOR q = (VECTOR)basis[k * rank + first + j];
                        for (int v = 0; v < 3; v++) sum[j][v] = sum[j][v] + q * y[v];
                    }
                }
                // Columns of an orthonormal basis: what one group takes away does not change the others
                // beyond rounding, which the second pass mends.
                for (size_t k = 0; k < subjects; k++) {
                    VECTOR *y = (VECTOR *)(panel + k * COVEY_PANEL + offset);
                    for (size_t j = 0; j < columns; j++) {
                        VECTOR q = (VECTOR)basis[k * rank + first + j];
                        for (int v = 0; v < 3; v++) y[v] = y[v] - q * sum[j][v];
                    }
                }
                for (size_t j = 0; j < columns; j++) {
                    VECTOR *out = (VECTOR *)(projection + (first + j) * COVEY_PANEL + offset);
                    for (int v = 0; v < 3; v++) out[v] = out[v] + sum[j][v];
                }
            }
        }
        VECTOR square[3] = {(VECTOR)0.0, (VECTOR)0.0, (VECTOR)0.0};
        for (size_t k = 0; k < subjects; k++) {
            const VECTOR *y = (const VECTOR *)(panel + k * COVEY_PANEL + offset);
            for (int v = 0; v < 3; v++) square[v] = square[v] + y[v] * y[v];
        }
        for (int v = 0; v < 3; v++) *(VECTOR *)(squares + offset + v * LANES) = square[v];
    }
}

// One register tile: the projections of `count` rows, `stride` apart, on WIDTH voxels. The accumulators are local and
// every loop over them is unrolled, so that they live in registers until the end.
TARGET static inline __attribute__((always_inline)) void NAME(dot)(
    const double *data, const double *rows, size_t subjects, int count, size_t stride, VECTOR out[][3]) {
#pragma STDC FP_CONTRACT OFF
    VECTOR sum[ROWS][3];
#pragma clang loop unroll(full)
    for (int r = 0; r < count; r++) {
        sum[r][0] = (VECTOR)0.0;
        sum[r][1] = (VECTOR)0.0;
        sum[r][2] = (VECTOR)0.0;
    }
    for (size_t k = 0; k < subjects; k++) {
        const VECTOR *y = (const VECTOR *)(data + k * COVEY_PANEL);
        VECTOR y0 = y[0], y1 = y[1], y2 = y[2];
        const double *row = rows + k * COVEY_TILE;
#pragma clang loop unroll(full)
        for (int r = 0; r < count; r++) {
            VECTOR p = (VECTOR)row[(size_t)r * stride];
            sum[r][0] = MULADD(p, y0, sum[r][0]);
            sum[r][1] = MULADD(p, y1, sum[r][1]);
            sum[r][2] = MULADD(p, y2, sum[r][2]);
        }
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < count; r++) {
        out[r][0] = sum[r][0];
        out[r][1] = sum[r][1];
        out[r][2] = sum[r][2];
    }
}

TARGET static inline __attribute__((always_inline)) VECTOR NAME(magnitude)(VECTOR x) {
    return __builtin_elementwise_abs(x);
}

// The scores of `count` shuffles on WIDTH voxels; `rows` points at the first of them in its tile.
TARGET static inline __attribute__((always_inline)) void NAME(scores)(
    const covey_block *block, const double *data, const double *rows, int count, VECTOR score[][3]) {
#pragma STDC FP_CONTRACT OFF
    const size_t subjects = block->subjects, tested = block->tested, nuisance = block->nuisance;
    NAME(dot)(data, rows, subjects, count, 1, score);
    if (tested + nuisance > 1) {
        VECTOR left[ROWS][3], sum[ROWS][3];
        for (int r = 0; r < count; r++) {
            for (int v = 0; v < 3; v++) {
                VECTOR a = score[r][v];
                score[r][v] = tested == 1 ? a * NAME(magnitude)(a) : a * a;
                left[r][v] = (VECTOR)1.0;
            }
        }
        for (size_t j = 1; j < tested + nuisance; j++) {
            NAME(dot)(data, rows + j * subjects * COVEY_TILE, subjects, count, 1, sum);
            for (int r = 0; r < count; r++) {
                for (int v = 0; v < 3; v++) {
                    VECTOR square = sum[r][v] * sum[r][v];
                    if (j < tested) score[r][v] = score[r][v] + square;
                    else left[r][v] = left[r][v] - square;
                }
            }
        }
        if (nuisance > 0) {
            for (int r = 0; r < count; r++) {
                for (int v = 0; v < 3; v++) {
                    VECTOR ratio = score[r][v] / left[r][v];
                    // Written so that NaN stays NaN: unused places of a tile must reach no threshold.
                    score[r][v] = left[r][v] <= 1e-13 ? (VECTOR)0.0 : ratio;
                }
            }
        }
    }
    if (tested == 1 && block->two_sided) {
        for (int r = 0; r < count; r++)
            for (int v = 0; v < 3; v++) score[r][v] = NAME(magnitude)(score[r][v]);
    }
}

// Folds the finished scores of a register tile into the maxima and the counts, and keeps them if asked.
TARGET static inline __attribute__((always_inline)) void NAME(fold)(
    const covey_block *block, VECTOR score[ROWS][3], size_t panel, size_t offset, size_t shuffle) {
    size_t column = panel * COVEY_PANEL + offset;
#pragma clang loop unroll(full)
    for (int r = 0; r < ROWS; r++) {
        VECTOR *greatest = (VECTOR *)(block->maxima + (shuffle + r) * COVEY_MAX_LANES);
        VECTOR a = score[r][0] > score[r][1] ? score[r][0] : score[r][1];
        a = score[r][2] > a ? score[r][2] : a;
        VECTOR g = *greatest;
        *greatest = a > g ? a : g;
    }
    if (block->thresholds) {
        for (int v = 0; v < 3; v++) {
            VECTOR threshold = *(const VECTOR *)(block->thresholds + column + v * LANES);
            MASK *counts = (MASK *)(block->counts + column + v * LANES);
            MASK reached = (MASK)0;
#pragma clang loop unroll(full)
            for (int r = 0; r < ROWS; r++) reached -= score[r][v] >= threshold;
            *counts += reached;
        }
    }
    if (block->scores) {
        for (int r = 0; r < ROWS; r++) {
            double *out = block->scores + (shuffle + r) * block->panels * COVEY_PANEL + column;
            for (int v = 0; v < 3; v++) *(VECTOR *)(out + v * LANES) = score[r][v];
        }
    }
}

TARGET static void NAME(score_block)(const covey_block *block) {
    const size_t row_size = block->subjects * COVEY_TILE, rows_per_tile = block->tested + block->nuisance;
    for (size_t tile = 0; tile < block->tiles; tile++) {
        const double *tile_rows = block->rows + tile * rows_per_tile * row_size;
        for (size_t panel = 0; panel < block->panels; panel++) {
            const double *data = block->data + panel * block->subjects * COVEY_PANEL;
            for (size_t offset = 0; offset < COVEY_PANEL; offset += WIDTH) {
                for (size_t first = 0; first < COVEY_TILE; first += ROWS) {
                    VECTOR score[ROWS][3];
                    NAME(scores)(block, data + offset, tile_rows + first, ROWS, score);
                    NAME(fold)(block, score, panel, offset, tile * COVEY_TILE + first);
                }
            }
        }
    }
}

// The statistic of one vector of scores.
TARGET static inline __attribute__((always_inline)) VECTOR NAME(statistic)(
    VECTOR score, int meaning, VECTOR dof, VECTOR rank) {
#pragma STDC FP_CONTRACT OFF
    VECTOR share = meaning == covey_score_correlation || meaning == covey_score_correlation_f
        ? score * score : NAME(magnitude)(score);
    VECTOR left = (VECTOR)1.0 - share;
    left = left < 1e-16 ? (VECTOR)1e-16 : left;
    VECTOR ratio = dof * share / left;
    if (meaning == covey_score_correlation_f || meaning == covey_score_r2_f) return ratio / rank;
    return __builtin_elementwise_copysign(__builtin_elementwise_sqrt(ratio), score);
}

TARGET static void NAME(convert_scores)(
    int meaning, double dof, double rank, size_t shuffles, size_t columns,
    const double *scores, size_t score_stride, double *out, size_t out_stride) {
    for (size_t k = 0; k < shuffles; k++) {
        const double *in = scores + k * score_stride;
        double *target = out + k * out_stride;
        size_t c = 0;
        for (; c + LANES <= columns; c += LANES) {
            *(VECTOR *)(target + c) =
                NAME(statistic)(*(const VECTOR *)(in + c), meaning, (VECTOR)dof, (VECTOR)rank);
        }
        if (c < columns) {
            double last[LANES] = {0};
            for (size_t i = c; i < columns; i++) last[i - c] = in[i];
            VECTOR value =
                NAME(statistic)(*(const VECTOR *)last, meaning, (VECTOR)dof, (VECTOR)rank);
            for (size_t i = c; i < columns; i++) target[i] = value[i - c];
        }
    }
}

#include "share_template.h"
#include "screen_template.h"
#include "share_screen_template.h"
