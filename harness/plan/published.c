/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/plan/published.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "harness/plan/schema.h"
#include "harness/plan/yaml.h"
#include "lib/alloc.h"
#include "lib/buf.h"

static const struct schema_key keys[] = {
	{ .param = { .name = "published", .kind = PARAM_TEXT, .help = "the figures' name" },
	  SCHEMA_AT(struct published, name) },
	{ .param = { .name = "source", .kind = PARAM_TEXT, .help = "where they were published" },
	  SCHEMA_AT(struct published, source) },
	{ .param = { .name = "threads", .kind = PARAM_COUNT, .min = 1, .max = 1024,
		     .help = "that each figure is of" }, SCHEMA_AT(struct published, threads) },
	{ .param = { .name = "cells", .help = "the figures" }, .form = SCHEMA_LIST },
	SCHEMA_END
};

static const struct schema schema = { .what = "published figures", .keys = keys };

static int wrong(const char *file, const struct yaml_value *at, struct buf *why, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
static int wrong(const char *file, const struct yaml_value *at, struct buf *why, const char *fmt, ...)
{
	va_list ap;

	yaml_place(file, at->line, at->column, why);
	va_start(ap, fmt);
	buf_vfmt(why, fmt, ap);
	va_end(ap);
	return -1;
}

static int number(const char *file, const struct yaml_value *v, const char *key, double *out, struct buf *why)
{
	char *end;

	if (v->kind != YAML_TEXT)
		return wrong(file, v, why, "%s: a number, not %s", key, yaml_kind_name(v->kind));
	*out = strtod(v->text, &end);
	if (end == v->text || *end || !isfinite(*out) || *out < 0)
		return wrong(file, v, why, "%s: '%s' is no number of MiB/s from 0 on", key, v->text);
	return 0;
}

static int constant(const char *file, const struct yaml_value *v, int *out, struct buf *why)
{
	for (*out = 0; *out < NCONSTANTS; (*out)++)
		if (v->kind == YAML_TEXT && !strcmp(v->text, constant_name((enum constant)*out)))
			return 0;
	return wrong(file, v, why, "fit: the name of a machine file's constant, as instruction_ns");
}

static int read_field(const char *file, const struct yaml_value *key, const struct yaml_value *v,
		      struct published_cell *c, struct buf *why)
{
	struct published_field *f;

	if (!strcmp(key->text, "mean"))
		return number(file, v, "mean", &c->mean, why);
	if (!strcmp(key->text, "sd"))
		return number(file, v, "sd", &c->sd, why);
	if (!strcmp(key->text, "fit"))
		return constant(file, v, &c->fit, why);
	if (v->kind != YAML_TEXT || !*v->text)
		return wrong(file, v, why, "%s: a value, not %s", key->text,
			     v->kind == YAML_TEXT ? "nothing" : yaml_kind_name(v->kind));
	if (!strcmp(key->text, "kernel")) {
		c->kernel = xstrdup(v->text);
		return 0;
	}
	f = &c->field[c->nfields++];
	f->key = xstrdup(key->text);
	f->value = xstrdup(v->text);
	return 0;
}

static int read_cell(const char *file, const struct yaml_value *v, struct published_cell *c, struct buf *why)
{
	size_t i;

	*c = (struct published_cell){ .fit = -1, .line = v->line };
	if (v->kind != YAML_MAPPING)
		return wrong(file, v, why, "a figure is a mapping, not %s", yaml_kind_name(v->kind));
	c->field = xcalloc(v->n + 1, sizeof(c->field[0]));
	for (i = 0; i < v->n; i++)
		if (read_field(file, &v->key[i], &v->item[i], c, why))
			return -1;
	if (!c->kernel || !c->nfields || !(c->mean > 0))
		return wrong(file, v, why, "a figure needs a kernel, a mean above 0, and the parameters of its cell");
	return 0;
}

static int read_cells(const char *file, const struct yaml_value *list, struct published *p, struct buf *why)
{
	size_t fits = 0, i;

	p->cell = xcalloc(list->n + 1, sizeof(p->cell[0]));
	for (i = 0; i < list->n; i++) {
		p->n++;
		if (read_cell(file, &list->item[i], &p->cell[i], why))
			return -1;
		if (p->cell[i].fit >= 0 && ++fits > PUBLISHED_FITS_MAX)
			return wrong(file, &list->item[i], why,
				     "more than %d figures to fit to: what is fitted is no longer predicted",
				     PUBLISHED_FITS_MAX);
	}
	return list->n ? 0 : wrong(file, list, why, "cells: at least one figure");
}

int published_parse(const char *file, const char *text, size_t len, struct published *p, struct buf *why)
{
	struct yaml_value root;
	int ret;

	*p = (struct published){ 0 };
	ret = yaml_read(file, text, len, &root, why);
	if (!ret)
		ret = schema_read(&schema, file, &root, p, why);
	if (!ret)
		ret = read_cells(file, yaml_find(&root, "cells"), p, why);
	yaml_release(&root);
	return ret;
}

static void cell_release(struct published_cell *c)
{
	size_t i;

	for (i = 0; i < c->nfields; i++) {
		free(c->field[i].key);
		free(c->field[i].value);
	}
	free(c->field);
	free(c->kernel);
}

void published_release(struct published *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		cell_release(&p->cell[i]);
	free(p->cell);
	free(p->name);
	free(p->source);
	*p = (struct published){ 0 };
}

bool published_matches(const struct published_cell *c, const char *kernel, const char *name)
{
	struct buf value = BUF_INIT;
	bool same = !strcmp(c->kernel, kernel);
	size_t i;

	for (i = 0; i < c->nfields && same; i++)
		same = !cell_field(name, c->field[i].key, &value) &&
		       !strcmp(buf_text(&value), c->field[i].value);
	buf_release(&value);
	return same;
}
