// Included twice by each level, for vectors of doubles and of floats: what both make of one contrast's projections.
//   PARTS   the name of the function that makes the parts
//   TESTED  and of the one that takes them to a tested column
//   WIDE    the type of a vector
//   REAL    the type of its numbers

// The parts x = projections - movement f of `count` shuffles on a vector of voxels: those on the moved columns, and the sum of
// squares of all.
TARGET static inline __attribute__((always_inline)) void PARTS(
    size_t rows, size_t moved, int v, int count, WIDE projections[][ROWS][3], const REAL *movement, const REAL *fitted,
    size_t columns, WIDE part[][ROWS], WIDE total[ROWS]) {
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
}

// What the parts are on a tested column, of so many weights.
TARGET static inline __attribute__((always_inline)) void TESTED(
    size_t moved, int count, WIDE part[][ROWS], const REAL *weights, WIDE found[ROWS]) {
    for (int r = 0; r < count; r++) found[r] = (WIDE)(REAL)0;
    for (size_t i = 0; i < moved; i++) {
        WIDE weight = (WIDE)weights[i];
#pragma clang loop unroll(full)
        for (int r = 0; r < count; r++) found[r] = MULADD(weight, part[i][r], found[r]);
    }
}

#undef PARTS
#undef TESTED
#undef WIDE
#undef REAL
