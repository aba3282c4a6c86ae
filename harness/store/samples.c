/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/store/samples.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/store/run.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"

/* A cell measured anew after another boot: what came right before that boot of it does not belong to it. */
static void forget(struct samples *s, const struct sample *one)
{
	const struct sample *last;

	while (s->n) {
		last = &s->sample[s->n - 1];
		if (last->block != one->block || strcmp(last->cell, one->cell) ||
		    strcmp(last->kernel, one->kernel))
			return;
		sample_release(&s->sample[--s->n]);
	}
}

static int take_sample(const json_t *line, struct samples *s, size_t *cap, struct buf *why)
{
	struct sample one;

	if (sample_from_json(line, &one, why))
		return -1;
	if (!one.kernel) {
		buf_str(why, "kernel: missing or not a name");
		sample_release(&one);
		return -1;
	}
	if (s->booted && !one.window)
		forget(s, &one);
	s->booted = false;
	if (s->n == *cap) {
		*cap = *cap ? *cap * 2 : 64;
		s->sample = xrealloc(s->sample, *cap, sizeof(s->sample[0]));
	}
	s->sample[s->n++] = one;
	return 0;
}

/* Where a record of the kernel and cell is, or the number of records. */
static size_t find_count(const struct samples *s, const char *kernel, const char *cell)
{
	size_t i = 0;

	while (i < s->ncounts &&
	       (strcmp(s->count[i].cell, cell) || strcmp(s->count[i].kernel, kernel)))
		i++;
	return i;
}

static size_t find_prediction(const struct samples *s, const char *kernel, const char *cell,
			      const char *machine)
{
	const struct prediction_record *p = s->prediction;
	size_t i = 0;

	while (i < s->npredictions && (strcmp(p[i].cell, cell) || strcmp(p[i].kernel, kernel) ||
				       strcmp(p[i].machine, machine)))
		i++;
	return i;
}

static int take_count(const json_t *line, struct samples *s, struct buf *why)
{
	struct count_record one;
	size_t at;

	if (count_record_from_json(line, &one, why)) {
		count_record_release(&one);
		return -1;
	}
	at = find_count(s, one.kernel, one.cell);
	if (at == s->ncounts)
		s->count = xrealloc(s->count, ++s->ncounts, sizeof(s->count[0]));
	else
		count_record_release(&s->count[at]);
	s->count[at] = one;
	return 0;
}

static int take_prediction(const json_t *line, struct samples *s, struct buf *why)
{
	struct prediction_record one;
	size_t at;

	if (prediction_record_from_json(line, &one, why)) {
		prediction_record_release(&one);
		return -1;
	}
	at = find_prediction(s, one.kernel, one.cell, one.machine);
	if (at == s->npredictions)
		s->prediction = xrealloc(s->prediction, ++s->npredictions, sizeof(s->prediction[0]));
	else
		prediction_record_release(&s->prediction[at]);
	s->prediction[at] = one;
	return 0;
}

static bool says_tcg(const json_t *fact)
{
	const char *text = json_string_value(fact);

	return text && !strncmp(text, "tcg", 3);	/* "tcg-multi" too */
}

bool samples_emulated(const json_t *line)
{
	const json_t *env = json_object_get(line, "environment");

	return says_tcg(json_object_get(json_object_get(line, "guest"), "accel")) ||
	       says_tcg(json_object_get(json_object_get(env, "cpu"), "hypervisor")) ||
	       says_tcg(json_object_get(env, "hypervisor"));
}

/* Is what a line may have an object, where it has it? */
static bool fits(const json_t *line, const char *key)
{
	const json_t *value = json_object_get(line, key);

	return !value || json_is_object(value);
}

static int take_environment(json_t *line, struct samples *s, struct buf *why)
{
	uint64_t n;

	if (json_get_u64(line, "schema", &n) || n != RECORD_SCHEMA)
		buf_fmt(why, "schema: missing or not %d", RECORD_SCHEMA);
	else if (!json_get_text(line, "kernel"))
		buf_str(why, "kernel: missing or not a name");
	else if (json_get_u64(line, "block", &n) || n >= UINT32_MAX)
		buf_str(why, "block: missing or not a number in range");
	else if (!json_get_text(line, "at"))
		buf_str(why, "at: missing or not a time");
	else if (!json_is_object(json_object_get(line, "environment")))
		buf_str(why, "environment: missing or not an object");
	else if (!fits(line, "guest"))
		buf_str(why, "guest: not an object");
	else if (!fits(line, "build"))
		buf_str(why, "build: not an object");
	else if (!json_array_append(s->environments, line))
		s->booted = true;
	return why->len ? -1 : 0;
}

static int take_incident(json_t *line, struct samples *s, struct buf *why)
{
	static const char *const texts[] = { "kernel", "incident", "verdict" };
	uint64_t n;
	size_t i;

	if (json_get_u64(line, "schema", &n) || n != RECORD_SCHEMA) {
		buf_fmt(why, "schema: missing or not %d", RECORD_SCHEMA);
		return -1;
	}
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!json_get_text(line, texts[i])) {
			buf_fmt(why, "%s: missing or not a text", texts[i]);
			return -1;
		}
	return json_array_append(s->incidents, line);
}

static int take_line(const char *text, size_t len, struct samples *s, size_t *cap, struct buf *why)
{
	json_error_t error;
	json_t *line = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	const char *kind = json_get_text(line, "kind");
	int ret = 0;

	if (!line) {
		buf_fmt(why, "no JSON: %s", error.text);
		return -1;
	}
	if (!kind) {
		buf_str(why, "kind: missing or not a name");
		ret = -1;
	} else if (!strcmp(kind, "sample")) {
		ret = take_sample(line, s, cap, why);
	} else if (!strcmp(kind, "count")) {
		ret = take_count(line, s, why);
	} else if (!strcmp(kind, "prediction")) {
		ret = take_prediction(line, s, why);
	} else if (!strcmp(kind, "environment")) {
		ret = take_environment(line, s, why);
	} else if (!strcmp(kind, "incident")) {
		ret = take_incident(line, s, why);
	}
	json_decref(line);
	return ret;
}

int samples_parse(const char *name, const char *text, size_t len, struct samples *s,
		  struct buf *why)
{
	const char *end, *stop = text + len;
	struct buf reason = BUF_INIT;
	size_t cap = 0, line = 0;

	*s = (struct samples){ .environments = json_array(), .incidents = json_array() };
	for (; text < stop; text = end + 1) {
		line++;
		end = memchr(text, '\n', (size_t)(stop - text));
		if (!end) {
			s->torn = true;
			break;
		}
		if (!take_line(text, (size_t)(end - text), s, &cap, &reason))
			continue;
		buf_fmt(why, "%s:%zu: %s", name, line, buf_text(&reason));
		buf_release(&reason);
		return -1;
	}
	return 0;
}

int samples_read(const struct run *r, struct samples *s)
{
	struct buf text = BUF_INIT, why = BUF_INIT;
	char *path = run_path(r, "samples.jsonl");
	int ret = -1;

	*s = (struct samples){ 0 };
	if (buf_read_file(&text, path) && errno != ENOENT)
		err("read %s: %m", path);
	else if (samples_parse(path, buf_text(&text), text.len, s, &why))
		err_at(buf_text(&why));
	else
		ret = 0;
	if (ret)
		samples_release(s);
	buf_release(&why);
	buf_release(&text);
	free(path);
	return ret;
}

void samples_release(struct samples *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		sample_release(&s->sample[i]);
	free(s->sample);
	for (i = 0; i < s->ncounts; i++)
		count_record_release(&s->count[i]);
	free(s->count);
	for (i = 0; i < s->npredictions; i++)
		prediction_record_release(&s->prediction[i]);
	free(s->prediction);
	json_decref(s->environments);
	json_decref(s->incidents);
	*s = (struct samples){ 0 };
}

/* Lines come in the order of their windows; only a file put together by hand needs another pass. */
uint32_t samples_done(const struct samples *s, const char *kernel, uint32_t block, const char *cell)
{
	const struct sample *one;
	uint32_t done = 0, before;

	do {
		before = done;
		for (one = s->sample; one < s->sample + s->n; one++)
			if (one->window == done && one->block == block &&
			    !strcmp(one->cell, cell) && !strcmp(one->kernel, kernel))
				done++;
	} while (done > before);
	return done;
}

const struct count_record *samples_count(const struct samples *s, const char *kernel,
					 const char *cell)
{
	size_t at = find_count(s, kernel, cell);

	return at < s->ncounts ? &s->count[at] : NULL;
}

const struct prediction_record *samples_prediction(const struct samples *s, const char *kernel,
						   const char *cell, const char *machine)
{
	size_t at = find_prediction(s, kernel, cell, machine);

	return at < s->npredictions ? &s->prediction[at] : NULL;
}

/* Is it the first prediction for its machine? */
static bool opens_machine(const struct samples *s, size_t at)
{
	size_t i;

	for (i = 0; i < at; i++)
		if (!strcmp(s->prediction[i].machine, s->prediction[at].machine))
			return false;
	return true;
}

const char *samples_machine(const struct samples *s, size_t i)
{
	size_t at;

	for (at = 0; at < s->npredictions; at++)
		if (opens_machine(s, at) && !i--)
			return s->prediction[at].machine;
	return NULL;
}
