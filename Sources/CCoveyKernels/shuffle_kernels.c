#include "shuffle_kernels.h"

#include <math.h>
#include <string.h>

static float rounded_down(double x) {
    float f = (float)x;
    return (double)f > x ? nextafterf(f, -INFINITY) : f;
}

static float rounded_up(double x) { return -rounded_down(-x); }

// A single row's scores are projections; those of several rows are shares, compared with their own slack.
static int scores_correlations(const covey_block *block) { return block->tested + block->nuisance == 1; }

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

// Fills what the screen works on from its block.
static void prepare_screen(const covey_screen *screen) {
    const covey_block *block = screen->block;
    const size_t panels = (block->panels + 1) / 2, columns = panels * COVEY_SCREEN_PANEL;
    for (size_t panel = 0; panel < panels; panel++) {
        for (size_t half = 0; half < 2; half++) {
            // Where the last panel stands alone it stands twice, and what is found in its double is not settled.
            size_t from = 2 * panel + half < block->panels ? 2 * panel + half : 2 * panel;
            const double *in = block->data + from * block->subjects * COVEY_PANEL;
            float *out = screen->data + panel * block->subjects * COVEY_SCREEN_PANEL + half * COVEY_PANEL;
            for (size_t k = 0; k < block->subjects; k++) {
                for (size_t v = 0; v < COVEY_PANEL; v++)
                    out[k * COVEY_SCREEN_PANEL + v] = (float)in[k * COVEY_PANEL + v];
            }
        }
    }
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
}

void covey_screen_block(int level, const covey_screen *screen) {
    prepare_screen(screen);
    if (screen->kept) screen->kept->count = 0;
    AT_LEVEL(level, screen_block)(screen);
    const covey_block *block = screen->block;
    for (size_t c = 0; block->thresholds && c < block->panels * COVEY_PANEL; c++) block->counts[c] += screen->counts[c];
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
