/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "harness/kernel/entry.h"
#include "harness/kernel/kernel.h"
#include "harness/kernel/log.h"
#include "harness/kernel/warnings.h"
#include "lib/alloc.h"
#include "lib/buf.h"

static void read_kept(const struct kernel *k, struct warnings *w)
{
	char *path = xasprintf("%s/" WARNINGS_FILE, k->dir);
	struct buf text = BUF_INIT;
	json_t *o = NULL;

	if (!buf_read_file(&text, path))
		o = json_loadb(buf_text(&text), text.len, 0, NULL);
	warnings_from_json(o, w);
	json_decref(o);
	free(path);
	buf_release(&text);
}

/* A log is of the build that made the entry where it has as many steps: a later build may have been cut off. */
static int read_log(const struct kernel *k, struct warnings *w)
{
	struct warnings_log l = { .nmade = 0 };
	struct buf text = BUF_INIT;
	bool from_nothing;
	unsigned steps = entry_steps(k->key, &from_nothing);
	char *path;

	if (!steps)
		return 0;
	path = log_path(k->key);
	if (!path)
		return -1;
	if (!buf_read_file(&text, path)) {
		warnings_log_read(buf_text(&text), text.len, &l);
		if (l.steps == steps) {
			*w = l.said;
			w->whole = from_nothing;
			l.said = (struct warnings){ 0 };
		}
		warnings_log_release(&l);
	}
	free(path);
	buf_release(&text);
	return 0;
}

int warnings_of(const struct kernel *k, struct warnings *w)
{
	*w = (struct warnings){ 0 };
	if (!k->dir || !k->key)
		return 0;
	read_kept(k, w);
	return w->known ? 0 : read_log(k, w);
}
