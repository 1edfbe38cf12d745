#include "component_tree.h"

#include <stdlib.h>
#include <string.h>

// ---- Sorting -------------------------------------------------------------------------------------------

#define KEY_BITS 22
#define DIGIT_BITS 11
#define DIGITS (1u << DIGIT_BITS)
// Runs of equal keys up to this length are sorted by insertion.
#define SHORT_RUN 24
// Voxels that are looked at together before one is.
#define STRIDE 16

static uint64_t bits_of(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

typedef struct {
    double height;
    int32_t voxel;
} sort_entry;

static int higher_first(const void *a, const void *b) {
    const sort_entry *x = a, *y = b;
    if (x->height != y->height) return x->height > y->height ? -1 : 1;
    return (x->voxel > y->voxel) - (x->voxel < y->voxel);
}

static void sort_run(size_t count, int32_t *voxel, double *height) {
    if (count > SHORT_RUN) {
        sort_entry *entries = malloc(count * sizeof *entries);
        if (entries) {
            for (size_t i = 0; i < count; i++) entries[i] = (sort_entry){height[i], voxel[i]};
            qsort(entries, count, sizeof *entries, higher_first);
            for (size_t i = 0; i < count; i++) {
                height[i] = entries[i].height;
                voxel[i] = entries[i].voxel;
            }
            free(entries);
            return;
        }
    }
    for (size_t i = 1; i < count; i++) {
        double h = height[i];
        int32_t v = voxel[i];
        size_t j = i;
        // Equal heights keep their order, which is that of the voxels.
        for (; j > 0 && height[j - 1] < h; j--) {
            height[j] = height[j - 1];
            voxel[j] = voxel[j - 1];
        }
        height[j] = h;
        voxel[j] = v;
    }
}

// Sorts collected nodes, whose entries in `voxel` are places in `values`; `names` are the voxels of the places, or null
// where they are the same.
static inline __attribute__((always_inline)) void order_nodes(
    size_t nodes, double greatest, const double *values, const int32_t *names, double sign, uint64_t *keys,
    uint64_t *spare, int32_t *voxel, double *height) {
    // A key is the leading bits of a positive double, which ascend with it: 16 octaves below the greatest
    // height in 2^22 steps. What lies lower shares the last key and is sorted as a run.
    const int drop = 52 - (KEY_BITS - 4);
    const uint64_t top = bits_of(greatest) >> drop;
    const uint32_t last = (1u << KEY_BITS) - 1;
    uint32_t low[DIGITS] = {0}, high[DIGITS] = {0};
    for (size_t i = 0; i < nodes; i++) {
        uint64_t below = top - (bits_of(height[i]) >> drop);
        uint32_t key = below < last ? (uint32_t)below : last;
        keys[i] = (uint64_t)key << 32 | (uint32_t)voxel[i];
        low[key & (DIGITS - 1)]++;
        high[key >> DIGIT_BITS]++;
    }
    uint32_t sum_low = 0, sum_high = 0;
    for (size_t d = 0; d < DIGITS; d++) {
        uint32_t a = low[d], b = high[d];
        low[d] = sum_low;
        high[d] = sum_high;
        sum_low += a;
        sum_high += b;
    }
    for (size_t i = 0; i < nodes; i++) spare[low[keys[i] >> 32 & (DIGITS - 1)]++] = keys[i];
    for (size_t i = 0; i < nodes; i++) keys[high[spare[i] >> (32 + DIGIT_BITS)]++] = spare[i];
    for (size_t i = 0; i < nodes; i++) {
        const int32_t place = (int32_t)(uint32_t)keys[i];
        voxel[i] = names ? names[place] : place;
        height[i] = sign * values[place];
    }
    for (size_t start = 0; start < nodes;) {
        size_t end = start + 1;
        while (end < nodes && keys[end] >> 32 == keys[start] >> 32) end++;
        if (end - start > 1) sort_run(end - start, voxel + start, height + start);
        start = end;
    }
}

size_t covey_sort_voxels(
    size_t count, const double *values, double sign, double floor, uint64_t *keys, uint64_t *spare,
    int32_t *voxel, double *height) {
    double greatest = floor;
    size_t nodes = 0;
    for (size_t start = 0; start < count; start += STRIDE) {
        const size_t end = start + STRIDE < count ? start + STRIDE : count;
        // Above a forming threshold there is mostly nothing.
        int any = 0;
        for (size_t i = start; i < end; i++) any |= sign * values[i] > floor;
        if (!any) continue;
        for (size_t i = start; i < end; i++) {
            double h = sign * values[i];
            greatest = h > greatest ? h : greatest;
            voxel[nodes] = (int32_t)i;
            height[nodes] = h;
            nodes += h > floor;
        }
    }
    if (nodes > 0) order_nodes(nodes, greatest, values, NULL, sign, keys, spare, voxel, height);
    return nodes;
}

size_t covey_sort_given_voxels(
    size_t given, const int32_t *voxels, const double *values, double sign, double floor, uint64_t *keys,
    uint64_t *spare, int32_t *voxel, double *height) {
    double greatest = floor;
    size_t nodes = 0;
    for (size_t i = 0; i < given; i++) {
        double h = sign * values[i];
        greatest = h > greatest ? h : greatest;
        voxel[nodes] = (int32_t)i;
        height[nodes] = h;
        nodes += h > floor;
    }
    if (nodes <= SHORT_RUN) {
        // Too few for two rounds over all digits.
        for (size_t i = 0; i < nodes; i++) voxel[i] = voxels[voxel[i]];
        sort_run(nodes, voxel, height);
    } else {
        order_nodes(nodes, greatest, values, voxels, sign, keys, spare, voxel, height);
    }
    return nodes;
}

// ---- Joining -------------------------------------------------------------------------------------------

// Neighbours are the bits of a 3 x 3 x 3 cube: place (dx, dy, dz) is bit (dz + 1) * 9 + (dy + 1) * 3 + dx + 1.
#define FACES 0x00415410u
#define CORNERS 0x05140145u
#define CUBE 0x07ffffffu
#define X_FIRST 0x01249249u  // dx = -1
#define X_LAST 0x04924924u   // dx = +1
#define Y_FIRST 0x001c0e07u  // dy = -1
#define Y_LAST 0x070381c0u   // dy = +1
// dz needs no masks: what leaves the cube falls off the 27 bits.

static inline uint32_t spread_x(uint32_t s) { return s | (s & ~X_LAST) << 1 | (s & ~X_FIRST) >> 1; }
static inline uint32_t spread_y(uint32_t s) { return s | (s & ~Y_LAST) << 3 | (s & ~Y_FIRST) >> 3; }
static inline uint32_t spread_z(uint32_t s) { return (s | s << 9 | s >> 9) & CUBE; }

// The places of a set and those it touches, of 18 or 26 neighbours.
static inline __attribute__((always_inline)) uint32_t grown(uint32_t s, int connectivity) {
    uint32_t x = spread_x(s);
    if (connectivity == 26) return spread_z(spread_y(x));
    return spread_y(x) | spread_z(x) | spread_z(spread_y(s));
}

static inline uint32_t three_bits(const uint8_t *bits, int32_t first) {
    uint16_t word;
    memcpy(&word, bits + (first >> 3), sizeof word);
    return word >> (first & 7) & 7u;
}

// The component that a label stands for. Links are as good as always one step deep; a longer way is remembered.
static inline int32_t component(int32_t *link, int32_t label) {
    int32_t found = link[label];
    if (link[found] != found) {
        do found = link[found];
        while (link[found] != found);
        link[label] = found;
    }
    return found;
}

// Nodes between fetching memory and reading it.
#define AHEAD 8

// Written once for each connectivity, so that the compiler drops what does not apply.
//
// Every local maximum begins a component, and every other voxel takes the label of the one that it joins. Components
// are a small share of the voxels, so that the union-find stays in the nearest cache.
static inline __attribute__((always_inline)) void join_cubes(
    const covey_lattice *lattice, int connectivity, size_t nodes, const int32_t *voxel, const double *height,
    uint8_t *occupied, int32_t *label, int32_t *link, covey_set *sets, int32_t *parent, int32_t *size,
    double *mass) {
    const int32_t row = lattice->row, plane = lattice->plane;
    int32_t step[27];
    uint32_t reach[27];
    for (int bit = 0; bit < 27; bit++) {
        step[bit] = (bit / 9 - 1) * plane + (bit / 3 % 3 - 1) * row + bit % 3 - 1;
        reach[bit] = grown(1u << bit, connectivity);
    }
    int32_t components = 0;
    for (size_t k = 0; k < nodes; k++) {
        const int32_t place = lattice->position[voxel[k]];
        if (k + AHEAD < nodes) {
            // The order of heights jumps about the lattice: what a later node will read is fetched now.
            const int32_t later = lattice->position[voxel[k + AHEAD]];
            for (int z = -1; z <= 1; z++) {
                for (int y = -1; y <= 1; y++) __builtin_prefetch(label + later + z * plane + y * row);
            }
        }
        uint32_t around = 0;
        for (int z = -1, shift = 0; z <= 1; z++) {
            for (int y = -1; y <= 1; y++, shift += 3) {
                around |= three_bits(occupied, place + z * plane + y * row - 1) << shift;
            }
        }
        occupied[place >> 3] |= (uint8_t)(1u << (place & 7));
        parent[k] = (int32_t)k;

        // Places that touch the centre by less than the connectivity asks only lead from one to another.
        uint32_t touching = connectivity == 26 ? around : around & ~CORNERS;
        int32_t set = components, extent = 1, largest = 0;
        double sum = height[k];
        if (!touching) {
            link[set] = set;
            components++;
        }
        while (touching) {
            // Neighbours that hang together within the cube are one component already: one search for each group.
            // A face's neighbour reaches furthest, mostly all of the group in two steps.
            const uint32_t faces = touching & FACES;
            const int first = __builtin_ctz(faces ? faces : touching);
            uint32_t group = grown(reach[first] & around, connectivity) & around;
            for (uint32_t before = 0; touching & ~group && group != before;) {
                before = group;
                group = grown(group, connectivity) & around;
            }
            touching &= ~group;
            const int32_t found = component(link, label[place + step[first]]);
            if (found == set) continue;
            const covey_set joined = sets[found];
            parent[joined.top] = (int32_t)k;
            extent += joined.size;
            sum += joined.mass;
            if (largest == 0) {
                set = found;
                largest = joined.size;
            } else if (joined.size > largest) {
                link[set] = found;
                set = found;
                largest = joined.size;
            } else {
                link[found] = set;
            }
        }
        label[place] = set;
        sets[set] = (covey_set){(int32_t)k, extent, sum};
        size[k] = extent;
        mass[k] = sum;
    }
    for (size_t k = 0; k < nodes; k++) occupied[lattice->position[voxel[k]] >> 3] = 0;
}

// With faces alone a voxel touches at most six others, seldom of more than one component: their labels are read
// without asking which are there. Components count from 1, and label 0 leads to 0, which is none.
static void join_faces(
    const covey_lattice *lattice, size_t nodes, const int32_t *voxel, const double *height, int32_t *label,
    int32_t *link, covey_set *sets, int32_t *parent, int32_t *size, double *mass) {
    const int32_t step[6] = {-lattice->plane, -lattice->row, -1, 1, lattice->row, lattice->plane};
    int32_t components = 0;
    link[0] = 0;
    for (size_t k = 0; k < nodes; k++) {
        const int32_t place = lattice->position[voxel[k]];
        if (k + AHEAD < nodes) {
            const int32_t later = lattice->position[voxel[k + AHEAD]];
            __builtin_prefetch(label + later);
            for (int i = 0; i < 6; i++) __builtin_prefetch(label + later + step[i]);
        }
        int32_t found[6], greatest = 0, differs = 0;
        for (int i = 0; i < 6; i++) {
            found[i] = link[label[place + step[i]]];
            greatest = found[i] > greatest ? found[i] : greatest;
        }
        for (int i = 0; i < 6; i++) differs |= (found[i] != greatest) & (found[i] != 0);
        parent[k] = (int32_t)k;

        int32_t set = greatest, extent = 1;
        double sum = height[k];
        if (greatest == 0) {
            set = ++components;
            link[set] = set;
        } else if (!differs && link[greatest] == greatest) {
            const covey_set joined = sets[set];
            parent[joined.top] = (int32_t)k;
            extent += joined.size;
            sum += joined.mass;
        } else {
            int32_t largest = 0;
            set = 0;
            for (int i = 0; i < 6; i++) {
                if (!found[i]) continue;
                const int32_t other = component(link, label[place + step[i]]);
                if (other == set) continue;
                const covey_set joined = sets[other];
                parent[joined.top] = (int32_t)k;
                extent += joined.size;
                sum += joined.mass;
                if (joined.size > largest) {
                    link[set] = other;
                    set = other;
                    largest = joined.size;
                } else {
                    link[other] = set;
                }
            }
            link[0] = 0;
        }
        label[place] = set;
        sets[set] = (covey_set){(int32_t)k, extent, sum};
        size[k] = extent;
        mass[k] = sum;
    }
    // Many labels are cleared fastest in the order of the lattice.
    if (nodes > lattice->count / 4) {
        for (size_t i = 0; i < lattice->count; i++) label[lattice->position[i]] = 0;
    } else {
        for (size_t k = 0; k < nodes; k++) label[lattice->position[voxel[k]]] = 0;
    }
}

void covey_join_voxels(
    const covey_lattice *lattice, size_t nodes, const int32_t *voxel, const double *height,
    uint8_t *occupied, int32_t *label, int32_t *link, covey_set *sets, int32_t *parent, int32_t *size,
    double *mass) {
    switch (lattice->connectivity) {
    case 6: join_faces(lattice, nodes, voxel, height, label, link, sets, parent, size, mass); break;
    case 18: join_cubes(lattice, 18, nodes, voxel, height, occupied, label, link, sets, parent, size, mass); break;
    default: join_cubes(lattice, 26, nodes, voxel, height, occupied, label, link, sets, parent, size, mass); break;
    }
}

// ---- Reading the tree ----------------------------------------------------------------------------------

double covey_integrate_tree(
    size_t nodes, const int32_t *parent, const int32_t *size, const double *term,
    const double *extent_power, double *enhanced) {
#pragma STDC FP_CONTRACT OFF
    double greatest = 0;
    for (size_t k = nodes; k-- > 0;) {
        size_t below = (size_t)parent[k];
        double base = below == k ? 0 : enhanced[below], from = below == k ? 0 : term[below];
        double value = base + extent_power[size[k]] * (term[k] - from);
        enhanced[k] = value;
        greatest = value > greatest ? value : greatest;
    }
    return greatest;
}

size_t covey_cut_tree(size_t nodes, const int32_t *parent, int32_t *root) {
    size_t components = 0;
    for (size_t k = nodes; k-- > 0;) {
        size_t below = (size_t)parent[k];
        int is_root = below == k || below >= nodes;
        root[k] = is_root ? (int32_t)k : root[below];
        components += (size_t)is_root;
    }
    return components;
}
