/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/power/grid.h"

#include <math.h>
#include <string.h>

#include "lib/err.h"

static const double boots[NBOOTS] = { 0, 0.005, 0.01, 0.02 };
static const double windows[NWINDOWS] = { 0.005, 0.01, 0.02 };
static const double effects[NEFFECTS] = { 0, 0.005, 0.01, 0.02, 0.05 };
static const uint32_t changed[NCHANGED] = { [IN_ONE] = 1, [IN_HALF] = CELLS / 2 };

enum { NO_EFFECT = 0, TWO_PERCENT = 3, FIVE_PERCENT = 4 };

/* Rules of ours, by their place in rules[]. */
enum { FIXED, ADDING, NO_MINIMUM };

static size_t place(size_t boot, size_t window, size_t effect, size_t much)
{
	return ((boot * NWINDOWS + window) * NEFFECTS + effect) * NCHANGED + much;
}

static uint32_t share(uint32_t runs, double percent)
{
	double n = round(runs * percent / 100);

	return n < 1 ? 1 : (uint32_t)n;
}

/* Without an effect there is no second world, in which half of the cells would have it. */
static void world_init(struct world *w, size_t i, double percent)
{
	size_t much = i % NCHANGED, effect = i / NCHANGED % NEFFECTS;
	size_t window = i / NCHANGED / NEFFECTS % NWINDOWS, boot = i / NCHANGED / NEFFECTS / NWINDOWS;
	uint32_t few = window == USUAL_WINDOW ? 1 : 2;

	*w = (struct world){ .boot = boots[boot], .window = windows[window], .effect = effects[effect] };
	if (!effect && much == IN_HALF)
		return;
	w->changed = effect ? changed[much] : 0;
	w->runs = share((effect ? 1000 : 4000) / few, percent);
	if (window == USUAL_WINDOW && much == IN_ONE)
		w->long_runs = share(effect ? 250 : 1000, percent);
}

void grid_init(struct grid *g, double percent)
{
	size_t i;

	if (nrules > MOST_RULES)
		BUG("%zu rules, and room for %d", nrules, MOST_RULES);
	memset(g, 0, sizeof(*g));
	for (i = 0; i < NWORLDS; i++)
		world_init(&g->world[i], i, percent);
}

static double percent_of(uint32_t hits, double trials)
{
	return trials > 0 ? 100 * hits / trials : (double)NAN;
}

/* With its standard error. */
static void print_share(uint32_t hits, double trials)
{
	double p = hits / trials;

	if (trials > 0)
		printf(" %.1f ±%.1f |", 100 * p, 100 * sqrt(p * (1 - p) / trials));
	else
		printf(" - |");
}

static void print_alarmed(const struct tally *t)
{
	print_share(t->alarmed, t->runs);
}

/* Cells of one run hang together: the error is that of so many runs, and not more than it says. */
static void print_found(const struct tally *t, const struct world *w)
{
	double p = t->found / ((double)t->runs * w->changed);

	if (t->runs)
		printf(" %.1f ±%.1f |", 100 * p, 100 * sqrt(p * (1 - p) / t->runs));
	else
		printf(" - |");
}

static void print_rule(size_t rule)
{
	printf("| %s | %s | %s |", rules[rule].name, given_text(rules[rule].given), rules[rule].level);
}

static void table_of_alarms(const struct grid *g)
{
	const struct tally *t;
	size_t r, b;

	printf("| rule | is given | promises at most | boots alike | 0.5 %% | 1 %% | 2 %% | cells, at 1 %% |\n"
	       "|---|---|---|---|---|---|---|---|\n");
	for (r = 0; r < nrules; r++) {
		print_rule(r);
		for (b = 0; b < NBOOTS; b++)
			print_alarmed(&g->tally[place(b, USUAL_WINDOW, NO_EFFECT, IN_ONE)][r]);
		t = &g->tally[place(2, USUAL_WINDOW, NO_EFFECT, IN_ONE)][r];
		printf(" %.2f |\n", percent_of(t->alarms, (double)t->runs * CELLS));
	}
}

static void table_of_power(const struct grid *g)
{
	size_t r, b, e, i;

	printf("| rule | is given | boots 0.5 %%: +0.5 %% | +1 %% | +2 %% | +5 %% |"
	       " boots 1 %%: +0.5 %% | +1 %% | +2 %% | +5 %% |\n"
	       "|---|---|---|---|---|---|---|---|---|---|\n");
	for (r = 0; r < nrules; r++) {
		printf("| %s | %s |", rules[r].name, given_text(rules[r].given));
		for (b = 1; b <= 2; b++)
			for (e = 1; e < NEFFECTS; e++) {
				i = place(b, USUAL_WINDOW, e, IN_ONE);
				print_found(&g->tally[i][r], &g->world[i]);
			}
		printf("\n");
	}
}

static void print_ours(const struct grid *g, size_t boot, size_t window)
{
	const struct tally *none = g->tally[place(boot, window, NO_EFFECT, IN_ONE)];
	size_t one = place(boot, window, FIVE_PERCENT, IN_ONE), half = place(boot, window, FIVE_PERCENT, IN_HALF);
	size_t two = place(boot, window, TWO_PERCENT, IN_ONE);

	printf("| %g %% | %g %% |", 100 * boots[boot], 100 * windows[window]);
	print_found(&g->tally[one][FIXED], &g->world[one]);
	print_found(&g->tally[half][FIXED], &g->world[half]);
	print_share(none[FIXED].open_last, none[FIXED].runs);
	print_alarmed(&none[FIXED]);
	print_found(&g->tally[two][NO_MINIMUM], &g->world[two]);
	print_found(&g->tally[one][NO_MINIMUM], &g->world[one]);
	print_alarmed(&none[NO_MINIMUM]);
	print_alarmed(&g->tally[half][NO_MINIMUM]);
	printf("\n");
}

static void table_of_ours(const struct grid *g)
{
	size_t b, w;

	printf("| boots | windows | minimum 2 %%: +5 %% in 1 cell | in 22 | undecided | false alarms |"
	       " none: +2 %% in 1 cell | +5 %% in 1 | false alarms | with 22 changed |\n"
	       "|---|---|---|---|---|---|---|---|---|---|\n");
	for (b = 0; b < NBOOTS; b++)
		for (w = 0; w < NWINDOWS; w++)
			print_ours(g, b, w);
}

static void print_rate(const struct grid *g, size_t boot, size_t effect)
{
	size_t i = place(boot, USUAL_WINDOW, effect, IN_ONE);

	print_found(&g->tally[i][FIXED], &g->world[i]);
	print_found(&g->tally[i][ADDING], &g->world[i]);
}

static void print_blocks(const struct tally *t)
{
	printf(" %.1f |", t->runs ? (double)t->blocks / t->runs : (double)NAN);
}

static void table_of_blocks(const struct grid *g)
{
	const struct tally *none;
	size_t b;

	printf("| boots | +2 %%: 8 | 12 to 20 | +5 %%: 8 | 12 to 20 | undecided: 8 | 12 to 20 |"
	       " false alarms: 12 to 20 | blocks: no change | +5 %% |\n"
	       "|---|---|---|---|---|---|---|---|---|---|\n");
	for (b = 0; b < NBOOTS; b++) {
		none = g->tally[place(b, USUAL_WINDOW, NO_EFFECT, IN_ONE)];
		printf("| %g %% |", 100 * boots[b]);
		print_rate(g, b, TWO_PERCENT);
		print_rate(g, b, FIVE_PERCENT);
		print_share(none[FIXED].open_last, none[FIXED].runs);
		print_share(none[ADDING].open_last, none[ADDING].runs);
		print_alarmed(&none[ADDING]);
		print_blocks(&none[ADDING]);
		print_blocks(&g->tally[place(b, USUAL_WINDOW, FIVE_PERCENT, IN_ONE)][ADDING]);
		printf("\n");
	}
}

void grid_tables(const struct grid *g)
{
	printf("Nothing changed: runs with a false alarm, in %%, by how boots differ; and cells falsely called, where they"
	       " differ by 1 %%.\n\n");
	table_of_alarms(g);
	printf("\nOne cell changed: found, in %%.\n\n");
	table_of_power(g);
	printf("\nOurs with 8 blocks, with a minimum effect of 2 %% and with none: changed cells found, a cell undecided"
	       " where nothing changed, and runs with a false alarm, in %%.\n\n");
	table_of_ours(g);
	printf("\nOurs with 8 blocks and with 12 to 20, minimum effect 2 %%: the same in %%, and how many blocks were"
	       " measured.\n\n");
	table_of_blocks(g);
}

void grid_data(const struct grid *g, FILE *out)
{
	size_t r, b, e, i;

	for (r = 0; r < nrules; r++) {
		fprintf(out, "# %s, %s\n", rules[r].name, given_text(rules[r].given));
		for (b = 0; b < NBOOTS; b++) {
			i = place(b, USUAL_WINDOW, NO_EFFECT, IN_ONE);
			fprintf(out, "%g %.4f\n", 100 * boots[b],
				percent_of(g->tally[i][r].alarmed, g->tally[i][r].runs));
		}
		fprintf(out, "\n\n");
		for (e = 1; e < NEFFECTS; e++) {
			i = place(1, USUAL_WINDOW, e, IN_ONE);
			fprintf(out, "%g %.4f\n", 100 * effects[e],
				percent_of(g->tally[i][r].found, g->tally[i][r].runs));
		}
		fprintf(out, "\n\n");
	}
}
