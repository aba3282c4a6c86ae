/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 *	power DIR [PERCENT]
 *
 * Simulates every rule in every world, prints the tables of docs/power.md, and writes into DIR
 * power.data, which plots/power.gp draws. PERCENT of the runs are made, 100 by default. The same
 * tables each time, however many processors share the work.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "lib/err.h"
#include "lib/exitcode.h"
#include "tests/power/grid.h"

struct job {
	struct grid grid;
	atomic_size_t begun, done;
};

/* From the last: where boots differ most, rules that add blocks take longest. */
static void *work(void *arg)
{
	struct job *j = arg;
	size_t i;

	while ((i = atomic_fetch_add(&j->begun, 1)) < NWORLDS) {
		i = NWORLDS - 1 - i;
		simulate(&j->grid.world[i], j->grid.tally[i]);
		if (isatty(STDERR_FILENO))
			info("%zu of %d worlds", atomic_fetch_add(&j->done, 1) + 1, NWORLDS);
	}
	return NULL;
}

static int run(struct job *j)
{
	long want = sysconf(_SC_NPROCESSORS_ONLN), n, i;
	pthread_t *thread = xcalloc((size_t)want, sizeof(*thread));

	for (n = 0; n < want; n++) {
		errno = pthread_create(&thread[n], NULL, work, j);
		if (errno)
			break;
	}
	for (i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
	free(thread);
	return n ? 0 : err("cannot start a thread: %m");
}

/* The file is made first: who waits for minutes should not find then that it cannot be written. */
static int all(struct job *j, const char *path)
{
	FILE *out = fopen(path, "w");
	int ret;

	if (!out)
		return err("create %s: %m", path);
	ret = run(j);
	if (!ret) {
		grid_tables(&j->grid);
		grid_data(&j->grid, out);
	}
	if (fclose(out))
		ret = err("write %s: %m", path);
	if (!ret && fflush(stdout))
		ret = err("write the tables: %m");
	return ret;
}

static bool percent_of(const char *text, double *percent)
{
	char *end;

	*percent = strtod(text, &end);
	return end != text && !*end && *percent > 0 && *percent <= 100;
}

int main(int argc, char **argv)
{
	double percent = 100;
	struct job *j;
	char *path;
	int ret;

	err_program("power");
	if (argc < 2 || argc > 3 || (argc == 3 && !percent_of(argv[2], &percent))) {
		err("usage: power DIR [PERCENT], PERCENT above 0 and up to 100");
		return EXIT_USAGE;
	}
	j = xcalloc(1, sizeof(*j));
	path = xasprintf("%s/power.data", argv[1]);
	grid_init(&j->grid, percent);
	ret = all(j, path);
	free(path);
	free(j);
	return ret ? EXIT_CANNOT : EXIT_ACCEPT;
}
