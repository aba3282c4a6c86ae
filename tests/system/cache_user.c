/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Uses the cache of sources and packages without building a kernel; for cache.sh.
 *
 *	cache-user git REPOSITORY REVISION | tree DIR | package NAME ARCH
 * prints where it is.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "harness/kernel/package.h"
#include "harness/kernel/source.h"
#include "harness/kernel/spec.h"
#include "lib/err.h"
#include "lib/exitcode.h"

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
	(void)number;
	stop = 1;
}

static int use_package(const char *name, const char *arch)
{
	struct package p;
	int ret = package_get(name, arch, &stop, &p);

	if (!ret)
		printf("%s\n", p.path);
	package_release(&p);
	return ret ? EXIT_CANNOT : EXIT_ACCEPT;
}

static int use_source(enum source_kind kind, char *from, char *revision)
{
	const struct spec spec = { .name = "test", .kind = kind, .from = from, .revision = revision };
	struct source s;
	int ret = source_get(&spec, &stop, &s);

	if (!ret)
		printf("%s\n", s.tree);
	source_release(&s);
	return ret ? EXIT_CANNOT : EXIT_ACCEPT;
}

int main(int argc, char **argv)
{
	const struct sigaction act = { .sa_handler = on_signal };

	err_program("cache-user");
	sigaction(SIGINT, &act, NULL);
	if (argc == 4 && !strcmp(argv[1], "git"))
		return use_source(SOURCE_GIT, argv[2], argv[3]);
	if (argc == 3 && !strcmp(argv[1], "tree"))
		return use_source(SOURCE_TREE, argv[2], NULL);
	if (argc == 4 && !strcmp(argv[1], "package"))
		return use_package(argv[2], argv[3]);
	return EXIT_USAGE;
}
