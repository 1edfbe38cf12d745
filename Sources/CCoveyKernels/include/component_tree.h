// The component tree of a map: which voxels hang together above every height at once.
//
// Voxels are taken from the highest down. Each becomes a node; the components that it touches become its
// children. The subtree of a node is the component that holds it among the voxels at least as high, so that
// one tree answers every question about thresholds: extents, masses, and the integral of TFCE.
#ifndef COVEY_COMPONENT_TREE_H
#define COVEY_COMPONENT_TREE_H
#include "node_order.h"

// A component while the tree is built.
typedef struct {
    int32_t top;   // its lowest node so far: the root of its tree
    int32_t size;  // voxels
    double mass;   // sum of heights
} covey_set;

// Joins ordered nodes into the tree.
//
// places, joins, heights: of the nodes, as covey_order_voxels writes them.
// label: one entry per place of the lattice, all 0; all 0 again on return.
// link, sets: one per node and one more; scratch.
// parent: out, a later node, or the node itself where nothing joins it below. size, mass: out, number of
// voxels and sum of heights of each node's subtree; masses are left out where `mass` is null.
void covey_join_nodes(
    const covey_lattice *lattice, size_t count, const int32_t *places, const uint8_t *joins, const double *heights, int32_t *label,
    int32_t *link, covey_set *sets, int32_t *parent, int32_t *size, double *mass);

// The integral over heights for every node:
//   enhanced[k] = enhanced[parent] + extent_power[size[k]] * (term[k] - term[parent])
// with 0 for what is below a root. Returns the greatest; 0 without nodes.
double covey_integrate_tree(
    size_t nodes, const int32_t *parent, const int32_t *size, const double *term,
    const double *extent_power, double *enhanced);

// The components of the first `nodes` nodes: each node's root among them. Returns how many there are.
size_t covey_cut_tree(size_t nodes, const int32_t *parent, int32_t *root);

#endif
