/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * foliogate doctor: gathers facts by asking the driver and by trying things,
 * has them judged (diagnosis.h), and prints the findings.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "harness/commands/commands.h"
#include "harness/commands/diagnosis.h"
#include "harness/commands/interrupt.h"
#include "harness/commands/ready.h"
#include "harness/guest/guest.h"
#include "harness/guest/machine.h"
#include "harness/guest/qemu.h"
#include "harness/kernel/kernel.h"
#include "harness/store/run.h"
#include "lib/alloc.h"
#include "lib/err.h"
#include "lib/exitcode.h"

#define WIDTH 100	/* columns */
#define DRIVER_LIMIT_NS 30000000000ull

struct doctor_opts {
	bool json, no_boot;
	const char *results, *driver, *kernel;
};

static void free_space(struct place *p, const char *at)
{
	struct statvfs st;

	if (statvfs(at, &st) || !st.f_blocks)	/* ramfs has no size */
		return;
	p->free_known = !__builtin_mul_overflow((uint64_t)st.f_bavail, (uint64_t)st.f_frsize,
						&p->free_bytes);
}

/* A page written, mapped, and found in the page cache. 0 or errno. */
static int try_page(int fd)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	unsigned char resident = 0;
	char *map;
	int error = 0;

	if (ftruncate(fd, (off_t)page) || pwrite(fd, "x", 1, 0) != 1)
		return errno;
	map = mmap(NULL, page, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return errno;
	if (mincore(map, page, &resident))
		error = errno;
	else if (!(resident & 1))
		error = EOPNOTSUPP;
	munmap(map, page);
	return error;
}

static void probe_files(struct place *p)
{
	char *name = xasprintf("%s/.foliogate-doctor-XXXXXX", p->path);
	int fd = mkostemp(name, O_CLOEXEC);

	if (fd < 0) {
		p->error = errno;
	} else {
		unlink(name);
		p->error = try_page(fd);
		close(fd);
	}
	free(name);
	free_space(p, p->path);
}

/* By making something: access() says yes to root in places that cannot be written at all. 0 or errno. */
static int try_directory(const char *in)
{
	char *name = xasprintf("%s/.foliogate-doctor-XXXXXX", in);
	int error = 0;

	if (mkdtemp(name))
		rmdir(name);
	else
		error = errno;
	free(name);
	return error;
}

/* The directory, or where it is missing the nearest one above, which it would be made in. */
static void probe_results(struct place *p)
{
	char *at = xstrdup(p->path), *up;
	struct stat st;

	while (stat(at, &st) && errno == ENOENT && strcmp(at, ".") && strcmp(at, "/")) {
		up = xstrdup(dirname(at));
		free(at);
		at = up;
	}
	p->error = try_directory(at);
	free_space(p, at);
	free(at);
}

static bool in_path(const char *program)
{
	const char *path = getenv("PATH");
	struct stat st;
	bool found = false;
	char *full;
	size_t len;

	while (path && *path && !found) {
		len = strcspn(path, ":");
		full = xasprintf("%.*s/%s", (int)len, len ? path : ".", program);
		found = !access(full, X_OK) && !stat(full, &st) && S_ISREG(st.st_mode);
		free(full);
		path += len + (path[len] == ':');
	}
	return found;
}

static int try_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static void probe_tracefs(struct diagnosis_facts *f)
{
	static const char *const mounts[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };
	char *file;
	size_t i;

	f->tracefs_error = ENOENT;
	for (i = 0; i < sizeof(mounts) / sizeof(mounts[0]) && f->tracefs_error; i++) {
		file = xasprintf("%s/available_events", mounts[i]);
		f->tracefs = mounts[i];
		f->tracefs_error = try_open(file, O_RDONLY);
		free(file);
		if (f->tracefs_error == EACCES || f->tracefs_error == EPERM)
			return;
	}
	if (f->tracefs_error)
		f->tracefs = mounts[0];
}

static void probe_paranoid(struct diagnosis_facts *f)
{
	struct buf b = BUF_INIT;
	char *end;

	if (!buf_read_file(&b, "/proc/sys/kernel/perf_event_paranoid")) {
		f->paranoid = (int)strtol(buf_text(&b), &end, 10);	/* -1 is a value too */
		f->paranoid_known = end != buf_text(&b);
	}
	buf_release(&b);
}

static int keep_line(const char *text, size_t len, void *data)
{
	struct buf *answer = data;

	buf_reset(answer);
	buf_add(answer, text, len);
	return 0;
}

/* The driver's snapshot, or NULL after the error was reported. */
static json_t *ask_driver(const char *driver, const char *dir)
{
	const char *const argv[] = { "env", dir, NULL };
	const struct machine here = { .driver = driver };
	const struct machine_call call = { .argv = argv, .limit_ns = DRIVER_LIMIT_NS };
	struct buf answer = BUF_INIT;
	json_error_t error;
	json_t *env = NULL;

	if (machine_run(&here, &call, keep_line, &answer) == EXIT_ACCEPT) {
		env = json_loadb(buf_text(&answer), answer.len, 0, &error);
		if (!json_is_object(env)) {
			err("%s env: prints no snapshot: %s", driver,
			    env ? "no object" : error.text);
			json_decref(env);
			env = NULL;
		}
	}
	buf_release(&answer);
	return env;
}

static void gather(struct diagnosis_facts *f)
{
	enum tool t;

	probe_files(&f->files);
	probe_results(&f->results);
	probe_paranoid(f);
	probe_tracefs(f);
	f->cycles_user = pmu_try(PMU_CYCLES_USER);
	f->cycles_kernel = pmu_try(PMU_CYCLES_KERNEL);
	f->page_faults = pmu_try(PMU_PAGE_FAULTS);
	f->kvm_error = try_open("/dev/kvm", O_RDWR);
	for (t = 0; t < TOOLS; t++)
		f->tool[t] = in_path(diagnosis_tool(t));
}

/* Words from column `left` on, broken before WIDTH; the cursor is there already. */
static void wrap(const char *text, size_t left, struct buf *out)
{
	size_t column = left, len;

	while (*text) {
		len = strcspn(text, " ");
		if (column > left && column + 1 + len > WIDTH) {
			buf_ch(out, '\n');
			buf_pad(out, ' ', left);
			column = left;
		} else if (column > left) {
			buf_ch(out, ' ');
			column++;
		}
		buf_add(out, text, len);
		column += len;
		text += len;
		text += strspn(text, " ");
	}
	buf_ch(out, '\n');
}

static size_t name_width(void)
{
	const struct check *c;
	size_t width = 0;

	for (c = diagnosis_checks; c->name; c++)
		if (strlen(c->name) > width)
			width = strlen(c->name);
	return width;
}

static void print_finding(const struct check *c, const struct finding *f, struct buf *out)
{
	static const char *const shade[] = {
		[DIAGNOSIS_OK] = "32", [DIAGNOSIS_LIMITED] = "33", [DIAGNOSIS_MISSING] = "31", [DIAGNOSIS_UNKNOWN] = "36",
	};
	int width = (int)name_width();
	size_t left = 9 + (size_t)width + 2;

	if (cmd_color(STDOUT_FILENO))
		buf_fmt(out, "\033[%sm%-9s\033[0m", shade[f->status], diagnosis_word(f->status));
	else
		buf_fmt(out, "%-9s", diagnosis_word(f->status));
	buf_fmt(out, "%-*s  ", width, c->name);
	wrap(buf_text(&f->found), left, out);
	if (f->advice.len) {
		buf_pad(out, ' ', left);
		buf_str(out, "-> ");
		wrap(buf_text(&f->advice), left + 3, out);
	}
}

static json_t *finding_json(const struct check *c, const struct finding *f)
{
	json_t *o = json_object();

	json_put(o, "name", json_text(c->name));
	json_put(o, "status", json_text(diagnosis_word(f->status)));
	json_put(o, "found", json_text(buf_text(&f->found)));
	if (f->advice.len)
		json_put(o, "do", json_text(buf_text(&f->advice)));
	return o;
}

static void print_json(json_t *checks, bool can_time, struct buf *out)
{
	json_t *o = json_object();

	json_put(o, "checks", checks);
	json_put(o, "can_time", json_boolean(can_time));
	json_line(out, o);
	buf_ch(out, '\n');
	json_decref(o);
}

/* Judges and prints. Can times be measured here? */
static bool print_all(const struct diagnosis_facts *f, bool json)
{
	json_t *checks = json_array();
	struct buf out = BUF_INIT;
	struct finding finding;
	const struct check *c;
	bool can_time = true;

	for (c = diagnosis_checks; c->name; c++) {
		diagnosis_judge(c, f, &finding);
		if (c->needed && finding.status == DIAGNOSIS_MISSING)
			can_time = false;
		if (json)
			json_array_append_new(checks, finding_json(c, &finding));
		else
			print_finding(c, &finding, &out);
		finding_release(&finding);
	}
	if (json)
		print_json(json_incref(checks), can_time, &out);
	else
		buf_fmt(&out, "\nTimes %s be measured here.\n", can_time ? "can" : "cannot");
	json_decref(checks);
	fwrite(buf_text(&out), 1, out.len, stdout);
	buf_release(&out);
	return can_time;
}

/* Does a guest boot under KVM? Nothing less than booting one tells; the answer is remembered. */
static void try_kvm(struct diagnosis_facts *f, const char *kernel, struct buf *why)
{
	struct kernel k = { .hold = -1 };
	struct spec spec = { 0 };

	if (f->kvm_error || !f->driver_runs)
		return;
	interrupt_catch();
	if (spec_load(kernel, &spec) || ready_kernel(&spec, false, &k) != EXIT_ACCEPT)
		buf_fmt(why, "there is no kernel '%s' to try it with (see above)", kernel);
	else
		f->kvm_trial = accel_kvm_works(&k, f->driver, &interrupted, why) ? KVM_BOOTS :
										  KVM_FAILS;
	f->kvm_why = buf_text(why);
	kernel_release(&k);
	spec_release(&spec);
}

static void probe_plugin(struct diagnosis_facts *f, const char *plugin, struct buf *version)
{
	const enum arch arch = arch_host();

	f->plugin = plugin ? plugin : "libfoliotrace.so";
	f->plugin_error = !plugin || access(plugin, R_OK) ? errno : 0;
	if (f->tool[arch == ARCH_ARM64 ? TOOL_QEMU_ARM : TOOL_QEMU_X86] && !qemu_version(arch, version))
		f->qemu = buf_text(version);
}

static int doctor(const struct invocation *call)
{
	const struct doctor_opts *opts = call->options;
	char *driver = opts->driver ? xstrdup(opts->driver) : machine_driver();
	struct diagnosis_facts f = {
		.driver = driver,
		.files.path = call->argc ? call->argv[0] : ".",
		.results.path = opts->results ? opts->results : run_results_dir(),
	};
	json_t *env = driver ? ask_driver(driver, f.files.path) : NULL;
	struct buf kvm = BUF_INIT, qemu = BUF_INIT;
	char *plugin = machine_plugin_path();
	bool can_time;

	f.env = env;
	f.driver_runs = env;
	gather(&f);
	probe_plugin(&f, plugin, &qemu);
	if (!opts->no_boot)
		try_kvm(&f, opts->kernel ? opts->kernel : "debian-cloud", &kvm);
	can_time = print_all(&f, opts->json);
	json_decref(env);
	free(driver);
	free(plugin);
	buf_release(&qemu);
	buf_release(&kvm);
	return can_time ? EXIT_ACCEPT : EXIT_CANNOT;
}

static const struct opt doctor_options[] = {
	OPT_FLAG(struct doctor_opts, json, 0, "json", "one line of JSON, for programs"),
	OPT_TEXT(struct doctor_opts, kernel, 'k', "kernel", "KERNEL",
		 "what a guest is booted with to try KVM (default: debian-cloud, fetched once)"),
	OPT_FLAG(struct doctor_opts, no_boot, 0, "no-boot", "boot nothing: KVM stays unknown"),
	OPT_TEXT(struct doctor_opts, results, 0, "results", "DIR",
		 "where runs are kept (default: $FOLIOBENCH_RESULTS or results)"),
	OPT_TEXT(struct doctor_opts, driver, 0, "driver", "PATH",
		 "the foliobench to measure with (default: the one beside this)"),
	OPT_END
};

const struct command doctor_command = {
	.name = "doctor", .args = "[DIR]", .summary = "what this machine can measure, and what to do about each lack",
	.about = "DIR is where test files would go (default: here). Exit code 4 means that times cannot be measured.",
	.options = doctor_options, .options_size = sizeof(struct doctor_opts), .max = 1, .run = doctor,
};
