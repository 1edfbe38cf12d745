// Part of shuffle_template.h: scores of several contrasts from the projections on rows that they share. See covey_share in
// shuffle_kernels.h.

// The projections of ROWS shuffles on WIDTH voxels, row by row.
TARGET static void NAME(projections)(
    const covey_block *block, size_t panel, size_t offset, size_t shuffle, VECTOR out[][ROWS][3]) {
    const size_t subjects = block->subjects, rows = block->tested + block->nuisance, size = subjects * COVEY_TILE;
    const double *data = block->data + panel * subjects * COVEY_PANEL + offset;
    const double *first = block->rows + shuffle / COVEY_TILE * rows * size + shuffle % COVEY_TILE;
    for (size_t j = 0; j < rows; j++) NAME(dot)(data, first + j * size, subjects, ROWS, 1, out[j]);
}

// Those of one shuffle, to the bit.
TARGET static void NAME(single_projections)(
    const covey_block *block, size_t panel, size_t offset, size_t shuffle, VECTOR out[][ROWS][3]) {
    const size_t subjects = block->subjects, rows = block->tested + block->nuisance, size = subjects * COVEY_TILE;
    const double *data = block->data + panel * subjects * COVEY_PANEL + offset;
    const double *first = block->rows + shuffle / COVEY_TILE * rows * size + shuffle % COVEY_TILE;
    size_t j = 0;
    for (; j + 4 <= rows; j += 4) {
        VECTOR several[4][3];
        NAME(dot)(data, first + j * size, subjects, 4, size, several);
        for (int i = 0; i < 4; i++) for (int v = 0; v < 3; v++) out[j + i][0][v] = several[i][v];
    }
    for (; j < rows; j++) NAME(dot)(data, first + j * size, subjects, 1, 1, out[j]);
}

#define PARTS NAME(share_parts)
#define TESTED NAME(share_tested)
#define WIDE VECTOR
#define REAL double
#include "share_parts_template.h"

// One contrast's scores of those projections, of ROWS shuffles or one.
TARGET static inline __attribute__((always_inline)) void NAME(share_scores)(
    const covey_block *block, VECTOR projections[][ROWS][3], size_t panel, size_t offset, size_t shuffle, int count,
    VECTOR score[][3]) {
#pragma STDC FP_CONTRACT OFF
    const covey_share *share = block->share;
    const size_t moved = share->moved, rows = block->tested + block->nuisance, tested = block->tested;
    const size_t column = panel * COVEY_PANEL + offset, columns = block->panels * COVEY_PANEL;
    const double *movement =
        share->movement + shuffle / COVEY_TILE * rows * moved * COVEY_TILE + shuffle % COVEY_TILE;
    for (int v = 0; v < 3; v++) {
        VECTOR own = *(const VECTOR *)(share->own + column + v * LANES);
        VECTOR part[COVEY_SHARED_MOVED][ROWS], total[ROWS], explained[ROWS], found[ROWS];
        NAME(share_parts)(
            rows, moved, v, count, projections, movement, share->fitted + column + v * LANES, columns, part, total);
        for (int r = 0; r < count; r++) explained[r] = (VECTOR)0.0;
        for (size_t t = 0; t < tested; t++) {
            NAME(share_tested)(moved, count, part, share->weights + t * moved, found);
            for (int r = 0; r < count; r++) explained[r] = MULADD(found[r], found[r], explained[r]);
        }
        for (int r = 0; r < count; r++) {
            VECTOR left = own - (total[r] - explained[r]);
            VECTOR size = tested == 1 && !block->two_sided ? found[r] * NAME(magnitude)(found[r]) : explained[r];
            VECTOR ratio = size / left;
            // Written so that NaN stays NaN: unused places of a tile must reach no threshold.
            score[r][v] = left <= 1e-13 ? (VECTOR)0.0 : ratio;
        }
    }
}

// The scores of one shuffle on WIDTH voxels, whether its rows are shared or not.
TARGET static void NAME(exact)(
    const covey_block *block, size_t panel, size_t offset, size_t shuffle, VECTOR score[1][3]) {
    if (block->share) {
        VECTOR projections[COVEY_SHARED_ROWS][ROWS][3];
        NAME(single_projections)(block, panel, offset, shuffle, projections);
        NAME(share_scores)(block, projections, panel, offset, shuffle, 1, score);
        return;
    }
    const size_t rows = (block->tested + block->nuisance) * block->subjects;
    NAME(scores)(
        block, block->data + panel * block->subjects * COVEY_PANEL + offset,
        block->rows + shuffle / COVEY_TILE * rows * COVEY_TILE + shuffle % COVEY_TILE, 1, score);
}

TARGET static void NAME(score_shared)(const covey_block *blocks, size_t count) {
    VECTOR projections[COVEY_SHARED_ROWS][ROWS][3];
    for (size_t shuffle = 0; shuffle < blocks->tiles * COVEY_TILE; shuffle += ROWS) {
        for (size_t panel = 0; panel < blocks->panels; panel++) {
            for (size_t offset = 0; offset < COVEY_PANEL; offset += WIDTH) {
                NAME(projections)(blocks, panel, offset, shuffle, projections);
                for (size_t k = 0; k < count; k++) {
                    VECTOR score[ROWS][3];
                    NAME(share_scores)(&blocks[k], projections, panel, offset, shuffle, ROWS, score);
                    NAME(fold)(&blocks[k], score, panel, offset, shuffle);
                }
            }
        }
    }
}
