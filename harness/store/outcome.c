/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/store/outcome.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/json.h"

/* Static; NULL where it is none of them. */
static const char *known(const char *verdict)
{
	static const char *const verdicts[] = { "accept", "reject", "inconclusive", "cannot" };
	size_t i;

	for (i = 0; verdict && i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		if (!strcmp(verdict, verdicts[i]))
			return verdicts[i];
	return NULL;
}

static int take(const json_t *json, struct outcome *o, struct buf *why)
{
	const char *kind = json_get_text(json, "kind");
	const json_t *final = json_object_get(json, "final");

	o->verdict = known(json_get_text(json, "outcome"));
	o->final = json_is_true(final);
	if (!kind || strcmp(kind, "verdict"))
		buf_str(why, "kind: missing or not \"verdict\"");
	else if (!o->verdict)
		buf_str(why, "outcome: missing or not one of accept, reject, inconclusive, cannot");
	else if (final && !json_is_boolean(final))
		buf_str(why, "final: not true or false");
	else
		return 0;
	*o = (struct outcome){ 0 };
	return -1;
}

int outcome_parse(const char *text, size_t len, struct outcome *o, struct buf *why)
{
	json_error_t error;
	json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	int ret = -1;

	*o = (struct outcome){ 0 };
	if (!json)
		buf_fmt(why, "line %d: no JSON: %s", error.line, error.text);
	else
		ret = take(json, o, why);
	json_decref(json);
	return ret;
}

int outcome_read(const char *dir, struct outcome *o, struct buf *why)
{
	char *path = xasprintf("%s/" OUTCOME_FILE, dir);
	struct buf text = BUF_INIT, reason = BUF_INIT;
	int ret = 0;

	*o = (struct outcome){ 0 };
	if (buf_read_file(&text, path)) {
		ret = errno == ENOENT ? 0 : -1;
		if (ret)
			buf_fmt(why, "read %s: %s", path, strerror(errno));
	} else if (outcome_parse(buf_text(&text), text.len, o, &reason)) {
		buf_fmt(why, "%s: %s", path, buf_text(&reason));
		ret = -1;
	}
	buf_release(&text);
	buf_release(&reason);
	free(path);
	return ret;
}
