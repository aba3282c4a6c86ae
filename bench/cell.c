/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/cell.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "bench/crew.h"
#include "bench/memory.h"
#include "bench/place.h"
#include "lib/topo.h"
#include "bench/workload.h"
#include "lib/alloc.h"
#include "lib/err.h"
#include "lib/exitcode.h"
#include "lib/near.h"
#include "lib/record.h"

#define HOUR 3600000000000

const struct param cell_params[] = {
	{ .name = "threads", .kind = PARAM_COUNT, .def = "1", .min = 1, .max = 4096,
	  .help = "how many; more than CPUs is allowed, and said" },
	{ .name = "placement", .kind = PARAM_CHOICE, .def = "smt-last", .choices = place_choices,
	  .help = "which thread on which CPU; LIST: CPU numbers such as 0,2,4-7" },
	{ .name = "memory", .kind = PARAM_CHOICE, .def = "local", .choices = memory_choices,
	  .help = "where buffers and file pages come from" },
	{ .name = "ops", .kind = PARAM_COUNT, .def = "0", .max = 1ull << 40,
	  .help = "end a window after so many ops a thread; 0: by time" },
	{ .name = "fs", .kind = PARAM_CHOICE, .def = "any", .choices = testfile_fs_choices,
	  .help = "what dir must be on; anything else is an error" },
	{ .name = "dir", .kind = PARAM_TEXT, .def = ".", .where = true, .help = "where test files go; they never have a name" },
	{ .name = "warmup", .kind = PARAM_DURATION, .def = "1s", .max = HOUR, .where = true,
	  .help = "before the first window; with ops, anything above 0 is one window not shown" },
	{ .name = "window", .kind = PARAM_DURATION, .def = "1s", .min = 1000000, .max = HOUR, .where = true,
	  .help = "how long one lasts" },
	{ .name = "windows", .kind = PARAM_COUNT, .def = "5", .min = 1, .max = 100000, .where = true,
	  .help = "how many" },
	{ .name = "first", .kind = PARAM_COUNT, .def = "0", .max = 100000, .where = true,
	  .help = "the number of the first window, when a cell is gone on with" },
	{ .name = "counted", .kind = PARAM_COUNT, .def = "0", .max = 1000000, .where = true,
	  .help = "after a warm-up do so many ops a thread, marked for the emulator's plugin, whatever ops says; 0: an ordinary run" },
	{ .name = "seed", .kind = PARAM_COUNT, .def = "1", .max = UINT32_MAX, .where = true,
	  .help = "of file contents and random offsets" },
	PARAM_END
};

struct cell {
	const struct workload *workload;
	struct params params;
	struct topo topo;
	unsigned threads;
	uint32_t *cpu;
	bool oversubscribed;
	struct buf name;
	char id[CELL_ID_LEN + 1];
};

const struct workload *cell_workload(const char *name)
{
	const struct workload *w = workload_find(name);
	const struct workload *const *each;
	struct buf hint = BUF_INIT;
	struct near near;

	if (w)
		return w;
	near_init(&near, name);
	for (each = workloads; *each; each++)
		near_offer(&near, (*each)->name);
	near_hint(&near, &hint);
	err("unknown workload '%s'%s; `foliobench list` names them", name, buf_text(&hint));
	buf_release(&hint);
	return NULL;
}

static unsigned cpus_used(const struct cell *c)
{
	unsigned n = 0, i, k;

	if (c->cpu[0] == PLACE_NONE)
		return (unsigned)topo_allowed(&c->topo);
	for (i = 0; i < c->threads; i++) {
		for (k = 0; k < i && c->cpu[k] != c->cpu[i]; k++)
			;
		n += k == i;
	}
	return n;
}

static bool at_default(const struct params *p, const char *name)
{
	uint64_t def = 0;
	struct buf why = BUF_INIT;

	param_check(p->row[params_find(p, name)], p->row[params_find(p, name)]->def, &def, &why);
	buf_release(&why);
	return params_number(p, name) == def;
}

/* Where ops are counted there is one window, of so many ops whatever `ops` says, and a thread is on one CPU for good. */
static int check_counted(const struct cell *c, struct buf *why)
{
	static const char *const others[] = { "windows", "first" };
	const char *counted = params_text(&c->params, "counted");
	size_t i;

	if (!params_number(&c->params, "counted"))
		return 0;
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (!at_default(&c->params, others[i])) {
			buf_fmt(why, "counted: '%s' does not go with %s=%s: it is one window of so many ops",
				counted, others[i], params_text(&c->params, others[i]));
			return -1;
		}
	if (c->cpu[0] == PLACE_NONE)
		buf_fmt(why, "counted: '%s' does not go with placement=%s: a counted thread stays on one CPU",
			counted, params_text(&c->params, "placement"));
	else if (c->oversubscribed)
		buf_fmt(why, "counted: '%s' needs a CPU of its own for each of %u threads, and they have %u",
			counted, c->threads, cpus_used(c));
	else
		return 0;
	return -1;
}

/* Everything that can be wrong before a thread is started: EXIT_ACCEPT, or an exit code and why. */
static enum exitcode prepare(struct cell *c, char *const *assignments, int n, struct buf *why)
{
	int i;

	for (i = 0; i < n; i++)
		if (params_assign(&c->params, assignments[i], why))
			return EXIT_USAGE;
	if (params_complete(&c->params, why))
		return EXIT_USAGE;
	if (c->workload->check && c->workload->check(&c->params, why))
		return EXIT_USAGE;
	c->threads = (unsigned)params_number(&c->params, "threads");
	c->cpu = xcalloc(c->threads, sizeof(c->cpu[0]));
	if (topo_load(&c->topo, NULL, why))
		return EXIT_CANNOT;	/* no fault of the words */
	if (place_threads(&c->topo, params_choice(&c->params, "placement"),
			  params_text(&c->params, "placement"), c->threads, c->cpu,
			  &c->oversubscribed, why))
		return EXIT_USAGE;
	if (check_counted(c, why))
		return EXIT_USAGE;
	if (memory_check(params_choice(&c->params, "memory"), params_text(&c->params, "memory"),
			 why))
		return EXIT_USAGE;
	cell_name(c->workload->name, &c->params, &c->name);
	cell_id(buf_text(&c->name), c->id);
	return EXIT_ACCEPT;
}

static int print_window(const struct crew_window *w, void *data)
{
	const struct cell *c = data;
	struct sample s = {
		.name = c->name.s, .window = w->index + (uint32_t)params_number(&c->params, "first"),
		.threads = c->threads, .ops = xcalloc(c->threads, sizeof(uint64_t)),
		.bytes = xcalloc(c->threads, sizeof(uint64_t)), .cpus = c->cpu,
		.elapsed_ns = w->elapsed_ns, .skew_ns = w->skew_ns, .oversubscribed = c->oversubscribed,
	};
	struct buf line = BUF_INIT;
	int ret = 0;
	unsigned i;

	memcpy(s.cell, c->id, sizeof(s.cell));
	for (i = 0; i < c->threads; i++) {
		s.ops[i] = w->ops[i];
		s.bytes[i] = w->ops[i] * w->bytes_per_op;
	}
	sample_line(&s, &line);
	buf_ch(&line, '\n');
	if (fwrite(line.s, 1, line.len, stdout) != line.len || fflush(stdout))
		ret = err("write a sample to standard output: %m");
	buf_release(&line);
	free(s.ops);
	free(s.bytes);
	return ret;
}

/* Up to three descriptors a thread; the usual soft limit of 1024 is for users of select(). */
static void allow_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);	/* where refused, the open() that fails says so */
}

/* Of the file that ops are spread over; 0 where the workload has none, or its ops are all at the file's begin. */
static uint64_t file_size(const struct params *p)
{
	bool fixed = params_find(p, "pattern") >= 0 && !strcmp(params_text(p, "pattern"), "fixed");

	return fixed || params_find(p, "file_size") < 0 ? 0 : params_number(p, "file_size");
}

/* An enum exitcode. */
static int measure(struct cell *c)
{
	const struct params *p = &c->params;
	uint64_t ops = params_number(p, "ops");
	struct crew_plan plan = {
		.workload = c->workload, .params = p, .threads = c->threads, .topo = &c->topo, .cpu = c->cpu,
		.memory = params_choice(p, "memory"), .memory_text = params_text(p, "memory"),
		.dir = params_text(p, "dir"), .fs = params_text(p, "fs"), .seed = params_number(p, "seed"),
		.warmup_ns = params_number(p, "warmup"), .window_ns = params_number(p, "window"),
		.windows = (unsigned)params_number(p, "windows"), .counted = params_number(p, "counted"),
		.file_size = file_size(p),
	};

	if (c->workload->default_ops)
		plan.warm_ops = c->workload->default_ops(p);
	plan.ops = ops ? ops : plan.warm_ops;
	allow_files();
	signal(SIGXFSZ, SIG_IGN);	/* a file size limit is an error of write(), with a message */
	if (c->oversubscribed)
		warn("%u threads on %u CPUs: oversubscribed, the figures hold the scheduler's doings too",
		     c->threads, cpus_used(c));
	switch (crew_run(&plan, print_window, c)) {
	case 0:
		return EXIT_ACCEPT;
	case CREW_WRONG:
		return EXIT_REJECT;
	default:
		return EXIT_CANNOT;
	}
}

int cell_run(const char *workload, char *const *assignments, int n, bool dry_run)
{
	struct cell c = { .workload = cell_workload(workload) };
	struct buf why = BUF_INIT;
	int ret;

	if (!c.workload)
		return EXIT_USAGE;
	params_init(&c.params, c.workload->params, cell_params);
	ret = prepare(&c, assignments, n, &why);
	if (ret)
		err("%s: %s", c.workload->name, buf_text(&why));
	else if (dry_run)
		ret = printf("%s\n", buf_text(&c.name)) < 0 ? EXIT_CANNOT : EXIT_ACCEPT;
	else
		ret = measure(&c);
	buf_release(&why);
	buf_release(&c.name);
	free(c.cpu);
	topo_release(&c.topo);
	params_release(&c.params);
	return ret;
}
