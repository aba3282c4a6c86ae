/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A loop of will-it-scale's shape, written from its description: an endless
 * loop whose call is checked by assert() and whose counter is bumped through a
 * pointer into a file mapped shared, 256 bytes for each thread. The parent
 * reads the counters now and then, and at the end simply exits. Unlike
 * will-it-scale it divides by time read from the clock, so that what is compared
 * is the loops.
 *
 *	wis THREADS SECONDS BLOCK FILE_SIZE same|diff DIR
 *
 * Prints operations per second, over all threads. Stands alone, as bare.c does.
 */
#undef NDEBUG
#include <assert.h>
#include <err.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define USAGE 2
#define CANNOT 4
#define WARMUP_S 0.03
#define SLOT 256	/* bytes from one thread's counter to the next */
#define PAGE 4096

struct worker {
	int cpu, fd;
	size_t block;
	unsigned long long *iterations;
};

static pthread_barrier_t barrier;

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void testcase(unsigned long long *iterations, int fd, char *data, size_t block)
{
	while (1) {
		ssize_t ret = pread(fd, data, block, 0);

		assert(ret == (ssize_t)block);
		(*iterations)++;
	}
}

static void *work(void *arg)
{
	struct worker *w = arg;
	cpu_set_t set;
	char *data;

	CPU_ZERO(&set);
	CPU_SET(w->cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(CANNOT, "pin to CPU %d", w->cpu);
	data = aligned_alloc(PAGE, (w->block + PAGE - 1) / PAGE * PAGE);
	if (!data)
		err(CANNOT, "%zu bytes", w->block);
	memset(data, 0, w->block);
	pthread_barrier_wait(&barrier);
	testcase(w->iterations, w->fd, data, w->block);
	return NULL;
}

/* A file without a name, filled and clean. */
static int make_file(const char *dir, size_t size)
{
	char path[4096], *data = malloc(size);
	int fd;

	snprintf(path, sizeof(path), "%s/.wis-XXXXXX", dir);
	fd = mkstemp(path);
	if (fd < 0 || unlink(path))
		err(CANNOT, "%s", path);
	if (!data || write(fd, memset(data, 'w', size), size) != (ssize_t)size || fsync(fd))
		err(CANNOT, "fill %s with %zu bytes", path, size);
	free(data);
	return fd;
}

/* A second open file description of it, as every thread has its own. */
static int open_again(int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		err(CANNOT, "%s", path);
	return fd;
}

static int usable_cpu(unsigned nth)
{
	cpu_set_t set;
	int cpu;

	if (sched_getaffinity(0, sizeof(set), &set))
		err(CANNOT, "sched_getaffinity");
	nth %= (unsigned)CPU_COUNT(&set);
	for (cpu = 0; !CPU_ISSET(cpu, &set) || nth--; cpu++)
		;
	return cpu;
}

static double wait_for(double seconds)
{
	const struct timespec ts = { (time_t)seconds,
				     (long)((seconds - (double)(time_t)seconds) * 1e9) };

	nanosleep(&ts, NULL);
	return now();
}

static double done(const char *counters, unsigned threads)
{
	double sum = 0;
	unsigned i;

	for (i = 0; i < threads; i++)
		sum += (double)*(const volatile unsigned long long *)(counters + i * SLOT);
	return sum;
}

int main(int argc, char **argv)
{
	unsigned threads = argc == 7 ? (unsigned)atoi(argv[1]) : 0, i;
	double began, ended, before, after;
	size_t block, size;
	struct worker *w;
	pthread_t thread;
	int file = -1;
	char *counters;

	if (!threads || atof(argv[2]) <= 0 || atoll(argv[3]) <= 0 || atoll(argv[4]) <= 0)
		errx(USAGE, "usage: wis THREADS SECONDS BLOCK FILE_SIZE same|diff DIR");
	block = (size_t)atoll(argv[3]);
	size = (size_t)atoll(argv[4]);
	counters = mmap(NULL, threads * SLOT, PROT_READ | PROT_WRITE, MAP_SHARED,
			make_file(argv[6], threads * SLOT), 0);
	w = calloc(threads, sizeof(*w));
	if (counters == MAP_FAILED || !w || pthread_barrier_init(&barrier, NULL, threads + 1))
		err(CANNOT, "%u threads", threads);
	memset(counters, 0, threads * SLOT);
	for (i = 0; i < threads; i++) {
		if (!i || !strcmp(argv[5], "diff"))
			file = make_file(argv[6], size);
		w[i] = (struct worker){ usable_cpu(i), open_again(file), block,
					(void *)(counters + i * SLOT) };
		if (pthread_create(&thread, NULL, work, &w[i]))
			errx(CANNOT, "cannot start thread %u", i);
	}
	pthread_barrier_wait(&barrier);
	began = wait_for(WARMUP_S);
	before = done(counters, threads);
	ended = wait_for(atof(argv[2]));
	after = done(counters, threads);
	printf("%.1f\n", (after - before) / (ended - began));
	return 0;
}
