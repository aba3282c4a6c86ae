/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/plan/gate.h"

#include <stdlib.h>
#include <string.h>

#include "harness/plan/decimal.h"
#include "harness/plan/yaml.h"
#include "lib/alloc.h"
#include "lib/buf.h"

#define ABSOLUTE_MAX 1e9	/* of anything per op: what is more is a slip */

static const char *const answers[] = { [GATE_REJECT] = "reject", [GATE_CANNOT] = "cannot", [GATE_NOTE] = "note" };
static const char *const to_trouble[] = { "reject", "cannot", NULL };
static const char *const to_warning[] = { "reject", "note", NULL };
static const char *const to_undecided[] = { [GATE_BLOCKS] = "blocks", [GATE_PASSES] = "passes", NULL };
static const char *const betters[] = { "higher", "lower", NULL };
static const char *const no_yes[] = { "no", "yes", NULL };

/* What is judged where a gate names no metrics; configs/gates/default.yaml says the same. */
static const struct {
	const char *metric;
	double minimum;
	bool relative;
} standard[] = {
	{ "ops_per_s", 0.02, true },
	{ "stac", 0, false },
	{ "clac", 0, false },
	{ "atomics", 0, false },
	{ "transfers", 0.05, false },
	{ "kernel_instructions", 0.01, true },
	{ "string_bytes", 0.005, true },
	{ "pan", 0, false },
	{ "ldtr", 0, false },
	{ "sttr", 0, false },
	{ "lse", 0, false },
	{ "exclusives", 0, false },
};

#define NSTANDARD (sizeof(standard) / sizeof(standard[0]))

/* The keys as written. */
struct head {
	char *name, *about;
	uint32_t crash, wrong_data, new_warning, inconclusive;
	struct schema_text family_error;
};

static const struct schema_key keys[] = {
	{ .param = { .name = "gate", .kind = PARAM_TEXT, .help = "the gate's name" },
	  SCHEMA_AT(struct head, name) },
	{ .param = { .name = "about", .kind = PARAM_TEXT, .help = "what the gate is for" },
	  SCHEMA_AT(struct head, about), .optional = true, .lines = true },
	{ .param = { .name = "crash", .kind = PARAM_CHOICE, .def = "reject", .choices = to_trouble,
		     .help = "a guest that panics, oopses, warns, locks up or falls silent where the baseline's does not" },
	  SCHEMA_AT(struct head, crash) },
	{ .param = { .name = "wrong_data", .kind = PARAM_CHOICE, .def = "reject", .choices = to_trouble,
		     .help = "wrong bytes or counts where the baseline's are right" },
	  SCHEMA_AT(struct head, wrong_data) },
	{ .param = { .name = "new_warning", .kind = PARAM_CHOICE, .def = "reject", .choices = to_warning,
		     .help = "the compiler warns of what it does not warn of in the baseline" },
	  SCHEMA_AT(struct head, new_warning) },
	{ .param = { .name = "inconclusive", .kind = PARAM_CHOICE, .def = "blocks", .choices = to_undecided,
		     .help = "what becomes of a run in which something that gates is undecided: exit code 3, or accepted" },
	  SCHEMA_AT(struct head, inconclusive) },
	{ .param = { .name = "family_error", .kind = PARAM_TEXT, .def = "1%",
		     .help = "the chance that any time of a run is called changed though none is; above 0%, below 50%" },
	  SCHEMA_AT(struct head, family_error) },
	{ .param = { .name = "metrics", .help = "what cells are judged by, see below; else the standard list" },
	  .form = SCHEMA_LIST, .optional = true },
	{ .param = { .name = "cells", .help = "those that decide, see below; else all" },
	  .form = SCHEMA_LIST, .optional = true },
	SCHEMA_END
};

const struct schema gate_schema = { .what = "a gate", .keys = keys };

struct metric_head {
	struct schema_text metric, minimum;
	uint32_t gating, better;
};

static const struct schema_key metric_keys[] = {
	{ .param = { .name = "metric", .kind = PARAM_TEXT, .help = "its name, from the table below" },
	  SCHEMA_AT(struct metric_head, metric) },
	{ .param = { .name = "minimum", .kind = PARAM_TEXT, .def = "0",
		     .help = "smaller changes are none: a share (`2%`), or of counts a number per op (`0.05`)" },
	  SCHEMA_AT(struct metric_head, minimum) },
	{ .param = { .name = "gating", .kind = PARAM_CHOICE, .def = "yes", .choices = no_yes,
		     .help = "`no`: it is judged and shown, and decides nothing" },
	  SCHEMA_AT(struct metric_head, gating) },
	{ .param = { .name = "better", .kind = PARAM_CHOICE, .choices = betters,
		     .help = "where to; else as the table below says" },
	  SCHEMA_AT(struct metric_head, better), .optional = true },
	{ .param = { .name = "cells", .help = "where alone it decides, like the gate's own `cells`; else in all of these" },
	  .form = SCHEMA_LIST, .optional = true },
	SCHEMA_END
};

const struct schema gate_metric_schema = { .what = "a metric", .keys = metric_keys };

static int complain(const struct gate *g, const struct yaml_value *at, const char *what, struct buf *why)
{
	yaml_place(g->file, at->line, at->column, why);
	buf_str(why, what);
	return -1;
}

static int refuse_number(const struct gate *g, const char *key, const struct schema_text *text,
			 struct buf *why)
{
	yaml_place(g->file, text->line, text->column, why);
	buf_fmt(why, "%s: ", key);
	yaml_quote(text->text, why);
	return -1;
}

static int take_family_error(struct gate *g, const struct schema_text *text, struct buf *why)
{
	if (!decimal_parse_percent(text->text, &g->family_error) && g->family_error > 0 &&
	    g->family_error < 0.5)
		return 0;
	refuse_number(g, "family_error", text, why);
	buf_str(why, " is not a share above 0% and below 50%, such as 1%");
	return -1;
}

static int take_minimum(const struct gate *g, const struct schema_text *text, struct gate_metric *m,
			struct buf *why)
{
	m->relative = !decimal_parse_percent(text->text, &m->minimum);
	if (m->relative && m->minimum < 1)
		return 0;
	if (!m->relative && !decimal_parse(text->text, strlen(text->text), &m->minimum) &&
	    m->minimum <= ABSOLUTE_MAX)
		return 0;
	refuse_number(g, "minimum", text, why);
	buf_str(why, " is neither a share from 0% to below 100%, such as 2%, nor a number per op of 0 or more, such as 0.05");
	return -1;
}

static void use_standard(struct gate *g)
{
	g->metric = xcalloc(NSTANDARD, sizeof(g->metric[0]));
	for (; g->nmetrics < NSTANDARD; g->nmetrics++)
		g->metric[g->nmetrics] = (struct gate_metric){
			.metric.text = xstrdup(standard[g->nmetrics].metric),
			.minimum = standard[g->nmetrics].minimum,
			.relative = standard[g->nmetrics].relative,
			.gating = true,
		};
}

static int add_value(struct gate *g, struct gate_where *w, const struct yaml_value *v, struct buf *why)
{
	struct buf reason = BUF_INIT;
	int ret = 0;

	if (v->kind != YAML_TEXT) {
		buf_fmt(&reason, "%s: expected a value, found %s", w->name.text, yaml_kind_name(v->kind));
		ret = -1;
	} else {
		ret = schema_check_text(w->name.text, v->text, false, &reason);
	}
	if (ret)
		complain(g, v, buf_text(&reason), why);
	else
		w->value[w->n++] = (struct schema_text){ xstrdup(v->text), v->line, v->column };
	buf_release(&reason);
	return ret;
}

static int read_where(struct gate *g, struct gate_where *w, const struct yaml_value *key,
		      const struct yaml_value *v, struct buf *why)
{
	bool list = v->kind == YAML_LIST;
	size_t i;

	w->name = (struct schema_text){ xstrdup(key->text), key->line, key->column };
	if (list && !v->n) {
		yaml_place(g->file, v->line, v->column, why);
		buf_fmt(why, "%s: an empty list selects no cell", key->text);
		return -1;
	}
	w->value = xcalloc(list ? v->n : 1, sizeof(w->value[0]));
	if (!list)
		return add_value(g, w, v, why);
	for (i = 0; i < v->n; i++)
		if (add_value(g, w, &v->item[i], why))
			return -1;
	return 0;
}

static int read_cells(struct gate *g, struct gate_choice *to, const struct yaml_value *v, struct buf *why)
{
	struct gate_cells *c = &to->cells[to->n++];

	if (v->kind != YAML_MAPPING) {
		yaml_place(g->file, v->line, v->column, why);
		buf_fmt(why, "cells that decide are a mapping (`workload: read`), found %s",
			yaml_kind_name(v->kind));
		return -1;
	}
	if (!v->n)
		return complain(g, v, "cells: a mapping without keys would select all: leave `cells` out for that",
				why);
	c->where = xcalloc(v->n, sizeof(c->where[0]));
	for (; c->n < v->n; c->n++)
		if (read_where(g, &c->where[c->n], &v->key[c->n], &v->item[c->n], why)) {
			c->n++;		/* to be released as well */
			return -1;
		}
	return 0;
}

static int read_choice(struct gate *g, struct gate_choice *to, const struct yaml_value *list, struct buf *why)
{
	size_t i;

	if (!list->n)
		return complain(g, list, "cells: an empty list selects none: leave the key out for all", why);
	to->cells = xcalloc(list->n, sizeof(to->cells[0]));
	for (i = 0; i < list->n; i++)
		if (read_cells(g, to, &list->item[i], why))
			return -1;
	return 0;
}

static int take_metric(struct gate *g, const struct yaml_value *v, struct metric_head *head, struct buf *why)
{
	static const uint32_t better[] = { GATE_HIGHER, GATE_LOWER, GATE_BETTER_DEFAULT };
	struct gate_metric *m = &g->metric[g->nmetrics];
	const struct yaml_value *cells;
	size_t i;

	head->better = 2;	/* stays where nothing is written */
	if (schema_read(&gate_metric_schema, g->file, v, head, why) ||
	    take_minimum(g, &head->minimum, m, why))
		return -1;
	for (i = 0; i < g->nmetrics; i++) {
		if (strcmp(g->metric[i].metric.text, head->metric.text))
			continue;
		yaml_place(g->file, head->metric.line, head->metric.column, why);
		buf_str(why, "metric ");
		yaml_quote(head->metric.text, why);
		buf_fmt(why, " is given twice, first at line %u", g->metric[i].metric.line);
		return -1;
	}
	m->metric = head->metric;
	head->metric.text = NULL;
	m->gating = head->gating;
	m->better = better[head->better];
	g->nmetrics++;
	cells = yaml_find(v, "cells");
	return cells ? read_choice(g, &m->choice, cells, why) : 0;
}

static int read_metrics(struct gate *g, const struct yaml_value *list, struct buf *why)
{
	struct metric_head head;
	int ret = 0;
	size_t i;

	if (!list->n)
		return complain(g, list, "metrics: an empty list: name one, or leave the key out for the standard ones",
				why);
	g->metric = xcalloc(list->n, sizeof(g->metric[0]));
	for (i = 0; i < list->n && !ret; i++) {
		head = (struct metric_head){ .better = 0 };
		ret = take_metric(g, &list->item[i], &head, why);
		free(head.metric.text);
		free(head.minimum.text);
	}
	return ret;
}

static int take_head(struct gate *g, const struct yaml_value *root, struct head *head, struct buf *why)
{
	if (schema_read(&gate_schema, g->file, root, head, why) ||
	    take_family_error(g, &head->family_error, why))
		return -1;
	g->name = head->name;
	g->about = head->about;
	head->name = head->about = NULL;
	g->crash = head->crash ? GATE_CANNOT : GATE_REJECT;
	g->wrong_data = head->wrong_data ? GATE_CANNOT : GATE_REJECT;
	g->new_warning = head->new_warning ? GATE_NOTE : GATE_REJECT;
	g->inconclusive = head->inconclusive;
	return 0;
}

static int read_gate(struct gate *g, const struct yaml_value *root, struct buf *why)
{
	const struct yaml_value *metrics, *cells;
	struct head head = { 0 };
	int ret = take_head(g, root, &head, why);

	free(head.name);
	free(head.about);
	free(head.family_error.text);
	if (ret)
		return -1;
	metrics = yaml_find(root, "metrics");
	cells = yaml_find(root, "cells");
	if (!metrics)
		use_standard(g);
	else if (read_metrics(g, metrics, why))
		return -1;
	return cells ? read_choice(g, &g->choice, cells, why) : 0;
}

int gate_parse(const char *file, const char *text, size_t len, struct gate *g, struct buf *why)
{
	struct yaml_value root;
	int ret;

	*g = (struct gate){ .file = xstrdup(file) };
	ret = yaml_read(file, text, len, &root, why);
	if (!ret)
		ret = read_gate(g, &root, why);
	yaml_release(&root);
	return ret;
}

static void release_cells(struct gate_cells *c)
{
	size_t i, k;

	for (i = 0; i < c->n; i++) {
		for (k = 0; k < c->where[i].n; k++)
			free(c->where[i].value[k].text);
		free(c->where[i].value);
		free(c->where[i].name.text);
	}
	free(c->where);
}

static void release_choice(struct gate_choice *c)
{
	while (c->n)
		release_cells(&c->cells[--c->n]);
	free(c->cells);
}

void gate_release(struct gate *g)
{
	size_t i;

	for (i = 0; i < g->nmetrics; i++) {
		free(g->metric[i].metric.text);
		release_choice(&g->metric[i].choice);
	}
	release_choice(&g->choice);
	free(g->metric);
	free(g->file);
	free(g->name);
	free(g->about);
	*g = (struct gate){ 0 };
}

const char *gate_answer_name(uint32_t answer)
{
	return answers[answer];
}
