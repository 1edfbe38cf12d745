#include "shuffle_kernels.h"

#include <math.h>
#include <string.h>

static float rounded_down(double x) {
    float f = (float)x;
    return (double)f > x ? nextafterf(f, -INFINITY) : f;
}

static float rounded_up(double x) { return -rounded_down(-x); }

// A single row's scores are projections; those of several rows are shares, compared with their own slack.
static int scores_correlations(const covey_block *block) {
    return block->tested + block->nuisance == 1 && !block->share;
}

static float covey_screen_floor(const covey_screen *screen, double greatest) {
    if (screen->kept && screen->kept->least < greatest) greatest = screen->kept->least;
    return scores_correlations(screen->block)
        ? rounded_down(greatest - (double)screen->error) : (float)greatest;
}

#define TEMPLATE "shuffle_template.h"
#include "every_level.h"

void covey_project_panel(
    int level, const double *basis, size_t subjects, size_t rank,
    double *panel, double *projection, double *squares) {
    AT_LEVEL(level, project_panel)(basis, subjects, rank, panel, projection, squares);
}

void covey_score_block(int level, const covey_block *block) {
    AT_LEVEL(level, score_block)(block);
}

// The blocks of contrasts that share rows.
static void divide(
    const covey_block *rows, const double *movement, size_t contrasts, const size_t *tested, const int32_t *two_sided,
    const double *weights, const double *fitted, const double *own, const double *thresholds, int64_t *counts,
    double *maxima, double *scores, covey_block *blocks, covey_share *shares) {
    const size_t columns = rows->panels * COVEY_PANEL, shuffles = rows->tiles * COVEY_TILE, moved = rows->tested;
    for (size_t k = 0; k < contrasts; k++) {
        shares[k] = (covey_share){moved, movement, weights, fitted + k * moved * columns, own + k * columns};
        weights += tested[k] * moved;
        blocks[k] = *rows;
        blocks[k].tested = tested[k];
        blocks[k].nuisance = rows->tested + rows->nuisance - tested[k];
        blocks[k].two_sided = two_sided[k];
        blocks[k].thresholds = thresholds ? thresholds + k * columns : NULL;
        blocks[k].counts = thresholds ? counts + k * columns : NULL;
        blocks[k].maxima = maxima + k * shuffles * COVEY_MAX_LANES;
        blocks[k].scores = scores ? scores + k * shuffles * columns : NULL;
        blocks[k].share = &shares[k];
    }
}

void covey_score_shared(
    int level, const covey_block *rows, const double *movement, size_t contrasts, const size_t *tested,
    const int32_t *two_sided, const double *weights, const double *fitted, const double *own,
    const double *thresholds, int64_t *counts, double *maxima, double *scores) {
    covey_block blocks[COVEY_SHARED_CONTRASTS];
    covey_share shares[COVEY_SHARED_CONTRASTS];
    divide(rows, movement, contrasts, tested, two_sided, weights, fitted, own, thresholds, counts, maxima, scores,
        blocks, shares);
    AT_LEVEL(level, score_shared)(blocks, contrasts);
}

void covey_row_products(
    const double *rows, size_t line, size_t subjects, const double *columns, size_t moved, double *movement) {
    const double *row = rows + line * subjects * COVEY_TILE;
    for (size_t i = 0; i < moved; i++) {
        double sum[COVEY_TILE] = {0};
        for (size_t k = 0; k < subjects; k++)
            for (size_t r = 0; r < COVEY_TILE; r++) sum[r] += row[k * COVEY_TILE + r] * columns[i * subjects + k];
        for (size_t r = 0; r < COVEY_TILE; r++) movement[(line * moved + i) * COVEY_TILE + r] = sum[r];
    }
}

double covey_screen_rows(const covey_block *block, float *rows) {
    const size_t lines = block->tiles * (block->tested + block->nuisance);
    double greatest = 0;
    for (size_t line = 0; line < lines; line++) {
        double squares[COVEY_TILE] = {0};
        for (size_t k = 0; k < block->subjects; k++) {
            const size_t start = (line * block->subjects + k) * COVEY_TILE;
            for (size_t r = 0; r < COVEY_TILE; r++) {
                double x = block->rows[start + r];
                rows[start + r] = (float)x;
                squares[r] += x * x;
            }
        }
        for (size_t r = 0; r < COVEY_TILE; r++) greatest = squares[r] > greatest ? squares[r] : greatest;
    }
    return sqrt(greatest);
}

// Copies `lines` lines of a block's columns as floats into panels of floats. Where the last panel of doubles stands alone
// it stands twice, and what is found in its double is not settled.
static void narrow(const double *in, size_t line_stride, size_t panel_stride, size_t panels, size_t lines, float *out,
                   size_t out_line_stride, size_t out_panel_stride) {
    for (size_t panel = 0; panel < (panels + 1) / 2; panel++) {
        for (size_t half = 0; half < 2; half++) {
            size_t from = 2 * panel + half < panels ? 2 * panel + half : 2 * panel;
            for (size_t k = 0; k < lines; k++) {
                const double *source = in + from * panel_stride + k * line_stride;
                float *target = out + panel * out_panel_stride + half * COVEY_PANEL + k * out_line_stride;
                for (size_t v = 0; v < COVEY_PANEL; v++) target[v] = (float)source[v];
            }
        }
    }
}

static void prepare_data(const covey_screen *screen) {
    const covey_block *block = screen->block;
    narrow(
        block->data, COVEY_PANEL, block->subjects * COVEY_PANEL, block->panels, block->subjects, screen->data,
        COVEY_SCREEN_PANEL, block->subjects * COVEY_SCREEN_PANEL);
}

// Fills what the screen works on from its block, but for the data.
static void prepare_screen(const covey_screen *screen) {
    const covey_block *block = screen->block;
    const size_t panels = (block->panels + 1) / 2, columns = panels * COVEY_SCREEN_PANEL;
    const int correlations = scores_correlations(block);
    for (size_t c = 0; block->thresholds && c < columns; c++) {
        // No score comes near 4.
        double threshold = c < block->panels * COVEY_PANEL ? block->thresholds[c] : 4;
        screen->low[c] = correlations ? rounded_down(threshold - (double)screen->error) : (float)threshold;
        screen->high[c] = correlations ? rounded_up(threshold + (double)screen->error) : (float)threshold;
        screen->counts[c] = 0;
    }
    for (size_t k = 0; k < block->tiles * COVEY_TILE; k++) {
        double greatest = -INFINITY;
        for (size_t lane = 0; lane < COVEY_MAX_LANES; lane++) {
            double x = block->maxima[k * COVEY_MAX_LANES + lane];
            greatest = x > greatest ? x : greatest;
        }
        screen->greatest[k] = greatest;
        screen->floors[k] = covey_screen_floor(screen, greatest);
    }
    if (block->share) {
        narrow(
            block->share->fitted, block->panels * COVEY_PANEL, COVEY_PANEL, block->panels, block->share->moved,
            screen->fitted, columns, COVEY_SCREEN_PANEL);
        narrow(block->share->own, 0, COVEY_PANEL, block->panels, 1, screen->own, 0, COVEY_SCREEN_PANEL);
    }
    if (screen->kept) screen->kept->count = 0;
}

// Adds what the screen counted to the block's counts.
static void add_counts(const covey_screen *screen) {
    const covey_block *block = screen->block;
    for (size_t c = 0; block->thresholds && c < block->panels * COVEY_PANEL; c++) block->counts[c] += screen->counts[c];
}

void covey_screen_block(int level, const covey_screen *screen) {
    prepare_data(screen);
    prepare_screen(screen);
    AT_LEVEL(level, screen_block)(screen);
    add_counts(screen);
}

// Bytes of one contrast's room, and of all data's.
static size_t contrast_room(size_t panels, size_t tiles, size_t moved) {
    const size_t columns = (panels + 1) / 2 * COVEY_SCREEN_PANEL, shuffles = tiles * COVEY_TILE;
    return ((moved + 3) * columns + shuffles) * sizeof(float) + columns * sizeof(int32_t) + shuffles * sizeof(double);
}

static size_t data_room(size_t subjects, size_t panels) {
    return (panels + 1) / 2 * COVEY_SCREEN_PANEL * subjects * sizeof(float);
}

size_t covey_shared_room(size_t subjects, size_t panels, size_t tiles, size_t moved, size_t contrasts) {
    return data_room(subjects, panels) + contrasts * contrast_room(panels, tiles, moved);
}

void covey_screen_shared(
    int level, const covey_block *rows, const double *movement, size_t contrasts, const size_t *tested,
    const int32_t *two_sided, const double *weights, const double *fitted, const double *own,
    const double *thresholds, int64_t *counts, double *maxima, const float *single_rows,
    const float *single_movement, const float *single_weights, const float *errors, const float *slopes,
    float rounding, covey_kept *const *kept, void *room) {
    covey_block blocks[COVEY_SHARED_CONTRASTS];
    covey_share shares[COVEY_SHARED_CONTRASTS];
    covey_screen screens[COVEY_SHARED_CONTRASTS];
    divide(rows, movement, contrasts, tested, two_sided, weights, fitted, own, thresholds, counts, maxima, NULL,
        blocks, shares);
    const size_t columns = (rows->panels + 1) / 2 * COVEY_SCREEN_PANEL, shuffles = rows->tiles * COVEY_TILE;
    char *place = (char *)room + data_room(rows->subjects, rows->panels);
    for (size_t k = 0; k < contrasts; k++) {
        covey_screen *screen = &screens[k];
        *screen = (covey_screen){
            .block = &blocks[k], .rows = single_rows, .error = errors[k], .rounding = rounding, .slope = slopes[k],
            .data = room, .kept = kept ? kept[k] : NULL, .movement = single_movement, .weights = single_weights};
        single_weights += tested[k] * rows->tested;
        // Doubles first: the rooms before are multiples of their size.
        screen->greatest = (double *)place;
        screen->low = (float *)(screen->greatest + shuffles);
        screen->high = screen->low + columns;
        screen->own = screen->high + columns;
        screen->fitted = screen->own + columns;
        screen->floors = screen->fitted + rows->tested * columns;
        screen->counts = (int32_t *)(screen->floors + shuffles);
        place += contrast_room(rows->panels, rows->tiles, rows->tested);
    }
    prepare_data(&screens[0]);
    for (size_t k = 0; k < contrasts; k++) prepare_screen(&screens[k]);
    AT_LEVEL(level, screen_shared)(screens, contrasts);
    for (size_t k = 0; k < contrasts; k++) add_counts(&screens[k]);
}

void covey_prepare_panel(
    int level, size_t subjects, int shifts_data, double *panel, double *shifts, int32_t *exponents,
    double *squares) {
    AT_LEVEL(level, prepare_panel)(subjects, shifts_data, panel, shifts, exponents, squares);
}

void covey_scale_panel(
    int level, size_t subjects, const double *panel, const double *factors, double *out) {
    AT_LEVEL(level, scale_panel)(subjects, panel, factors, out);
}

void covey_convert_scores(
    int level, int meaning, double dof, double rank, size_t shuffles, size_t columns,
    const double *scores, size_t score_stride, double *out, size_t out_stride) {
    AT_LEVEL(level, convert_scores)(meaning, dof, rank, shuffles, columns, scores, score_stride, out, out_stride);
}
