/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/kernel/tool.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "harness/kernel/cache.h"
#include "lib/buf.h"
#include "lib/err.h"

static bool stopped(const struct child_call *call)
{
	return call->stop && *call->stop;
}

static bool begins(const char *s, size_t len, const char *with)
{
	size_t n = strlen(with);

	return len >= n && !memcmp(s, with, n);
}

static bool is_full_disk(const char *s, size_t len)
{
	static const char *const full[] = { "No space left on device", "Disk quota exceeded" };
	size_t i;

	for (i = 0; i < sizeof(full) / sizeof(full[0]); i++)
		if (memmem(s, len, full[i], strlen(full[i])))
			return true;
	return false;
}

bool tool_no_space(const char *why)
{
	return is_full_disk(why, strlen(why));
}

/* How much a line says: a full disk and apt's errors most, a last farewell least. */
static int weight(const char *s, size_t len)
{
	if (is_full_disk(s, len))
		return 4;
	if (begins(s, len, "E: ") || begins(s, len, "fatal: ") || begins(s, len, "error: "))
		return 3;
	if (memmem(s, len, "Exiting with failure status", 27) ||
	    memmem(s, len, "not recoverable: exiting", 24) || begins(s, len, "N: "))
		return 1;
	return 2;
}

/* The first of the weightiest lines, without the prefix that only says that it is one. */
static void essence(const char *talk, struct buf *why)
{
	static const char *const prefixes[] = { "E: ", "W: ", "fatal: ", "error: " };
	const char *best = "", *end;
	size_t best_len = 0, i;
	int most = 0, w;

	for (; *talk; talk = *end ? end + 1 : end) {
		end = strchrnul(talk, '\n');
		w = end == talk ? 0 : weight(talk, (size_t)(end - talk));
		if (w > most) {
			most = w;
			best = talk;
			best_len = (size_t)(end - talk);
		}
	}
	for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (!begins(best, best_len, prefixes[i]))
			continue;
		best += strlen(prefixes[i]);
		best_len -= strlen(prefixes[i]);
	}
	buf_add(why, best, best_len);
	if (most == 4)
		buf_str(why, cache_remedy(ENOSPC));
}

int tool_try(const struct child_call *call, struct buf *out, struct buf *why)
{
	static const char *const english[] = { "LC_ALL=C", NULL };
	struct child_call c = *call;
	struct buf talk = BUF_INIT;
	int ret;

	c.talk = &talk;
	c.family = true;
	if (!c.env)
		c.env = english;
	ret = out ? child_read(&c, out) : child_run(&c, NULL, NULL);
	if (ret && !stopped(call)) {
		essence(buf_text(&talk), why);
		if (!why->len)
			buf_fmt(why, "%s failed", call->name ? call->name : call->argv[0]);
	}
	buf_release(&talk);
	return ret ? -1 : 0;
}

int tool_run(const struct child_call *call, struct buf *out, const char *what)
{
	struct buf why = BUF_INIT;
	int ret = tool_try(call, out, &why);

	if (ret && why.len)
		err("%s: %s", what, why.s);
	buf_release(&why);
	return ret;
}

int tool_need(const char *program, const char *what)
{
	if (child_exists(program))
		return 0;
	return err("%s is not installed: %s needs it", program, what);
}
