#include "component_tree.h"

#include <string.h>

// ---- Joining -------------------------------------------------------------------------------------------

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

// Every local maximum begins a component, and every other voxel takes the label of the one that it joins. Components
// are a small share of the voxels, so that the union-find stays in the nearest cache. They count from 1; label 0 is of
// places without a node so far.
//
// Written once with masses and once without, so that the compiler drops what does not apply.
static inline __attribute__((always_inline)) void join(
    const covey_lattice *lattice, size_t count, const int32_t *places, const uint8_t *joins, const double *heights, int32_t *label,
    int32_t *link, covey_set *sets, int32_t *parent, int32_t *size, double *mass) {
    // Steps to the places of the cube by their number, and to the neighbours among them.
    int32_t step[32] = {0}, neighbours[26];
    int reach = 0;
    const int most = lattice->connectivity == 6 ? 1 : lattice->connectivity == 18 ? 2 : 3;
    for (int bit = 0; bit < 27; bit++) {
        const int x = bit % 3 - 1, y = bit / 3 % 3 - 1, z = bit / 9 - 1;
        const int axes = (x != 0) + (y != 0) + (z != 0);
        step[bit + 1] = z * lattice->plane + y * lattice->row + x;
        if (axes > 0 && axes <= most) neighbours[reach++] = step[bit + 1];
    }
    int32_t components = 0;
    link[0] = 0;
    for (size_t k = 0; k < count; k++) {
        const int32_t place = places[k], way = joins[k];
        if (k + AHEAD < count) {
            // The order of heights jumps about the lattice: what a later node will read is fetched now.
            const int32_t *later = label + places[k + AHEAD];
            __builtin_prefetch(later, 1);
            __builtin_prefetch(later + step[joins[k + AHEAD]]);
        }
        parent[k] = (int32_t)k;
        int32_t set = 0, extent = 1;
        double sum = heights[k];
        if (__builtin_expect(way == covey_joins_many, 0)) {
            int32_t last = 0, largest = 0;
            for (int i = 0; i < reach; i++) {
                const int32_t other = label[place + neighbours[i]];
                // Neighbours of one component stand side by side.
                if (other == last || other == 0) continue;
                last = other;
                const int32_t found = component(link, other);
                if (found == set) continue;
                const covey_set joined = sets[found];
                parent[joined.top] = (int32_t)k;
                extent += joined.size;
                sum += joined.mass;
                if (joined.size > largest) {
                    link[set] = found;
                    set = found;
                    largest = joined.size;
                } else {
                    link[found] = set;
                }
            }
            link[0] = 0;
        } else if (way != covey_joins_none) {
            set = component(link, label[place + step[way]]);
            const covey_set joined = sets[set];
            parent[joined.top] = (int32_t)k;
            extent += joined.size;
            sum += joined.mass;
        }
        if (set == 0) {
            set = ++components;
            link[set] = set;
        }
        label[place] = set;
        sets[set] = (covey_set){(int32_t)k, extent, mass ? sum : 0};
        size[k] = extent;
        if (mass) mass[k] = sum;
    }
    // Many labels are cleared fastest in the order of the lattice.
    if (count > lattice->count / 4) {
        for (size_t r = 0; r < lattice->runs; r++) {
            memset(label + lattice->run[r].place, 0, (size_t)lattice->run[r].length * sizeof *label);
        }
    } else {
        for (size_t k = 0; k < count; k++) label[places[k]] = 0;
    }
}

void covey_join_nodes(
    const covey_lattice *lattice, size_t count, const int32_t *places, const uint8_t *joins, const double *heights, int32_t *label,
    int32_t *link, covey_set *sets, int32_t *parent, int32_t *size, double *mass) {
    if (mass) {
        join(lattice, count, places, joins, heights, label, link, sets, parent, size, mass);
    } else {
        join(lattice, count, places, joins, heights, label, link, sets, parent, size, NULL);
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
