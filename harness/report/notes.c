/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/notes.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/plan/plan.h"
#include "harness/report/environment.h"
#include "harness/report/report.h"
#include "harness/store/samples.h"
#include "lib/alloc.h"
#include "lib/buf.h"

#define SKEW 0.001	/* of a window: worth a word above */
#define NAMED 3		/* missing cells named before "and N more" */

/* From .. to of what was seen; nothing seen: to is 0. */
struct range {
	uint32_t from, to;
};

static void widen(struct range *r, uint32_t n)
{
	if (!r->to || n < r->from)
		r->from = n;
	if (n > r->to)
		r->to = n;
}

static void add_range(struct buf *out, struct range r)
{
	if (r.from == r.to)
		buf_fmt(out, "%" PRIu32, r.to);
	else
		buf_fmt(out, "%" PRIu32 " to %" PRIu32, r.from, r.to);
}

static size_t nfigures(const struct plan *plan)
{
	return plan->nkernels * plan->ncells;
}

static void note_windows(struct range n, struct buf *out)
{
	if (n.to == 1) {
		buf_str(out, "A single window a cell: there is no StdDev.\n");
		return;
	}
	buf_str(out, "StdDev over ");
	add_range(out, n);
	buf_str(out,
		" windows of one process on one boot: what differs from boot to boot is not in it.\n");
}

static void note_blocks(const struct plan *plan, struct range n, const json_t *environments,
			struct buf *out)
{
	bool boots = plan_in_guests(plan);

	buf_str(out, "StdDev over ");
	add_range(out, n);
	buf_fmt(out, " %s, each counted by the median of its windows", boots ? "boots" : "blocks");
	if (!boots && environment_distinct(environments, NULL, "boot", "id") == 1)
		buf_str(out,
			", all on one boot: what differs from boot to boot is not in it");
	buf_str(out, ".\n");
}

static void note_deviation(const struct plan *plan, const struct figure *figures,
			   const json_t *environments, struct buf *out)
{
	struct range windows = { 0 }, blocks = { 0 };
	const struct summary *s;
	size_t i;

	for (i = 0; i < nfigures(plan); i++) {
		s = &figures[i].metric[METRIC_OPS_PER_S];
		if (s->n)
			widen(s->blocks ? &blocks : &windows, s->n);
	}
	if (windows.to)
		note_windows(windows, out);
	if (blocks.to)
		note_blocks(plan, blocks, environments, out);
}

static int by_number(const void *va, const void *vb)
{
	const uint32_t *a = va, *b = vb;

	return *a < *b ? -1 : *a > *b;
}

/* On how many CPUs a sample's threads ran; 0 where some were not pinned. */
static uint32_t cpus_of(const struct sample *s)
{
	uint32_t *cpus = xcalloc(s->threads + 1, sizeof(*cpus)), n = 0, i;

	if (s->threads)
		memcpy(cpus, s->cpus, s->threads * sizeof(*cpus));
	qsort(cpus, s->threads, sizeof(*cpus), by_number);
	for (i = 0; i < s->threads; i++)
		n += !i || cpus[i] != cpus[i - 1];
	if (s->threads && cpus[s->threads - 1] == RECORD_NO_CPU)
		n = 0;
	free(cpus);
	return n;
}

/* Where the threads were not pinned, the CPUs that the driver could use. */
static uint32_t usable_cpus(const json_t *environments)
{
	const json_t *n = environment_fact(json_array_get(environments, 0), "cpu", "usable_count");

	return json_integer_value(n) > 0 ? (uint32_t)json_integer_value(n) : 0;
}

static void note_oversubscribed(const struct samples *samples, struct buf *out)
{
	struct range threads = { 0 }, cpus = { 0 };
	uint32_t n;
	size_t i;

	for (i = 0; i < samples->n; i++) {
		if (!samples->sample[i].oversubscribed)
			continue;
		widen(&threads, samples->sample[i].threads);
		n = cpus_of(&samples->sample[i]);
		if (!n)
			n = usable_cpus(samples->environments);
		if (n)
			widen(&cpus, n);
	}
	if (!threads.to)
		return;
	buf_str(out, "OVERSUBSCRIBED: ");
	add_range(out, threads);
	buf_str(out, " threads on ");
	if (cpus.to)
		add_range(out, cpus);
	else
		buf_str(out, "fewer");
	buf_fmt(out, " CPU%s: they take turns, so contention is not that of as many CPUs.\n",
		cpus.from == 1 && cpus.to == 1 ? "" : "s");
}

static void note_skew(const struct plan *plan, const struct figure *figures, struct buf *out)
{
	double worst = 0;
	size_t i;

	for (i = 0; i < nfigures(plan); i++)
		if (figures[i].worst_skew > worst)
			worst = figures[i].worst_skew;
	if (worst > SKEW)
		buf_fmt(out,
			"Threads were counted up to %.2g%% of a window apart: figures may be off by as much.\n",
			100 * worst);
}

/* "block=4k sharing=same": what tells a cell from the plan's others; its whole name where nothing does. */
static void add_cell(const struct plan *plan, const char *name, struct buf *out)
{
	struct buf key = BUF_INIT, value = BUF_INIT, other = BUF_INIT;
	const char *at = strchrnul(name, ' '), *eq;
	bool any = false, differs;
	size_t i;

	for (; *at; at = strchrnul(at, ' ')) {
		eq = strchrnul(++at, '=');
		buf_reset(&key);
		buf_add(&key, at, (size_t)(eq - at));
		cell_field(name, buf_text(&key), &value);
		for (i = 0, differs = false; i < plan->ncells && !differs; i++)
			differs = cell_field(plan->cell[i].name, buf_text(&key), &other) ||
				strcmp(buf_text(&other), buf_text(&value));
		if (!differs)
			continue;
		buf_fmt(out, "%s%s=%s", any ? " " : "", buf_text(&key), buf_text(&value));
		any = true;
	}
	if (!any)
		buf_str(out, name);
	buf_release(&key);
	buf_release(&value);
	buf_release(&other);
}

/* Cells of kernels that something is to be said of, the first ones by name. */
struct named {
	const struct plan *plan;
	struct buf names;
	size_t n;
};

static void name_cell(struct named *named, size_t figure)
{
	const struct plan *plan = named->plan;

	if (named->n++ >= NAMED)
		return;
	buf_str(&named->names, named->n > 1 ? ", " : "");
	if (plan->nkernels > 1)
		buf_fmt(&named->names, "%s ", plan->kernel[figure / plan->ncells].name);
	add_cell(plan, plan->cell[figure % plan->ncells].name, &named->names);
}

/* "2 of 10 cells not measured (...)", or nothing for none of them. Releases. */
static void add_named(struct named *named, const char *what, const char *remedy, struct buf *out)
{
	if (named->n > NAMED)
		buf_fmt(&named->names, " and %zu more", named->n - NAMED);
	if (named->n)
		buf_fmt(out, "%zu of %zu cells %s (%s)%s.\n", named->n, nfigures(named->plan), what,
			buf_text(&named->names), remedy);
	buf_release(&named->names);
}

/* The cells with too few windows. */
static void note_cells(const struct report_input *in, bool none, const char *what, struct buf *out)
{
	uint64_t want = (uint64_t)in->plan->windows * in->plan->blocks;
	struct named named = { .plan = in->plan };
	struct buf remedy = BUF_INIT;
	size_t i;

	for (i = 0; i < nfigures(in->plan); i++)
		if (none ? !in->figures[i].windows : in->figures[i].windows && in->figures[i].windows < want)
			name_cell(&named, i);
	buf_fmt(&remedy, ": `foliogate run --resume %s` goes on", in->run);
	add_named(&named, what, buf_text(&remedy), out);
	buf_release(&remedy);
}

static void note_uncounted(const struct plan *plan, const struct samples *samples, struct buf *out)
{
	struct named named = { .plan = plan };
	size_t i;

	for (i = 0; i < nfigures(plan); i++)
		if (!samples_count(samples, plan->kernel[i / plan->ncells].name,
				   plan->cell[i % plan->ncells].id))
			name_cell(&named, i);
	add_named(&named, "not counted", "", out);
}

/* A change of kernel, CPU, governor or file system between two starts of the driver. */
static void note_environment(const struct plan *plan, const json_t *environments, struct buf *out)
{
	size_t k;

	for (k = 0; k < plan->nkernels; k++)
		if (environment_distinct(environments, plan->kernel[k].name, "identity", NULL) > 1)
			buf_fmt(out,
				"The environment of %s changed during the run: its figures are of different "
				"conditions.\n",
				plan->kernel[k].name);
}

static void add_verified(const struct plan *plan, const struct figure *figures, size_t kernel,
			 struct buf *out)
{
	const struct figure *f = figures + kernel * plan->ncells;
	uint64_t ops = 0;
	size_t cells = 0, i;

	for (i = 0; i < plan->ncells; i++) {
		ops += f[i].ops;
		cells += f[i].windows > 0;
	}
	buf_fmt(out, "%" PRIu64 " op%s of %zu cell%s on %s", ops, ops == 1 ? "" : "s", cells,
		cells == 1 ? "" : "s", plan->kernel[kernel].name);
}

static void note_emulation(const struct plan *plan, const struct figure *figures, bool withheld,
			   struct buf *out)
{
	size_t k;

	buf_str(out, "Measured in emulation: times there are no performance");
	buf_str(out, withheld ? " and are withheld (--show-emulated-times).\n" : ".\n");
	buf_str(out, "Verified: ");
	for (k = 0; k < plan->nkernels; k++) {
		buf_str(out, k ? ", " : "");
		add_verified(plan, figures, k, out);
	}
	buf_str(out, ".\n");
}

/* Boots that were begun again after a fault of the emulator itself. */
static void note_retries(const json_t *environments, struct buf *out)
{
	uint64_t all = 0, n;
	const json_t *line;
	size_t i;

	json_array_foreach(environments, i, line)
		if (!json_get_u64(json_object_get(line, "guest"), "retries", &n))
			all += n;
	if (all)
		buf_fmt(out, "%" PRIu64 " boot%s begun again after a known fault of the emulator.\n", all,
			all == 1 ? " was" : "s were");
}

void notes_render(const struct report_input *in, struct buf *out)
{
	const struct samples *samples = in->samples;
	const struct plan *plan = in->plan;
	bool withheld = nfigures(plan) && in->figures[0].withheld;
	bool timed = samples->n || !samples->ncounts;

	if (timed && (withheld || environment_emulated(samples->environments)))
		note_emulation(plan, in->figures, withheld, out);
	if (!withheld) {
		note_deviation(plan, in->figures, samples->environments, out);
		note_oversubscribed(samples, out);
		note_skew(plan, in->figures, out);
	}
	note_retries(samples->environments, out);
	if (timed) {
		note_cells(in, true, "not measured", out);
		note_cells(in, false, "measured in part", out);
	}
	if (samples->ncounts)
		note_uncounted(plan, samples, out);
	note_environment(plan, samples->environments, out);
	if (samples->torn)
		buf_str(out,
			"The last line of samples.jsonl is torn, by a stop while it was written: it was passed "
			"over.\n");
}
