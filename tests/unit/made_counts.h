/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counts and predictions made by hand, for a plan made by made_plan.h.
 */
#ifndef TESTS_UNIT_MADE_COUNTS_H
#define TESTS_UNIT_MADE_COUNTS_H

#include "harness/store/samples.h"
#include "tests/unit/made_plan.h"

#define MADE_MACHINE "xeon-8480"

static inline const struct plan_cell *made_cell(const struct made *m, size_t table, size_t at)
{
	return &m->plan.cell[m->plan.table[table].cell[at]];
}

/* What x86-64 counts of an op of one cell, which moved `bytes`; more is set in what is returned. */
static inline struct count_record *made_count(struct made *m, struct samples *s, size_t kernel,
					      const struct plan_cell *cell, double instructions)
{
	struct count_record *c;
	int i;

	s->count = xrealloc(s->count, s->ncounts + 1, sizeof(s->count[0]));
	c = &s->count[s->ncounts++];
	*c = (struct count_record){ .kernel = xstrdup(m->plan.kernel[kernel].name), .name = xstrdup(cell->name),
				    .qemu = xstrdup("7.2.22"), .threads = 16, .modes = 1, .paths = 1,
				    .ops = 960, .at_mode = 960, .share = 1, .stable = true };
	strcpy(c->cell, cell->id);
	for (i = 0; i < NCOUNTS; i++)
		c->count[i] = count_exists((enum count)i, false) ? 0 : (double)NAN;
	c->count[COUNT_KERNEL_INSNS] = instructions;
	c->count[COUNT_STAC] = c->count[COUNT_CLAC] = 1;
	c->count[COUNT_ATOMICS] = 4;
	return c;
}

static inline struct prediction_record *made_prediction(struct made *m, struct samples *s, size_t kernel,
							const struct plan_cell *cell, const char *machine)
{
	struct prediction_record *p;
	int i;

	s->prediction = xrealloc(s->prediction, s->npredictions + 1, sizeof(s->prediction[0]));
	p = &s->prediction[s->npredictions++];
	*p = (struct prediction_record){ .kernel = xstrdup(m->plan.kernel[kernel].name),
					 .machine = xstrdup(machine), .threads = 16, .knee = 64 };
	strcpy(p->cell, cell->id);
	for (i = 0; i < NCONSTANTS; i++)
		p->at_low[i] = p->at_high[i] = (double)NAN;
	return p;
}

/* So fast, within a range. */
static inline void made_times(struct prediction_record *p, double ns_per_op, double low, double high)
{
	p->ns_per_op = ns_per_op;
	p->low = low;
	p->high = high;
}

/* One more line that moves, without movers yet. */
static inline struct line_record *made_line(struct prediction_record *p, const char *what, double per_op)
{
	struct line_record *l;

	p->line = xrealloc(p->line, p->nlines + 1, sizeof(p->line[0]));
	l = &p->line[p->nlines++];
	*l = (struct line_record){ .what = xstrdup(what), .per_op = per_op, .threads = 16 };
	p->transfers += per_op;
	p->lines_moved++;
	return l;
}

static inline void made_mover(struct line_record *l, const char *function, uint64_t offset, double per_op)
{
	l->mover = xrealloc(l->mover, l->nmovers + 1, sizeof(l->mover[0]));
	l->mover[l->nmovers++] = (struct mover_record){ .function = xstrdup(function), .offset = offset,
							.access = xstrdup("atomic"), .per_op = per_op };
}

/* The folio's reference count, as reads of one file by many move it. */
static inline void made_refcount(struct prediction_record *p)
{
	struct line_record *l = made_line(p, "folio: reference count (page frame 0x11a2f)", 1.97);

	made_mover(l, "filemap_get_read_batch", 0xd3, 0.99);
	made_mover(l, "filemap_read", 0x2f1, 0.98);
}

static inline void made_point(struct prediction_record *p, uint32_t threads, double ops_per_s)
{
	p->curve = xrealloc(p->curve, p->npoints + 1, sizeof(p->curve[0]));
	p->curve[p->npoints++] = (struct curve_point){ threads, ops_per_s };
}

/* Curves that climb to so many threads and stay there. */
static inline void made_curve(struct prediction_record *p, uint32_t knee, double ops_per_s)
{
	uint32_t n;

	p->knee = knee;
	for (n = 1; n <= 64; n *= 2)
		made_point(p, n, ops_per_s * (n < knee ? n : knee));
}

static inline void made_counts_release(struct samples *s)
{
	size_t i;

	for (i = 0; i < s->ncounts; i++)
		count_record_release(&s->count[i]);
	for (i = 0; i < s->npredictions; i++)
		prediction_record_release(&s->prediction[i]);
	free(s->count);
	free(s->prediction);
}

/* A read of `at`, row and column of the table below: does the folio's reference count move? */
static inline bool made_moves(size_t kernel, size_t at)
{
	return at % 2 == 0 && (!kernel || at == 8);
}

/*
 * The published 4k table much as counts and the model give it: reads of the same file move
 * the folio's reference count, on kernels but the first only those of 4k.
 */
static inline void made_reads(struct made *m, struct samples *s, const char *kernels, const char *machine)
{
	static const uint64_t bytes[] = { 1, 32, 256, 1024, 4096 };
	const struct plan_cell *cell;
	struct prediction_record *p;
	struct count_record *c;
	double ns;
	size_t k, at;

	made_init(m, kernels);
	made_table(m, "read block=ROW file_size=4k sharing=COLUMN pattern=fixed call=pread threads=16", "block",
		   "1 32 256 1k 4k", "sharing", "same diff");
	made_figures(m);
	*s = (struct samples){ 0 };
	for (k = 0; k < m->plan.nkernels; k++)
		for (at = 0; at < 10; at++) {
			cell = made_cell(m, 0, at);
			c = made_count(m, s, k, cell, k && at < 8 ? 1098 : 1372 + 16 * (double)(at / 2));
			c->bytes_per_op = bytes[at / 2];
			if (k && at < 8)
				c->count[COUNT_ATOMICS] = 2;
			p = made_prediction(m, s, k, cell, machine);
			ns = made_moves(k, at) ? 1392 : k ? 501.5 : 553.1;
			made_times(p, ns, ns * 0.75, ns * 1.25);
			made_curve(p, made_moves(k, at) ? 4 : 64, 1e9 / ns);
			if (made_moves(k, at))
				made_refcount(p);
		}
}

#endif
