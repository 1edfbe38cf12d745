// Compiled once per instruction level by smoothing.c; every_level.h says what a template has.


#define SUM_AT(type, x)                                                                             \
    type sum = (type)weights[0] * *(const type *)(in + (x));                                        \
    for (size_t j = 1; j <= radius; j++) {                                                          \
        sum += (type)weights[j]                                                                     \
            * (*(const type *)(in + offsets[2 * j - 2] + (x)) + *(const type *)(in + offsets[2 * j - 1] + (x))); \
    }                                                                                               \
    *(type *)(out + (x)) = sum;

// One row of outputs from rows of inputs at the given offsets; out and in do not overlap. The last vector of
// a row overlaps the one before it and computes the same bits again.
TARGET static inline __attribute__((always_inline)) void NAME(row_of)(
    double *restrict out, const double *restrict in, const ptrdiff_t *restrict offsets,
    const double *restrict weights, size_t radius, size_t count) {
#pragma STDC FP_CONTRACT OFF
    if (count < LANES) {
        for (size_t x = 0; x < count; x++) { SUM_AT(double, x) }
        return;
    }
    size_t x = 0;
    for (; x + LANES <= count; x += LANES) { SUM_AT(VECTOR, x) }
    if (x < count) {
        x = count - LANES;
        SUM_AT(VECTOR, x)
    }
}

// The usual radii are unrolled.
TARGET static void NAME(row)(
    double *restrict out, const double *restrict in, const ptrdiff_t *restrict offsets,
    const double *restrict weights, size_t radius, size_t count) {
    switch (radius) {
    case 1: NAME(row_of)(out, in, offsets, weights, 1, count); break;
    case 2: NAME(row_of)(out, in, offsets, weights, 2, count); break;
    case 3: NAME(row_of)(out, in, offsets, weights, 3, count); break;
    case 4: NAME(row_of)(out, in, offsets, weights, 4, count); break;
    case 5: NAME(row_of)(out, in, offsets, weights, 5, count); break;
    case 6: NAME(row_of)(out, in, offsets, weights, 6, count); break;
    default: NAME(row_of)(out, in, offsets, weights, radius, count);
    }
}

// Filters one plane along x and y, from `plane` into `out`; `padded` and `slice` are room to work in.
TARGET static void NAME(filter_plane)(
    const covey_filter *filter, const double *restrict plane, double *restrict out, double *restrict padded,
    double *restrict slice, ptrdiff_t *restrict offsets) {
    const size_t nx = filter->shape[0], ny = filter->shape[1];
    const size_t rx = filter->radius[0], ry = filter->radius[1], stride = nx + 2 * rx;
    // All rows are padded before the first is filtered: loads that straddle stores still in flight stall.
    for (size_t y = 0; y < ny; y++) {
        const double *row = plane + y * nx;
        double *line = padded + y * stride + rx;
        for (size_t x = 0; x < nx; x++) {
            const double zero_if_finite = row[x] - row[x];
            line[x] = zero_if_finite == 0 ? row[x] : 0;
        }
        for (size_t j = 1; j <= rx; j++) {
            line[-(ptrdiff_t)j] = line[reflected(-(ptrdiff_t)j, nx)];
            line[nx - 1 + j] = line[reflected((ptrdiff_t)(nx - 1 + j), nx)];
        }
    }
    for (size_t j = 1; j <= rx; j++) {
        offsets[2 * j - 2] = -(ptrdiff_t)j;
        offsets[2 * j - 1] = (ptrdiff_t)j;
    }
    for (size_t y = 0; y < ny; y++) {
        NAME(row)(slice + y * nx, padded + y * stride + rx, offsets, filter->weights[0], rx, nx);
    }
    // Rows with all their neighbours in the plane have the same offsets and are filtered as one.
    for (size_t y = 0; y < ny;) {
        const size_t rows = y >= ry && y + ry < ny ? ny - ry - y : 1;
        for (size_t j = 1; j <= ry; j++) {
            const ptrdiff_t here = (ptrdiff_t)y, step = (ptrdiff_t)j;
            offsets[2 * j - 2] = ((ptrdiff_t)reflected(here - step, ny) - here) * (ptrdiff_t)nx;
            offsets[2 * j - 1] = ((ptrdiff_t)reflected(here + step, ny) - here) * (ptrdiff_t)nx;
        }
        NAME(row)(out + y * nx, slice + y * nx, offsets, filter->weights[1], ry, rows * nx);
        y += rows;
    }
}

// Planes filtered along x and y wait in a ring until the last of the planes that an output needs is there;
// the output then takes the place of a plane of the input that is no longer needed.
TARGET static void NAME(filter_apply)(
    const covey_filter *filter, double *values, double *scratch, ptrdiff_t *offsets) {
    const size_t nx = filter->shape[0], ny = filter->shape[1], nz = filter->shape[2];
    const size_t plane = nx * ny, radius = filter->radius[2], planes = ring_planes(filter);
    double *ring = scratch, *slice = ring + planes * plane, *padded = slice + plane;
    for (size_t step = 0; step < nz + radius; step++) {
        if (step < nz) {
            NAME(filter_plane)(
                filter, values + step * plane, ring + step % planes * plane, padded, slice, offsets);
        }
        if (step < radius) continue;
        const size_t z = step - radius, here = z % planes;
        for (size_t j = 1; j <= radius; j++) {
            const size_t below = reflected((ptrdiff_t)z - (ptrdiff_t)j, nz) % planes;
            const size_t above = reflected((ptrdiff_t)(z + j), nz) % planes;
            offsets[2 * j - 2] = ((ptrdiff_t)below - (ptrdiff_t)here) * (ptrdiff_t)plane;
            offsets[2 * j - 1] = ((ptrdiff_t)above - (ptrdiff_t)here) * (ptrdiff_t)plane;
        }
        NAME(row)(values + z * plane, ring + here * plane, offsets, filter->weights[2], radius, plane);
    }
}
