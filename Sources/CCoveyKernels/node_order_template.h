// Heights as whole numbers, and how each voxel hangs together with the higher ones around it; see every_level.h.

#define WIDTH (2 * LANES)
#define INTS NAME(ints)
#define BITS NAME(bits)
#define LONGS NAME(longs)
#define DOUBLES NAME(doubles)
typedef int32_t INTS __attribute__((ext_vector_type(WIDTH), aligned(4)));
typedef uint32_t BITS __attribute__((ext_vector_type(WIDTH), aligned(4)));
typedef int64_t LONGS __attribute__((ext_vector_type(WIDTH), aligned(8)));
typedef double DOUBLES __attribute__((ext_vector_type(WIDTH), aligned(8)));

TARGET static void NAME(steepness_of_voxels)(
    const covey_lattice *lattice, const double *values, double sign, double floor, int32_t *steepness) {
    for (size_t r = 0; r < lattice->runs; r++) {
        const covey_run run = lattice->run[r];
        const double *from = values + run.voxel;
        int32_t *to = steepness + run.place;
        int32_t i = 0;
        for (; i + WIDTH <= run.length; i += WIDTH) {
            DOUBLES height;
            LONGS bits;
            memcpy(&height, from + i, sizeof height);
            height *= sign;
            memcpy(&bits, &height, sizeof bits);
            LONGS number = (bits - LEAST_OCTAVE) >> STEEPNESS_SHIFT;
            number = number < 1 ? (LONGS)1 : number > MOST_STEEP ? (LONGS)MOST_STEEP : number;
            number = height > floor ? number : (LONGS)0;
            const INTS narrow = __builtin_convertvector(number, INTS);
            memcpy(to + i, &narrow, sizeof narrow);
        }
        for (; i < run.length; i++) {
            const double height = sign * from[i];
            to[i] = height > floor ? steepness_of(height) : 0;
        }
    }
}

// The places of sets and those they touch.
TARGET static inline __attribute__((always_inline)) BITS NAME(grown)(BITS s, int connectivity) {
    const BITS x = SPREAD_X(s);
    if (connectivity == 6) return x | SPREAD_Y(s) | SPREAD_Z(s);
    const BITS xy = SPREAD_Y(x);
    if (connectivity == 26) return SPREAD_Z(xy);
    const BITS y = SPREAD_Y(s);
    return xy | SPREAD_Z(x) | SPREAD_Z(y);
}

// How the voxels at WIDTH places hang together with those before them: higher ones, and equal ones at lower places.
TARGET static inline __attribute__((always_inline)) BITS NAME(joins)(
    const int32_t *steepness, INTS own, int32_t row, int32_t plane, int connectivity, int steps) {
    BITS before = 0;
#pragma clang loop unroll(full)
    for (int bit = 0; bit < 27; bit++) {
        // What hangs together by a corner alone is left to the join.
        if (bit == CENTRE || (connectivity == 6 && CORNERS >> bit & 1)) continue;
        const ptrdiff_t step = (ptrdiff_t)(bit / 9 - 1) * plane + (ptrdiff_t)(bit / 3 % 3 - 1) * row + bit % 3 - 1;
        INTS other;
        memcpy(&other, steepness + step, sizeof other);
        const INTS is_before = bit < CENTRE ? (INTS)(other >= own) : (INTS)(other > own);
        before |= (BITS)is_before & 1u << bit;
    }
    // Places that touch the centre by less than the connectivity asks only lead from one to another.
    const BITS touching = connectivity == 26 ? before : connectivity == 18 ? before & ~CORNERS : before & FACES;
    // A face's neighbour reaches furthest.
    const BITS faces = touching & FACES;
    const BITS choice = faces == 0 ? touching : faces;
    const BITS first = choice & (0 - choice);
    BITS group = first;
    for (int s = 0; s < steps; s++) group = NAME(grown)(group, connectivity) & before;
    const BITS number = __builtin_elementwise_popcount(first - 1) + 1;
    return touching == 0 ? (BITS)covey_joins_none
        : (touching & ~group) == 0 ? number : (BITS)covey_joins_many;
}

TARGET static inline __attribute__((always_inline)) size_t NAME(classify_by)(
    const covey_lattice *lattice, const int32_t *steepness, uint64_t *entries, int connectivity, int steps) {
    size_t count = 0;
    for (size_t r = 0; r < lattice->runs; r++) {
        const covey_run run = lattice->run[r];
        for (int32_t i = 0; i < run.length; i += WIDTH) {
            const int32_t *place = steepness + run.place + i;
            INTS own;
            memcpy(&own, place, sizeof own);
            // Voxels above the floor lie together: often there are none.
            if (!__builtin_reduce_or(own)) continue;
            const BITS joins = NAME(joins)(place, own, lattice->row, lattice->plane, connectivity, steps);
            int32_t heights[WIDTH];
            uint32_t ways[WIDTH];
            memcpy(heights, &own, sizeof heights);
            memcpy(ways, &joins, sizeof ways);
            // Lanes beyond the run are of other voxels, or of none.
            const int32_t lanes = run.length - i < WIDTH ? run.length - i : WIDTH;
            for (int32_t lane = 0; lane < lanes; lane++) {
                entries[count] = entry_of(heights[lane], ways[lane], (uint32_t)(run.voxel + i + lane));
                count += heights[lane] > 0;
            }
        }
    }
    return count;
}

// Entries of the voxels above the floor, in the order of the lattice.
TARGET static size_t NAME(classify)(const covey_lattice *lattice, const int32_t *steepness, uint64_t *entries) {
    switch (lattice->connectivity) {
    case 6: return NAME(classify_by)(lattice, steepness, entries, 6, STEPS_6);
    case 18: return NAME(classify_by)(lattice, steepness, entries, 18, STEPS_18);
    default: return NAME(classify_by)(lattice, steepness, entries, 26, STEPS_26);
    }
}

#undef WIDTH
#undef INTS
#undef BITS
#undef LONGS
#undef DOUBLES
