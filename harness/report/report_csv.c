/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RFC 4180: a header, then a line for each kernel, cell and metric, CRLF at
 * their ends. A cell's parameters are columns; a workload that lacks one leaves
 * it empty. Base units; what was not measured is empty, its n 0; so is what is
 * withheld, whose n stays.
 */
#include "harness/report/report_formats.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/report/number.h"
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
		"max",	  "windows", "blocks", "oversubscribed", "worst_skew", "emulated"
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

void report_csv(const struct report_input *in, struct buf *out)
{
	const struct plan *plan = in->plan;
	struct keys keys = { 0 };
	size_t k, c;
	int m;

	keys_of(plan, &keys);
	add_header(&keys, out);
	for (k = 0; k < plan->nkernels; k++)
		for (c = 0; c < plan->ncells; c++)
			for (m = 0; m < NMETRICS; m++) {
				add_field(out, in->run);
				add_field(out, plan->job);
				add_field(out, plan->kernel[k].name);
				add_field(out, plan->cell[c].id);
				add_parameters(plan->cell[c].name, &keys, out);
				add_figure(&in->figures[k * plan->ncells + c], (enum metric)m, out);
				add_field(out, in->emulated ? "true" : "false");
				end_line(out);
			}
	keys_release(&keys);
}
