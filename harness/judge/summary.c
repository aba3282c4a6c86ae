/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/judge/summary.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/plan/plan.h"
#include "lib/alloc.h"

static const struct {
	const char *name, *unit, *brief;
	double scale;
	double (*of)(const struct sample *s);
} metrics[NMETRICS] = {
	[METRIC_BYTES_PER_S] = { "bytes_per_s", "MiB/s", "mib", 1048576, sample_bytes_per_s },
	[METRIC_OPS_PER_S] = { "ops_per_s", "ops/s", "ops", 1, sample_ops_per_s },
	[METRIC_NS_PER_OP] = { "ns_per_op", "ns/op", "ns", 1, sample_ns_per_op },
};

const char *metric_name(enum metric m)
{
	return metrics[m].name;
}

const char *metric_unit(enum metric m)
{
	return metrics[m].unit;
}

double metric_scale(enum metric m)
{
	return metrics[m].scale;
}

int metric_parse(const char *name)
{
	int m;

	for (m = 0; m < NMETRICS; m++)
		if (!strcmp(name, metrics[m].name) || !strcasecmp(name, metrics[m].unit) ||
		    !strcmp(name, metrics[m].brief))
			return m;
	return -1;
}

struct summary summary_of(const double *x, size_t n)
{
	struct summary s = { .n = (uint32_t)n };
	double *copy;

	if (!n)
		return s;
	copy = xcalloc(n, sizeof(*copy));
	memcpy(copy, x, n * sizeof(*copy));
	gsl_stats_minmax(&s.min, &s.max, copy, 1, n);
	/* A window without a single op takes infinitely long an op: differences of infinities would be NAN. */
	s.mean = isinf(s.max) ? s.max : gsl_stats_mean(copy, 1, n);
	s.sd = n == 1 || isinf(s.max) ? (double)NAN : gsl_stats_sd_m(copy, 1, n, s.mean);
	s.median = gsl_stats_median(copy, 1, n);	/* reorders */
	if (isnan(s.median))
		s.median = s.max;
	free(copy);
	return s;
}

/* A sample and where it belongs; sorted, those of one figure lie together, block after block. */
struct placed {
	size_t figure;
	const struct sample *sample;
};

static int by_place(const void *va, const void *vb)
{
	const struct placed *a = va, *b = vb;

	if (a->figure != b->figure)
		return a->figure < b->figure ? -1 : 1;
	if (a->sample->block != b->sample->block)
		return a->sample->block < b->sample->block ? -1 : 1;
	return 0;
}

static int find_kernel(const struct plan *plan, const char *name)
{
	size_t i;

	for (i = 0; name && i < plan->nkernels; i++)
		if (!strcmp(plan->kernel[i].name, name))
			return (int)i;
	return -1;
}

static size_t place(const struct plan *plan, const struct sample *sample, size_t n,
		    struct placed *placed)
{
	size_t i, count = 0;
	int kernel, cell;

	for (i = 0; i < n; i++) {
		kernel = find_kernel(plan, sample[i].kernel);
		cell = plan_find(plan, sample[i].cell);
		if (kernel < 0 || cell < 0)
			continue;
		placed[count].figure = (size_t)kernel * plan->ncells + (size_t)cell;
		placed[count++].sample = &sample[i];
	}
	qsort(placed, count, sizeof(*placed), by_place);
	return count;
}

/* The metric of n samples of one block. */
static struct summary windows_of(const struct placed *p, size_t n, enum metric m)
{
	double *x = xcalloc(n, sizeof(*x));
	struct summary s;
	size_t i;

	for (i = 0; i < n; i++)
		x[i] = metrics[m].of(p[i].sample);
	s = summary_of(x, n);
	free(x);
	return s;
}

/* How many of the first of n belong to one figure and block. */
static size_t boot_length(const struct placed *p, size_t n)
{
	size_t i = 1;

	while (i < n && p[i].figure == p[0].figure && p[i].sample->block == p[0].sample->block)
		i++;
	return i;
}

/* Over the medians of the blocks; with one block over its windows. */
static struct summary summarise(const struct placed *p, size_t n, uint32_t blocks, enum metric m)
{
	double *x;
	struct summary s;
	size_t at, len, i = 0;

	if (blocks < 2)
		return windows_of(p, n, m);
	x = xcalloc(blocks, sizeof(*x));
	for (at = 0; at < n; at += len) {
		len = boot_length(p + at, n - at);
		x[i++] = windows_of(p + at, len, m).median;
	}
	s = summary_of(x, blocks);
	s.blocks = true;
	free(x);
	return s;
}

static uint64_t total(const uint64_t *n, uint32_t count)
{
	uint64_t sum = 0;

	while (count--)
		sum += n[count];
	return sum;
}

static void fill(struct figure *f, const struct placed *p, size_t n)
{
	double skew;
	size_t i;
	int m;

	f->windows = (uint32_t)n;
	for (i = 0; i < n; i += boot_length(p + i, n - i))
		f->blocks++;
	for (i = 0; i < n; i++) {
		f->ops += total(p[i].sample->ops, p[i].sample->threads);
		f->bytes += total(p[i].sample->bytes, p[i].sample->threads);
		f->elapsed_ns += p[i].sample->elapsed_ns;
		f->oversubscribed |= p[i].sample->oversubscribed;
		skew = (double)p[i].sample->skew_ns / (double)p[i].sample->elapsed_ns;
		f->worst_skew = fmax(f->worst_skew, skew);
	}
	for (m = 0; m < NMETRICS; m++)
		f->metric[m] = summarise(p, n, f->blocks, (enum metric)m);
}

struct figure *figures_make(const struct plan *plan, const struct sample *sample, size_t n)
{
	size_t count = plan->nkernels * plan->ncells, at, len, placed_count;
	struct figure *figures = xcalloc(count ? count : 1, sizeof(*figures));
	struct placed *placed = xcalloc(n ? n : 1, sizeof(*placed));

	placed_count = place(plan, sample, n, placed);
	for (at = 0; at < placed_count; at += len) {
		for (len = 1; at + len < placed_count; len++)
			if (placed[at + len].figure != placed[at].figure)
				break;
		fill(&figures[placed[at].figure], placed + at, len);
	}
	free(placed);
	return figures;
}

double *figures_boots(const struct plan *plan, const struct sample *sample, size_t n, enum metric m)
{
	size_t count = plan->nkernels * plan->ncells * plan->blocks, placed_count, at, len;
	struct placed *placed = xcalloc(n ? n : 1, sizeof(*placed));
	double *boots = xcalloc(count ? count : 1, sizeof(*boots));

	for (at = 0; at < count; at++)
		boots[at] = (double)NAN;
	placed_count = place(plan, sample, n, placed);
	for (at = 0; at < placed_count; at += len) {
		len = boot_length(placed + at, placed_count - at);
		if (len == plan->windows && placed[at].sample->block < plan->blocks)
			boots[placed[at].figure * plan->blocks + placed[at].sample->block] =
				windows_of(placed + at, len, m).median;
	}
	free(placed);
	return boots;
}

void figures_withhold(struct figure *figures, size_t count)
{
	struct figure *f;
	struct summary *s;

	for (f = figures; f < figures + count; f++) {
		f->withheld = true;
		f->elapsed_ns = 0;
		f->worst_skew = (double)NAN;
		for (s = f->metric; s < f->metric + NMETRICS; s++)
			s->mean = s->sd = s->median = s->min = s->max = (double)NAN;
	}
}
