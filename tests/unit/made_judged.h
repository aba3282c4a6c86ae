/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Judged runs made by hand, for tests of what is reported of them: two kernels in guests,
 * eight cells, eight blocks, counts, and every kind of finding.
 *
 *	struct made_judged j;
 *
 *	made_judged(&j, MADE_REJECT);
 *	report_html(&j.in, &out);
 *	made_judged_release(&j);
 *
 *	MADE_REJECT		a pair of STAC and CLAC more in every write; times of all kinds
 *	MADE_ACCEPT		a pair less in every write, and writes faster
 *	MADE_INCONCLUSIVE	counts as before, but four blocks are too few for times
 *	MADE_INCIDENT		the patched kernel oopsed: no figures, no findings
 */
#ifndef TESTS_UNIT_MADE_JUDGED_H
#define TESTS_UNIT_MADE_JUDGED_H

#include "harness/judge/judged.h"
#include "harness/report/report.h"
#include "tests/unit/made_counts.h"

enum made_outcome { MADE_REJECT, MADE_ACCEPT, MADE_INCONCLUSIVE, MADE_INCIDENT };

enum { MADE_CELLS = 8, MADE_WRITES = 4 /* the first of them */, MADE_THREADS = 2, MADE_WINDOWS = 2 };

struct made_judged {
	struct made m;
	struct samples samples;
	struct judged judged;
	struct report_plot plot;
	struct report_input in;
};

/* Ops/s of the baseline, of all threads. */
static inline double made_ops(size_t cell)
{
	static const double ops[MADE_CELLS] = { 7000000, 24000000, 6200000, 19000000,
						9100000, 2400000,  4200000, 1300000 };

	return ops[cell];
}

/* What the verdict on a cell's ops/s rests on, in percent. */
struct made_change {
	double change, low, high, p;
	struct judgement judgement;
};

static inline struct made_change made_change(enum made_outcome o, size_t cell)
{
	static const struct made_change reject[MADE_CELLS] = {
		{ 6.2, 5.1, 7.3, 0.0078125, { VERDICT_IMPROVED, BECAUSE_BEYOND } },
		{ 0.1, -0.6, 0.8, 0.8203125, { VERDICT_UNCHANGED, BECAUSE_WITHIN } },
		{ -0.2, -0.9, 0.5, 0.6171875, { VERDICT_UNCHANGED, BECAUSE_WITHIN } },
		{ 0.3, -0.4, 1, 0.5, { VERDICT_UNCHANGED, BECAUSE_WITHIN } },
		{ -4.5, -5.4, -3.6, 0.0078125, { VERDICT_REGRESSED, BECAUSE_BEYOND } },
		{ -1.5, -2.6, -0.4, 0.0078125, { VERDICT_INCONCLUSIVE, BECAUSE_SMALL } },
		{ -4.3, -5.2, -3.4, 0.0078125, { VERDICT_REGRESSED, BECAUSE_BEYOND } },
		{ -1, -2.9, 0.9, 0.2734375, { VERDICT_INCONCLUSIVE, BECAUSE_WIDE } },
	};
	static const struct made_change accept = { 0.2, -0.5, 0.9, 0.6484375,
						   { VERDICT_UNCHANGED, BECAUSE_WITHIN } };
	static const struct made_change faster = { 5.1, 4.2, 6, 0.0078125,
						   { VERDICT_IMPROVED, BECAUSE_BEYOND } };
	struct made_change few = { -1.2, -(double)INFINITY, (double)INFINITY, 0.5,
				   { VERDICT_INCONCLUSIVE, BECAUSE_FEW } };

	if (o == MADE_REJECT)
		return reject[cell];
	if (o == MADE_ACCEPT)
		return cell < MADE_WRITES ? accept : faster;
	few.change += 0.1 * (double)cell;
	return few;
}

/* Windows of one kernel's cell in one block, at so many ops/s, give or take its own percent or two. */
static inline void made_windows(struct made_judged *j, size_t kernel, size_t cell, uint32_t block, double ops)
{
	static const double noise[] = { 1.004, 0.993, 1.009, 0.998, 0.991, 1.006, 1.002, 0.997 };
	const struct plan_cell *c = &j->m.plan.cell[cell];
	uint64_t size = cell % 4 < 2 ? 1 : 4096;
	struct sample *s;
	uint32_t w, t;

	if (cell >= MADE_WRITES && size == 1)
		size = 256;
	ops *= noise[(block + 3 * cell + 5 * kernel) % 8];
	for (w = 0; w < MADE_WINDOWS; w++) {
		j->samples.sample = xrealloc(j->samples.sample, j->samples.n + 1, sizeof(*s));
		s = &j->samples.sample[j->samples.n++];
		*s = (struct sample){ .name = xstrdup(c->name), .window = w, .threads = MADE_THREADS,
				      .elapsed_ns = 1000000000, .skew_ns = 2000, .block = block,
				      .kernel = xstrdup(j->m.plan.kernel[kernel].name) };
		strcpy(s->cell, c->id);
		s->ops = xcalloc(MADE_THREADS, sizeof(*s->ops));
		s->bytes = xcalloc(MADE_THREADS, sizeof(*s->bytes));
		s->cpus = xcalloc(MADE_THREADS, sizeof(*s->cpus));
		for (t = 0; t < MADE_THREADS; t++) {
			s->cpus[t] = t;
			s->ops[t] = (uint64_t)(ops * (w ? 1.001 : 0.999) / MADE_THREADS);
			s->bytes[t] = s->ops[t] * size;
		}
	}
}

static inline void made_plan_of(struct made_judged *j)
{
	made_init(&j->m, "baseline patched");
	made_guests(&j->m);
	made_table(&j->m, "read block=ROW file_size=4k fs=ext4 sharing=COLUMN pattern=fixed call=pread threads=2",
		   "block", "1 4k", "sharing", "same diff");
	made_table(&j->m, "write block=ROW file_size=1M fs=COLUMN sharing=diff pattern=random call=pwrite threads=2",
		   "block", "256 4k", "fs", "tmpfs ext4");
	j->m.plan.windows = MADE_WINDOWS;
}

/* Which transfers there are: reads of the same file have some. */
static inline double made_moved(size_t cell)
{
	return cell == 0 || cell == 2 ? 1.97 : 0;
}

static inline void made_count_cell(struct made_judged *j, enum made_outcome o, size_t kernel, size_t cell)
{
	const struct plan_cell *c = &j->m.plan.cell[cell];
	bool writes = cell >= MADE_WRITES;
	struct prediction_record *p;
	struct count_record *r;

	r = made_count(&j->m, &j->samples, kernel, c, writes ? 1532 + 40 * (double)cell : 1348);
	r->threads = MADE_THREADS;
	r->bytes_per_op = cell % 4 < 2 ? writes ? 256 : 1 : 4096;
	if (writes)
		r->count[COUNT_STAC] = r->count[COUNT_CLAC] = 2;
	if (writes && kernel && o == MADE_REJECT) {
		r->count[COUNT_STAC] = r->count[COUNT_CLAC] = 3;
		r->count[COUNT_KERNEL_INSNS] += 5;
	}
	if (writes && kernel && o == MADE_ACCEPT) {
		r->count[COUNT_STAC] = r->count[COUNT_CLAC] = 1;
		r->count[COUNT_KERNEL_INSNS] -= 21;
	}
	p = made_prediction(&j->m, &j->samples, kernel, c, MADE_MACHINE);
	p->threads = MADE_THREADS;
	made_times(p, writes ? 640 : 550, 480, 700);
	made_curve(p, made_moved(cell) > 0 ? 4 : 64, 1.8e6);
	if (made_moved(cell) > 0)
		made_refcount(p);
}

static inline struct finding *made_finding(struct made_judged *j, size_t cell, struct yardstick y)
{
	struct finding *f;

	j->judged.finding = xrealloc(j->judged.finding, j->judged.n + 1, sizeof(*f));
	f = &j->judged.finding[j->judged.n++];
	*f = (struct finding){ .kernel = 1, .cell = cell, .yardstick = y, .gating = true,
			       .old = (double)NAN, .new = (double)NAN, .effect = (double)NAN,
			       .low = (double)NAN, .high = (double)NAN, .p = (double)NAN };
	return f;
}

static inline void made_find_time(struct made_judged *j, enum made_outcome o, size_t cell)
{
	struct finding *f = made_finding(j, cell, (struct yardstick){ false, METRIC_OPS_PER_S });
	struct made_change c = made_change(o, cell);

	f->old = made_ops(cell);
	f->new = f->old * (1 + c.change / 100);
	f->effect = log1p(c.change / 100);
	f->low = isinf(c.low) ? c.low : log1p(c.low / 100);
	f->high = isinf(c.high) ? c.high : log1p(c.high / 100);
	f->p = c.p;
	f->minimum = 0.02;
	f->relative = true;
	f->blocks = j->m.plan.blocks;
	f->judgement = c.judgement;
}

/* Which of the two has more of a count: more is worse, unless it is within the minimum. */
static inline void made_find_count(struct made_judged *j, size_t cell, int which, double old, double new)
{
	struct finding *f = made_finding(j, cell, (struct yardstick){ true, which });
	double moved = new - old;

	f->old = old;
	f->new = new;
	f->effect = old > 0 && new > 0 ? log(new / old) : (double)NAN;
	f->relative = which == COUNT_KERNEL_INSNS;
	f->minimum = which == COUNT_KERNEL_INSNS ? 0.01 : which == YARDSTICK_TRANSFERS ? 0.05 : 0;
	f->gating = which != YARDSTICK_TRANSFERS;
	f->judgement = (struct judgement){ VERDICT_UNCHANGED, old < new || old > new ? BECAUSE_ALLOWED : BECAUSE_EQUAL };
	if (fabs(moved) > (f->relative ? f->minimum * old : f->minimum)) {
		f->judgement.verdict = moved > 0 ? VERDICT_REGRESSED : VERDICT_IMPROVED;
		f->judgement.because = BECAUSE_APART;
	}
}

static inline void made_find_counts(struct made_judged *j, size_t cell)
{
	static const int which[] = { COUNT_KERNEL_INSNS, COUNT_STAC, COUNT_CLAC, COUNT_ATOMICS };
	const struct count_record *old = &j->samples.count[cell], *new = old + MADE_CELLS;
	size_t i;

	for (i = 0; i < sizeof(which) / sizeof(which[0]); i++)
		made_find_count(j, cell, which[i], old->count[which[i]], new->count[which[i]]);
	made_find_count(j, cell, YARDSTICK_TRANSFERS, made_moved(cell), made_moved(cell));
}

/* Those of a verdict, counts before times, then the others as they are. */
static inline void made_rank(struct judged *j, enum verdict deciding, bool any)
{
	size_t n = 0, i;
	int part;

	j->ranked = xcalloc(j->n + 1, sizeof(*j->ranked));
	for (part = 0; part < 3; part++)
		for (i = 0; i < j->n; i++) {
			const struct finding *f = &j->finding[i];
			bool decides = any && f->gating && f->judgement.verdict == deciding;

			if (decides ? part == (f->yardstick.exact ? 0 : 1) : part == 2)
				j->ranked[n++] = i;
			j->ndecided += decides && !part;
		}
}

static inline void made_note(struct judged *j, const char *note)
{
	j->note = xrealloc(j->note, j->nnotes + 1, sizeof(*j->note));
	j->note[j->nnotes++] = xstrdup(note);
}

static inline void made_environment(struct made_judged *j, size_t kernel, uint32_t block)
{
	static const char patch[] =
		"{\"name\":\"0001-readers.patch\",\"subject\":\"mm/filemap: count the readers of a folio\","
		"\"author\":\"J\xc3\xb6rg M\xc3\xbcller <joerg@example.org>\","
		"\"message_id\":\"20261120101112.4711-1-joerg@example.org\","
		"\"sha256\":\"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\",\"reverse\":false}";
	struct buf text = BUF_INIT;
	json_t *line;

	buf_fmt(&text,
		"{\"schema\":1,\"kind\":\"environment\",\"kernel\":\"%s\",\"block\":%u,"
		"\"at\":\"2026-11-21T%02u:02:03Z\",\"environment\":{"
		"\"kernel\":{\"release\":\"6.12.117\",\"version\":\"#1 SMP\",\"machine\":\"x86_64\",\"build_id\":\"%s\","
		"\"command_line\":\"console=ttyS0 norandmaps\"},"
		"\"cpu\":{\"model\":\"Some CPU\",\"usable_count\":2,\"microcode\":\"0x2b000603\",\"hypervisor\":\"kvm\"},"
		"\"memory\":{\"total_bytes\":2147483648,\"page_size\":4096,\"thp_enabled\":\"madvise\"},"
		"\"filesystem\":{\"type\":\"ext4\",\"device\":\"/dev/ram0\"},"
		"\"boot\":{\"id\":\"b%zu-%u\",\"uptime_s\":2},\"identity\":\"i%zu\","
		"\"driver\":{\"compiler\":\"gcc 12.2.0\",\"libc\":\"glibc 2.36\"}},",
		j->m.plan.kernel[kernel].name, block, 11 + block, kernel ? "b2" : "b1", kernel, block, kernel);
	buf_fmt(&text,
		"\"guest\":{\"accel\":\"kvm\",\"cpus\":2,\"memory\":2147483648,\"disk\":\"ram\",\"qemu\":\"7.2.22\"},"
		"\"build\":{\"key\":\"k%zu\",\"release\":\"6.12.117\",\"source\":\"linux-source-6.12\","
		"\"patches\":[%s],\"patch_files\":[%s]}}",
		kernel, kernel ? "\"mm/filemap: count the readers of a folio\"" : "",
		kernel ? patch : "");
	line = json_loads(buf_text(&text), 0, NULL);
	if (!line)
		BUG("the environment line is no JSON");
	json_array_append_new(j->samples.environments, line);
	buf_release(&text);
}

static inline void made_measured(struct made_judged *j, enum made_outcome o)
{
	struct plan *plan = &j->m.plan;
	double change;
	size_t cell, k;
	uint32_t b;

	for (b = 0; b < plan->blocks; b++)
		for (k = 0; k < 2; k++) {
			made_environment(j, k, b);
			for (cell = 0; cell < MADE_CELLS; cell++) {
				change = k ? 1 + made_change(o, cell).change / 100 : 1;
				made_windows(j, k, cell, b, made_ops(cell) * change);
			}
		}
	for (k = 0; k < 2; k++)
		for (cell = 0; cell < MADE_CELLS; cell++)
			made_count_cell(j, o, k, cell);
	j->m.figures = figures_make(plan, j->samples.sample, j->samples.n);
	for (cell = 0; cell < MADE_CELLS; cell++) {
		made_find_time(j, o, cell);
		made_find_counts(j, cell);
	}
}

static inline void made_crash(struct made_judged *j)
{
	json_t *line = json_pack("{s:i,s:s,s:s,s:i,s:s,s:s,s:s,s:s,s:[s,s],s:s}", "schema", 1, "kind", "incident",
				 "kernel", "patched", "block", 0, "cell", j->m.plan.cell[0].id, "incident", "oops",
				 "what", "BUG: kernel NULL pointer dereference, address: 0000000000000008",
				 "task", "foliobench", "frames", "filemap_read+0x8a/0x510", "vfs_read+0x2a1/0x3c0",
				 "verdict", "reject");

	made_environment(j, 0, 0);
	made_environment(j, 1, 0);
	json_array_append_new(j->samples.incidents, line);
}

static inline void made_headline(struct judged *j, enum outcome outcome, const char *headline)
{
	j->outcome = outcome;
	j->headline = xstrdup(headline);
}

static inline void made_sum_up(struct made_judged *made, enum made_outcome o)
{
	struct judged *j = &made->judged;
	size_t i;

	for (i = 0; i < j->n; i++)
		j->verdicts[j->finding[i].judgement.verdict] += j->finding[i].gating;
	j->blocks = made->m.plan.blocks;
	j->decided = o == MADE_ACCEPT;
	j->final = o != MADE_INCONCLUSIVE;
	j->level = o == MADE_INCONCLUSIVE ? 0 : 0.01;
	if (o == MADE_REJECT) {
		made_headline(j, OUTCOME_REJECT,
			      "reject: write/256/tmpfs +1 STAC/CLAC pair per op (2 -> 3), 5 more");
		made_note(j, "write/4k/ext4: the counts have regressed (STAC 2 -> 3), and the time does not show it "
			     "(-1.0%, may be chance).");
		made_note(j, "read/1/same: the time has improved, and all counts are as they were.");
		made_rank(j, VERDICT_REGRESSED, true);
	} else if (o == MADE_ACCEPT) {
		made_headline(j, OUTCOME_ACCEPT, "accept: 8 cells unchanged or better");
		made_rank(j, VERDICT_REGRESSED, false);
	} else {
		made_headline(j, OUTCOME_INCONCLUSIVE, "inconclusive: 8 of 8 cells undecided after 4 blocks");
		made_rank(j, VERDICT_INCONCLUSIVE, true);
	}
}

static inline void made_judged(struct made_judged *j, enum made_outcome o)
{
	*j = (struct made_judged){ 0 };
	made_plan_of(j);
	j->m.plan.blocks = o == MADE_INCONCLUSIVE ? 4 : 8;
	j->samples.environments = json_array();
	j->samples.incidents = json_array();
	j->judged.gate = xstrdup("default");
	if (o == MADE_INCIDENT) {
		made_crash(j);
		made_headline(&j->judged, OUTCOME_REJECT,
			      "reject: patched: oops: BUG: kernel NULL pointer dereference, address: 0000000000000008 "
			      "in filemap_read+0x8a/0x510; baseline ran the same without trouble");
		j->judged.final = true;
	} else {
		made_measured(j, o);
		made_sum_up(j, o);
	}
	j->plot = (struct report_plot){ .name = (char *)"throughput-by-block-1",
					.svg = (char *)"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" "
						       "height=\"9\"><rect width=\"9\" height=\"9\"/></svg>\n" };
	j->in = (struct report_input){ .run = "2026-11-21T11-02-03-made", .plan = &j->m.plan,
				       .samples = &j->samples, .figures = j->m.figures, .judged = &j->judged,
				       .plot = &j->plot, .nplots = o == MADE_INCIDENT ? 0 : 1 };
}

static inline void made_judged_release(struct made_judged *j)
{
	size_t i;

	for (i = 0; i < j->judged.nnotes; i++)
		free(j->judged.note[i]);
	free(j->judged.note);
	free(j->judged.finding);
	free(j->judged.ranked);
	free(j->judged.headline);
	free(j->judged.gate);
	for (i = 0; i < j->samples.n; i++)
		sample_release(&j->samples.sample[i]);
	free(j->samples.sample);
	made_counts_release(&j->samples);
	json_decref(j->samples.environments);
	json_decref(j->samples.incidents);
	made_release(&j->m);
}

#endif
