#include "welch.h"

#include "shuffle_kernels.h"

typedef struct {
    covey_welch shape;
    const double *basis;
    const size_t *ends;
    const double *grams;
    const double *traces;
    const int32_t *rows;
    const double *signs;
    const double *data;
    double *values;
    double *degrees;
    double *scratch;
} welch_pointers;

#define TEMPLATE "welch_template.h"
#include "every_level.h"

size_t covey_welch_scratch_count(size_t subjects, size_t columns, size_t tested, size_t groups) {
    return (subjects + columns + groups + columns * columns + columns * tested) * COVEY_PANEL;
}

void covey_welch_panel(
    int level, const covey_welch *work, const double *basis, const size_t *ends, const double *grams,
    const double *traces, const int32_t *rows, const double *signs, const double *data, double *values,
    double *degrees, double *scratch) {
    const welch_pointers all = {
        *work, basis, ends, grams, traces, rows, signs, data, values, degrees, scratch};
    AT_LEVEL(level, welch)(&all);
}
