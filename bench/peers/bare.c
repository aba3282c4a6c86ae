/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bare loop: pread() at offset 0 by pinned threads with nothing around it
 * but what it takes to end and to count, which is one load of a flag that
 * nobody writes meanwhile and two additions in registers. What each call
 * returned is summed instead of compared, and the sum checked at the end.
 *
 *	bare THREADS SECONDS BLOCK FILE_SIZE same|diff DIR
 *
 * Prints operations per second, over all threads. Stands alone: nothing of the
 * driver is used, so nothing of the driver can slow this down or speed it up.
 */
#include <err.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define USAGE 2
#define CANNOT 4
#define WARMUP_S 0.03
#define PAGE 4096

struct worker {
	_Alignas(128) pthread_t thread;
	int cpu, fd;
	size_t block;
	uint64_t ops;
	ssize_t bytes;
	double seconds;
};

static struct { _Alignas(128) atomic_bool flag; char rest[127]; } stop;
static pthread_barrier_t barrier;

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void loop(struct worker *w, char *data)
{
	const size_t block = w->block;
	const int fd = w->fd;
	ssize_t bytes = 0;
	uint64_t ops = 0;

	while (!atomic_load_explicit(&stop.flag, memory_order_relaxed)) {
		bytes += pread(fd, data, block, 0);
		ops++;
	}
	w->ops = ops;
	w->bytes = bytes;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	cpu_set_t set;
	char *data;
	int phase;

	CPU_ZERO(&set);
	CPU_SET(w->cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(CANNOT, "pin to CPU %d", w->cpu);
	data = aligned_alloc(PAGE, (w->block + PAGE - 1) / PAGE * PAGE);
	if (!data)
		err(CANNOT, "%zu bytes", w->block);
	memset(data, 0, w->block);
	for (phase = 0; phase < 2; phase++) {	/* warm-up, window */
		pthread_barrier_wait(&barrier);
		w->seconds = -now();
		loop(w, data);
		w->seconds += now();
		pthread_barrier_wait(&barrier);
	}
	free(data);
	return NULL;
}

static void phase(double seconds)
{
	const struct timespec ts = { (time_t)seconds,
				     (long)((seconds - (double)(time_t)seconds) * 1e9) };

	atomic_store(&stop.flag, false);
	pthread_barrier_wait(&barrier);
	nanosleep(&ts, NULL);
	atomic_store(&stop.flag, true);
	pthread_barrier_wait(&barrier);
}

/* A file without a name, filled and clean. */
static int make_file(const char *dir, size_t size)
{
	char path[4096], *data = malloc(size);
	int fd;

	snprintf(path, sizeof(path), "%s/.bare-XXXXXX", dir);
	fd = mkstemp(path);
	if (fd < 0 || unlink(path))
		err(CANNOT, "%s", path);
	if (!data || write(fd, memset(data, 'b', size), size) != (ssize_t)size || fsync(fd))
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

int main(int argc, char **argv)
{
	unsigned threads = argc == 7 ? (unsigned)atoi(argv[1]) : 0, i;
	double seconds, rate = 0;
	size_t block, size;
	struct worker *w;
	int file = -1;

	if (!threads || atof(argv[2]) <= 0 || atoll(argv[3]) <= 0 || atoll(argv[4]) <= 0)
		errx(USAGE, "usage: bare THREADS SECONDS BLOCK FILE_SIZE same|diff DIR");
	seconds = atof(argv[2]);
	block = (size_t)atoll(argv[3]);
	size = (size_t)atoll(argv[4]);
	w = aligned_alloc(128, threads * sizeof(*w));
	if (!w || pthread_barrier_init(&barrier, NULL, threads + 1))
		err(CANNOT, "%u threads", threads);
	for (i = 0; i < threads; i++) {
		if (!i || !strcmp(argv[5], "diff"))
			file = make_file(argv[6], size);
		w[i] = (struct worker){ .cpu = usable_cpu(i),
					.fd = open_again(file),
					.block = block };
		if (pthread_create(&w[i].thread, NULL, work, &w[i]))
			errx(CANNOT, "cannot start thread %u", i);
	}
	phase(WARMUP_S);
	phase(seconds);
	for (i = 0; i < threads; i++) {
		pthread_join(w[i].thread, NULL);
		if (w[i].bytes != (ssize_t)(w[i].ops * block))
			errx(CANNOT, "thread %u: %zd bytes in %ju reads of %zu", i, w[i].bytes,
			     (uintmax_t)w[i].ops, block);
		rate += (double)w[i].ops / w[i].seconds;
	}
	printf("%.1f\n", rate);
	return 0;
}
