/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counts in a guest without a job; for counted.sh.
 *
 *	counted-user [OPTION...] KERNEL PLUGIN TRACE 'WORDS OF A CALL'...
 *
 *	-c N	vCPUs (2)		-f FS	a file system, with a RAM disk of 1 GiB where it needs one
 *	-l S	limit in seconds	-d DRIVER, -o CONSOLE: files
 *	-p PATCH			-s FILE	the symbols are wanted, and put there
 *	-a WORDS	of the kernel	-v	virtio disks
 *
 * Prints what the calls said, and ends as guest_counted() does.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/guest/counted.h"
#include "harness/guest/machine.h"
#include "harness/kernel/kernel.h"
#include "lib/alloc.h"
#include "lib/err.h"
#include "lib/exitcode.h"

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
	(void)number;
	stop = 1;
}

struct wishes {
	struct shape shape;
	struct guest_call guest;
	const char *patch, *symbols;
};

static int read_options(int argc, char **argv, struct wishes *w)
{
	int o;

	while ((o = getopt(argc, argv, "+a:c:f:l:d:o:p:s:v")) != -1) {
		if (o == 'c')
			w->shape.cpus = (unsigned)atoi(optarg);
		else if (o == 'f' && w->shape.nfs < SHAPE_FS_MAX)
			w->shape.fs[w->shape.nfs++] = optarg;
		else if (o == 'l')
			w->guest.limit_ns = (uint64_t)(atof(optarg) * 1e9);
		else if (o == 'd')
			w->guest.driver = optarg;
		else if (o == 'o')
			w->guest.console = optarg;
		else if (o == 'p')
			w->patch = optarg;
		else if (o == 's')
			w->symbols = optarg;
		else if (o == 'a')
			w->shape.cmdline = optarg;
		else if (o == 'v')
			w->shape.disk = DISK_VIRTIO;
		else
			return -1;
	}
	return argc - optind < 4 ? -1 : 0;
}

static int get_kernel(const char *name, const char *patch, struct kernel *k)
{
	struct spec spec = { 0 };
	const struct kernel_call call = { .spec = &spec, .stop = &stop };
	int ret = EXIT_USAGE;

	if (!spec_load(name, &spec)) {
		if (patch)
			spec_add_patch(&spec, patch, false);
		ret = kernel_get(&call, k);
	}
	spec_release(&spec);
	return ret;
}

/* Its words, where a blank separates them. The caller frees the array; the text is changed. */
static const char *const *words_of(char *text)
{
	const char **words = NULL;
	size_t n = 0;
	char *word;

	while ((word = strsep(&text, " "))) {
		words = xrealloc(words, n + 2, sizeof(words[0]));
		words[n++] = word;
		words[n] = NULL;
	}
	return words;
}

static void print_answers(const struct counted *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		printf("call %zu: exit %d\n%s%s", i + 1, c->answer[i].code, buf_text(&c->answer[i].out),
		       buf_text(&c->answer[i].err));
	if (c->incident.kind != INCIDENT_NONE)
		printf("incident: %s in call %zu\n", incident_name(c->incident.kind), c->begun);
}

static int write_symbols(const char *path, const struct buf *text)
{
	FILE *f = fopen(path, "w");

	if (!f || fwrite(buf_text(text), 1, text->len, f) != text->len || fclose(f))
		return err("write %s: %m", path);
	return 0;
}

static int count(struct wishes *w, char **argv, int n)
{
	const char *const **call = xcalloc((size_t)n, sizeof(call[0]));
	struct counted_call counted = { .guest = &w->guest, .plugin = argv[1], .call = call,
					.ncalls = (size_t)n - 3, .symbols = w->symbols };
	struct counted c;
	int i, ret;

	for (i = 3; i < n; i++)
		call[i - 3] = words_of(argv[i]);
	counted.trace = open(argv[2], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (counted.trace < 0) {
		err("open %s: %m", argv[2]);
		return EXIT_CANNOT;
	}
	ret = guest_counted(&counted, &c);
	print_answers(&c);
	if (w->symbols && write_symbols(w->symbols, &c.symbols))
		ret = EXIT_CANNOT;
	counted_release(&c);
	close(counted.trace);
	for (i = 3; i < n; i++)
		free((void *)call[i - 3]);
	free(call);
	return ret;
}

int main(int argc, char **argv)
{
	const struct sigaction act = { .sa_handler = on_signal };
	struct wishes w = {
		.shape = { .cpus = 2, .memory = 2ull << 30, .disk_size = 1ull << 30, .numa_node = -1 },
		.guest = { .console = "/dev/null", .stop = &stop },
	};
	struct kernel k = { .hold = -1 };
	int ret;

	err_program("counted-user");
	sigaction(SIGINT, &act, NULL);
	if (read_options(argc, argv, &w))
		return EXIT_USAGE;
	ret = get_kernel(argv[optind], w.patch, &k);
	if (ret == EXIT_ACCEPT) {
		w.guest.kernel = &k;
		w.guest.shape = &w.shape;
		w.shape.arch = k.arch;
		ret = count(&w, argv + optind, argc - optind);
	}
	kernel_release(&k);
	return ret;
}
