#include "node_order.h"

#include <stdlib.h>
#include <string.h>

// ---- Steepness: heights as whole numbers ---------------------------------------------------------------

// The leading bits of a positive double ascend with it. Of 64 octaves, from 2^-32 to 2^32, 25 bits of the fraction are
// kept, so that two heights with one number are nearly equal; what lies beyond has the least or the greatest number.
#define STEEPNESS_SHIFT 27
#define LEAST_OCTAVE 0x3df0000000000000ll
#define MOST_STEEP 0x7fffffff

// An entry of the sort: MOST_STEEP - steepness, how the node joins, and its voxel.
#define STEEPNESS_BITS 31
#define JOINS_BITS 5
#define VOXEL_BITS 28
_Static_assert(STEEPNESS_BITS + JOINS_BITS + VOXEL_BITS == 64, "an entry is a word");

static inline uint64_t entry_of(int32_t steepness, uint32_t joins, uint32_t voxel) {
    return (uint64_t)(MOST_STEEP - steepness) << (64 - STEEPNESS_BITS) | (uint64_t)joins << VOXEL_BITS | voxel;
}

static inline int32_t steepness_of(double height) {
    int64_t bits;
    memcpy(&bits, &height, sizeof bits);
    const int64_t number = (bits - LEAST_OCTAVE) >> STEEPNESS_SHIFT;
    return number < 1 ? 1 : number > MOST_STEEP ? MOST_STEEP : (int32_t)number;
}

// ---- The cube of places around a place -----------------------------------------------------------------

// Bits of a 3 x 3 x 3 cube: place (dx, dy, dz) is bit (dz + 1) * 9 + (dy + 1) * 3 + dx + 1.
#define CENTRE 13
#define FACES 0x00415410u
#define CORNERS 0x05140145u
#define CUBE 0x07ffffffu
#define X_FIRST 0x01249249u  // dx = -1
#define X_LAST 0x04924924u   // dx = +1
#define Y_FIRST 0x001c0e07u  // dy = -1
#define Y_LAST 0x070381c0u   // dy = +1
// Sets of places spread by one step. dz needs no masks: what leaves the cube falls off the 27 bits.
#define SPREAD_X(s) ((s) | ((s) & ~X_LAST) << 1 | ((s) & ~X_FIRST) >> 1)
#define SPREAD_Y(s) ((s) | ((s) & ~Y_LAST) << 3 | ((s) & ~Y_FIRST) >> 3)
#define SPREAD_Z(s) (((s) | (s) << 9 | (s) >> 9) & CUBE)

// Steps within the cube after which the neighbours that one leads to are as good as always found: what is not is left
// to the join, which looks for itself.
#define STEPS_6 4
#define STEPS_18 3
#define STEPS_26 3

#define TEMPLATE "node_order_template.h"
#include "every_level.h"

// ---- Sorting -------------------------------------------------------------------------------------------

// Three digits of the steepness, the last of its 31 bits left out; each has few enough values that all their places to
// write to stay in the nearest cache.
#define DIGIT_BITS 9
#define DIGITS (1u << DIGIT_BITS)
#define FIRST_DIGIT (64 - 3 * DIGIT_BITS)
// Runs of equal keys up to this length are sorted by insertion.
#define SHORT_RUN 24

typedef struct {
    double height;
    int32_t voxel;
    int32_t place;
    uint8_t joins;
} node;

// Where nodes are written.
typedef struct {
    int32_t *voxel;
    int32_t *place;
    uint8_t *joins;
    double *height;
} node_room;

static node taken(const node_room *nodes, size_t k) {
    return (node){nodes->height[k], nodes->voxel[k], nodes->place[k], nodes->joins[k]};
}

static void put(const node_room *nodes, size_t k, node node) {
    nodes->height[k] = node.height;
    nodes->voxel[k] = node.voxel;
    nodes->place[k] = node.place;
    nodes->joins[k] = node.joins;
}

static int higher_first(const void *a, const void *b) {
    const node *x = a, *y = b;
    if (x->height != y->height) return x->height > y->height ? -1 : 1;
    return (x->voxel > y->voxel) - (x->voxel < y->voxel);
}

// Sorts the nodes from `start` to `end`, which stand in the order of their voxels where heights are equal. Nodes that
// classification took for equally high joined as it pleased: those are looked at again.
static void sort_run(const node_room *nodes, size_t start, size_t end) {
    node *sorted = end - start > SHORT_RUN ? malloc((end - start) * sizeof *sorted) : NULL;
    if (sorted) {
        for (size_t k = start; k < end; k++) sorted[k - start] = taken(nodes, k);
        qsort(sorted, end - start, sizeof *sorted, higher_first);
        for (size_t k = start; k < end; k++) put(nodes, k, sorted[k - start]);
        free(sorted);
    } else {
        for (size_t k = start + 1; k < end; k++) {
            const node moved = taken(nodes, k);
            size_t j = k;
            // Equal heights keep their order, which is that of the voxels.
            for (; j > start && nodes->height[j - 1] < moved.height; j--) put(nodes, j, taken(nodes, j - 1));
            put(nodes, j, moved);
        }
    }
    for (size_t k = start + 1; k < end; k++) {
        if (steepness_of(nodes->height[k]) == steepness_of(nodes->height[k - 1])) {
            nodes->joins[k] = nodes->joins[k - 1] = covey_joins_many;
        }
    }
}

// Sorts entries and writes the nodes that they stand for. `values` is by voxel, or by the number in the entry where
// `names` has the voxels of those numbers.
static void write_nodes(
    const covey_lattice *lattice, size_t count, const double *values, const int32_t *names, double sign,
    uint64_t *entries, uint64_t *spare, const node_room *nodes) {
    uint32_t first[3][DIGITS] = {{0}};
    for (size_t k = 0; k < count; k++) {
        for (int d = 0; d < 3; d++) first[d][entries[k] >> (FIRST_DIGIT + d * DIGIT_BITS) & (DIGITS - 1)]++;
    }
    for (int d = 0; d < 3; d++) {
        uint32_t before = 0;
        for (size_t digit = 0; digit < DIGITS; digit++) {
            const uint32_t number = first[d][digit];
            first[d][digit] = before;
            before += number;
        }
    }
    uint64_t *from = entries, *to = spare;
    for (int d = 0; d < 3; d++) {
        const int shift = FIRST_DIGIT + d * DIGIT_BITS;
        for (size_t k = 0; k < count; k++) to[first[d][from[k] >> shift & (DIGITS - 1)]++] = from[k];
        uint64_t *other = from;
        from = to;
        to = other;
    }
    // Nothing that is written here is read, which bytes alone would not tell the compiler.
    const int32_t *restrict position = lattice->position;
    int32_t *restrict voxel = nodes->voxel, *restrict place = nodes->place;
    uint8_t *restrict joins = nodes->joins;
    double *restrict height = nodes->height;
    for (size_t k = 0; k < count; k++) {
        const uint32_t number = (uint32_t)from[k] & ((1u << VOXEL_BITS) - 1);
        voxel[k] = names ? names[number] : (int32_t)number;
        place[k] = position[voxel[k]];
        joins[k] = (uint8_t)(from[k] >> VOXEL_BITS & ((1u << JOINS_BITS) - 1));
        height[k] = sign * values[number];
    }
    for (size_t start = 0; start < count;) {
        size_t end = start + 1;
        while (end < count && from[end] >> FIRST_DIGIT == from[start] >> FIRST_DIGIT) end++;
        if (end - start > 1) sort_run(nodes, start, end);
        start = end;
    }
}

size_t covey_order_voxels(
    int level, const covey_lattice *lattice, const double *values, double sign, double floor, int32_t *steepness,
    uint64_t *entries, uint64_t *spare, int32_t *voxel, int32_t *place, uint8_t *joins, double *height) {
    const node_room nodes = {voxel, place, joins, height};
    AT_LEVEL(level, steepness_of_voxels)(lattice, values, sign, floor, steepness);
    const size_t count = AT_LEVEL(level, classify)(lattice, steepness, entries);
    write_nodes(lattice, count, values, NULL, sign, entries, spare, &nodes);
    return count;
}

size_t covey_order_given_voxels(
    const covey_lattice *lattice, size_t given, const int32_t *voxels, const double *values, double sign,
    double floor, uint64_t *entries, uint64_t *spare, int32_t *voxel, int32_t *place, uint8_t *joins,
    double *height) {
    const node_room nodes = {voxel, place, joins, height};
    size_t count = 0;
    for (size_t k = 0; k < given; k++) {
        const double h = sign * values[k];
        if (!(h > floor)) continue;
        entries[count] = entry_of(steepness_of(h), covey_joins_many, (uint32_t)k);
        put(&nodes, count++, (node){h, voxels[k], lattice->position[voxels[k]], covey_joins_many});
    }
    if (count <= SHORT_RUN) {
        // Too few for three rounds over all digits.
        sort_run(&nodes, 0, count);
    } else {
        write_nodes(lattice, count, values, voxels, sign, entries, spare, &nodes);
    }
    return count;
}
