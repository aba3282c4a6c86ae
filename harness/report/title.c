/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The line over a table and over its plot.
 */
#include "harness/report/table.h"

#include <string.h>

#include "harness/plan/plan.h"
#include "lib/buf.h"
#include "lib/units.h"

static bool is_axis(const struct plan_table *t, const char *key)
{
	return !strcmp(t->rows, key) || (t->columns && !strcmp(t->columns, key));
}

/*
 * The value that all cells of a table have, unless key is one of its axes. 0
 * with value filled, or -1: an axis, not the same everywhere, or no such key.
 */
static int shared(const struct plan *plan, const struct plan_table *t, const char *key,
		  struct buf *value)
{
	struct buf other = BUF_INIT;
	bool any = false;
	int ret = -1;
	size_t i;

	buf_reset(value);
	if (is_axis(t, key))
		return -1;
	for (i = 0; i < t->nrows * t->ncolumns; i++) {
		if (t->cell[i] < 0)
			continue;
		if (cell_field(plan->cell[t->cell[i]].name, key, any ? &other : value))
			goto out;
		if (any && strcmp(buf_text(&other), buf_text(value)))
			goto out;
		any = true;
	}
	ret = any ? 0 : -1;
out:
	buf_release(&other);
	return ret;
}

/* A size in words: "4k", "256 byte". */
static void add_size(struct buf *out, const char *size)
{
	uint64_t n;

	buf_fmt(out, units_count(size, &n) ? "%s" : "%s byte", size);
}

/* "reads from 4k file(s)", "writes of 1k to one 1M file", "reads of 256 bytes from ..." */
static void add_transfer(const struct plan *plan, const struct plan_table *t, const char *verb,
			 const char *preposition, struct buf *out)
{
	struct buf value = BUF_INIT, sharing = BUF_INIT;
	bool one, many;
	uint64_t n;

	one = !shared(plan, t, "sharing", &sharing) && !strcmp(buf_text(&sharing), "same");
	many = !strcmp(buf_text(&sharing), "diff");
	buf_str(out, verb);
	if (!shared(plan, t, "block", &value)) {
		buf_str(out, " of ");
		add_size(out, buf_text(&value));
		if (!units_count(buf_text(&value), &n) && n != 1)
			buf_ch(out, 's');
	}
	buf_fmt(out, " %s ", preposition);
	if (one)
		buf_str(out, "one ");
	if (!shared(plan, t, "file_size", &value)) {
		add_size(out, buf_text(&value));
		buf_ch(out, ' ');
	}
	buf_str(out, one ? "file" : many ? "files" : "file(s)");
	buf_release(&value);
	buf_release(&sharing);
}

static void make_title(const struct plan *plan, const struct plan_table *t, struct buf *out)
{
	struct buf value = BUF_INIT;

	if (!shared(plan, t, "threads", &value))
		buf_fmt(out, "%s thread%s, ", buf_text(&value),
			strcmp(buf_text(&value), "1") ? "s" : "");
	if (shared(plan, t, "workload", &value))
		buf_str(out, "workloads");
	else if (!strcmp(buf_text(&value), "read"))
		add_transfer(plan, t, "reads", "from", out);
	else if (!strcmp(buf_text(&value), "write"))
		add_transfer(plan, t, "writes", "to", out);
	else
		buf_str(out, buf_text(&value));
	buf_release(&value);
}

static void plain_title(const struct plan *plan, const struct plan_table *t, struct buf *out)
{
	if (t->title)
		buf_str(out, t->title);
	else
		make_title(plan, t, out);
}

/* Does some other table with the same title differ from t in this key? */
static bool tells_apart(const struct plan *plan, const struct plan_table *t, const char *title,
			const char *key, const char *value)
{
	struct buf other_title = BUF_INIT, other = BUF_INIT;
	bool differs = false;
	size_t i;

	for (i = 0; i < plan->ntables && !differs; i++) {
		if (&plan->table[i] == t)
			continue;
		buf_reset(&other_title);
		plain_title(plan, &plan->table[i], &other_title);
		if (!strcmp(buf_text(&other_title), title))
			differs = shared(plan, &plan->table[i], key, &other) ||
				  strcmp(buf_text(&other), value);
	}
	buf_release(&other_title);
	buf_release(&other);
	return differs;
}

/* ", source=cold": what t's cells share and those of its namesakes do not. */
static void add_differences(const struct plan *plan, const struct plan_table *t, const char *title,
			    struct buf *out)
{
	struct buf key = BUF_INIT, value = BUF_INIT;
	const char *at = "", *eq;
	size_t i;

	for (i = 0; i < t->nrows * t->ncolumns && !*at; i++)
		if (t->cell[i] >= 0)
			at = strchrnul(plan->cell[t->cell[i]].name, ' ');
	for (; *at; at = strchrnul(at, ' ')) {
		eq = strchrnul(++at, '=');
		buf_reset(&key);
		buf_add(&key, at, (size_t)(eq - at));
		if (!shared(plan, t, buf_text(&key), &value) &&
		    tells_apart(plan, t, title, buf_text(&key), buf_text(&value)))
			buf_fmt(out, ", %s=%s", buf_text(&key), buf_text(&value));
	}
	buf_release(&key);
	buf_release(&value);
}

void table_title(const struct plan *plan, size_t table, struct buf *out)
{
	const struct plan_table *t = &plan->table[table];
	struct buf title = BUF_INIT;

	plain_title(plan, t, &title);
	buf_str(out, buf_text(&title));
	if (!t->title)
		add_differences(plan, t, buf_text(&title), out);
	buf_release(&title);
}
