/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/difference.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "harness/plan/plan.h"
#include "harness/report/environment.h"
#include "harness/report/prose.h"
#include "harness/report/report.h"
#include "harness/store/samples.h"
#include "lib/buf.h"

#define NEARLY 0.01	/* of the memory's size: a kernel's own takes a part of it */

/* A fact on either kernel; NULL: it has none. */
struct fact {
	const json_t *old, *new;
};

struct difference {
	const char *old, *new;		/* the kernels */
	size_t width;
	struct buf *out;
	int n;
};

static bool is_expected(const char *path)
{
	static const char inner[] = "environment.";

	return environment_varies(strncmp(path, inner, strlen(inner)) ? path : path + strlen(inner));
}

static bool is_absent(const json_t *value)
{
	return !value || json_is_null(value);
}

/* "linux-source-6.12 6.12.117-1~deb12u1 + mm/filemap: ...": what follows the source are patches. */
static bool same_source(const char *a, const char *b)
{
	const char *end_a = strstr(a, " + "), *end_b = strstr(b, " + ");
	size_t len_a = end_a ? (size_t)(end_a - a) : strlen(a);
	size_t len_b = end_b ? (size_t)(end_b - b) : strlen(b);

	return len_a == len_b && !strncmp(a, b, len_a);
}

static bool same(const char *path, struct fact f)
{
	double x = json_number_value(f.old), y = json_number_value(f.new);

	if (!strcmp(path, "environment.memory.total_bytes") && x > 0 && y > 0)
		return fabs(x - y) <= NEARLY * x;
	if (!strcmp(path, "build.source") && json_is_string(f.old) && json_is_string(f.new))
		return same_source(json_string_value(f.old), json_string_value(f.new));
	return (is_absent(f.old) && is_absent(f.new)) || json_equal(f.old, f.new);
}

static void add_value(const json_t *value, const char *kernel, struct buf *out)
{
	if (is_absent(value))
		buf_str(out, "nothing");
	else if (json_is_string(value))
		buf_fmt(out, "\"%s\"", json_string_value(value));
	else
		json_line(out, value);
	buf_fmt(out, " on %s", kernel);
}

static void add(struct difference *d, const char *path, struct fact f)
{
	const struct prose prose = { .width = d->width, .first = "- " };
	const char *name = strncmp(path, "environment.", 12) ? path : path + 12;
	struct buf text = BUF_INIT;

	d->n++;
	buf_fmt(&text, "%s: ", name);
	add_value(f.old, d->old, &text);
	buf_str(&text, ", ");
	add_value(f.new, d->new, &text);
	prose_add(&prose, buf_text(&text), d->out);
	buf_release(&text);
}

static void compare(struct difference *d, const char *path, struct fact f);

static void compare_member(struct difference *d, const char *path, const char *key, struct fact f)
{
	const struct fact member = { json_object_get(f.old, key), json_object_get(f.new, key) };
	struct buf name = BUF_INIT;

	buf_fmt(&name, "%s.%s", path, key);
	compare(d, buf_text(&name), member);
	buf_release(&name);
}

/* Down to what is no object; keys that only one of both has are compared with nothing. */
static void compare(struct difference *d, const char *path, struct fact f)
{
	const json_t *value;
	const char *key;

	if (is_expected(path))
		return;
	if (!json_is_object(f.old) && !json_is_object(f.new)) {
		if (!same(path, f))
			add(d, path, f);
		return;
	}
	json_object_foreach((json_t *)f.old, key, value)
		compare_member(d, path, key, f);
	json_object_foreach((json_t *)f.new, key, value)
		if (!json_object_get(f.old, key))
			compare_member(d, path, key, f);
}

static const json_t *first_of(const struct report_input *in, size_t kernel)
{
	const json_t *line;
	const char *name;
	size_t i;

	json_array_foreach(in->samples->environments, i, line) {
		name = json_get_text(line, "kernel");
		if (name && !strcmp(name, in->plan->kernel[kernel].name))
			return line;
	}
	return NULL;
}

/* A part of both lines. */
static struct fact part_of(struct fact lines, const char *key)
{
	return (struct fact){ json_object_get(lines.old, key), json_object_get(lines.new, key) };
}

int difference_render(const struct report_input *in, size_t kernel, size_t width, struct buf *out)
{
	static const char *const build[] = { "release", "source", "compiler", "cmdline" };
	const struct fact lines = { first_of(in, 0), first_of(in, kernel) };
	struct difference d = { .old = in->plan->kernel[0].name, .new = in->plan->kernel[kernel].name,
				.width = width, .out = out };
	size_t i;

	if (!lines.old || !lines.new)
		return -1;
	compare(&d, "environment", part_of(lines, "environment"));
	compare(&d, "guest", part_of(lines, "guest"));
	for (i = 0; i < sizeof(build) / sizeof(build[0]); i++)
		compare_member(&d, "build", build[i], part_of(lines, "build"));
	return d.n;
}
