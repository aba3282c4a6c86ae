/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/results.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "harness/store/index.h"
#include "harness/store/run.h"
#include "lib/alloc.h"
#include "lib/err.h"
#include "lib/exitcode.h"
#include "lib/units.h"

#define DAY_NS 86400000000000ull

struct ids {
	char **id;
	size_t n;
};

struct prune {
	const char *dir;
	bool dry_run;
	uint64_t keep;			/* 0: no such condition */
	uint64_t older_s;		/* 0: no such condition */
	bool only_incomplete;
	struct ids incomplete;		/* filled where it is a condition */
	size_t removed, failed;
};

static void release_ids(struct ids *ids)
{
	while (ids->n)
		free(ids->id[--ids->n]);
	free(ids->id);
}

static int take_incomplete(const struct index_row *row, void *data)
{
	struct ids *ids = data;

	if (index_row_complete(row) || row->verdict[0])
		return 0;
	ids->id = xrealloc(ids->id, ids->n + 1, sizeof(ids->id[0]));
	ids->id[ids->n++] = xstrdup(row->id);
	return 0;
}

static int find_incomplete(struct prune *p)
{
	struct index *ix = results_index(p->dir);
	int ret = ix ? index_list(ix, take_incomplete, &p->incomplete) : -1;

	index_close(ix);
	return ret;
}

static bool is_incomplete(const struct prune *p, const char *id)
{
	size_t i;

	for (i = 0; i < p->incomplete.n; i++)
		if (!strcmp(p->incomplete.id[i], id))
			return true;
	return false;
}

static bool is_old(const struct prune *p, const char *id)
{
	int64_t age = (int64_t)time(NULL) - run_started(id);

	return age > 0 && (uint64_t)age > p->older_s;
}

/* newer: how many runs are newer. A name given by hand says that someone wants the run. */
static bool is_wanted(const struct prune *p, const char *id, size_t newer)
{
	return run_started(id) < 0 || newer < p->keep || (p->older_s && !is_old(p, id)) ||
	       (p->only_incomplete && !is_incomplete(p, id));
}

static void prune_one(struct prune *p, const char *id)
{
	if (run_writer(p->dir, id)) {
		info("%s/%s: being written: kept", p->dir, id);
		return;
	}
	if (!p->dry_run && run_remove(p->dir, id)) {
		p->failed++;
		return;
	}
	printf("%s %s\n", p->dry_run ? "would remove" : "removed", id);
	p->removed++;
}

static int prune_runs(struct prune *p)
{
	struct ids ids;
	size_t i;

	if (run_list(p->dir, &ids.id, &ids.n))
		return -1;
	for (i = 0; i < ids.n; i++)
		if (!is_wanted(p, ids.id[i], ids.n - 1 - i))
			prune_one(p, ids.id[i]);
	release_ids(&ids);
	return 0;
}

/* Debris of runs that never got a plan holds no samples. */
static int prune_leftovers(struct prune *p)
{
	struct ids ids;
	size_t i;

	if (run_leftovers(p->dir, &ids.id, &ids.n))
		return -1;
	for (i = 0; i < ids.n; i++)
		if (!p->older_s || is_old(p, ids.id[i]))
			prune_one(p, ids.id[i]);
	release_ids(&ids);
	return 0;
}

static int update_index(const struct prune *p)
{
	struct index *ix = results_index(p->dir);

	index_close(ix);
	return ix ? 0 : -1;
}

static int prune_all(struct prune *p)
{
	if (access(p->dir, F_OK) && errno == ENOENT)
		return 0;
	if (p->only_incomplete && (find_incomplete(p) || prune_leftovers(p)))
		return -1;
	if (prune_runs(p))
		return -1;
	if (!p->removed || p->dry_run)
		return 0;
	return update_index(p);
}

/* `30d` and `2w` besides what durations are elsewhere: months of runs are not counted in hours. */
static int parse_age(const char *text, uint64_t *ns)
{
	size_t len = strlen(text);
	uint64_t unit = DAY_NS, n;
	char *digits;
	int ret;

	if (!len || !strchr("dw", text[len - 1]))
		return units_duration(text, ns);
	if (text[len - 1] == 'w')
		unit *= 7;
	digits = xstrndup(text, len - 1);
	ret = units_count(digits, &n) || __builtin_mul_overflow(n, unit, ns) ? -1 : 0;
	free(digits);
	return ret;
}

static int parse_prune(const struct results_opts *opts, struct prune *p)
{
	uint64_t ns = 0;

	if (!opts->keep && !opts->older_than && !opts->incomplete)
		return err(
			"results prune: say what goes: --keep, --older-than, --incomplete or several of them for runs; --cache");
	if (opts->keep && (units_count(opts->keep, &p->keep) || !p->keep))
		return err("results prune: --keep: '%s' is no number of runs from 1 on",
			   opts->keep);
	if (opts->older_than && (parse_age(opts->older_than, &ns) || ns < 1000000000))
		return err(
			"results prune: --older-than: '%s' is no duration such as 30d, 2w or 12h",
			opts->older_than);
	p->older_s = ns / 1000000000;
	p->only_incomplete = opts->incomplete;
	p->dry_run = opts->dry_run;
	return 0;
}

int results_prune(const struct results_opts *opts, char **argv)
{
	struct prune p = { .dir = results_dir(opts) };
	int ret;

	(void)argv;
	if (opts->cache) {
		ret = results_prune_cache(opts);
		if (ret != EXIT_ACCEPT || (!opts->keep && !opts->older_than && !opts->incomplete))
			return ret;
	}
	if (parse_prune(opts, &p))
		return EXIT_USAGE;
	ret = prune_all(&p);
	info("%zu run%s %s", p.removed, p.removed == 1 ? "" : "s",
	     p.dry_run ? "would be removed" : "removed");
	release_ids(&p.incomplete);
	return ret || p.failed ? EXIT_CANNOT : EXIT_ACCEPT;
}
