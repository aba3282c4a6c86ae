/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/measure.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/commands/interrupt.h"
#include "harness/commands/judging.h"
#include "harness/commands/session.h"
#include "harness/commands/snapshot.h"
#include "harness/commands/trouble.h"
#include "harness/guest/guest.h"
#include "harness/guest/machine.h"
#include "harness/progress.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/exitcode.h"
#include "lib/record.h"

#define CELL_START_NS 300000000ull	/* files made, threads started; for estimates only */
#define BOOT_NS 5000000000ull		/* of a guest; likewise */
#define PATIENCE 10			/* a driver may take so many times its planned time, and ... */
#define PATIENCE_NS 120000000000ull	/* ... this much on top, before it is killed */
#define BOOTS_MAX 4			/* tries to boot past the faults of an emulator */
#define SHOWN 200			/* bytes of a line that should not be there */

/* One session's measuring as it goes on. */
struct measuring {
	struct session *s;
	struct progress progress;
	char *log;			/* of the driver */
	bool baseline_ran;		/* the first kernel, in a boot of this run, without trouble */
	struct trouble trouble;
	/* The boot under way. */
	size_t kernel;
	uint32_t block;
	struct machine machine;
	/* The cell under way. */
	const struct plan_cell *cell;
	uint32_t next;			/* the window that must come now */
	struct buf lines;		/* its samples, where they are kept back until all are there */
	struct buf talk;		/* what the driver said when it failed */
	bool advised;			/* what failed has said how to go on, or that there is no way */
};

static const char *kernel_name(const struct measuring *m)
{
	return m->s->plan.kernel[m->kernel].name;
}

/* Its beginning, without what a terminal would obey. */
static int complain_of_line(const struct measuring *m, const char *why, const char *text, size_t len)
{
	char shown[SHOWN + 1];
	size_t i;

	for (i = 0; i < len && i < SHOWN; i++)
		shown[i] = iscntrl((unsigned char)text[i]) ? '?' : text[i];
	shown[i] = '\0';
	return err("%s printed what is no sample: %s: %s%s", m->s->driver, why, shown,
		   len > SHOWN ? "..." : "");
}

/*
 * A line at once, so that it is safe from here on. In a guest all of a cell's at
 * its end: windows of two boots do not belong into one cell.
 */
static int keep_line(struct measuring *m, const struct buf *line)
{
	if (!m->machine.guest) {
		m->advised = run_append(&m->s->run, line->s, line->len) != 0;
		return m->advised ? -1 : 0;
	}
	buf_add(&m->lines, line->s, line->len);
	buf_ch(&m->lines, '\n');
	return 0;
}

static int keep_cell(struct measuring *m)
{
	const char *at = buf_text(&m->lines), *end;

	for (; *at; at = end + 1) {
		end = strchr(at, '\n');
		m->advised = run_append(&m->s->run, at, (size_t)(end - at)) != 0;
		if (m->advised)
			return -1;
	}
	return run_sync(&m->s->run);
}

/* One line of the driver: checked, completed, stored. */
static int store_line(const char *text, size_t len, void *data)
{
	struct measuring *m = data;
	const struct plan *plan = &m->s->plan;
	struct buf why = BUF_INIT, line = BUF_INIT;
	struct sample sample;
	int ret;

	if (sample_parse(text, len, &sample, &why)) {
		ret = complain_of_line(m, buf_text(&why), text, len);
		buf_release(&why);
		return ret;
	}
	if (m->next == plan->windows) {
		ret = err("%s measured more windows than the %" PRIu32 " of \"%s\"", m->s->driver,
			  plan->windows, m->cell->name);
	} else if (strcmp(sample.cell, m->cell->id) || sample.window != m->next) {
		ret = err("%s measured window %" PRIu32 " of \"%s\", but window %" PRIu32
			  " of \"%s\" was asked for", m->s->driver, sample.window, sample.name,
			  m->next, m->cell->name);
	} else {
		sample.kernel = xstrdup(kernel_name(m));
		sample.block = m->block;
		sample_line(&sample, &line);
		ret = keep_line(m, &line);
		m->next++;
	}
	sample_release(&sample);
	buf_release(&line);
	return ret;
}

/* The driver's words for the cell from window `first` on; the caller frees array and the texts from *own on. */
static const char **cell_argv(const struct measuring *m, uint32_t first, size_t *own)
{
	const struct plan *plan = &m->s->plan;
	struct buf fs = BUF_INIT;
	const char **argv;
	size_t n = 0;

	while (m->cell->argv[n])
		n++;
	argv = xcalloc(n + 8, sizeof(argv[0]));
	argv[0] = "run";
	memcpy(argv + 1, m->cell->argv, n * sizeof(argv[0]));
	*own = ++n;
	argv[n++] = xasprintf("warmup=%" PRIu64 "ns", plan->warmup_ns);
	argv[n++] = xasprintf("window=%" PRIu64 "ns", plan->window_ns);
	argv[n++] = xasprintf("windows=%" PRIu32, plan->windows - first);
	argv[n++] = xasprintf("first=%" PRIu32, first);
	if (m->machine.guest) {
		cell_field(m->cell->name, "fs", &fs);
		argv[n++] = xasprintf("dir=%s", shape_dir(buf_text(&fs)));
		buf_release(&fs);
	}
	return argv;
}

static void note_wrong_data(struct measuring *m)
{
	m->trouble = (struct trouble){
		.any = true, .kernel = m->kernel, .block = m->block, .cell = m->cell->id
	};
	trouble_wrong_data(&m->trouble, buf_text(&m->talk));
}

/* The guest's own trouble, where that is why something failed. What is no fault of the kernel is none. */
static bool note_incident(struct measuring *m, const struct guest *g, const char *cell)
{
	const struct incident *i = g ? guest_incident(g) : NULL;

	if (!i || !trouble_is_kernels(i))
		return false;
	m->trouble = (struct trouble){
		.any = true, .kernel = m->kernel, .block = m->block, .cell = cell
	};
	incident_copy(&m->trouble.incident, i);
	return true;
}

/* Keeps what the driver said when it failed, and tells the user. */
static int run_cell(struct measuring *m, const struct machine_call *call)
{
	int ret = machine_run(&m->machine, call, store_line, m);
	const char *said = buf_text(&m->talk);
	size_t len = m->talk.len;

	if (!len)
		return ret;
	len -= said[len - 1] == '\n';	/* a driver that was killed may not have come to it */
	if (!strncmp(said, m->s->driver, strlen(m->s->driver)))
		err("%.*s", (int)len, said);	/* how it ended */
	else
		fprintf(stderr, "%.*s\n", (int)len, said);	/* its own words */
	return ret;
}

static int measure_cell(struct measuring *m, uint32_t first)
{
	const struct plan *plan = &m->s->plan;
	uint64_t planned = plan->warmup_ns + plan->window_ns * (plan->windows - first);
	size_t own, i;
	const char **argv = cell_argv(m, first, &own);
	const struct machine_call call = {
		.argv = argv, .log = m->log, .stop = &interrupted, .talk = &m->talk,
		.limit_ns = planned * PATIENCE + PATIENCE_NS,
	};
	int ret;

	m->next = first;
	buf_reset(&m->lines);
	buf_reset(&m->talk);
	ret = run_cell(m, &call);
	if (ret == EXIT_ACCEPT && m->next != plan->windows) {
		err("%s ended well but left out windows from %u on of \"%s\"", m->s->driver, m->next,
		    m->cell->name);
		ret = EXIT_CANNOT;
	}
	for (i = own; argv[i]; i++)
		free((char *)argv[i]);
	free(argv);
	if (ret == EXIT_ACCEPT)
		return keep_cell(m);
	if (ret == EXIT_REJECT)
		note_wrong_data(m);
	else
		note_incident(m, m->machine.guest, m->cell->id);
	return -1;
}

/* Is this parameter of the cell under way the same in all cells of its workload? */
static bool shared_by_all(const struct measuring *m, const char *workload, const char *key,
			  const char *text)
{
	const struct plan *plan = &m->s->plan;
	struct buf value = BUF_INIT;
	bool same = true;
	size_t i;

	for (i = 0; i < plan->ncells && same; i++) {
		cell_field(plan->cell[i].name, "workload", &value);
		if (strcmp(buf_text(&value), workload))
			continue;
		same = !cell_field(plan->cell[i].name, key, &value) &&
		       !strcmp(buf_text(&value), text);
	}
	buf_release(&value);
	return same;
}

/* The cell under way in a few words: what tells it from the others of its workload. */
static void brief(const struct measuring *m, struct buf *out)
{
	char *copy = xstrdup(m->cell->name), *at = copy, *workload = strsep(&at, " "), *word, *eq;

	buf_reset(out);
	if (m->s->plan.nkernels > 1)
		buf_fmt(out, "%s: ", kernel_name(m));
	buf_str(out, workload);
	while ((word = strsep(&at, " "))) {
		eq = strchr(word, '=');
		*eq = '\0';
		if (!shared_by_all(m, workload, word, eq + 1))
			buf_fmt(out, " %s=%s", word, eq + 1);
	}
	free(copy);
}

static uint32_t windows_done(const struct session *s, size_t kernel, uint32_t block,
			     const struct plan_cell *cell)
{
	uint32_t n = samples_done(&s->have, s->plan.kernel[kernel].name, block, cell->id);

	return n < s->plan.windows ? n : s->plan.windows;
}

static size_t cells_done(const struct session *s, size_t kernel, uint32_t block)
{
	size_t n = 0, i;

	for (i = 0; i < s->plan.ncells; i++)
		n += windows_done(s, kernel, block, &s->plan.cell[i]) == s->plan.windows;
	return n;
}

static size_t all_done(const struct session *s)
{
	uint32_t block;
	size_t n = 0, k;

	for (block = 0; block < s->plan.blocks; block++)
		for (k = 0; k < s->plan.nkernels; k++)
			n += cells_done(s, k, block);
	return n;
}

/* All cells of the boot under way that are not there yet, in the block's order. */
static int measure_cells(struct measuring *m)
{
	const struct plan *plan = &m->s->plan;
	struct buf what = BUF_INIT;
	uint32_t done;
	int ret = -1;
	size_t i;

	for (i = 0; i < plan->ncells; i++) {
		m->cell = &plan->cell[plan->order[m->block * plan->ncells + i]];
		done = windows_done(m->s, m->kernel, m->block, m->cell);
		if (done == plan->windows)
			continue;
		brief(m, &what);
		progress_step(&m->progress, buf_text(&what));
		if (measure_cell(m, m->machine.guest ? 0 : done))
			goto out;
		progress_done(&m->progress);
	}
	progress_clear(&m->progress);
	ret = 0;
out:
	buf_release(&what);
	return ret;
}

static int take_snapshot(struct measuring *m, unsigned retries)
{
	const struct snapshot_call call = {
		.session = m->s, .machine = &m->machine, .log = m->log, .kernel = m->kernel,
		.block = m->block, .retries = retries,
	};

	int ret = snapshot(&call);

	m->advised |= ret > 0;
	return ret ? -1 : 0;
}

static int measure_here(struct measuring *m)
{
	m->machine = (struct machine){ .driver = m->s->driver };
	return take_snapshot(m, 0) ? -1 : measure_cells(m);
}

/* One boot in a guest. 1: a fault of the emulator ended it. */
static int measure_boot(struct measuring *m, unsigned retries)
{
	const struct lineup *l = &m->s->lineup;
	char *console = xasprintf("logs/console-%s-%" PRIu32 ".log", kernel_name(m), m->block);
	char *path = run_path(&m->s->run, console);
	const struct guest_call call = {
		.kernel = &l->kernel[m->kernel], .shape = &l->shape[m->kernel],
		.driver = l->driver, .console = path, .stop = &interrupted,
	};
	struct guest *g = NULL;
	int ret;

	ret = guest_start(&g, &call);
	if (ret) {
		note_incident(m, g, NULL);
	} else {
		m->machine = (struct machine){ .driver = m->s->driver, .guest = g };
		ret = take_snapshot(m, retries);
		if (ret)
			note_incident(m, g, NULL);
		else
			ret = measure_cells(m);
	}
	if (ret && g && guest_incident(g)->kind == INCIDENT_EMULATOR)
		ret = 1;
	guest_stop(g);
	m->machine = (struct machine){ 0 };
	free(path);
	free(console);
	return ret;
}

/* Those faults come and go with the host's timing: what a boot did not bring, the next may. */
static int measure_in_guest(struct measuring *m)
{
	unsigned boot;
	int ret = 1;

	for (boot = 0; boot < BOOTS_MAX; boot++) {
		if (boot)
			info("a known fault of the emulator, not of the kernel: booting again");
		ret = measure_boot(m, boot);
		if (ret != 1)
			break;
		trouble_release(&m->trouble);	/* the emulator's, whatever it looked like */
		if (session_reread(m->s))
			return -1;
	}
	return ret == 1 ? err("kernel '%s': the emulator failed in %d boots of %d", kernel_name(m),
			      BOOTS_MAX, BOOTS_MAX) : ret;
}

/* One kernel in one block, as far as it is not there. */
static int measure_kernel(struct measuring *m, size_t kernel)
{
	int ret = 0;

	m->kernel = kernel;
	if (cells_done(m->s, kernel, m->block) < m->s->plan.ncells)
		ret = m->s->lineup.n ? measure_in_guest(m) : measure_here(m);
	if (!ret && !kernel)
		m->baseline_ran = true;
	return ret;
}

/*
 * A kernel is only to blame where the first one fares better: that one gets its turn now. Where something
 * else kept it from that (a full disk, QEMU) the question stays open. An enum exitcode, or -1 after reporting.
 */
static int judge(struct measuring *m)
{
	struct trouble found = m->trouble;
	int ret = 0;

	m->trouble = (struct trouble){ 0 };
	progress_clear(&m->progress);
	if (found.kernel && !m->baseline_ran && !interrupted) {
		info("%s in trouble: does %s fare better?", m->s->plan.kernel[found.kernel].name,
		     m->s->plan.kernel[0].name);
		ret = measure_kernel(m, 0);
	}
	if (interrupted || (ret && !m->trouble.any))
		ret = -1;
	else
		ret = trouble_judge(m->s, &found, !ret && m->baseline_ran);
	trouble_release(&found);
	return ret;
}

/* 0, an enum exitcode of a judged trouble, or -1 after reporting anything else. */
static int measure_block(struct measuring *m)
{
	const struct plan *plan = &m->s->plan;
	size_t i;

	for (i = 0; i < plan->nkernels; i++) {
		if (!measure_kernel(m, plan->kernel_order[m->block * plan->nkernels + i]))
			continue;
		return m->trouble.any && !interrupted ? judge(m) : -1;
	}
	return 0;
}

static void announce(const struct measuring *m)
{
	const struct plan *plan = &m->s->plan;

	struct buf more = BUF_INIT;

	if (plan->first < plan->blocks)
		buf_fmt(&more, ", up to %" PRIu32 " until all is decided", plan->blocks);
	info("run %s: %zu cells, %" PRIu32 " block%s%s%s", m->s->run.id, plan->ncells, plan->first,
	     plan->first == 1 ? "" : "s", plan->nkernels > 1 ? " of one boot of each kernel" : "", buf_text(&more));
	buf_release(&more);
	if (m->progress.done)
		info("%zu of %zu cells are there already", m->progress.done, m->progress.steps);
}

/* May the run end after the block under way, before all that are planned? */
static bool is_enough(struct measuring *m)
{
	const struct plan *plan = &m->s->plan;
	const uint32_t blocks = m->block + 1;

	if (blocks < plan->first || session_reread(m->s) || !judging_decided(m->s, blocks))
		return false;
	progress_clear(&m->progress);
	info("every cell is decided after %" PRIu32 " blocks: the %" PRIu32 " more that there could be are not needed",
	     blocks, plan->blocks - blocks);
	return true;
}

static int measure_all(struct measuring *m)
{
	const struct plan *plan = &m->s->plan;
	int ret = 0;

	for (m->block = 0; m->block < plan->blocks && !ret; m->block++) {
		ret = measure_block(m);
		if (!ret && m->block + 1 < plan->blocks && is_enough(m))
			break;
	}
	if (ret >= 0)
		return ret;
	if (interrupted)
		err("interrupted; what is complete is kept: foliogate run --resume %s", m->s->run.id);
	else if (!m->advised)
		info("what is complete is kept: foliogate run --resume %s", m->s->run.id);
	return EXIT_CANNOT;
}

bool measure_done(const struct session *s)
{
	const size_t each = s->plan.ncells * s->plan.nkernels, blocks = all_done(s) / (each ? each : 1);

	return blocks == s->plan.blocks || judging_decided(s, (uint32_t)blocks);
}

uint64_t measure_estimate(const struct plan *plan)
{
	uint64_t each = plan->warmup_ns + plan->window_ns * plan->windows + CELL_START_NS;

	return plan_in_guests(plan) && plan->ncells ? each + BOOT_NS / plan->ncells : each;
}

int measure(struct session *s)
{
	struct measuring m = { .s = s, .log = run_path(&s->run, "logs/driver.log") };
	const struct plan *plan = &s->plan;
	int ret;

	if (json_array_size(s->have.incidents)) {
		ret = trouble_again(s);
	} else {
		progress_init(&m.progress, plan->ncells * plan->blocks * plan->nkernels, all_done(s),
			      measure_estimate(plan));
		announce(&m);
		ret = measure_all(&m);
	}
	trouble_release(&m.trouble);
	buf_release(&m.lines);
	buf_release(&m.talk);
	free(m.log);
	return ret;
}
