// Statistics that estimate a variance for each group of subjects: Aspin and Welch's v, and G.
#ifndef COVEY_WELCH_H
#define COVEY_WELCH_H
#include <stddef.h>
#include <stdint.h>

// What a call of covey_welch_panel is about. The rows of the design are ordered by group; the columns of the
// basis are orthonormal, those of the nuisance space first, those of the tested space last.
typedef struct {
    size_t subjects;
    size_t columns;     // of the basis
    size_t tested;      // the last columns of the basis
    size_t groups;
    size_t shuffles;
    int squares;        // the quadratic form (G) rather than the signed ratio (v)
    int approximates;   // degrees of freedom are wanted, and F in place of G
} covey_welch;

size_t covey_welch_scratch_count(size_t subjects, size_t columns, size_t tested, size_t groups);

// With e* the shuffled data, a = B'e*, r = e* - B a, W_g = trace_g / (r_g'r_g), A = sum_g W_g B_g'B_g = L L'
// (Cholesky) and K the last `tested` rows and columns of L:
//
//   v = K a_tested                       (tested == 1)
//   G = |K'a_tested|^2 / (s Lambda)      (squares)
//   F = |K'a_tested|^2 / c, nu           (squares and approximates: Johansen's approximate F)
//
// degrees are Satterthwaite's for v and Johansen's for F. A group's r'r counts as no less than 1e-13 of the
// sum over groups, and that as no less than 1e-24, so that every value is finite.
//
// basis: subjects x columns, row by row. ends: groups, the row after the last of each. grams: groups x columns
// x columns, B_g'B_g. traces: groups, the trace of I - B B' over the rows of each. rows, signs: shuffles x
// subjects, the row of the data that each row of the design meets, and with which sign. data: subjects x
// COVEY_PANEL, unit residuals on the unshuffled nuisance columns. values, degrees: shuffles x COVEY_PANEL, out
// (degrees are written only where they are wanted). scratch: covey_welch_scratch_count doubles.
void covey_welch_panel(
    int level, const covey_welch *work, const double *basis, const size_t *ends, const double *grams,
    const double *traces, const int32_t *rows, const double *signs, const double *data, double *values,
    double *degrees, double *scratch);

#endif
