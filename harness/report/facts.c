/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/facts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/plan/plan.h"
#include "harness/report/environment.h"
#include "harness/report/report.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/json.h"

#define NEARLY 0.01	/* of the memory's size */

static struct fact *fact_named(struct facts *f, const char *name)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		if (!strcmp(f->fact[i].name, name))
			return &f->fact[i];
	f->fact = xrealloc(f->fact, f->n + 1, sizeof(f->fact[0]));
	f->fact[f->n] = (struct fact){ .name = xstrdup(name), .value = xcalloc(f->nkernels, sizeof(char *)) };
	return &f->fact[f->n++];
}

static void add_value(const json_t *value, struct buf *out)
{
	const json_t *item;
	size_t i;

	if (json_is_string(value)) {
		buf_str(out, json_string_value(value));
	} else if (json_is_real(value)) {
		buf_fmt(out, "%g", json_real_value(value));
	} else if (json_is_boolean(value)) {
		buf_str(out, json_is_true(value) ? "yes" : "no");
	} else if (json_is_array(value)) {
		json_array_foreach(value, i, item) {
			buf_str(out, i ? ", " : "");
			add_value(item, out);
		}
	} else {
		json_line(out, value);
	}
}

/* Objects, and arrays of objects, become facts of their own. */
static bool has_parts(const json_t *value)
{
	return json_is_object(value) || (json_is_array(value) && json_is_object(json_array_get(value, 0)));
}

static void add_facts(struct facts *f, size_t kernel, const char *name, const json_t *value)
{
	const char *key;
	struct buf text = BUF_INIT;
	json_t *part;
	char *inner;
	size_t i;

	if (json_is_object(value)) {
		json_object_foreach((json_t *)value, key, part) {
			inner = xasprintf("%s%s%s", name, *name ? "." : "", key);
			add_facts(f, kernel, inner, part);
			free(inner);
		}
	} else if (has_parts(value)) {
		json_array_foreach(value, i, part) {
			inner = xasprintf("%s.%zu", name, i + 1);
			add_facts(f, kernel, inner, part);
			free(inner);
		}
	} else if (value && !json_is_null(value)) {
		add_value(value, &text);
		free(fact_named(f, name)->value[kernel]);
		fact_named(f, name)->value[kernel] = xstrdup(buf_text(&text));
	}
	buf_release(&text);
}

/* Two boots differ in some facts whatever is booted, two kernels in those of their build. */
static bool differs_by_nature(const char *name)
{
	return environment_varies(name) || !strcmp(name, "build.key") || !strcmp(name, "build.source") ||
	       !strncmp(name, "build.patch", strlen("build.patch"));
}

static bool is_emulated_time(const char *name)
{
	return !strcmp(name, "guest.boot_ns") || !strcmp(name, "boot.uptime_s");
}

/* A kernel's own text takes a part of the memory. */
static bool same_memory(const char *a, const char *b)
{
	double x = strtod(a, NULL), y = strtod(b, NULL);

	return fabs(x - y) <= NEARLY * x;
}

static bool differ(const char *name, const char *a, const char *b)
{
	if (!a || !b)
		return a != b;
	return strcmp(a, b) && !(!strcmp(name, "memory.total_bytes") && same_memory(a, b));
}

static bool differs(const struct fact *fact, size_t nkernels)
{
	size_t k;

	for (k = 1; k < nkernels; k++)
		if (differ(fact->name, fact->value[0], fact->value[k]))
			return true;
	return false;
}

static void fact_release(struct fact *fact, size_t nkernels)
{
	size_t k;

	for (k = 0; k < nkernels; k++)
		free(fact->value[k]);
	free(fact->value);
	free(fact->name);
}

/* What is shown of them, and which of that differs. */
static void compare(struct facts *f, bool withheld)
{
	size_t i, kept = 0;

	for (i = 0; i < f->n; i++) {
		if (withheld && is_emulated_time(f->fact[i].name)) {
			fact_release(&f->fact[i], f->nkernels);
			continue;
		}
		f->fact[kept] = f->fact[i];
		f->fact[kept].differs = !differs_by_nature(f->fact[i].name) && differs(&f->fact[i], f->nkernels);
		f->ndiffer += f->fact[kept++].differs;
	}
	f->n = kept;
}

void facts_make(const struct report_input *in, struct facts *f)
{
	static const char *const part[] = { "build", "guest" };
	const json_t *line;
	size_t k, i;

	*f = (struct facts){ .nkernels = in->plan->nkernels };
	for (k = 0; k < f->nkernels; k++) {
		line = environment_first(in->samples->environments, in->plan->kernel[k].name);
		for (i = 0; i < sizeof(part) / sizeof(part[0]); i++)
			add_facts(f, k, part[i], json_object_get(line, part[i]));
		add_facts(f, k, "", json_object_get(line, "environment"));
	}
	compare(f, in->emulated && !in->show_emulated_times);
}

void facts_release(struct facts *f)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		fact_release(&f->fact[i], f->nkernels);
	free(f->fact);
	*f = (struct facts){ 0 };
}
