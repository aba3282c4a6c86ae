/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/record.h"

#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"
#include "lib/buf.h"

void sample_release(struct sample *s)
{
	free(s->name);
	free(s->ops);
	free(s->bytes);
	free(s->cpus);
	free(s->kernel);
	*s = (struct sample){ 0 };
}

void sample_line(const struct sample *s, struct buf *out)
{
	json_t *o = json_object(), *cpus = json_array();
	uint32_t i;

	for (i = 0; i < s->threads; i++)
		json_array_append_new(cpus, s->cpus[i] == RECORD_NO_CPU ? json_null()
									: json_u64(s->cpus[i]));
	json_put(o, "schema", json_u64(RECORD_SCHEMA));
	json_put(o, "kind", json_text("sample"));
	if (s->kernel) {
		json_put(o, "kernel", json_text(s->kernel));
		json_put(o, "block", json_u64(s->block));
	}
	json_put(o, "cell", json_text(s->cell));
	json_put(o, "name", json_text(s->name));
	json_put(o, "window", json_u64(s->window));
	json_put(o, "threads", json_u64(s->threads));
	json_put(o, "elapsed_ns", json_u64(s->elapsed_ns));
	json_put(o, "skew_ns", json_u64(s->skew_ns));
	json_put(o, "ops", json_u64_array(s->ops, s->threads));
	json_put(o, "bytes", json_u64_array(s->bytes, s->threads));
	json_put(o, "cpus", cpus);
	json_put(o, "oversubscribed", json_boolean(s->oversubscribed));
	json_line(out, o);
	json_decref(o);
}

static int bad(struct buf *why, const char *field, const char *what)
{
	buf_fmt(why, "%s: missing or not %s", field, what);
	return -1;
}

static int get_u32(const json_t *o, const char *key, uint32_t min, uint32_t *out, struct buf *why)
{
	uint64_t n;

	if (json_get_u64(o, key, &n) || n < min || n >= UINT32_MAX)
		return bad(why, key, "a number in range");
	*out = (uint32_t)n;
	return 0;
}

static int get_array(const json_t *o, const char *key, uint32_t n, uint64_t *out, struct buf *why)
{
	const json_t *array = json_object_get(o, key), *v;
	uint32_t i;

	if (!json_is_array(array) || json_array_size(array) != n)
		return bad(why, key, "an array with a number for every thread");
	for (i = 0; i < n; i++) {
		v = json_array_get(array, i);
		if (!json_is_integer(v) || json_integer_value(v) < 0)
			return bad(why, key, "an array of counts");
		out[i] = (uint64_t)json_integer_value(v);
	}
	return 0;
}

static int get_cpus(const json_t *o, struct sample *s, struct buf *why)
{
	const json_t *array = json_object_get(o, "cpus"), *v;
	uint32_t i;

	if (!json_is_array(array) || json_array_size(array) != s->threads)
		return bad(why, "cpus", "an array with a CPU or null for every thread");
	for (i = 0; i < s->threads; i++) {
		v = json_array_get(array, i);
		if (json_is_null(v))
			s->cpus[i] = RECORD_NO_CPU;
		else if (json_is_integer(v) && json_integer_value(v) >= 0 &&
			 json_integer_value(v) < UINT32_MAX)
			s->cpus[i] = (uint32_t)json_integer_value(v);
		else
			return bad(why, "cpus", "an array of CPU numbers");
	}
	return 0;
}

static int get_sample(const json_t *o, struct sample *s, struct buf *why)
{
	const char *cell = json_get_text(o, "cell"), *name = json_get_text(o, "name");
	char id[CELL_ID_LEN + 1];
	uint64_t schema;

	if (json_get_u64(o, "schema", &schema) || schema != RECORD_SCHEMA) {
		buf_fmt(why, "schema: missing or not %d", RECORD_SCHEMA);
		return -1;
	}
	if (!json_get_text(o, "kind") || strcmp(json_get_text(o, "kind"), "sample"))
		return bad(why, "kind", "\"sample\"");
	if (!name || !*name)
		return bad(why, "name", "a cell's name");
	cell_id(name, id);
	if (!cell || strcmp(cell, id))
		return bad(why, "cell", "the hash of the name");
	memcpy(s->cell, id, sizeof(id));
	s->name = xstrdup(name);
	s->kernel = xstrdup(json_get_text(o, "kernel"));
	if (s->kernel && get_u32(o, "block", 0, &s->block, why))
		return -1;
	if (get_u32(o, "window", 0, &s->window, why) || get_u32(o, "threads", 1, &s->threads, why))
		return -1;
	if (s->threads > json_array_size(json_object_get(o, "ops")))	/* before any memory is taken for it */
		return bad(why, "ops", "an array with a number for every thread");
	if (json_get_u64(o, "elapsed_ns", &s->elapsed_ns) || !s->elapsed_ns)
		return bad(why, "elapsed_ns", "above 0");
	if (json_get_u64(o, "skew_ns", &s->skew_ns))
		return bad(why, "skew_ns", "a number");
	s->ops = xcalloc(s->threads, sizeof(s->ops[0]));
	s->bytes = xcalloc(s->threads, sizeof(s->bytes[0]));
	s->cpus = xcalloc(s->threads, sizeof(s->cpus[0]));
	s->oversubscribed = json_is_true(json_object_get(o, "oversubscribed"));
	if (get_array(o, "ops", s->threads, s->ops, why) ||
	    get_array(o, "bytes", s->threads, s->bytes, why))
		return -1;
	return get_cpus(o, s, why);
}

int sample_from_json(const json_t *line, struct sample *s, struct buf *why)
{
	*s = (struct sample){ 0 };
	if (!get_sample(line, s, why))
		return 0;
	sample_release(s);
	return -1;
}

int sample_parse(const char *text, size_t len, struct sample *s, struct buf *why)
{
	json_error_t error;
	json_t *line = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	int ret;

	if (!line) {
		buf_fmt(why, "no JSON: %s", error.text);
		return -1;
	}
	ret = sample_from_json(line, s, why);
	json_decref(line);
	return ret;
}

static uint64_t sum(const uint64_t *n, uint32_t count)
{
	uint64_t total = 0;

	while (count--)
		total += *n++;
	return total;
}

double sample_ops_per_s(const struct sample *s)
{
	return (double)sum(s->ops, s->threads) * 1e9 / (double)s->elapsed_ns;
}

double sample_bytes_per_s(const struct sample *s)
{
	return (double)sum(s->bytes, s->threads) * 1e9 / (double)s->elapsed_ns;
}

double sample_ns_per_op(const struct sample *s)
{
	return (double)s->elapsed_ns * s->threads / (double)sum(s->ops, s->threads);
}
