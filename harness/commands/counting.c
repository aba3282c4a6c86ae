/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/counting.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/commands/analysis.h"
#include "harness/commands/interrupt.h"
#include "harness/commands/session.h"
#include "harness/commands/snapshot.h"
#include "harness/commands/trouble.h"
#include "harness/count/symbols.h"
#include "harness/guest/counted.h"
#include "harness/guest/machine.h"
#include "harness/progress.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/exitcode.h"
#include "lib/record.h"

#define TRACES "traces"			/* in the run's directory */
#define KERNEL_NS 60000000000ull	/* one kernel's boot and analysis; for estimates only */
#define FIRST_CELL 1			/* in the script; the environment comes before it */

/* One kernel's turn. */
struct counting {
	struct session *s;
	struct progress progress;
	size_t kernel;
	char *trace;			/* path */
	struct counted answers;
	struct symbols *symbols;
	uint64_t ops;			/* counted a thread and cell */
	uint64_t *bytes_per_op;		/* [plan.ncells] */
};

static const char *kernel_name(const struct counting *c)
{
	return c->s->plan.kernel[c->kernel].name;
}

/* And with the figures that the machine's file has now? */
static bool predicted(const struct session *s, size_t kernel, size_t cell, const struct processor *m)
{
	const struct prediction_record *r = samples_prediction(&s->have, s->plan.kernel[kernel].name,
							       s->plan.cell[cell].id, m->name);

	return r && r->machine_id && !strcmp(r->machine_id, m->id);
}

static bool kernel_done(const struct session *s, size_t kernel)
{
	const char *name = s->plan.kernel[kernel].name;
	size_t i, m;

	for (i = 0; i < s->plan.ncells; i++) {
		if (!samples_count(&s->have, name, s->plan.cell[i].id))
			return false;
		for (m = 0; m < s->machines.n; m++)
			if (!predicted(s, kernel, i, &s->machines.p[m]))
				return false;
	}
	return true;
}

bool counting_wanted(const struct session *s)
{
	return plan_in_guests(&s->plan) && !s->opts->no_count &&
	       (s->opts->count_only || s->plan.emulated);
}

bool counting_done(const struct session *s)
{
	size_t k;

	if (!counting_wanted(s) || s->uncountable)
		return true;
	for (k = 0; k < s->plan.nkernels; k++)
		if (!kernel_done(s, k))
			return false;
	return true;
}

/* More threads than vCPUs, or threads that wander, would be counted with the scheduler's doings. */
static int check_threads(const struct session *s, struct buf *why)
{
	struct buf placement = BUF_INIT;
	const char *name;
	size_t i;

	for (i = 0; i < s->plan.ncells && !why->len; i++) {
		name = s->plan.cell[i].name;
		if (analysis_threads(name) > s->plan.guest.cpus)
			buf_fmt(why, "cell \"%s\" has more threads than the guest's %" PRIu32 " CPUs", name,
				s->plan.guest.cpus);
		else if (!cell_field(name, "placement", &placement) && !strcmp(buf_text(&placement), "none"))
			buf_fmt(why, "cell \"%s\" has threads that are on no CPU of their own (placement=none)", name);
	}
	buf_release(&placement);
	return why->len ? -1 : 0;
}

static int check_disks(const struct session *s, struct buf *why)
{
	if (strcmp(s->plan.guest.disk, "virtio"))
		return 0;
	buf_str(why, "guest.disk is virtio, whose timing is the host's: counts want file systems in memory");
	return -1;
}

/* Before a kernel is built for nothing. A run that was counted before may need no plugin any more. */
static int check_plugin(const struct session *s)
{
	char *plugin;

	if (!s->opts->count_only || s->opts->dry_run || s->opened)
		return EXIT_ACCEPT;
	plugin = machine_plugin();
	free(plugin);
	return plugin ? EXIT_ACCEPT : EXIT_CANNOT;
}

int counting_prepare(struct session *s)
{
	struct buf why = BUF_INIT;
	int ret;

	if (!plan_in_guests(&s->plan) && s->opts->count_only) {
		err("job '%s' names no kernels to boot, and counts are taken in guests (docs/jobs.md: kernels)",
		    s->plan.job);
		return EXIT_USAGE;
	}
	if (!plan_in_guests(&s->plan) || s->opts->no_count)
		return EXIT_ACCEPT;
	ret = machines_load(&s->machines, &s->opts->machine, s->lineup.spec[0].arch == ARCH_ARM64);
	if (ret == EXIT_ACCEPT)
		ret = check_plugin(s);
	if (ret != EXIT_ACCEPT || (!check_threads(s, &why) && !check_disks(s, &why)))
		return ret;
	s->uncountable = buf_detach(&why);
	if (!s->opts->count_only)
		return EXIT_ACCEPT;
	err("%s", s->uncountable);
	return EXIT_USAGE;
}

/* The driver's words for a cell; the caller frees array and the texts from *own on. */
static const char **cell_words(const struct counting *c, const struct plan_cell *cell, size_t *own)
{
	struct buf fs = BUF_INIT;
	const char **words;
	size_t n = 0;

	while (cell->argv[n])
		n++;
	words = xcalloc(n + 4, sizeof(words[0]));
	words[0] = "run";
	memcpy(words + 1, cell->argv, n * sizeof(words[0]));
	*own = ++n;
	cell_field(cell->name, "fs", &fs);
	words[n++] = xasprintf("dir=%s", shape_dir(buf_text(&fs)));
	words[n++] = xasprintf("counted=%" PRIu64, c->s->ops);
	buf_release(&fs);
	return words;
}

static char *trace_name(const struct counting *c)
{
	return xasprintf(TRACES "/%s.trace", kernel_name(c));
}

static int open_trace(const struct counting *c)
{
	char *name = trace_name(c);
	int fd = -1;

	if (mkdirat(c->s->run.dir, TRACES, 0777) && errno != EEXIST)
		err("make %s/" TRACES ": %m", c->s->run.path);
	else if ((fd = openat(c->s->run.dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) < 0)
		err("make %s: %m", c->trace);
	free(name);
	return fd;
}

static int boot(struct counting *c, const char *const *const *script, size_t n)
{
	const struct lineup *l = &c->s->lineup;
	char *console = xasprintf("logs/console-%s-counted.log", kernel_name(c));
	char *console_path = run_path(&c->s->run, console), *plugin = machine_plugin();
	struct shape shape = l->shape[c->kernel];
	const struct guest_call guest = {
		.kernel = &l->kernel[c->kernel], .shape = &shape, .driver = l->driver,
		.console = console_path, .stop = &interrupted,
	};
	struct counted_call call = {
		.guest = &guest, .plugin = plugin, .trace = -1, .call = script, .ncalls = n,
		.symbols = !l->kernel[c->kernel].vmlinux,
	};
	int ret = EXIT_CANNOT;

	shape.accel = ACCEL_TCG;
	if (plugin)
		call.trace = open_trace(c);
	if (call.trace >= 0) {
		ret = guest_counted(&call, &c->answers);
		close(call.trace);
	}
	free(plugin);
	free(console_path);
	free(console);
	return ret;
}

static int make_script_and_boot(struct counting *c)
{
	const struct plan *plan = &c->s->plan;
	const size_t n = plan->ncells + FIRST_CELL;
	const char *env[] = { "env", snapshot_dir(plan, true), NULL };
	const char ***script = xcalloc(n, sizeof(script[0]));
	size_t *own = xcalloc(n, sizeof(own[0])), i, k;
	int ret;

	script[0] = env;
	for (i = FIRST_CELL; i < n; i++)
		script[i] = cell_words(c, &plan->cell[i - FIRST_CELL], &own[i]);
	ret = boot(c, (const char *const *const *)script, n);
	for (i = FIRST_CELL; i < n; i++) {
		for (k = own[i]; script[i][k]; k++)
			free((char *)script[i][k]);
		free(script[i]);
	}
	free(script);
	free(own);
	return ret;
}

/* The cell that was under way when the guest ended, or NULL: none yet. */
static const char *cell_begun(const struct counting *c)
{
	const size_t begun = c->answers.begun;

	if (begun <= FIRST_CELL || begun - FIRST_CELL > c->s->plan.ncells)
		return NULL;
	return c->s->plan.cell[begun - FIRST_CELL - 1].id;
}

/* A kernel that crashed, or gave wrong data: judged by the gate. An enum exitcode. */
static int judge(struct counting *c, const char *cell, const char *wrong)
{
	struct trouble t = { .any = true, .kernel = c->kernel, .cell = cell };
	int ret;

	if (wrong)
		trouble_wrong_data(&t, wrong);
	else
		incident_copy(&t.incident, &c->answers.incident);
	ret = trouble_judge(c->s, &t, c->kernel > 0);
	trouble_release(&t);
	return ret;
}

/* What was said in the call that did not end well. An enum exitcode. */
static int complain(struct counting *c, size_t i)
{
	const struct counted_answer *a = &c->answers.answer[i];
	const char *cell = i >= FIRST_CELL ? c->s->plan.cell[i - FIRST_CELL].id : NULL, *said = buf_text(&a->err);
	const size_t len = a->err.len;

	err("kernel '%s': %s%s%s ended with %d%s%.*s", kernel_name(c), cell ? "cell \"" : "the environment",
	    cell ? c->s->plan.cell[i - FIRST_CELL].name : "", cell ? "\"" : "", a->code, len ? "\n" : "",
	    (int)(len && said[len - 1] == '\n' ? len - 1 : len), said);
	return a->code == EXIT_REJECT && cell ? judge(c, cell, buf_text(&a->err)) : EXIT_CANNOT;
}

/* The one sample that the driver prints of a counted cell: is it that cell's, and all of it? */
static int check_sample(struct counting *c, size_t cell)
{
	const struct plan_cell *want = &c->s->plan.cell[cell];
	struct buf *out = &c->answers.answer[cell + FIRST_CELL].out, why = BUF_INIT;
	struct sample s;
	uint64_t ops = 0, bytes = 0;
	uint32_t i;
	int ret = -1;

	if (sample_parse(buf_text(out), strcspn(buf_text(out), "\n"), &s, &why)) {
		err("kernel '%s': counting \"%s\" printed no sample: %s", kernel_name(c), want->name, buf_text(&why));
		buf_release(&why);
		return -1;
	}
	for (i = 0; i < s.threads; i++) {
		ops += s.ops[i];
		bytes += s.bytes[i];
	}
	if (strcmp(s.cell, want->id) || ops != s.threads * c->s->ops) {
		err("kernel '%s': %" PRIu64 " ops of \"%s\" were counted, but %" PRIu64 " a thread of \"%s\" were asked for",
		    kernel_name(c), ops, s.name, c->s->ops, want->name);
	} else {
		c->bytes_per_op[cell] = bytes / ops;
		ret = 0;
	}
	sample_release(&s);
	return ret;
}

/* An enum exitcode. */
static int check_answers(struct counting *c)
{
	size_t i;

	for (i = 0; i < c->answers.n; i++)
		if (c->answers.answer[i].code != EXIT_ACCEPT)
			return complain(c, i);
	for (i = 0; i < c->s->plan.ncells; i++)
		if (check_sample(c, i))
			return EXIT_CANNOT;
	return EXIT_ACCEPT;
}

static int keep_environment(struct counting *c)
{
	const struct snapshot_facts facts = { .kernel = c->kernel, .accel = ACCEL_TCG, .qemu = c->answers.qemu };
	struct buf *text = &c->answers.answer[0].out;

	return snapshot_keep(c->s, &facts, buf_text(text), text->len);
}

static int keep_line(struct counting *c, struct buf *line)
{
	int ret = run_append(&c->s->run, line->s, line->len);

	buf_release(line);
	return ret;
}

static int keep_count(const struct count_record *r, void *data)
{
	struct buf line = BUF_INIT;

	count_record_line(r, &line);
	return keep_line(data, &line);
}

static int keep_prediction(const struct prediction_record *r, void *data)
{
	struct buf line = BUF_INIT;

	prediction_record_line(r, &line);
	return keep_line(data, &line);
}

static void find_symbols(struct counting *c)
{
	const char *vmlinux = c->s->lineup.kernel[c->kernel].vmlinux;
	struct buf why = BUF_INIT;

	if (vmlinux)
		c->symbols = symbols_from_vmlinux(vmlinux, &why);
	else
		c->symbols = symbols_from_kallsyms(buf_text(&c->answers.symbols), c->answers.symbols.len, &why);
	if (!c->symbols)
		warn("functions will have no names: %s", buf_text(&why));
	buf_release(&why);
}

/* kept: from an earlier count. An enum exitcode. */
static int analyse_kernel(struct counting *c, bool kept)
{
	const struct analysis_call call = {
		.plan = &c->s->plan, .kernel = kernel_name(c), .trace = c->trace,
		.qemu = c->answers.qemu ? c->answers.qemu : "", .bytes_per_op = c->bytes_per_op,
		.ops = c->ops, .symbols = c->symbols, .machines = &c->s->machines,
		.stop = &interrupted, .count = keep_count, .prediction = keep_prediction, .data = c,
	};
	int ret = analyse(&call);

	if (ret > 0 && kept)
		info("without that trace kernel '%s' is counted again: remove it, and resume", call.kernel);
	return ret || run_sync(&c->s->run) ? EXIT_CANNOT : EXIT_ACCEPT;
}

/*
 * Counts do not change, predictions do with the machine: what was counted before is not counted again as long
 * as its trace is there. (The names of a kernel without a vmlinux are not.)
 */
static bool take_kept(struct counting *c)
{
	const struct count_record *r = NULL;
	size_t i;

	if (access(c->trace, R_OK) || !c->s->lineup.kernel[c->kernel].vmlinux)
		return false;
	for (i = 0; i < c->s->plan.ncells; i++) {
		r = samples_count(&c->s->have, kernel_name(c), c->s->plan.cell[i].id);
		if (!r || !r->threads)
			return false;
		c->bytes_per_op[i] = r->bytes_per_op;
		c->ops = r->ops / r->threads;
	}
	c->answers.qemu = r && r->qemu ? xstrdup(r->qemu) : NULL;
	return true;
}

static void say_step(struct counting *c)
{
	struct buf what = BUF_INIT;

	buf_fmt(&what, "%s: %zu cells counted in one boot", kernel_name(c), c->s->plan.ncells);
	progress_step(&c->progress, buf_text(&what));
	buf_release(&what);
}

/* An enum exitcode. */
static int boot_and_check(struct counting *c)
{
	int ret = make_script_and_boot(c);

	if (ret == EXIT_CANNOT && trouble_is_kernels(&c->answers.incident))
		return judge(c, cell_begun(c), NULL);
	if (ret == EXIT_ACCEPT)
		ret = check_answers(c);
	return ret == EXIT_ACCEPT && keep_environment(c) ? EXIT_CANNOT : ret;
}

static void begin(struct counting *c, size_t kernel)
{
	char *name;

	c->kernel = kernel;
	c->ops = c->s->ops;
	c->bytes_per_op = xcalloc(c->s->plan.ncells + 1, sizeof(c->bytes_per_op[0]));
	name = trace_name(c);
	c->trace = run_path(&c->s->run, name);
	free(name);
}

static void end(struct counting *c)
{
	counted_release(&c->answers);
	symbols_free(c->symbols);
	free(c->bytes_per_op);
	free(c->trace);
	c->answers = (struct counted){ 0 };
	c->symbols = NULL;
	c->bytes_per_op = NULL;
	c->trace = NULL;
}

/* An enum exitcode. */
static int count_kernel(struct counting *c, size_t kernel)
{
	int ret = EXIT_ACCEPT;
	bool kept;

	begin(c, kernel);
	kept = take_kept(c);
	if (!kept) {
		say_step(c);
		ret = boot_and_check(c);
	}
	if (ret == EXIT_ACCEPT) {
		find_symbols(c);
		ret = analyse_kernel(c, kept);
	}
	if (ret == EXIT_ACCEPT)
		progress_done(&c->progress);
	progress_clear(&c->progress);
	end(c);
	return ret;
}

int counting(struct session *s)
{
	struct counting c = { .s = s };
	int ret = EXIT_ACCEPT;
	size_t done = 0, k;

	if (json_array_size(s->have.incidents))
		return trouble_again(s);
	if (!counting_wanted(s))
		return EXIT_ACCEPT;
	if (s->uncountable) {
		info("not counted: %s", s->uncountable);
		return EXIT_ACCEPT;
	}

	if (session_reread(s))	/* what was measured meanwhile */
		return EXIT_CANNOT;
	for (k = 0; k < s->plan.nkernels; k++)
		done += kernel_done(s, k);
	progress_init(&c.progress, s->plan.nkernels, done, KERNEL_NS);
	for (k = 0; k < s->plan.nkernels && ret == EXIT_ACCEPT; k++)
		if (!kernel_done(s, k))
			ret = count_kernel(&c, k);
	if (interrupted && ret != EXIT_ACCEPT)
		err("interrupted; what is complete is kept: foliogate %s --resume %s",
		    s->opts->count_only ? "count" : "run", s->run.id);
	return ret;
}
