/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/store/nightly.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/plan/plan.h"
#include "harness/store/samples.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/record.h"

static const struct {
	struct nightly_metric metric;
	double (*of)(const struct sample *s);
} times[NIGHTLY_TIMES] = {
	{ { "bytes_per_s", "MiB/s", 1048576, false, true }, sample_bytes_per_s },
	{ { "ops_per_s", "ops/s", 1, false, true }, sample_ops_per_s },
	{ { "ns_per_op", "ns/op", 1, false, false }, sample_ns_per_op },
};

struct nightly_metric nightly_metric(size_t i)
{
	if (i < NIGHTLY_TIMES)
		return times[i].metric;
	if (i < NIGHTLY_TIMES + NCOUNTS)
		return (struct nightly_metric){ .name = count_name((enum count)(i - NIGHTLY_TIMES)),
						.unit = "an op", .scale = 1, .exact = true };
	return (struct nightly_metric){ .name = "transfers", .unit = "an op", .scale = 1 };
}

int nightly_metric_find(const char *name)
{
	int i;

	for (i = 0; i < NIGHTLY_METRICS; i++)
		if (!strcmp(nightly_metric((size_t)i).name, name))
			return i;
	return -1;
}

/* A window's figure and where it belongs. */
struct window {
	size_t cell;
	uint32_t block;
	double x;
};

static int by_place(const void *va, const void *vb)
{
	const struct window *a = va, *b = vb;

	if (a->cell != b->cell)
		return a->cell < b->cell ? -1 : 1;
	if (a->block != b->block)
		return a->block < b->block ? -1 : 1;
	return (a->x > b->x) - (a->x < b->x);
}

/* x is sorted; its median may be infinite, never a NAN. */
static double middle(double low, double high)
{
	return low == high ? low : low + (high - low) / 2;
}

/* From the sorted windows of one cell: the medians of its blocks take the windows' places, and are sorted. */
static double median_of_blocks(struct window *w, size_t n)
{
	size_t at, len, blocks = 0;

	for (at = 0; at < n; at += len) {
		for (len = 1; at + len < n && w[at + len].block == w[at].block; len++)
			;
		w[blocks].x = middle(w[at + (len - 1) / 2].x, w[at + len / 2].x);
		w[blocks++].block = 0;
	}
	qsort(w, blocks, sizeof(*w), by_place);
	return middle(w[(blocks - 1) / 2].x, w[blocks / 2].x);
}

static bool is_emulated(const struct plan *plan, const struct samples *samples, const char *kernel)
{
	const json_t *line;
	const char *name;
	size_t i;

	json_array_foreach(samples->environments, i, line) {
		name = json_get_text(line, "kernel");
		if (name && !strcmp(name, kernel) && samples_emulated(line))
			return true;
	}
	return plan->emulated;
}

static size_t collect(const struct plan *plan, const struct samples *samples, const char *kernel, size_t metric,
		      struct window *w)
{
	const struct sample *s;
	size_t n = 0;
	int cell;

	for (s = samples->sample; s < samples->sample + samples->n; s++) {
		cell = strcmp(s->kernel, kernel) ? -1 : plan_find(plan, s->cell);
		if (cell >= 0)
			w[n++] = (struct window){ (size_t)cell, s->block, times[metric].of(s) };
	}
	qsort(w, n, sizeof(*w), by_place);
	return n;
}

static void fill_times(const struct plan *plan, const struct samples *samples, const char *name, size_t metric,
		       double *value)
{
	struct window *w;
	size_t n, at, len;
	double x;

	if (is_emulated(plan, samples, name))
		return;
	w = xcalloc(samples->n + 1, sizeof(*w));
	n = collect(plan, samples, name, metric, w);
	for (at = 0; at < n; at += len) {
		for (len = 1; at + len < n && w[at + len].cell == w[at].cell; len++)
			;
		x = median_of_blocks(w + at, len);
		/* no op at all, or no byte: nothing to follow over the years */
		value[w[at].cell] = isfinite(x) && x > 0 ? x : NAN;
	}
	free(w);
}

static void fill_counts(const struct plan *plan, const struct samples *samples, const char *kernel, size_t metric,
			double *value)
{
	const struct count_record *c;
	int cell;

	for (c = samples->count; c < samples->count + samples->ncounts; c++) {
		cell = strcmp(c->kernel, kernel) ? -1 : plan_find(plan, c->cell);
		if (cell >= 0)
			value[cell] = c->count[metric - NIGHTLY_TIMES];
	}
}

static void fill_transfers(const struct plan *plan, const struct samples *samples, const char *kernel, double *value)
{
	const char *machine = samples_machine(samples, 0);
	const struct prediction_record *p;
	int cell;

	for (p = samples->prediction; p < samples->prediction + samples->npredictions; p++) {
		cell = strcmp(p->kernel, kernel) || strcmp(p->machine, machine) ? -1 : plan_find(plan, p->cell);
		if (cell >= 0)
			value[cell] = p->transfers;
	}
}

size_t nightly_values(const struct plan *plan, const struct samples *samples, size_t kernel, size_t metric,
		      double *value)
{
	const char *name = plan->kernel[kernel].name;
	size_t i, n = 0;

	for (i = 0; i < plan->ncells; i++)
		value[i] = NAN;
	if (metric < NIGHTLY_TIMES)
		fill_times(plan, samples, name, metric, value);
	else if (metric < NIGHTLY_TIMES + NCOUNTS)
		fill_counts(plan, samples, name, metric, value);
	else
		fill_transfers(plan, samples, name, value);
	for (i = 0; i < plan->ncells; i++)
		n += !isnan(value[i]);
	return n;
}

/* Machines */

static const json_t *fact(const json_t *line, const char *group, const char *key)
{
	return json_object_get(json_object_get(json_object_get(line, "environment"), group), key);
}

/* A fact's text or number, appended. */
static void add_fact(struct buf *out, const json_t *value)
{
	if (json_is_string(value))
		buf_str(out, json_string_value(value));
	else if (value)
		json_line(out, value);
}

static void name_processor(const json_t *line, struct buf *name)
{
	if (fact(line, "cpu", "model")) {
		add_fact(name, fact(line, "cpu", "model"));
	} else if (fact(line, "cpu", "part")) {
		buf_str(name, "CPU ");
		add_fact(name, fact(line, "cpu", "implementer"));
		buf_ch(name, '/');
		add_fact(name, fact(line, "cpu", "part"));
	} else {
		buf_str(name, "unknown machine");
	}
}

void nightly_machine(const json_t *line, struct buf *name)
{
	const char *accel = json_get_text(json_object_get(line, "guest"), "accel");
	const json_t *nodes = fact(line, "memory", "numa_node_count");

	name_processor(line, name);
	if (fact(line, "cpu", "online_count")) {
		buf_str(name, ", ");
		add_fact(name, fact(line, "cpu", "online_count"));
		buf_str(name, json_integer_value(fact(line, "cpu", "online_count")) == 1 ? " CPU" : " CPUs");
	}
	if (json_integer_value(nodes) > 1)
		buf_fmt(name, ", %" JSON_INTEGER_FORMAT " NUMA nodes", json_integer_value(nodes));
	if (accel) {
		buf_fmt(name, ", guest under %s", accel);
	} else if (fact(line, "cpu", "hypervisor")) {
		buf_str(name, ", guest under ");
		add_fact(name, fact(line, "cpu", "hypervisor"));
	}
}

void nightly_machine_facts(const json_t *line, struct buf *facts)
{
	static const char *const cpu[] = {
		"vendor", "family", "model_number", "stepping", "implementer", "part", "variant", "revision",
	};
	size_t i;

	nightly_machine(line, facts);
	for (i = 0; i < sizeof(cpu) / sizeof(cpu[0]); i++) {
		buf_ch(facts, '|');
		add_fact(facts, fact(line, "cpu", cpu[i]));
	}
	buf_ch(facts, '|');
	add_fact(facts, fact(line, "kernel", "machine"));
}
