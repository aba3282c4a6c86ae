/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fields stand in tables, from which both directions follow; what is more than
 * one value (counts, ranges, lines, the curve) is written out.
 */
#include "harness/store/counted.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/store/fields.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/record.h"

static const struct field count_fields[] = {
	FIELD(TEXT, count_record, kernel),
	FIELD(CELL, count_record, cell),
	FIELD(TEXT, count_record, name),
	POSITIVE(U32, count_record, threads),
	POSITIVE(U64, count_record, ops),
	FIELD(U64, count_record, at_mode),
	FIELD(U64, count_record, interrupted),
	FIELD(U32, count_record, modes),
	FIELD(U32, count_record, paths),
	FIELD(REAL, count_record, share),
	FIELD(FLAG, count_record, stable),
	FIELD(U64, count_record, bytes_per_op),
	FIELD(FLAG, count_record, arm64),
	FIELD(TEXT_OR_NULL, count_record, qemu),
};

static const struct field prediction_fields[] = {
	FIELD(TEXT, prediction_record, kernel),
	FIELD(CELL, prediction_record, cell),
	FIELD(TEXT, prediction_record, machine),
	FIELD(TEXT_OR_NULL, prediction_record, machine_id),
	POSITIVE(U32, prediction_record, threads),
	POSITIVE(REAL, prediction_record, ns_per_op),
	POSITIVE(REAL, prediction_record, low),
	POSITIVE(REAL, prediction_record, high),
	FIELD(REAL, prediction_record, waited_ns),
	FIELD(REAL, prediction_record, spread),
	FIELD(REAL, prediction_record, transfers),
	FIELD(U64, prediction_record, lines_moved),
	FIELD(U32, prediction_record, knee),
};

static const struct field line_fields[] = {
	FIELD(TEXT, line_record, what),
	FIELD(REAL, line_record, per_op),
	FIELD(U32, line_record, threads),
};

static const struct field mover_fields[] = {
	FIELD(TEXT, mover_record, function),
	FIELD(U64, mover_record, offset),
	FIELD(TEXT, mover_record, access),
	FIELD(REAL, mover_record, per_op),
};

/* Writing */

static json_t *counts_json(const struct count_record *c)
{
	json_t *counts = json_object();
	int i;

	for (i = 0; i < NCOUNTS; i++)
		if (count_exists((enum count)i, c->arm64) && !isnan(c->count[i]))
			json_put(counts, count_name((enum count)i), fields_real(c->count[i]));
	return counts;
}

json_t *count_record_json(const struct count_record *c)
{
	json_t *o = json_object();

	fields_put(o, count_fields, NFIELDS(count_fields), c);
	json_put(o, "counts", counts_json(c));
	if (c->by_thread)
		json_put(o, "by_thread", json_incref(c->by_thread));
	return o;
}

static json_t *line_json(const struct line_record *l)
{
	json_t *o = json_object(), *movers = json_array(), *mover;
	size_t i;

	fields_put(o, line_fields, NFIELDS(line_fields), l);
	for (i = 0; i < l->nmovers; i++) {
		mover = json_object();
		fields_put(mover, mover_fields, NFIELDS(mover_fields), &l->mover[i]);
		json_array_append_new(movers, mover);
	}
	json_put(o, "movers", movers);
	return o;
}

static json_t *pair(json_t *a, json_t *b)
{
	json_t *array = json_array();

	json_array_append_new(array, a);
	json_array_append_new(array, b);
	return array;
}

static json_t *sensitivity_json(const struct prediction_record *p)
{
	json_t *o = json_object();
	int i;

	for (i = 0; i < NCONSTANTS; i++)
		if (!isnan(p->at_low[i]) && !isnan(p->at_high[i]))
			json_put(o, constant_name((enum constant)i),
				 pair(fields_real(p->at_low[i]), fields_real(p->at_high[i])));
	return o;
}

json_t *prediction_record_json(const struct prediction_record *p)
{
	json_t *o = json_object(), *lines = json_array(), *curve = json_array();
	size_t i;

	fields_put(o, prediction_fields, NFIELDS(prediction_fields), p);
	json_put(o, "sensitivity", sensitivity_json(p));
	for (i = 0; i < p->nlines; i++)
		json_array_append_new(lines, line_json(&p->line[i]));
	for (i = 0; i < p->npoints; i++)
		json_array_append_new(curve, pair(json_u64(p->curve[i].threads),
						  fields_real(p->curve[i].ops_per_s)));
	json_put(o, "lines", lines);
	json_put(o, "curve", curve);
	return o;
}

/* schema and kind, and then the rest in its order. */
static void add_line(const char *kind, json_t *rest, struct buf *out)
{
	json_t *o = json_object();

	json_put(o, "schema", json_u64(RECORD_SCHEMA));
	json_put(o, "kind", json_text(kind));
	json_object_update(o, rest);
	json_line(out, o);
	json_decref(o);
	json_decref(rest);
}

void count_record_line(const struct count_record *c, struct buf *out)
{
	add_line("count", count_record_json(c), out);
}

void prediction_record_line(const struct prediction_record *p, struct buf *out)
{
	add_line("prediction", prediction_record_json(p), out);
}

/* Reading */

static int check_head(const json_t *line, const char *kind, struct buf *why)
{
	const char *is = json_get_text(line, "kind");
	uint64_t schema;

	if (json_get_u64(line, "schema", &schema) || schema != RECORD_SCHEMA) {
		buf_fmt(why, "schema: missing or not %d", RECORD_SCHEMA);
		return -1;
	}
	if (is && !strcmp(is, kind))
		return 0;
	buf_fmt(why, "kind: missing or not \"%s\"", kind);
	return -1;
}

/* A count that is not there was not known yet when the line was written; the first is always. */
static int get_counts(const json_t *line, struct count_record *c, struct buf *why)
{
	const json_t *counts = json_object_get(line, "counts"), *value;
	const char *name;
	int i;

	if (!json_is_object(counts))
		return fields_bad(why, "counts", "an object");
	for (i = 0; i < NCOUNTS; i++) {
		name = count_name((enum count)i);
		value = json_object_get(counts, name);
		c->count[i] = (double)NAN;
		if (!value && i != COUNT_KERNEL_INSNS)
			continue;
		if (!json_is_number(value) || json_number_value(value) < 0) {
			buf_fmt(why, "counts.%s: missing or not a number from 0", name);
			return -1;
		}
		if (!count_exists((enum count)i, c->arm64)) {
			buf_fmt(why, "counts.%s: there is none on %s", name,
				c->arm64 ? "arm64" : "x86-64");
			return -1;
		}
		c->count[i] = json_number_value(value);
	}
	return 0;
}

int count_record_from_json(const json_t *line, struct count_record *c, struct buf *why)
{
	char id[CELL_ID_LEN + 1];

	*c = (struct count_record){ 0 };
	if (check_head(line, "count", why) ||
	    fields_get(line, count_fields, NFIELDS(count_fields), c, why))
		return -1;
	cell_id(c->name, id);
	if (strcmp(c->cell, id))
		return fields_bad(why, "cell", "the hash of the name");
	if (c->at_mode > c->ops || c->interrupted > c->ops) {
		buf_fmt(why, "%s: more than there are ops", c->at_mode > c->ops ? "at_mode" : "interrupted");
		return -1;
	}
	if (c->share > 1) {
		buf_str(why, "share: above 1");
		return -1;
	}
	c->by_thread = json_incref(json_object_get(line, "by_thread"));
	if (c->by_thread && !json_is_array(c->by_thread))
		return fields_bad(why, "by_thread", "an array");
	return get_counts(line, c, why);
}

/* An array's two numbers, both from 0. 0 or -1. */
static int get_pair(const json_t *array, double *a, double *b)
{
	const json_t *va = json_array_get(array, 0), *vb = json_array_get(array, 1);

	if (json_array_size(array) != 2 || !json_is_number(va) || !json_is_number(vb))
		return -1;
	*a = json_number_value(va);
	*b = json_number_value(vb);
	return *a < 0 || *b < 0 ? -1 : 0;
}

static int get_sensitivity(const json_t *line, struct prediction_record *p, struct buf *why)
{
	const json_t *o = json_object_get(line, "sensitivity"), *value;
	const char *name;
	int i;

	if (!json_is_object(o))
		return fields_bad(why, "sensitivity", "an object");
	for (i = 0; i < NCONSTANTS; i++) {
		name = constant_name((enum constant)i);
		value = json_object_get(o, name);
		p->at_low[i] = p->at_high[i] = (double)NAN;
		if (!value || !get_pair(value, &p->at_low[i], &p->at_high[i]))
			continue;
		buf_fmt(why, "sensitivity.%s: not two times", name);
		return -1;
	}
	return 0;
}

static int check_access(const char *access, struct buf *why)
{
	if (!strcmp(access, "load") || !strcmp(access, "store") || !strcmp(access, "atomic"))
		return 0;
	buf_fmt(why, "access: '%s' is not one of load|store|atomic", access);
	return -1;
}

static int get_movers(const json_t *o, struct line_record *l, struct buf *why)
{
	const json_t *array = json_object_get(o, "movers"), *value;
	struct mover_record *m;
	size_t i;

	if (!json_is_array(array))
		return fields_bad(why, "movers", "an array");
	l->mover = xcalloc(json_array_size(array) + 1, sizeof(l->mover[0]));
	json_array_foreach(array, i, value) {
		m = &l->mover[l->nmovers++];
		if (fields_get(value, mover_fields, NFIELDS(mover_fields), m, why) ||
		    check_access(m->access, why))
			return -1;
	}
	return 0;
}

static int get_lines(const json_t *line, struct prediction_record *p, struct buf *why)
{
	const json_t *array = json_object_get(line, "lines"), *value;
	struct buf reason = BUF_INIT;
	struct line_record *l;
	int ret = 0;
	size_t i;

	if (!json_is_array(array))
		return fields_bad(why, "lines", "an array");
	p->line = xcalloc(json_array_size(array) + 1, sizeof(p->line[0]));
	for (i = 0; i < json_array_size(array) && !ret; i++) {
		value = json_array_get(array, i);
		l = &p->line[p->nlines++];
		ret = fields_get(value, line_fields, NFIELDS(line_fields), l, &reason) ||
		      get_movers(value, l, &reason);
		if (ret)
			buf_fmt(why, "lines[%zu].%s", i, buf_text(&reason));
	}
	buf_release(&reason);
	return ret ? -1 : 0;
}

static int get_curve(const json_t *line, struct prediction_record *p, struct buf *why)
{
	const json_t *array = json_object_get(line, "curve"), *value;
	double threads, before = 0;
	struct curve_point *point;
	size_t i;

	if (!json_is_array(array))
		return fields_bad(why, "curve", "an array");
	p->curve = xcalloc(json_array_size(array) + 1, sizeof(p->curve[0]));
	json_array_foreach(array, i, value) {
		point = &p->curve[i];
		if (get_pair(value, &threads, &point->ops_per_s) || threads <= before ||
		    threads >= UINT32_MAX || threads != floor(threads)) {
			buf_fmt(why, "curve[%zu]: not a number of threads, more than before, and its ops/s", i);
			return -1;
		}
		before = threads;
		point->threads = (uint32_t)threads;
		p->npoints++;
	}
	return 0;
}

int prediction_record_from_json(const json_t *line, struct prediction_record *p, struct buf *why)
{
	*p = (struct prediction_record){ 0 };
	if (check_head(line, "prediction", why) ||
	    fields_get(line, prediction_fields, NFIELDS(prediction_fields), p, why))
		return -1;
	if (p->low > p->ns_per_op || p->ns_per_op > p->high) {
		buf_str(why, "ns_per_op: not within low and high");
		return -1;
	}
	if (get_sensitivity(line, p, why) || get_lines(line, p, why))
		return -1;
	return get_curve(line, p, why);
}

void count_record_release(struct count_record *c)
{
	free(c->kernel);
	free(c->name);
	free(c->qemu);
	json_decref(c->by_thread);
	*c = (struct count_record){ 0 };
}

static void line_release(struct line_record *l)
{
	size_t i;

	for (i = 0; i < l->nmovers; i++) {
		free(l->mover[i].function);
		free(l->mover[i].access);
	}
	free(l->mover);
	free(l->what);
}

void prediction_record_release(struct prediction_record *p)
{
	size_t i;

	for (i = 0; i < p->nlines; i++)
		line_release(&p->line[i]);
	free(p->line);
	free(p->curve);
	free(p->kernel);
	free(p->machine);
	free(p->machine_id);
	*p = (struct prediction_record){ 0 };
}
