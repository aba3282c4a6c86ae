/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RFC 4180: a header, then a line for each kernel, cell and metric, CRLF at
 * their ends. A cell's parameters are columns; a workload that lacks one leaves
 * it empty. Base units; what was not measured is empty, its n 0; so is what is
 * withheld, whose n stays. After them a line for each exact count, and for each
 * figure of a prediction, which has a machine. A line that the gate has judged ends
 * with what was found.
 */
#include "harness/report/report_formats.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/judge/ratio.h"
#include "harness/report/number.h"
#include "harness/report/outline.h"
#include "harness/report/predicted.h"
#include "harness/report/report.h"
#include "lib/alloc.h"
#include "lib/buf.h"

/* The parameters of all cells, each once, in the order of their first appearance. */
struct keys {
	char **name;
	size_t n;
};

static void add_key(struct keys *keys, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < keys->n; i++)
		if (strlen(keys->name[i]) == len && !memcmp(keys->name[i], name, len))
			return;
	keys->name = xrealloc(keys->name, keys->n + 1, sizeof(*keys->name));
	keys->name[keys->n++] = xstrndup(name, len);
}

static void keys_of(const struct plan *plan, struct keys *keys)
{
	const char *at;
	size_t i, len;

	for (i = 0; i < plan->ncells; i++)
		for (at = strchrnul(plan->cell[i].name, ' '); *at; at = strchrnul(at, ' ')) {
			len = strcspn(++at, "= ");
			add_key(keys, at, len);
		}
}

static void keys_release(struct keys *keys)
{
	size_t i;

	for (i = 0; i < keys->n; i++)
		free(keys->name[i]);
	free(keys->name);
}

/* One field and the comma after it, quoted where it has to be. */
static void add_field(struct buf *out, const char *s)
{
	if (!strpbrk(s, ",\"\r\n")) {
		buf_fmt(out, "%s,", s);
		return;
	}
	buf_ch(out, '"');
	for (; *s; s++) {
		if (*s == '"')
			buf_ch(out, '"');
		buf_ch(out, *s);
	}
	buf_str(out, "\",");
}

static void add_number(struct buf *out, double x)
{
	if (isfinite(x))
		buf_fmt(out, "%.15g", x);
	buf_ch(out, ',');
}

/* The last field's comma becomes the end of the line. */
static void end_line(struct buf *out)
{
	out->s[--out->len] = '\0';
	buf_str(out, "\r\n");
}

static void add_header(const struct keys *keys, struct buf *out)
{
	static const char *const before[] = { "run", "job", "kernel", "cell", "workload" };
	static const char *const after[] = {
		"metric", "over",    "n",      "mean",		 "sd",	      "median", "min",
		"max",	  "windows", "blocks", "oversubscribed", "worst_skew", "emulated",
		"machine", "stable",  "verdict", "because",	 "gating",    "old",    "new",
		"change", "low",    "high",   "p"
	};
	size_t i;

	for (i = 0; i < sizeof(before) / sizeof(before[0]); i++)
		add_field(out, before[i]);
	for (i = 0; i < keys->n; i++)
		add_field(out, keys->name[i]);
	for (i = 0; i < sizeof(after) / sizeof(after[0]); i++)
		add_field(out, after[i]);
	end_line(out);
}

static void add_parameters(const char *name, const struct keys *keys, struct buf *out)
{
	struct buf value = BUF_INIT;
	uint64_t n;
	size_t i;

	cell_field(name, "workload", &value);
	add_field(out, buf_text(&value));
	for (i = 0; i < keys->n; i++) {
		if (cell_field(name, keys->name[i], &value))
			buf_ch(out, ',');
		else if (number_parameter(keys->name[i], buf_text(&value), &n))
			buf_fmt(out, "%" PRIu64 ",", n);
		else
			add_field(out, buf_text(&value));
	}
	buf_release(&value);
}

static void add_summary(const struct summary *s, struct buf *out)
{
	if (!s->n) {
		buf_str(out, ",0,,,,,,");
		return;
	}
	buf_fmt(out, "%s,%" PRIu32 ",", s->blocks ? "blocks" : "windows", s->n);
	add_number(out, s->mean);
	add_number(out, s->sd);
	add_number(out, s->median);
	add_number(out, s->min);
	add_number(out, s->max);
}

static void add_figure(const struct figure *f, enum metric m, struct buf *out)
{
	buf_fmt(out, "%s,", metric_name(m));
	add_summary(&f->metric[m], out);
	buf_fmt(out, "%" PRIu32 ",%" PRIu32 ",", f->windows, f->blocks);
	if (!f->windows) {
		buf_str(out, ",,");
		return;
	}
	add_field(out, f->oversubscribed ? "true" : "false");
	add_number(out, f->worst_skew);
}

/* What lines of one cell on one kernel begin with. */
struct begin {
	const struct report_input *in;
	const struct keys *keys;
	size_t kernel, cell;
};

static void add_begin(const struct begin *b, struct buf *out)
{
	const struct plan *plan = b->in->plan;

	add_field(out, b->in->run);
	add_field(out, plan->job);
	add_field(out, plan->kernel[b->kernel].name);
	add_field(out, plan->cell[b->cell].id);
	add_parameters(plan->cell[b->cell].name, b->keys, out);
}

/* As a share of the baseline's. */
static void add_change(struct buf *out, double log_ratio)
{
	add_number(out, isfinite(log_ratio) ? ratio_change(log_ratio) : (double)NAN);
}

static void add_finding(const struct finding *f, struct buf *out)
{
	if (!f) {
		buf_str(out, ",,,,,,,,,");
		return;
	}
	add_field(out, verdict_name(f->judgement.verdict));
	add_field(out, because_text(f->judgement.because));
	add_field(out, f->gating ? "true" : "false");
	add_number(out, f->old);
	add_number(out, f->new);
	add_change(out, f->effect);
	add_change(out, f->low);
	add_change(out, f->high);
	add_number(out, f->p);
}

/* What they end with; what does not apply is empty. */
struct end {
	const char *machine;		/* NULL: of no machine */
	const struct count_record *count;
	const struct yardstick *judged_by;
};

static void add_end(const struct begin *b, const struct end *e, struct buf *out)
{
	add_field(out, b->in->emulated ? "true" : "false");
	add_field(out, e->machine ? e->machine : "");
	add_field(out, !e->count ? "" : e->count->stable ? "true" : "false");
	add_finding(!e->judged_by ? NULL :
		    outline_finding(b->in->judged, b->kernel, b->cell, *e->judged_by), out);
	end_line(out);
}

static void add_measured(const struct begin *b, struct buf *out)
{
	const struct figure *f = &b->in->figures[b->kernel * b->in->plan->ncells + b->cell];
	struct yardstick y = { .exact = false };
	const struct end end = { .judged_by = f->withheld ? NULL : &y };

	for (y.which = 0; y.which < NMETRICS; y.which++) {
		add_begin(b, out);
		add_figure(f, (enum metric)y.which, out);
		add_end(b, &end, out);
	}
}

/* Over the counted ops: n is how many there were, mean what all but the disturbed have. */
static void add_counts(const struct begin *b, struct buf *out)
{
	const struct predicted p = { .plan = b->in->plan, .samples = b->in->samples };
	const struct count_record *c = predicted_count(&p, b->kernel, b->cell);
	struct yardstick y = { .exact = true };
	const struct end end = { .count = c, .judged_by = &y };

	for (; c && y.which < NCOUNTS; y.which++) {
		if (isnan(c->count[y.which]))
			continue;
		add_begin(b, out);
		buf_fmt(out, "%s,ops,%" PRIu64 ",", yardstick_name(y), c->ops);
		add_number(out, c->count[y.which]);
		buf_str(out, ",,,,,,,,");
		add_end(b, &end, out);
	}
}

/* One figure of a prediction; min and max are its range, NAN where it has none. */
static void add_model(const struct begin *b, const struct predicted *p, const char *metric,
		      const struct predicted_range *x, struct buf *out)
{
	static const struct yardstick transfers = { .exact = true, .which = YARDSTICK_TRANSFERS };
	const char *judged = b->in->machine ? b->in->machine : samples_machine(b->in->samples, 0);
	const struct end end = {
		.machine = p->machine, .count = predicted_count(p, b->kernel, b->cell),
		/* of several machines the gate has asked one */
		.judged_by = !strcmp(metric, yardstick_name(transfers)) && !strcmp(judged, p->machine) ?
			     &transfers : NULL,
	};

	add_begin(b, out);
	buf_fmt(out, "%s,model,1,", metric);
	add_number(out, x->value);
	buf_str(out, ",,");
	add_number(out, x->low);
	add_number(out, x->high);
	buf_str(out, ",,,,");
	add_end(b, &end, out);
}

static void add_prediction(const struct begin *b, const struct predicted *p, struct buf *out)
{
	static const char *const names[NMETRICS] = {
		[METRIC_BYTES_PER_S] = "predicted_bytes_per_s",
		[METRIC_OPS_PER_S] = "predicted_ops_per_s",
		[METRIC_NS_PER_OP] = "predicted_ns_per_op",
	};
	const struct prediction_record *r = predicted_cell(p, b->kernel, b->cell);
	struct predicted_range x;
	int m;

	if (!r)
		return;
	for (m = 0; m < NMETRICS; m++)
		if (!predicted_range(p, b->kernel, b->cell, (enum metric)m, &x))
			add_model(b, p, names[m], &x, out);
	x.low = x.high = (double)NAN;
	x.value = r->transfers;
	add_model(b, p, "transfers", &x, out);
	x.value = r->waited_ns;
	add_model(b, p, "waited_ns", &x, out);
	x.value = r->knee ? r->knee : (double)NAN;
	add_model(b, p, "knee", &x, out);
}

static void add_predictions(const struct begin *b, struct buf *out)
{
	struct predicted p = { .plan = b->in->plan, .samples = b->in->samples };
	size_t i;

	for (i = 0; (p.machine = samples_machine(b->in->samples, i)); i++)
		if (!b->in->machine || !strcmp(b->in->machine, p.machine))
			add_prediction(b, &p, out);
}

void report_csv(const struct report_input *in, struct buf *out)
{
	const struct plan *plan = in->plan;
	struct keys keys = { 0 };
	struct begin b = { in, &keys, 0, 0 };

	keys_of(plan, &keys);
	add_header(&keys, out);
	for (b.kernel = 0; b.kernel < plan->nkernels; b.kernel++)
		for (b.cell = 0; in->figures && b.cell < plan->ncells; b.cell++) {
			add_measured(&b, out);
			add_counts(&b, out);
			add_predictions(&b, out);
		}
	keys_release(&keys);
}
