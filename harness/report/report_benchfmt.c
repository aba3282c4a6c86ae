/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Go's benchmark format (golang.org/design/14313-benchmark-format), so that
 *
 *	benchstat -col kernel FILE
 *
 * compares the kernels: a line for each boot, its figure the median of the boot's windows, for the
 * boot is the unit of replication here as everywhere; and a line for the exact counts, which need no
 * second. Whatever differs between kernels, but for `kernel`, stands in lines that readers pass
 * over: benchstat compares nothing across other keys.
 */
#include "harness/report/report_formats.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "harness/report/environment.h"
#include "harness/report/escape.h"
#include "harness/report/predicted.h"
#include "harness/report/report.h"
#include "lib/alloc.h"
#include "lib/buf.h"

/* Which units have anything to say: those that are 0 throughout do not. */
struct units {
	bool count[NCOUNTS], transfers, bytes;
};

/* Figures of boots: [(kernel * ncells + cell) * blocks + block]. */
struct boots {
	double *ns_per_op, *bytes_per_s;	/* NAN: not all of the boot's windows are there */
	uint64_t *ops;				/* in all of them; NULL: times are withheld */
};

/* What is under way. */
struct benchfmt {
	const struct report_input *in;
	struct predicted predicted;
	struct boots boots;
	struct units units;
};

static void add_key(struct buf *out, const char *key, const char *value)
{
	if (!value || !*value)
		return;
	buf_fmt(out, "%s: ", key);
	escape_text(value, NULL, out);
	buf_ch(out, '\n');
}

static void add_remark(struct buf *out, const char *about, const char *text)
{
	if (!text)
		return;
	buf_str(out, "# ");
	escape_text(about, NULL, out);
	buf_str(out, ": ");
	escape_text(text, NULL, out);
	buf_ch(out, '\n');
}

static const char *go_arch(const char *machine)
{
	if (!machine)
		return NULL;
	if (!strcmp(machine, "x86_64"))
		return "amd64";
	return strcmp(machine, "aarch64") ? machine : "arm64";
}

/* Part of a benchmark's name: it ends at a blank, and a slash begins the next part. */
static void add_word(struct buf *out, const char *s, size_t len)
{
	for (; len; s++, len--) {
		if (*s > ' ' && *s < 0x7f && *s != '/')
			buf_ch(out, *s);
		else
			buf_fmt(out, "\\x%02x", (unsigned char)*s);
	}
}

/* "read block=4k sharing=same threads=16" as "BenchmarkRead/block=4k/sharing=same-16". */
static void add_name(struct buf *out, const char *cell)
{
	static const char key[] = "threads=";
	const char *threads = NULL;
	size_t len = strcspn(cell, " "), threads_len = 0;

	buf_str(out, "Benchmark");
	if (*cell >= 'a' && *cell <= 'z') {
		buf_ch(out, (char)(*cell++ - 'a' + 'A'));
		len--;
	}
	add_word(out, cell, len);
	while (cell[len]) {
		cell += len + 1;
		len = strcspn(cell, " ");
		if (!strncmp(cell, key, strlen(key))) {
			threads = cell + strlen(key);
			threads_len = len - strlen(key);
			continue;
		}
		buf_ch(out, '/');
		add_word(out, cell, len);
	}
	if (threads) {
		buf_ch(out, '-');
		add_word(out, threads, threads_len);
	}
}

static void add_value(struct buf *out, double value, const char *unit)
{
	if (isfinite(value))
		buf_fmt(out, " %.10g %s", value, unit);
}

static int kernel_index(const struct plan *plan, const char *name)
{
	size_t i;

	for (i = 0; name && i < plan->nkernels; i++)
		if (!strcmp(plan->kernel[i].name, name))
			return (int)i;
	return -1;
}

static void count_ops(const struct report_input *in, uint64_t *ops)
{
	const struct plan *plan = in->plan;
	const struct sample *s;
	uint32_t t;
	size_t i;
	int k, c;

	for (i = 0; i < in->samples->n; i++) {
		s = &in->samples->sample[i];
		k = kernel_index(plan, s->kernel);
		c = plan_find(plan, s->cell);
		if (k < 0 || c < 0 || s->block >= plan->blocks)
			continue;
		for (t = 0; t < s->threads; t++)
			ops[((size_t)k * plan->ncells + (size_t)c) * plan->blocks + s->block] += s->ops[t];
	}
}

static void boots_make(const struct report_input *in, struct boots *b)
{
	const struct plan *plan = in->plan;
	const struct samples *s = in->samples;

	b->ns_per_op = figures_boots(plan, s->sample, s->n, METRIC_NS_PER_OP);
	b->bytes_per_s = figures_boots(plan, s->sample, s->n, METRIC_BYTES_PER_S);
	b->ops = xcalloc(plan->nkernels * plan->ncells * plan->blocks + 1, sizeof(*b->ops));
	count_ops(in, b->ops);
}

static void boots_release(struct boots *b)
{
	free(b->ns_per_op);
	free(b->bytes_per_s);
	free(b->ops);
}

static void add_boot(struct buf *out, const char *cell, const struct boots *b, size_t at)
{
	if (!isfinite(b->ns_per_op[at]) || !b->ops[at])
		return;
	add_name(out, cell);
	buf_fmt(out, " %" PRIu64, b->ops[at]);
	add_value(out, b->ns_per_op[at], "ns/op");
	if (b->bytes_per_s[at] > 0)
		add_value(out, b->bytes_per_s[at] / 1e6, "MB/s");
	buf_ch(out, '\n');
}

static void find_units(const struct predicted *p, const struct boots *b, struct units *u)
{
	const struct plan *plan = p->plan;
	size_t i, n = b->ops ? plan->nkernels * plan->ncells * plan->blocks : 0;
	const struct count_record *r;
	int c;

	for (i = 0; i < p->samples->ncounts; i++) {
		r = &p->samples->count[i];
		for (c = 0; c < NCOUNTS; c++)
			u->count[c] |= isfinite(r->count[c]) && r->count[c] > 0;
	}
	for (i = 0; i < p->samples->npredictions; i++)
		u->transfers |= p->samples->prediction[i].transfers > 0;
	for (i = 0; i < n; i++)
		u->bytes |= b->bytes_per_s[i] > 0;
}

/* One benchmark's exact counts. */
static void add_counts(const struct benchfmt *f, size_t kernel, size_t cell, struct buf *out)
{
	const struct predicted *p = &f->predicted;
	const struct count_record *c = predicted_count(p, kernel, cell);
	const struct prediction_record *r = p->machine ? predicted_cell(p, kernel, cell) : NULL;
	struct buf unit = BUF_INIT;
	int i;

	if (!c || !c->ops)
		return;
	add_name(out, p->plan->cell[cell].name);
	buf_fmt(out, " %" PRIu64, c->ops);
	for (i = 0; i < NCOUNTS; i++) {
		if (!f->units.count[i])
			continue;
		buf_reset(&unit);
		buf_fmt(&unit, "%s/op", count_name((enum count)i));
		add_value(out, c->count[i], buf_text(&unit));
	}
	if (r && f->units.transfers)
		add_value(out, r->transfers, "transfers/op");
	buf_ch(out, '\n');
	buf_release(&unit);
}

static void add_kernel(const struct benchfmt *f, size_t kernel, struct buf *out)
{
	const struct plan *plan = f->in->plan;
	size_t c, at;
	uint32_t i;

	buf_ch(out, '\n');
	add_key(out, "kernel", plan->kernel[kernel].name);
	for (c = 0; c < plan->ncells; c++) {
		at = (kernel * plan->ncells + c) * plan->blocks;
		for (i = 0; f->boots.ops && i < plan->blocks; i++)
			add_boot(out, plan->cell[c].name, &f->boots, at + i);
		add_counts(f, kernel, c, out);
	}
}

/* What is known of a kernel, for people: keys would keep benchstat from comparing it. */
static void add_remarks(const struct report_input *in, size_t kernel, struct buf *out)
{
	const char *name = in->plan->kernel[kernel].name;
	const json_t *line = environment_first(in->samples->environments, name);
	const json_t *build = json_object_get(line, "build"), *patch;
	size_t i;

	add_remark(out, name, json_string_value(environment_fact(line, "kernel", "release")));
	add_remark(out, name, json_get_text(build, "source"));
	json_array_foreach(json_object_get(build, "patches"), i, patch)
		add_remark(out, name, json_string_value(patch));
}

static void add_head(const struct report_input *in, struct buf *out)
{
	const json_t *line = environment_first(in->samples->environments, in->plan->kernel[0].name);
	const json_t *incident;
	size_t i;

	add_remark(out, "run", in->run);
	if (in->judged)
		add_remark(out, "verdict", in->judged->headline);
	json_array_foreach(in->samples->incidents, i, incident)
		add_remark(out, json_get_text(incident, "incident"), json_get_text(incident, "what"));
	for (i = 0; i < in->plan->nkernels; i++)
		add_remarks(in, i, out);
	add_key(out, "goos", "linux");
	add_key(out, "goarch", go_arch(json_string_value(environment_fact(line, "kernel", "machine"))));
	add_key(out, "pkg", "foliobench");
	add_key(out, "cpu", json_string_value(environment_fact(line, "cpu", "model")));
	add_key(out, "job", in->plan->job);
}

static void add_units(const struct units *u, bool times, struct buf *out)
{
	int i;

	if (times)
		buf_str(out, "Unit ns/op better=lower\n");
	if (u->bytes)
		buf_str(out, "Unit MB/s better=higher\n");
	for (i = 0; i < NCOUNTS; i++)
		if (u->count[i])
			buf_fmt(out, "Unit %s/op better=lower assume=exact\n", count_name((enum count)i));
	if (u->transfers)
		buf_str(out, "Unit transfers/op better=lower assume=exact\n");
}

void report_benchfmt(const struct report_input *in, struct buf *out)
{
	struct benchfmt f = {
		.in = in,
		.predicted = { .plan = in->plan, .samples = in->samples,
			       .machine = in->machine ? in->machine : samples_machine(in->samples, 0) },
	};
	size_t k;

	add_head(in, out);
	if (!in->figures)	/* what a kernel measured before it was in trouble is no basis */
		return;
	if (!in->emulated || in->show_emulated_times)
		boots_make(in, &f.boots);
	find_units(&f.predicted, &f.boots, &f.units);
	add_units(&f.units, f.boots.ops != NULL, out);
	for (k = 0; k < in->plan->nkernels; k++)
		add_kernel(&f, k, out);
	boots_release(&f.boots);
}
