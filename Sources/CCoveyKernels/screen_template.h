// Part of shuffle_template.h: scores in single precision, which decide nearly every comparison, and in double where
// they cannot. See covey_screen in shuffle_kernels.h for the bound.

#define FLOATS NAME(floats)
#define FLAGS NAME(flags)
typedef float FLOATS __attribute__((ext_vector_type(2 * LANES), aligned(4)));
typedef int32_t FLAGS __attribute__((ext_vector_type(2 * LANES), aligned(4)));
#define SPAN (6 * LANES)

TARGET static inline __attribute__((always_inline)) void NAME(dot_single)(
    const float *data, const float *rows, size_t subjects, FLOATS out[ROWS][3]) {
    FLOATS sum[ROWS][3];
#pragma clang loop unroll(full)
    for (int r = 0; r < ROWS; r++) {
        sum[r][0] = (FLOATS)0.0f;
        sum[r][1] = (FLOATS)0.0f;
        sum[r][2] = (FLOATS)0.0f;
    }
    for (size_t k = 0; k < subjects; k++) {
        const FLOATS *y = (const FLOATS *)(data + k * COVEY_SCREEN_PANEL);
        FLOATS y0 = y[0], y1 = y[1], y2 = y[2];
        const float *row = rows + k * COVEY_TILE;
#pragma clang loop unroll(full)
        for (int r = 0; r < ROWS; r++) {
            FLOATS p = (FLOATS)row[r];
            sum[r][0] = MULADD(p, y0, sum[r][0]);
            sum[r][1] = MULADD(p, y1, sum[r][1]);
            sum[r][2] = MULADD(p, y2, sum[r][2]);
        }
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < ROWS; r++) {
        out[r][0] = sum[r][0];
        out[r][1] = sum[r][1];
        out[r][2] = sum[r][2];
    }
}

// What single precision left open in a register tile: whether a score reaches its voxel's threshold, and whether it
// may be the greatest of its shuffle or one to be kept.
typedef struct {
    FLAGS threshold[ROWS][3];
    FLAGS greatest[ROWS][3];
} NAME(doubts);

// Settles what single precision left open, with the scores that covey_score_block gives, to the bit.
TARGET static __attribute__((noinline)) void NAME(settle)(
    const covey_screen *screen, const NAME(doubts) *doubts, size_t column, size_t shuffle) {
    const covey_block *block = screen->block;
    // Scores with their signs, whose sizes are those of the block to the bit.
    covey_block with_signs = *block;
    with_signs.two_sided = 0;
    const int takes_sizes = block->tested == 1 && block->two_sided;
    covey_kept *kept = screen->kept;
    for (int r = 0; r < ROWS; r++) {
        FLAGS open = (FLAGS)0;
        for (int v = 0; v < 3; v++) open |= doubts->threshold[r][v] | doubts->greatest[r][v];
        if (!__builtin_reduce_or(open)) continue;
        const size_t k = shuffle + r;
        const int32_t *threshold = (const int32_t *)doubts->threshold[r];
        const int32_t *greatest = (const int32_t *)doubts->greatest[r];
        double exact[WIDTH], given[WIDTH];
        size_t known = SIZE_MAX;
        for (size_t lane = 0; lane < SPAN; lane++) {
            if (!(threshold[lane] | greatest[lane])) continue;
            const size_t voxel = column + lane, panel = voxel / COVEY_PANEL, place = voxel % COVEY_PANEL;
            if (panel >= block->panels) break;
            const size_t start = panel * COVEY_PANEL + place / WIDTH * WIDTH;
            if (start != known) {
                known = start;
                VECTOR score[1][3];
                NAME(exact)(&with_signs, panel, place / WIDTH * WIDTH, k, score);
                VECTOR *running = (VECTOR *)(block->maxima + k * COVEY_MAX_LANES);
                VECTOR best = *running;
                for (int v = 0; v < 3; v++) {
                    *(VECTOR *)(given + v * LANES) = score[0][v];
                    if (takes_sizes) score[0][v] = NAME(magnitude)(score[0][v]);
                    best = score[0][v] > best ? score[0][v] : best;
                    *(VECTOR *)(exact + v * LANES) = score[0][v];
                }
                *running = best;
                double top = screen->greatest[k];
                for (int l = 0; l < LANES; l++) top = best[l] > top ? best[l] : top;
                screen->greatest[k] = top;
                screen->floors[k] = covey_screen_floor(screen, top);
            }
            if (threshold[lane]) block->counts[voxel] += exact[voxel - start] >= block->thresholds[voxel];
            if (kept && exact[voxel - start] >= kept->least) {
                kept->shuffle[kept->count] = (int32_t)k;
                kept->column[kept->count] = (int32_t)voxel;
                kept->score[kept->count] = given[voxel - start];
                kept->count++;
            }
        }
    }
}

// A single row: the score is the projection, which is known within `screen->error`.
TARGET static inline __attribute__((always_inline)) void NAME(screen_correlations)(
    const covey_screen *screen, const float *data, const float *rows, size_t column, size_t shuffle) {
    const covey_block *block = screen->block;
    FLOATS score[ROWS][3];
    NAME(dot_single)(data, rows, block->subjects, score);
    FLAGS open = (FLAGS)0;
    if (block->two_sided) {
#pragma clang loop unroll(full)
        for (int r = 0; r < ROWS; r++)
            for (int v = 0; v < 3; v++) score[r][v] = __builtin_elementwise_abs(score[r][v]);
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < ROWS; r++) {
        FLOATS best = score[r][0] > score[r][1] ? score[r][0] : score[r][1];
        best = score[r][2] > best ? score[r][2] : best;
        open |= best >= (FLOATS)screen->floors[shuffle + r];
    }
    if (block->thresholds) {
        for (int v = 0; v < 3; v++) {
            FLOATS low = *(const FLOATS *)(screen->low + column + v * 2 * LANES);
            FLOATS high = *(const FLOATS *)(screen->high + column + v * 2 * LANES);
            FLAGS sure = (FLAGS)0, possible = (FLAGS)0;
#pragma clang loop unroll(full)
            for (int r = 0; r < ROWS; r++) {
                sure -= score[r][v] >= high;
                possible -= score[r][v] >= low;
            }
            *(FLAGS *)(screen->counts + column + v * 2 * LANES) += sure;
            open |= sure ^ possible;
        }
    }
    if (__builtin_reduce_or(open)) {
        NAME(doubts) doubts;
        for (int r = 0; r < ROWS; r++) {
            for (int v = 0; v < 3; v++) {
                doubts.greatest[r][v] = score[r][v] >= (FLOATS)screen->floors[shuffle + r];
                doubts.threshold[r][v] = (FLAGS)0;
                if (block->thresholds) {
                    FLOATS low = *(const FLOATS *)(screen->low + column + v * 2 * LANES);
                    FLOATS high = *(const FLOATS *)(screen->high + column + v * 2 * LANES);
                    doubts.threshold[r][v] = (score[r][v] >= low) & ~(score[r][v] >= high);
                }
            }
        }
        NAME(settle)(screen, &doubts, column, shuffle);
    }
}

// The score is a share of variance s / l, compared with a threshold t by the sign of s - t l. `slack` is how far s may be
// off besides its rounding.
TARGET static inline __attribute__((always_inline)) void NAME(decide)(
    const covey_screen *screen, FLOATS explained[ROWS][3], FLOATS slack[ROWS][3], FLOATS left[ROWS][3],
    size_t column, size_t shuffle) {
    const covey_block *block = screen->block;
    const float rounding = screen->rounding, slope = screen->slope;
    NAME(doubts) doubts;
    FLAGS open = (FLAGS)0;
    for (int v = 0; v < 3; v++) {
        FLOATS threshold = block->thresholds
            ? *(const FLOATS *)(screen->low + column + v * 2 * LANES) : (FLOATS)4.0f;
        FLOATS size = __builtin_elementwise_abs(threshold);
        FLAGS sure = (FLAGS)0;
        for (int r = 0; r < ROWS; r++) {
            FLOATS s = explained[r][v], l = left[r][v];
            FLOATS off = slack[r][v] + __builtin_elementwise_abs(s) * rounding;
            // Where next to nothing is left the score may be set to 0: that is seen in double alone.
            FLAGS small = l <= slope;
            FLOATS excess = s - threshold * l, doubt = off + size * slope;
            FLAGS near = (__builtin_elementwise_abs(excess) <= doubt) | small;
            if (block->thresholds) {
                sure -= (excess > doubt) & ~near;
                doubts.threshold[r][v] = near;
            } else {
                doubts.threshold[r][v] = (FLAGS)0;
            }
            float floor = screen->floors[shuffle + r];
            FLOATS above = s - floor * l;
            FLAGS greatest = (above >= -(off + __builtin_fabsf(floor) * slope)) | small;
            doubts.greatest[r][v] = greatest;
            open |= doubts.threshold[r][v] | greatest;
        }
        if (block->thresholds) *(FLAGS *)(screen->counts + column + v * 2 * LANES) += sure;
    }
    if (__builtin_reduce_or(open)) NAME(settle)(screen, &doubts, column, shuffle);
}

// Several rows.
TARGET static inline __attribute__((always_inline)) void NAME(screen_shares)(
    const covey_screen *screen, const float *data, const float *rows, size_t column, size_t shuffle) {
    const covey_block *block = screen->block;
    const size_t tested = block->tested, nuisance = block->nuisance;
    const float error = screen->error;
    // What is explained, how far that may be off, and what is left for it to explain.
    FLOATS explained[ROWS][3], slack[ROWS][3], left[ROWS][3], sum[ROWS][3];
    for (size_t j = 0; j < tested; j++) {
        NAME(dot_single)(data, rows + j * block->subjects * COVEY_TILE, block->subjects, sum);
        for (int r = 0; r < ROWS; r++) {
            for (int v = 0; v < 3; v++) {
                FLOATS x = sum[r][v], size = __builtin_elementwise_abs(x);
                FLOATS share = tested == 1 && !block->two_sided ? x * size : x * x;
                FLOATS off = 2.0f * (size + error) * error;
                explained[r][v] = j == 0 ? share : explained[r][v] + share;
                slack[r][v] = j == 0 ? off : slack[r][v] + off;
            }
        }
    }
    for (int r = 0; r < ROWS; r++) for (int v = 0; v < 3; v++) left[r][v] = (FLOATS)1.0f;
    for (size_t j = tested; j < tested + nuisance; j++) {
        NAME(dot_single)(data, rows + j * block->subjects * COVEY_TILE, block->subjects, sum);
        for (int r = 0; r < ROWS; r++)
            for (int v = 0; v < 3; v++) left[r][v] = left[r][v] - sum[r][v] * sum[r][v];
    }
    NAME(decide)(screen, explained, slack, left, column, shuffle);
}

TARGET static void NAME(screen_block)(const covey_screen *screen) {
    const covey_block *block = screen->block;
    const size_t subjects = block->subjects, rows_per_tile = block->tested + block->nuisance;
    const size_t panels = (block->panels + 1) / 2, tile_size = rows_per_tile * subjects * COVEY_TILE;
    // As many tiles at a time as stay in the first-level cache beside a panel.
    const size_t fitting = 4096 / tile_size, group = fitting > 0 ? fitting : 1;
    for (size_t start = 0; start < block->tiles; start += group) {
        const size_t end = start + group < block->tiles ? start + group : block->tiles;
        for (size_t panel = 0; panel < panels; panel++) {
            for (size_t tile = start; tile < end; tile++) {
                for (size_t offset = 0; offset < COVEY_SCREEN_PANEL; offset += SPAN) {
                    for (size_t first = 0; first < COVEY_TILE; first += ROWS) {
                        const float *data = screen->data + panel * subjects * COVEY_SCREEN_PANEL + offset;
                        const float *rows = screen->rows + tile * tile_size + first;
                        size_t column = panel * COVEY_SCREEN_PANEL + offset, shuffle = tile * COVEY_TILE + first;
                        if (rows_per_tile == 1) NAME(screen_correlations)(screen, data, rows, column, shuffle);
                        else NAME(screen_shares)(screen, data, rows, column, shuffle);
                    }
                }
            }
        }
    }
}
