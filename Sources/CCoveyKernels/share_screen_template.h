// Part of shuffle_template.h, after screen_template.h: contrasts that share rows, in single precision.

#define PARTS NAME(share_parts_single)
#define TESTED NAME(share_tested_single)
#define WIDE FLOATS
#define REAL float
#include "share_parts_template.h"

// One contrast's decisions on the projections of a register tile.
TARGET static void NAME(screen_share)(
    const covey_screen *screen, FLOATS projections[][ROWS][3], size_t column, size_t shuffle) {
    const covey_block *block = screen->block;
    const size_t moved = block->share->moved, rows = block->tested + block->nuisance, tested = block->tested;
    const size_t columns = (block->panels + 1) / 2 * COVEY_SCREEN_PANEL;
    const float *movement =
        screen->movement + shuffle / COVEY_TILE * rows * moved * COVEY_TILE + shuffle % COVEY_TILE;
    const float error = screen->error;
    FLOATS explained[ROWS][3], slack[ROWS][3], left[ROWS][3];
    for (int v = 0; v < 3; v++) {
        FLOATS own = *(const FLOATS *)(screen->own + column + v * 2 * LANES);
        FLOATS part[COVEY_SHARED_MOVED][ROWS], total[ROWS], square[ROWS], off[ROWS], found[ROWS];
        NAME(share_parts_single)(
            rows, moved, v, ROWS, projections, movement, screen->fitted + column + v * 2 * LANES, columns, part, total);
#pragma clang loop unroll(full)
        for (int r = 0; r < ROWS; r++) square[r] = off[r] = (FLOATS)0.0f;
        for (size_t t = 0; t < tested; t++) {
            NAME(share_tested_single)(moved, ROWS, part, screen->weights + t * moved, found);
#pragma clang loop unroll(full)
            for (int r = 0; r < ROWS; r++) {
                square[r] = square[r] + found[r] * found[r];
                off[r] = off[r] + 2.0f * (__builtin_elementwise_abs(found[r]) + error) * error;
            }
        }
#pragma clang loop unroll(full)
        for (int r = 0; r < ROWS; r++) {
            left[r][v] = own - (total[r] - square[r]);
            explained[r][v] =
                tested == 1 && !block->two_sided ? found[r] * __builtin_elementwise_abs(found[r]) : square[r];
            slack[r][v] = off[r];
        }
    }
    NAME(decide)(screen, explained, slack, left, column, shuffle);
}

TARGET static void NAME(screen_shared)(const covey_screen *screens, size_t count) {
    const covey_block *block = screens->block;
    const size_t subjects = block->subjects, rows = block->tested + block->nuisance;
    const size_t panels = (block->panels + 1) / 2, tile_size = rows * subjects * COVEY_TILE;
    FLOATS projections[COVEY_SHARED_ROWS][ROWS][3];
    for (size_t panel = 0; panel < panels; panel++) {
        for (size_t shuffle = 0; shuffle < block->tiles * COVEY_TILE; shuffle += ROWS) {
            const float *tile = screens->rows + shuffle / COVEY_TILE * tile_size + shuffle % COVEY_TILE;
            for (size_t offset = 0; offset < COVEY_SCREEN_PANEL; offset += SPAN) {
                const float *data = screens->data + panel * subjects * COVEY_SCREEN_PANEL + offset;
                for (size_t j = 0; j < rows; j++)
                    NAME(dot_single)(data, tile + j * subjects * COVEY_TILE, subjects, projections[j]);
                for (size_t k = 0; k < count; k++)
                    NAME(screen_share)(&screens[k], projections, panel * COVEY_SCREEN_PANEL + offset, shuffle);
            }
        }
    }
}

#undef FLOATS
#undef FLAGS
#undef SPAN
