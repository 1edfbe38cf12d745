// The component tree of a map: which voxels hang together above every height at once.
//
// Voxels are taken from the highest down. Each becomes a node; the components that it touches become its
// children. The subtree of a node is the component that holds it among the voxels at least as high, so that
// one tree answers every question about thresholds: extents, masses, and the integral of TFCE.
#ifndef COVEY_COMPONENT_TREE_H
#define COVEY_COMPONENT_TREE_H
#include <stddef.h>
#include <stdint.h>

// Where voxels lie: in a lattice padded by one place on every side, so that no neighbour leaves it.
typedef struct {
    size_t count;             // voxels
    const int32_t *position;  // count: place of each voxel in the padded lattice
    int32_t row;              // places from one row to the next
    int32_t plane;            // places from one plane to the next
    int connectivity;         // 6, 18 or 26
} covey_lattice;

// Sorts the voxels whose sign * value exceeds `floor` by that height, greatest first, equal ones by number.
//
// values: lattice->count. keys, spare: room for lattice->count each. voxel, height: the nodes, out.
// Returns the number of nodes. NaN is below every floor.
size_t covey_sort_voxels(
    size_t count, const double *values, double sign, double floor, uint64_t *keys, uint64_t *spare,
    int32_t *voxel, double *height);

// The same of a map of which only some voxels are given, in ascending order: `given` of them with their values.
size_t covey_sort_given_voxels(
    size_t given, const int32_t *voxels, const double *values, double sign, double floor, uint64_t *keys,
    uint64_t *spare, int32_t *voxel, double *height);

// A component while the tree is built.
typedef struct {
    int32_t top;   // its lowest node so far: the root of its tree
    int32_t size;  // voxels
    double mass;   // sum of heights
} covey_set;

// Joins the sorted voxels into the tree.
//
// occupied: one bit per place of the padded lattice and 8 bytes more, all 0; all 0 again on return.
// label: one entry per place, all 0; with 6 neighbours all 0 again on return, the others do not ask for it.
// link, sets: one per node and one more; scratch.
// parent: out, a later node, or the node itself where nothing joins it below. size, mass: out, number of
// voxels and sum of heights of each node's subtree.
void covey_join_voxels(
    const covey_lattice *lattice, size_t nodes, const int32_t *voxel, const double *height,
    uint8_t *occupied, int32_t *label, int32_t *link, covey_set *sets, int32_t *parent, int32_t *size,
    double *mass);

// The integral over heights for every node:
//   enhanced[k] = enhanced[parent] + extent_power[size[k]] * (term[k] - term[parent])
// with 0 for what is below a root. Returns the greatest; 0 without nodes.
double covey_integrate_tree(
    size_t nodes, const int32_t *parent, const int32_t *size, const double *term,
    const double *extent_power, double *enhanced);

// The components of the first `nodes` nodes: each node's root among them. Returns how many there are.
size_t covey_cut_tree(size_t nodes, const int32_t *parent, int32_t *root);

#endif
