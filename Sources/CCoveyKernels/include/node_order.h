// The voxels of a map from the highest down, and how each hangs together with those before it.
#ifndef COVEY_NODE_ORDER_H
#define COVEY_NODE_ORDER_H
#include <stddef.h>
#include <stdint.h>

// Voxels that follow each other along x, in number and in place.
typedef struct {
    int32_t voxel;   // the first one
    int32_t place;   // its place
    int32_t length;  // how many
} covey_run;

// Where voxels lie: in a lattice padded by one place on every side, so that no neighbour leaves it.
typedef struct {
    size_t count;             // voxels, fewer than 2^28
    const int32_t *position;  // count: place of each voxel in the padded lattice
    size_t runs;
    const covey_run *run;     // runs: all voxels, in order
    int32_t row;              // places from one row to the next
    int32_t plane;            // places from one plane to the next
    int connectivity;         // 6, 18 or 26
} covey_lattice;

// How a node hangs together with the higher voxels around it. From 1 to 27: all of them that are its neighbours hang
// together within the cube of places around it, and the place with that number (counted from 1, x fastest) is one of them.
enum {
    covey_joins_none = 0,   // no neighbour is higher: a local maximum
    covey_joins_many = 31,  // they may be of several components, or it was not found out
};

// Places that `steepness` needs beyond those of the lattice.
#define COVEY_PLACES_BEYOND 16

// Orders the voxels whose sign * value exceeds `floor`, the highest first, equal ones by number, and finds how each hangs
// together with higher ones.
//
// values: lattice->count. steepness: one for each place of the lattice and COVEY_PLACES_BEYOND more, 0 at every place
// without a voxel. entries, spare: room for lattice->count + 1 each. voxel, place, joins, height: the nodes, out; room for
// as many. height is sign * value. Returns the number of nodes. NaN is below every floor.
size_t covey_order_voxels(
    int level, const covey_lattice *lattice, const double *values, double sign, double floor, int32_t *steepness,
    uint64_t *entries, uint64_t *spare, int32_t *voxel, int32_t *place, uint8_t *joins, double *height);

// The same of a map of which only some voxels are given, in ascending order: `given` of them with their values. How
// nodes hang together is not found out.
size_t covey_order_given_voxels(
    const covey_lattice *lattice, size_t given, const int32_t *voxels, const double *values, double sign,
    double floor, uint64_t *entries, uint64_t *spare, int32_t *voxel, int32_t *place, uint8_t *joins,
    double *height);

#endif
