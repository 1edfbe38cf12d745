// Two loops over panels of voxels: projection on an orthonormal basis, and the scores of shuffled rows.
//
// A panel holds COVEY_PANEL voxels of every subject: element (subject k, lane v) at [k * COVEY_PANEL + v].
// Lanes never mix, so that a voxel's result depends on nothing but that voxel.
#ifndef COVEY_SHUFFLE_KERNELS_H
#define COVEY_SHUFFLE_KERNELS_H
#include <stddef.h>
#include <stdint.h>

#define COVEY_PANEL 24       // voxels in a panel
#define COVEY_TILE 8         // shuffles in a tile
#define COVEY_MAX_LANES 8    // doubles in the widest vector
#define COVEY_SCREEN_PANEL (2 * COVEY_PANEL)  // voxels in a panel of floats

// Shifts and scales every lane of a panel in place: with `shifts_data`, by minus its first subject's value;
// then by the power of two that brings its largest magnitude into [1, 2). shifts, exponents and squares:
// COVEY_PANEL each, out; squares are the sums of squares of the result. No fused operations: same bits at
// every level.
void covey_prepare_panel(
    int level, size_t subjects, int shifts_data, double *panel, double *shifts, int32_t *exponents,
    double *squares);

// Copies a panel with every lane multiplied by its own factor.
void covey_scale_panel(
    int level, size_t subjects, const double *panel, const double *factors, double *out);

// Projects every lane of a panel on the columns of an orthonormal basis, twice (the second pass removes
// what rounding left), and leaves the residuals in place of the data.
//
// basis: subjects x rank, row by row. panel: subjects x COVEY_PANEL, data in, residuals out.
// projection: rank x COVEY_PANEL out. squares: COVEY_PANEL out, the sums of squared residuals.
//
// No multiplication is fused with an addition, so that every level gives the same bits.
void covey_project_panel(
    int level, const double *basis, size_t subjects, size_t rank,
    double *panel, double *projection, double *squares);

// One contrast of several of a model, whose projections all come from the same rows: those of the shuffled columns
// `A`, which span what any of the contrasts tests, and of the model's other columns after them. The data `y` are
// residuals on those others. With `f` the part of `y` in `A` that the other contrasts test (A'y less its share in this
// contrast's tested columns), the residuals of this contrast's own nuisance columns are y - A f, of squared length
// 1 - f'f, and their projections on the shuffled rows are
//   x = rows'y - (rows'A) f,     on the tested columns G x (of the first `moved` of x).
typedef struct {
    size_t moved;            // columns of A, and rows of them: the first of the block's rows
    const double *movement;  // tiles x rows x moved x COVEY_TILE: rows'A of every shuffle
    const double *weights;   // tested x moved: G
    const double *fitted;    // moved x panels x COVEY_PANEL: f of every voxel
    const double *own;       // panels x COVEY_PANEL: 1 - f'f
} covey_share;

// The most rows of contrasts that share them, the most of these that span what is tested, and the most contrasts.
#define COVEY_SHARED_ROWS 64
#define COVEY_SHARED_MOVED 16
#define COVEY_SHARED_CONTRASTS 32

// What one call of covey_score_block works on.
typedef struct {
    size_t subjects;
    size_t panels;          // panels in this block
    const double *data;     // panels x subjects x COVEY_PANEL: residuals of unit length per lane
    size_t tiles;           // tiles of COVEY_TILE shuffles
    size_t tested;          // rows per shuffle that span the tested space
    size_t nuisance;        // rows per shuffle that span the (shuffled) nuisance space
    const double *rows;     // tiles x (tested + nuisance) x subjects x COVEY_TILE
    int two_sided;          // with tested == 1: score magnitudes
    const double *thresholds;  // panels x COVEY_PANEL; null: do not count
    int64_t *counts;        // panels x COVEY_PANEL, added to: shuffles whose score reaches the threshold
    double *maxima;         // tiles x COVEY_TILE x COVEY_MAX_LANES, raised to the greatest score seen
    double *scores;         // tiles x COVEY_TILE x panels x COVEY_PANEL out; null: scores are not kept
    const covey_share *share;  // null: the rows are of this contrast alone
} covey_block;

// The score of every shuffle at every voxel of a block. With a = the projections on the tested rows and
// h = those on the nuisance rows:
//   tested == 1, nuisance == 0:  a            (a correlation)
//   tested == 1, nuisance  > 0:  a |a| / (1 - h'h)   (a signed partial R2)
//   tested  > 1:                 a'a / (1 - h'h)     (a partial R2)
// A denominator below 1e-13 (all of the residual shuffled into the nuisance space) scores 0.
//
// Every projection is one chain of fused multiply-adds over the subjects in order (multiply, then add, at
// the baseline level on x86-64): AVX2 and AVX-512 give the same bits.
void covey_score_block(int level, const covey_block *block);

// The same for several contrasts that share rows and data.
//
// `rows` gives subjects, panels, data, tiles and rows (tested: the first `moved`, nuisance: the others); what else a block
// has is given here for all contrasts one after the other, and `movement` as covey_share has it. thresholds and scores may
// be null. Each of at most COVEY_SHARED_CONTRASTS contrasts has `tested` weights x moved.
void covey_score_shared(
    int level, const covey_block *rows, const double *movement, size_t contrasts, const size_t *tested,
    const int32_t *two_sided, const double *weights, const double *fitted, const double *own,
    const double *thresholds, int64_t *counts, double *maxima, double *scores);

// The products of one line of rows (subjects x COVEY_TILE) with `moved` columns of `subjects` numbers, into the line's part
// of covey_share's movement.
void covey_row_products(
    const double *rows, size_t line, size_t subjects, const double *columns, size_t moved, double *movement);

// Scores that are kept of a block. Those of one shuffle stand in the order of their voxels.
typedef struct {
    double least;      // scores of at least so much, or with two_sided of such a size
    size_t count;      // how many there are, out
    int32_t *shuffle;  // the shuffle of each: room for tiles x COVEY_TILE x panels x COVEY_PANEL, as for the others
    int32_t *column;   // its voxel
    double *score;     // the score, with its sign
} covey_kept;

// What one call of covey_screen_block works on besides the block: the same numbers in single precision, at half the
// cost, and room to work.
//
// A projection x of n products, whose row has length at most R and whose data have length 1, is known from floats to
// within
//   error = 1.01 ((n + 8) 2^-24 + n 2^-52) R
// (Higham 2002, Accuracy and Stability of Numerical Algorithms, section 3.1, with the rounding of both factors; fused
// or not), so that x^2 is off by at most 2 (|x| + error) error, and 1 - h'h of m projections, with |h| <= R, by
//   slope = 2 error (sqrt(m) R + m error) + rounding.
// Of contrasts that share rows, with `m` rows of which `moved` are theirs, a part x of length at most 1 is known to within
//   part = error + (3 moved + 8) 2^-24,
// its sums with weights G to within
//   error' = (greatest row sum of |G|) part + (2 moved + 3) 2^-24,
// and what is left of 1 - f'f to within
//   slope = 2 part (sqrt(m) + m part) + 2 error' (sqrt(tested) + tested error') + rounding.
// A comparison that this leaves open is settled in double by the arithmetic of covey_score_block, so that
// counts, maxima and the scores that are kept are the same bits as its own.
typedef struct {
    const covey_block *block;  // with scores null
    const float *rows;         // the block's rows, from covey_screen_rows
    float error;
    float rounding;            // of sums of squares: (2 (tested + nuisance) + 10) 2^-24
    float slope;               // how far 1 - h'h may be off
    float *data;               // (panels + 1) / 2 x subjects x COVEY_SCREEN_PANEL
    float *low, *high;         // (panels + 1) / 2 x COVEY_SCREEN_PANEL each
    int32_t *counts;           // as many
    double *greatest;          // tiles x COVEY_TILE: the greatest score of each shuffle so far
    float *floors;             // tiles x COVEY_TILE: a score below it is not the greatest of its shuffle, nor kept
    covey_kept *kept;          // the scores of at least a bound; null: none are kept
    // Of a contrast that shares its rows, the share's numbers in single precision.
    const float *movement;
    const float *weights;
    float *fitted;             // moved x (panels + 1) / 2 x COVEY_SCREEN_PANEL: room
    float *own;                // (panels + 1) / 2 x COVEY_SCREEN_PANEL: room
} covey_screen;

// Rounds rows to floats and returns the greatest length of a row without NaN.
double covey_screen_rows(const covey_block *block, float *rows);

// What covey_score_block does to counts and maxima, most of it in single precision.
void covey_screen_block(int level, const covey_screen *screen);

// What covey_score_shared does to counts and maxima, most of it in single precision, with the rows of covey_screen_rows and
// their movement and weights as floats; errors and slopes of each contrast as covey_screen has them.
//
// kept: one for each contrast, or null. room: covey_shared_room() bytes to work in, aligned to 64.
void covey_screen_shared(
    int level, const covey_block *rows, const double *movement, size_t contrasts, const size_t *tested,
    const int32_t *two_sided, const double *weights, const double *fitted, const double *own,
    const double *thresholds, int64_t *counts, double *maxima, const float *single_rows,
    const float *single_movement, const float *single_weights, const float *errors, const float *slopes,
    float rounding, covey_kept *const *kept, void *room);

// Bytes of room for such a call.
size_t covey_shared_room(size_t subjects, size_t panels, size_t tiles, size_t moved, size_t contrasts);

// What a score stands for.
typedef enum {
    covey_score_correlation,    // t from a correlation
    covey_score_r2,             // t from a signed partial R2
    covey_score_correlation_f,  // F from a correlation
    covey_score_r2_f,           // F from a partial R2
} covey_score_meaning;

// Statistics of scores: shuffles x columns, read and written with a stride. With s the share of variance,
//   |t| = sqrt(dof s / (1 - s)),  F = dof s / (1 - s) / rank,
// and 1 - s not below 1e-16, so that every statistic is finite. Square root and division round as IEEE 754
// says: same bits at every level.
void covey_convert_scores(
    int level, int meaning, double dof, double rank, size_t shuffles, size_t columns,
    const double *scores, size_t score_stride, double *out, size_t out_stride);

#endif
