/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/exact.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "harness/plan/plan.h"
#include "harness/report/grid.h"
#include "harness/report/predicted.h"
#include "harness/report/table.h"
#include "lib/alloc.h"
#include "lib/buf.h"

enum { TRANSFERS = NCOUNTS, NONE = -1 };	/* beside an enum count */
enum { OLD, NEW, DIFF, NPARTS };		/* of a group: parallel columns */
#define GROUP_MAX 3				/* values between slashes */

/* Counts that stand in one column, between slashes where they are several. */
struct group {
	const char *head;
	int count[GROUP_MAX + 1];		/* an enum count or TRANSFERS; NONE at the end */
};

static const struct group groups_x86[] = {
	{ "Kernel instructions", { COUNT_KERNEL_INSNS, NONE } },
	{ "STAC/CLAC", { COUNT_STAC, COUNT_CLAC, NONE } },
	{ "Atomics", { COUNT_ATOMICS, NONE } },
	{ "Transfers", { TRANSFERS, NONE } },
	{ NULL, { NONE } }
};

static const struct group groups_arm64[] = {
	{ "Kernel insns", { COUNT_KERNEL_INSNS, NONE } },
	{ "PAN/LDTR/STTR", { COUNT_PAN, COUNT_LDTR, COUNT_STTR, NONE } },
	{ "LSE/exclusives", { COUNT_LSE, COUNT_EXCLUSIVES, NONE } },
	{ "Transfers", { TRANSFERS, NONE } },
	{ NULL, { NONE } }
};

/* The kernels that are compared: with one kernel of the plan that alone, twice. */
struct sides {
	size_t old, new;
};

struct exact {
	const struct predicted *predicted;
	const struct plan_table *table;
	struct sides sides;
	bool marked;		/* some count is unstable: what is stable has a blank in the mark's place */
};

/* NULL where there is none. row: of the grid, a line a cell of the table. */
static const struct count_record *record_at(const struct exact *e, size_t kernel, size_t row)
{
	int cell = e->table->cell[row];

	return cell < 0 ? NULL : predicted_count(e->predicted, kernel, (size_t)cell);
}

/* NAN where it is not known. */
static double value_of(const struct exact *e, size_t kernel, size_t row, int count)
{
	const struct count_record *c = record_at(e, kernel, row);
	const struct prediction_record *p;

	if (!c)
		return (double)NAN;
	if (count != TRANSFERS)
		return c->count[count];
	p = predicted_cell(e->predicted, kernel, (size_t)e->table->cell[row]);
	return p ? p->transfers : (double)NAN;
}

/* Whole numbers as such, others with two decimals. */
static void add_value(double x, bool sign, struct buf *out)
{
	if (isnan(x))
		buf_ch(out, '-');
	else if (x == 0)
		buf_ch(out, '0');
	else
		buf_fmt(out, sign ? "%+.*f" : "%.*f", x == floor(x) ? 0 : 2, x);
}

/* Transfers are no whole numbers even where they happen to be one. */
static void add_transfers(double x, bool sign, struct buf *out)
{
	if (isnan(x) || x == 0)
		add_value(x, sign, out);
	else
		buf_fmt(out, sign && fabs(x) >= 0.005 ? "%+.2f" : "%.2f", sign && fabs(x) < 0.005 ? 0 : x);
}

static void add_one(int count, double x, bool sign, struct buf *out)
{
	if (count == TRANSFERS)
		add_transfers(x, sign, out);
	else
		add_value(x, sign, out);
}

/* One kernel's values of a group, marked where they are unstable. */
static void add_side(const struct exact *e, size_t kernel, size_t row, const struct group *g,
		     struct buf *out)
{
	const struct count_record *c = record_at(e, kernel, row);
	size_t i;

	if (!c)
		buf_ch(out, '-');
	for (i = 0; c && g->count[i] != NONE; i++) {
		buf_str(out, i ? "/" : "");
		add_one(g->count[i], value_of(e, kernel, row, g->count[i]), false, out);
	}
	if (e->marked && g->count[0] == COUNT_KERNEL_INSNS)
		buf_ch(out, c && !c->stable ? '*' : ' ');
}

static void add_difference(const struct exact *e, size_t row, const struct group *g, struct buf *out)
{
	bool any = false, known = record_at(e, e->sides.old, row) && record_at(e, e->sides.new, row);
	double x[GROUP_MAX];
	size_t i, n;

	for (n = 0; g->count[n] != NONE; n++) {
		x[n] = value_of(e, e->sides.new, row, g->count[n]) -
		       value_of(e, e->sides.old, row, g->count[n]);
		any |= x[n] != 0;	/* NAN too */
	}
	if (!any || !known)
		buf_ch(out, known ? '0' : '-');
	for (i = 0; any && known && i < n; i++) {
		buf_str(out, i ? "/" : "");
		add_one(g->count[i], x[i], true, out);
	}
}

/* One text of a group's parallel columns: `row` -1 is their heading. */
static void part_text(const struct exact *e, const struct group *g, long row, int part,
		      struct buf *out)
{
	static const char *const heads[NPARTS] = { "old", "new", "diff" };

	if (row < 0)
		buf_str(out, heads[part]);
	else if (part == DIFF)
		add_difference(e, (size_t)row, g, out);
	else
		add_side(e, part == NEW ? e->sides.new : e->sides.old, (size_t)row, g, out);
}

/* Parallel columns within one of the grid: each to the right, two blanks between them. */
static void add_group(const struct exact *e, const struct group *group, struct grid *g)
{
	int parts = e->sides.old == e->sides.new ? 1 : NPARTS, part;
	struct grid_column *column = grid_add(g, GRID_TEXT);
	size_t width[NPARTS] = { 0 }, len;
	struct buf text = BUF_INIT, *to;
	long row, first = parts == 1 ? 0 : -1;

	buf_str(&column->head[0], group->head);
	for (part = 0; part < parts; part++)
		for (row = first; row < (long)g->nrows; row++) {
			buf_reset(&text);
			part_text(e, group, row, part, &text);
			len = grid_length(buf_text(&text));
			width[part] = len > width[part] ? len : width[part];
		}
	for (row = first; row < (long)g->nrows; row++)
		for (part = 0; part < parts; part++) {
			to = row < 0 ? &column->head[1] : &column->text[row];
			buf_reset(&text);
			part_text(e, group, row, part, &text);
			buf_pad(to, ' ', (part ? 2 : 0) + width[part] - grid_length(buf_text(&text)));
			buf_str(to, buf_text(&text));
		}
	buf_release(&text);
}

static void add_labels(const struct plan_table *t, struct grid *g)
{
	struct grid_column *column;
	size_t row;

	table_rows(t, t->ncolumns, g);
	if (!t->columns)
		return;
	column = grid_add(g, GRID_TEXT);
	table_kernel(t->columns, &column->head[0]);
	for (row = 0; row < g->nrows; row++)
		table_label(t->columns, t->column[row % t->ncolumns], &column->text[row]);
}

/* The first record of the table: they are of one architecture. NULL: there is none. */
static const struct count_record *first_count(const struct exact *e)
{
	size_t k, i, n = e->table->nrows * e->table->ncolumns;

	for (k = 0; k < e->predicted->plan->nkernels; k++)
		for (i = 0; i < n; i++)
			if (record_at(e, k, i))
				return record_at(e, k, i);
	return NULL;
}

static void add_title(const struct exact *e, size_t table, struct buf *out)
{
	const struct plan *plan = e->predicted->plan;

	buf_str(out, "Exact counts per op, ");
	table_title(plan, table, out);
	buf_fmt(out, ": %s", plan->kernel[e->sides.old].name);
	if (e->sides.old != e->sides.new)
		buf_fmt(out, " (old), %s (new)", plan->kernel[e->sides.new].name);
	buf_str(out, "\n\n");
}

static void add_table(const struct exact *e, size_t table, struct buf *out)
{
	const struct group *group = first_count(e)->arm64 ? groups_arm64 : groups_x86;
	struct grid g;

	add_title(e, table, out);
	grid_init(&g, e->table->nrows * e->table->ncolumns, 1);
	add_labels(e->table, &g);
	for (; group->head; group++)
		add_group(e, group, &g);
	grid_render(&g, out);
	grid_release(&g);
}

/* Of all records of a table. */
struct counted {
	uint64_t least, most;	/* ops of a cell */
	double share;		/* the smallest */
	bool differ;		/* threads, in some cell */
	bool user;		/* some cell's ops stay in user space */
};

static struct counted counted_of(const struct exact *e)
{
	size_t k, i, n = e->table->nrows * e->table->ncolumns;
	struct counted all = { .least = UINT64_MAX, .share = 1 };
	const struct count_record *c;

	for (k = 0; k < e->predicted->plan->nkernels; k++)
		for (i = 0; i < n; i++) {
			c = record_at(e, k, i);
			if (!c)
				continue;
			all.least = c->ops < all.least ? c->ops : all.least;
			all.most = c->ops > all.most ? c->ops : all.most;
			all.share = c->share < all.share ? c->share : all.share;
			all.differ |= c->modes > 1;
			all.user |= !(c->count[COUNT_KERNEL_INSNS] > 0);
		}
	return all;
}

/* "Counted: 960 ops of each cell, 99.8% of them or more with exactly these counts." */
static void note_ops(const struct exact *e, struct buf *out)
{
	const struct counted all = counted_of(e);

	buf_fmt(out, "Counted: %" PRIu64, all.least);
	if (all.most > all.least)
		buf_fmt(out, " to %" PRIu64, all.most);
	buf_str(out, " ops of each cell, ");
	if (all.share >= 1)
		buf_str(out, "all with exactly these counts.\n");
	else	/* rounded down: 99.96% is not all of them */
		buf_fmt(out, "%.1f%% of them or more with exactly these counts.\n",
			floor(all.share * 1000) / 10);
	buf_str(out, all.user ? "All are the kernel's: user space's instructions and atomics are in the JSON report.\n" : "");
	buf_str(out, all.differ ? "Where threads differ from each other, the counts are the mean over them.\n" : "");
}

static void note_transfers(const struct exact *e, size_t table, struct buf *out)
{
	uint32_t threads = predicted_threads(e->predicted, table);

	if (!e->predicted->machine)
		return;
	buf_str(out, "Transfers: cache lines that move between cores. Which lines, and who touches them, is exact; how many "
		     "per op follows from interleaving the ops by virtual time on ");
	buf_str(out, e->predicted->machine);
	if (threads)
		buf_fmt(out, ", %" PRIu32 " thread%s", threads, threads == 1 ? "" : "s");
	buf_str(out, ".\n");
}

void exact_render(const struct predicted *p, size_t table, struct buf *out)
{
	struct exact e = { .predicted = p, .table = &p->plan->table[table] };
	struct buf marks = BUF_INIT;
	size_t k;

	if (!predicted_table(p, table))
		return;
	predicted_unstable(p, table, &marks);
	e.marked = marks.len;
	if (p->plan->nkernels == 1)
		add_table(&e, table, out);
	for (k = 1; k < p->plan->nkernels; k++) {
		e.sides.new = k;
		buf_str(out, k > 1 ? "\n" : "");
		add_table(&e, table, out);
	}
	buf_str(out, buf_text(&marks));
	buf_release(&marks);
	note_ops(&e, out);
	note_transfers(&e, table, out);
}
