/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/kernel/build.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/kernel/kernel.h"
#include "harness/kernel/make.h"
#include "harness/kernel/objects.h"
#include "harness/kernel/patch.h"
#include "harness/kernel/place.h"
#include "harness/kernel/source.h"
#include "harness/kernel/wish.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/exitcode.h"

#define LAST_STEPS 45	/* links, tables of symbols, compression: what any change costs on top of its objects */
#define TRIES 50	/* of 10 ms, for a file system's clock to move on */

/* The files of all series, as paths in the source tree. The caller frees each and the array. */
static char **touched_files(const struct build *b, size_t *n)
{
	char **all = NULL, **some;
	size_t i, j, more;

	*n = 0;
	for (i = 0; i < b->nseries; i++) {
		series_files(&b->series[i], &some, &more);
		all = xrealloc(all, *n + more + 1, sizeof(all[0]));
		for (j = 0; j < more; j++) {
			all[(*n)++] = xasprintf("%s/%s", b->place->src, some[j]);
			free(some[j]);
		}
		free(some);
	}
	return all;
}

/* A header that others hide, or that hides others: no object that found the other one knows of it. */
static bool shadows(const struct build *b, const char *file)
{
	const char *arch = arch_linux(b->call->spec->arch), *tail = strstr(file, "include/");
	size_t len = strlen(file), i;
	bool found = false;
	char *path;

	if (!tail || strcmp(file + len - 2, ".h"))
		return false;
	tail += strlen("include/");
	if (!strncmp(tail, "uapi/", 5))
		tail += 5;
	for (i = 0; i < 4 && !found; i++) {
		path = xasprintf("%s/%s%s%sinclude/%s%s", b->place->src, i & 1 ? "arch/" : "", i & 1 ? arch : "",
				 i & 1 ? "/" : "", i & 2 ? "uapi/" : "", tail);
		found = strcmp(path, file) && !access(path, F_OK);
		free(path);
	}
	return found;
}

/*
 * Why not to start from the baseline's objects with these files changed; NULL: it is fine. Called
 * before they are. make knows what an object was made from, but not which tools worked on it, nor
 * which files were looked for in vain.
 */
static const char *why_not_reuse(const struct build *b, char *const *file, size_t n)
{
	size_t root = strlen(b->place->src) + 1, i;

	for (i = 0; i < n; i++) {
		if (!strncmp(file[i] + root, "scripts/", 8) || !strncmp(file[i] + root, "tools/", 6))
			return "the patch changes the tools that build";
		if (access(file[i], F_OK) && shadows(b, file[i]))
			return "the patch adds a header of a name that is there already";
	}
	return NULL;
}

/* May the configuration be another one than the baseline's, with these files changed? */
static bool may_configure(const struct build *b, char *const *file, size_t n)
{
	size_t root = strlen(b->place->src) + 1, i;

	for (i = 0; i < n; i++)
		if (strstr(file[i] + root, "Kconfig") || strstr(file[i] + root, "configs/") ||
		    strstr(file[i] + root, "Makefile"))
			return true;
	return false;
}

static bool is_newer(const char *file, const struct timespec *than)
{
	struct stat st;

	if (utimensat(AT_FDCWD, file, NULL, 0) || stat(file, &st))
		return errno == ENOENT;	/* removed by the patch, which make sees by itself */
	return st.st_mtim.tv_sec > than->tv_sec ||
	       (st.st_mtim.tv_sec == than->tv_sec && st.st_mtim.tv_nsec > than->tv_nsec);
}

/*
 * Touched files become newer than any object, or make would not see them. False where the clock does not
 * allow it, having been set back since the objects were made.
 */
static bool make_newer(const struct build *b, char *const *file, size_t n)
{
	struct timespec newest;
	int tries = 0;
	size_t i;

	if (objects_newest(b->place->obj, &newest))
		return false;
	for (i = 0; i < n; i++)
		while (!is_newer(file[i], &newest)) {
			if (++tries > TRIES)
				return false;
			usleep(10000);
		}
	return true;
}

static int put_patches(const struct build *b, const struct make *m)
{
	size_t i;

	if (b->nseries)
		make_tell(m, "patching");
	for (i = 0; i < b->nseries; i++) {
		switch (series_apply(&b->series[i], b->place->src)) {
		case PATCH_APPLIED:
			break;
		case PATCH_ALREADY:
			err("%s is %s %s already", b->series[i].name, b->series[i].reverse ? "out of" : "in",
			    b->source->describe);
			return EXIT_USAGE;
		case PATCH_FAILED:
			return EXIT_USAGE;
		case PATCH_ERROR:
			return EXIT_CANNOT;
		}
		if (make_stopped(m))
			return EXIT_CANNOT;
	}
	return EXIT_ACCEPT;
}

static int put_objects(struct build *b, struct make *m, char *const *file, size_t n)
{
	if (!b->objects)
		return EXIT_ACCEPT;
	make_tell(m, "copying the baseline's objects");
	if (objects_copy(b->objects, b->place->obj, b->call->stop))
		return EXIT_CANNOT;
	b->reused = make_newer(b, file, n);
	if (b->reused) {
		b->configured = !may_configure(b, file, n);
		m->expected = objects_made_from(b->place->obj, (const char *const *)file, n) + LAST_STEPS;
		return EXIT_ACCEPT;
	}
	warn("the clock was set back: the baseline's objects seem newer than the patch; building from nothing");
	return place_drop_objects(b->place) ? EXIT_CANNOT : EXIT_ACCEPT;
}

/* Source, patches, objects. An enum exitcode. */
static int fill_place(struct build *b, struct make *m)
{
	const char *why = NULL;
	char **file;
	size_t n, i;
	int ret;

	make_tell(m, "copying the source");
	if (source_copy(b->source, b->place->src) || make_stopped(m))
		return EXIT_CANNOT;
	file = touched_files(b, &n);
	if (b->objects)
		why = why_not_reuse(b, file, n);
	if (why) {
		info("%s: building from nothing", why);
		b->objects = NULL;
	}
	ret = put_patches(b, m);
	if (ret == EXIT_ACCEPT)
		ret = put_objects(b, m, file, n);
	for (i = 0; i < n; i++)
		free(file[i]);
	free(file);
	return ret;
}

static int read_release(struct build *b)
{
	char *path = xasprintf("%s/include/config/kernel.release", b->place->obj);
	struct buf text = BUF_INIT;
	int ret = 0;

	if (buf_read_file(&text, path))
		ret = err("read %s: %m", path);
	free(path);
	b->release = buf_detach(&text);
	b->release[strcspn(b->release, "\n")] = '\0';
	return ret;
}

static int fill_and_make(struct build *b, struct make *m)
{
	static const char *const target[ARCHS] = { [ARCH_X86_64] = "bzImage", [ARCH_ARM64] = "Image" };
	int ret = fill_place(b, m);

	if (ret == EXIT_ACCEPT && mkdir(b->place->obj, 0777) && errno != EEXIST) {
		err("mkdir %s: %m", b->place->obj);
		ret = EXIT_CANNOT;
	}
	if (ret == EXIT_ACCEPT && !b->configured)
		ret = wish_configure(b->wish, m);
	if (ret == EXIT_ACCEPT)
		ret = make_run(m, false, target[b->call->spec->arch], "vmlinux");
	b->steps = make_steps(m);
	if (ret == EXIT_ACCEPT && read_release(b))
		ret = EXIT_CANNOT;
	return ret;
}

int build_run(struct build *b)
{
	struct make m = { .call = b->call, .place = b->place, .phase = b->phase, .expected = b->expected,
			  .log_path = b->log };
	int ret = make_open(&m) ? EXIT_CANNOT : fill_and_make(b, &m);

	make_close(&m);
	return ret;
}
