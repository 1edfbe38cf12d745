// Included twice by each level, for vectors of doubles and of floats: what both make of one contrast's projections.
//   PARTS  the function's name
//   WIDE   the type of a vector
//   REAL   the type of its numbers

// The parts x = projections - movement f of `count` shuffles on a vector of voxels: their sums of squares, and what they are
// on each tested column.
TARGET static inline __attribute__((always_inline)) void PARTS(
    size_t rows, size_t moved, size_t tested, int v, int count, WIDE projections[][ROWS][3], const REAL *movement,
    const REAL *fitted, size_t columns, const REAL *weights, WIDE total[ROWS], WIDE found[][ROWS]) {
    WIDE part[COVEY_SHARED_MOVED][ROWS];
    for (int r = 0; r < count; r++) total[r] = (WIDE)(REAL)0;
    for (size_t j = 0; j < rows; j++) {
        WIDE x[ROWS];
#pragma clang loop unroll(full)
        for (int r = 0; r < count; r++) x[r] = projections[j][r][v];
        for (size_t i = 0; i < moved; i++) {
            WIDE f = -*(const WIDE *)(fitted + i * columns);
            const REAL *moves = movement + (j * moved + i) * COVEY_TILE;
#pragma clang loop unroll(full)
            for (int r = 0; r < count; r++) x[r] = MULADD((WIDE)moves[r], f, x[r]);
        }
#pragma clang loop unroll(full)
        for (int r = 0; r < count; r++) total[r] = MULADD(x[r], x[r], total[r]);
        if (j < moved) for (int r = 0; r < count; r++) part[j][r] = x[r];
    }
    for (size_t t = 0; t < tested; t++) {
        for (int r = 0; r < count; r++) found[t][r] = (WIDE)(REAL)0;
        for (size_t i = 0; i < moved; i++) {
            WIDE weight = (WIDE)weights[t * moved + i];
#pragma clang loop unroll(full)
            for (int r = 0; r < count; r++) found[t][r] = MULADD(weight, part[i][r], found[t][r]);
        }
    }
}

#undef PARTS
#undef WIDE
#undef REAL
