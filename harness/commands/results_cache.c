/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/results.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "harness/kernel/cache.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/exitcode.h"
#include "lib/json.h"
#include "lib/units.h"

static const char *state_of(const struct cache_entry *e)
{
	return e->held ? "in use" : "";
}

static void print_entry(const struct cache_entry *e)
{
	char used[32];
	struct tm tm;

	strftime(used, sizeof(used), "%Y-%m-%d %H:%M", localtime_r(&e->used, &tm));
	printf("%-8s  %7.1f MiB  %s  %-6s  %.16s  %s\n", cache_kind_name(e->kind),
	       (double)e->bytes / 1048576, used, state_of(e), e->key, e->label ? e->label : "");
}

static json_t *entry_json(const struct cache_entry *e)
{
	json_t *o = json_object();

	json_put(o, "kind", json_text(cache_kind_name(e->kind)));
	json_put(o, "key", json_text(e->key));
	json_put(o, "bytes", json_u64(e->bytes));
	json_put(o, "used", json_u64((uint64_t)e->used));
	json_put(o, "held", json_boolean(e->held));
	json_put(o, "label", json_text(e->label));
	return o;
}

static void print_json(const struct cache_entry *entry, size_t n)
{
	json_t *all = json_array();
	struct buf text = BUF_INIT;
	size_t i;

	for (i = 0; i < n; i++)
		json_array_append_new(all, entry_json(&entry[i]));
	json_pretty(&text, all);
	fwrite(text.s, 1, text.len, stdout);
	json_decref(all);
	buf_release(&text);
}

int results_cache(const struct results_opts *opts, char **argv)
{
	struct cache_entry *entry;
	uint64_t bytes = 0;
	size_t n, i;

	(void)argv;
	if (cache_list(&entry, &n))
		return EXIT_CANNOT;
	if (opts->json) {
		print_json(entry, n);
	} else {
		for (i = 0; i < n; i++) {
			print_entry(&entry[i]);
			bytes += entry[i].bytes;
		}
		printf("%zu entries, %.1f MiB\n", n, (double)bytes / 1048576);
	}
	cache_list_release(entry, n);
	return EXIT_ACCEPT;
}

/* What cache_trim() would take: the longest unused, until the rest fits. */
static int say_what_would_go(uint64_t limit)
{
	struct cache_entry *entry;
	uint64_t bytes = 0;
	size_t n, i;

	if (cache_list(&entry, &n))
		return EXIT_CANNOT;
	for (i = 0; i < n; i++)
		bytes += entry[i].bytes;
	for (i = 0; i + 1 < n && bytes > limit; i++) {
		if (entry[i].held)
			continue;
		printf("would remove %s %.16s %s\n", cache_kind_name(entry[i].kind), entry[i].key,
		       entry[i].label ? entry[i].label : "");
		bytes -= entry[i].bytes;
	}
	cache_list_release(entry, n);
	return EXIT_ACCEPT;
}

int results_prune_cache(const struct results_opts *opts)
{
	uint64_t limit;

	if (units_size(opts->cache, &limit)) {
		err("results prune: --cache: '%s' is no size such as 5G, 500M or 0", opts->cache);
		return EXIT_USAGE;
	}
	if (opts->dry_run)
		return say_what_would_go(limit);
	return cache_trim(limit) ? EXIT_CANNOT : EXIT_ACCEPT;
}
