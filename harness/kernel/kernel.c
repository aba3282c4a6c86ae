/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/kernel/kernel.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/kernel/build.h"
#include "harness/kernel/cache.h"
#include "harness/kernel/entry.h"
#include "harness/kernel/image.h"
#include "harness/kernel/log.h"
#include "harness/kernel/make.h"
#include "harness/kernel/package.h"
#include "harness/kernel/patch.h"
#include "harness/kernel/place.h"
#include "harness/kernel/source.h"
#include "harness/kernel/warnings.h"
#include "harness/kernel/wish.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/err.h"
#include "lib/exitcode.h"

/* Goes into every key: raise it when the same order would give another kernel. */
#define BUILD_VERSION "build 1"

/* A kernel that is to be built, with all that its key is made of. */
struct order {
	const struct kernel_call *call;
	struct series *series;
	size_t nseries;		/* those that were begun, released in any case */
	struct wish wish;
	struct source source;
	struct buf compiler;
	char key[65];
	char base_key[65];	/* of the same kernel without patches; the same as key where there are none */
	char objects_key[65];	/* of the object tree of that */
};

static int parse_patches(struct order *o)
{
	struct spec *spec = o->call->spec;

	if (spec_load_patches(spec))
		return -1;
	o->series = xcalloc(spec->npatches + 1, sizeof(o->series[0]));
	for (; o->nseries < spec->npatches; o->nseries++)
		if (series_parse(&spec->patch[o->nseries], &o->series[o->nseries])) {
			o->nseries++;	/* to be released as well */
			return -1;
		}
	return 0;
}

static void hash_patches(const struct order *o, struct cache_hash *h)
{
	const struct series *s;
	size_t i, j;

	for (i = 0; i < o->nseries; i++) {
		s = &o->series[i];
		for (j = 0; j < s->n; j++) {
			cache_hash_text(h, s->reverse ? "reverse" : "patch");
			cache_hash_add(h, s->patch[j].diff, s->patch[j].len);
		}
	}
}

static void make_key(const struct order *o, bool patched, bool clean, char key[65])
{
	const struct spec *spec = o->call->spec;
	struct cache_hash *h = cache_hash_new();

	cache_hash_text(h, BUILD_VERSION);
	cache_hash_text(h, clean ? "clean" : "");
	cache_hash_text(h, arch_name(spec->arch));
	cache_hash_text(h, o->source.id);
	cache_hash_text(h, buf_text(&o->compiler));
	cache_hash_text(h, make_image(spec->arch));
	cache_hash_text(h, spec->config_is_file ? buf_text(&o->wish.base) : spec->config);
	cache_hash_text(h, buf_text(&o->wish.fragments));
	if (patched)
		hash_patches(o, h);
	cache_hash_end(h, key);
}

/* Objects name the paths that they were made with: in another cache, or a moved one, they are of no use. */
static int make_objects_key(struct order *o)
{
	struct cache_hash *h;
	char *root;

	if (cache_root(&root))
		return -1;
	h = cache_hash_new();
	cache_hash_text(h, "objects");
	cache_hash_text(h, o->base_key);
	cache_hash_text(h, root);
	cache_hash_end(h, o->objects_key);
	free(root);
	return 0;
}

/* An enum exitcode; the order is to be released in any case. */
static int order_make(struct order *o, const struct kernel_call *call)
{
	*o = (struct order){ .call = call };
	if (parse_patches(o) || wish_read(&o->wish, call->spec))
		return EXIT_USAGE;
	if (make_check(call->spec->arch) || make_toolchain(call->spec->arch, &o->compiler))
		return EXIT_CANNOT;
	if (source_get(call->spec, call->stop, &o->source))
		return EXIT_CANNOT;
	make_key(o, true, call->clean, o->key);
	make_key(o, false, false, o->base_key);
	return make_objects_key(o) ? EXIT_CANNOT : EXIT_ACCEPT;
}

static void order_release(struct order *o)
{
	size_t i;

	for (i = 0; i < o->nseries; i++)
		series_release(&o->series[i]);
	free(o->series);
	wish_release(&o->wish);
	source_release(&o->source);
	buf_release(&o->compiler);
}

/* What each patch is called: its subject, else its file. */
static const char **subjects(const struct order *o, size_t *n)
{
	const char **subject = NULL;
	const struct series *s;
	size_t i, j;

	*n = 0;
	for (i = 0; i < o->nseries; i++) {
		s = &o->series[i];
		subject = xrealloc(subject, *n + s->n + 1, sizeof(subject[0]));
		for (j = 0; j < s->n; j++)
			subject[(*n)++] = s->patch[j].subject ? s->patch[j].subject : s->name;
	}
	return subject;
}

static void describe_source(const struct order *o, bool patched, struct buf *out)
{
	const struct series *s;
	size_t i, j;

	buf_str(out, o->source.describe);
	for (i = 0; patched && i < o->nseries; i++) {
		s = &o->series[i];
		for (j = 0; j < s->n; j++)
			buf_fmt(out, " %c %s", s->reverse ? '-' : '+',
				s->patch[j].subject ? s->patch[j].subject : s->name);
	}
}

/* Of the kernel without patches, which this build began with; empty where they are not known. */
static void base_warnings(const struct order *o, struct warnings *w)
{
	struct kernel base;

	*w = (struct warnings){ 0 };
	if (entry_load(o->base_key, o->call->spec->name, &base) > 0)
		warnings_of(&base, w);
	kernel_release(&base);
}

/* What the build's log says, and for what was not made again the baseline's. False: there is no log. */
static bool read_warnings(const struct order *o, const struct build *b, struct warnings_log *l)
{
	struct warnings base = { .known = true, .whole = true };
	struct buf text = BUF_INIT;
	bool found = !buf_read_file(&text, b->log);

	*l = (struct warnings_log){ .steps = 0 };
	if (found) {
		warnings_log_read(buf_text(&text), text.len, l);
		if (b->reused)
			base_warnings(o, &base);
		warnings_log_complete(l, &base);
		found = l->steps == b->steps;
	}
	warnings_release(&base);
	buf_release(&text);
	return found;
}

/* keep_objects: the object tree as well, for patched kernels to start from. */
static int keep(const struct order *o, const struct build *b, double seconds, bool keep_objects)
{
	struct buf source = BUF_INIT;
	struct entry e = {
		.name = o->call->spec->name,
		.arch = o->call->spec->arch,
		.release = b->release,
		.compiler = buf_text(&o->compiler),
		.steps = b->steps,
		.seconds = seconds,
		.from_nothing = !b->reused,
	};
	const char **subject = NULL;
	struct warnings_log said;
	int ret;

	if (read_warnings(o, b, &said))
		e.warnings = &said.said;
	if (b->nseries)
		e.subject = subject = subjects(o, &e.nsubjects);
	describe_source(o, b->nseries, &source);
	e.source = buf_text(&source);
	ret = entry_keep(&e, b->place->obj, b->nseries || !keep_objects ? o->key : o->base_key);
	if (!ret && keep_objects)
		ret = entry_keep_objects(&e, b->place->obj, o->objects_key);
	free(subject);
	warnings_log_release(&said);
	buf_release(&source);
	return ret;
}

/* objects: to start from, or NULL. base: the kernel without its patches, whose objects are kept. */
static int build(const struct order *o, const struct place *p, bool base, const char *objects)
{
	struct build b = {
		.call = o->call,
		.place = p,
		.source = &o->source,
		.wish = &o->wish,
		.series = o->series,
		.nseries = base ? 0 : o->nseries,
		.objects = objects,
		.phase = base && o->nseries ? "baseline: " : "",
	};
	uint64_t began = clock_now_ns();
	char *log = log_path(base ? o->base_key : o->key);
	int ret = EXIT_CANNOT;
	bool from_nothing;

	b.expected = entry_steps(o->base_key, &from_nothing);
	if (!from_nothing)
		b.expected = 0;
	b.log = log;
	if (log)
		ret = build_run(&b);
	if (ret == EXIT_ACCEPT && keep(o, &b, (double)(clock_now_ns() - began) / 1e9, base))
		ret = EXIT_CANNOT;
	free(b.release);
	free(log);
	return ret;
}

/* From the baseline's objects, which are made where there are none. */
static int build_from_base(const struct order *o, const struct place *p)
{
	int hold = cache_hold(CACHE_OBJECTS, o->objects_key), ret;
	char *entry, *objects;

	if (hold < 0) {
		ret = build(o, p, true, NULL);
		if (ret != EXIT_ACCEPT)
			return ret;
		if (place_empty(p))
			return EXIT_CANNOT;
		hold = cache_hold(CACHE_OBJECTS, o->objects_key);
	}
	entry = cache_path(CACHE_OBJECTS, o->objects_key);
	if (hold < 0 || !entry) {
		free(entry);
		err("the baseline's objects went out of the cache at once");
		return EXIT_CANNOT;
	}
	objects = xasprintf("%s/obj", entry);
	ret = build(o, p, false, objects);
	free(objects);
	free(entry);
	close(hold);
	return ret;
}

static int build_in_place(const struct order *o, const struct place *p)
{
	if (o->call->clean)
		return build(o, p, false, NULL);
	return o->nseries ? build_from_base(o, p) : build(o, p, true, NULL);
}

static void trim(void)
{
	uint64_t limit;

	log_trim();
	if (!cache_limit(&limit))
		cache_trim(limit);
}

/* One build at a time; while we waited for our turn, another may have made ours. */
static int build_and_load(const struct order *o, struct kernel *k)
{
	const char *name = o->call->spec->name;
	int found, ret = EXIT_CANNOT;
	char *what = xasprintf("kernel %s", name);
	struct place p;

	if (!place_open(&p, what, o->call->stop)) {
		found = entry_load(o->key, name, k);
		if (!found) {
			ret = build_in_place(o, &p);
			found = ret == EXIT_ACCEPT ? entry_load(o->key, name, k) : -1;
			if (!found)
				err("kernel '%s' went out of the cache at once", name);
		}
		if (found > 0)
			ret = EXIT_ACCEPT;
		else if (ret == EXIT_ACCEPT)
			ret = EXIT_CANNOT;
	}
	place_close(&p);
	trim();
	free(what);
	return ret;
}

/* Patches may have come from the command line. */
static int refuse_patches(const struct spec *spec)
{
	if (!spec->npatches)
		return 0;
	return err("%s: kernel '%s' is a ready image, which takes no patches: one that is built does", spec->file,
		   spec->name);
}

int kernel_get(const struct kernel_call *call, struct kernel *k)
{
	struct order o;
	int found, ret;

	*k = (struct kernel){ .hold = -1 };
	if (call->spec->kind == SOURCE_IMAGE)
		return refuse_patches(call->spec) ? EXIT_USAGE : image_get(call, k);
	ret = order_make(&o, call);
	if (ret == EXIT_ACCEPT) {
		found = entry_load(o.key, call->spec->name, k);
		if (!found)
			ret = build_and_load(&o, k);
		else if (found < 0)
			ret = EXIT_CANNOT;
	}
	order_release(&o);
	return ret;
}

int kernel_key(const struct kernel_call *call, char key[65], bool *cached)
{
	struct order o;
	int ret, hold;

	*cached = false;
	if (call->spec->kind == SOURCE_IMAGE)
		return refuse_patches(call->spec) ? EXIT_USAGE : image_key(call, key, cached);
	ret = order_make(&o, call);
	if (ret == EXIT_ACCEPT) {
		hold = cache_hold(CACHE_KERNELS, o.key);
		*cached = hold >= 0;
		if (*cached)
			close(hold);
		strcpy(key, o.key);
	}
	order_release(&o);
	return ret;
}

void kernel_release(struct kernel *k)
{
	if (k->hold > 0)
		close(k->hold);
	free(k->name);
	free(k->key);
	free(k->release);
	free(k->source);
	free(k->dir);
	free(k->image);
	free(k->vmlinux);
	free(k->config);
	free(k->modules);
	*k = (struct kernel){ .hold = -1 };
}
