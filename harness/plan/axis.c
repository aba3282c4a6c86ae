/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/plan/axis.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/plan/job.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/param.h"

void axis_release(struct axis *a)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		free(a->value[i]);
	free(a->value);
	free(a->machine);
	*a = (struct axis){ 0 };
}

/*
 * A value written twice is a mistake. One that `cpus` made may coincide with
 * another on some machine, and is then that value.
 */
static int add(struct axis *a, const char *text, uint64_t n, bool machine, struct buf *why)
{
	struct param_value v = { .n = n, .text = (char *)text };
	struct buf canonical = BUF_INIT;
	int ret = 0;
	size_t i;

	param_canonical(a->row, &v, &canonical);
	for (i = 0; i < a->n && strcmp(a->value[i], buf_text(&canonical)); i++)
		;
	if (i == AXIS_VALUES_MAX) {
		buf_fmt(why, "%s: an axis has at most %d values", a->row->name, AXIS_VALUES_MAX);
		ret = -1;
	} else if (i == a->n) {
		a->value = xrealloc(a->value, a->n + 1, sizeof(a->value[0]));
		a->machine = xrealloc(a->machine, a->n + 1, sizeof(a->machine[0]));
		a->machine[a->n] = machine;
		a->value[a->n++] = buf_detach(&canonical);
	} else if (!machine && !a->machine[i]) {
		buf_fmt(why, "%s: '%s' is given twice", a->row->name, text);
		if (strcmp(text, a->value[i]))
			buf_fmt(why, " (it is %s)", a->value[i]);
		ret = -1;
	} else {
		a->machine[i] = a->machine[i] && machine;
	}
	buf_release(&canonical);
	return ret;
}

static bool is_number(const struct param *row)
{
	return row->kind == PARAM_COUNT || row->kind == PARAM_SIZE;
}

/* A number that may be the word `cpus`, which must be in the row's range like any other. */
static int number(const struct param *row, const char *text, uint32_t cpus, uint64_t *n,
		  struct buf *why)
{
	struct buf reason = BUF_INIT;
	char *digits;
	int ret;

	if (strcmp(text, "cpus"))
		return param_check(row, text, n, why);
	digits = xasprintf("%" PRIu32, cpus);
	ret = param_check(row, digits, n, &reason);
	if (ret)
		buf_fmt(why, "%s: on this machine, `cpus` is %" PRIu32 " (allowed is ", row->name,
			cpus);
	if (ret) {
		param_range(row, why);
		buf_ch(why, ')');
	}
	buf_release(&reason);
	free(digits);
	return ret;
}

static int add_range(struct axis *a, const char *text, uint32_t cpus, struct buf *why)
{
	char *from = xstrndup(text, (size_t)(strstr(text, "..") - text));
	const char *to = strstr(text, "..") + 2;
	bool machine = !strcmp(from, "cpus") || !strcmp(to, "cpus");
	uint64_t first, last, n;
	int ret = -1;

	if (number(a->row, from, cpus, &first, why) || number(a->row, to, cpus, &last, why))
		goto out;
	if (!first) {
		buf_fmt(why, "%s: the range '%s' doubles from its start, which cannot be 0",
			a->row->name, text);
		goto out;
	}
	if (last < first) {
		buf_fmt(why, "%s: the range '%s' ends before it starts", a->row->name, text);
		if (machine)
			buf_fmt(why, " (on this machine, `cpus` is %" PRIu32 ")", cpus);
		goto out;
	}
	for (n = first; n < last; n = n > last / 2 ? last : 2 * n)
		if (add(a, text, n, machine, why))
			goto out;
	ret = add(a, text, last, machine, why);
out:
	free(from);
	return ret;
}

static int add_text(struct axis *a, const char *text, uint32_t cpus, struct buf *why)
{
	uint64_t n = 0;

	if (is_number(a->row) && strstr(text, ".."))
		return add_range(a, text, cpus, why);
	if (a->row->kind == PARAM_COUNT && !strcmp(text, "cpus"))
		return number(a->row, text, cpus, &n, why) ? -1 : add(a, text, n, true, why);
	if (param_check(a->row, text, &n, why))
		return -1;
	if (a->row->kind == PARAM_TEXT && !a->row->where && strchr(text, ' ')) {
		buf_fmt(why, "%s: '%s' is part of the cells' names and cannot hold blanks",
			a->row->name, text);
		return -1;
	}
	return add(a, text, n, false, why);
}

int axis_make(struct axis *a, const struct job *job, const struct job_key *key,
	      const struct param *row, uint32_t cpus, struct buf *why)
{
	struct buf reason = BUF_INIT;
	int ret = 0;
	size_t i;

	*a = (struct axis){ .row = row, .key = key, .is_axis = key->is_list };
	for (i = 0; i < key->n && !ret; i++) {
		if (is_number(row) && strstr(key->value[i].text, ".."))
			a->is_axis = true;
		ret = add_text(a, key->value[i].text, cpus, &reason);
		if (ret) {
			job_place(job, key, &key->value[i], why);
			buf_str(why, buf_text(&reason));
		}
	}
	if (!ret && row->where && a->is_axis) {
		job_place(job, key, &key->value[0], why);
		buf_fmt(why, "%s: takes one value, as it is no part of what a cell is", row->name);
		ret = -1;
	}
	buf_release(&reason);
	return ret;
}
