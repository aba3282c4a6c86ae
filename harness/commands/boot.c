/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/commands.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/commands/interrupt.h"
#include "harness/commands/ready.h"
#include "harness/guest/guest.h"
#include "harness/guest/machine.h"
#include "harness/kernel/kernel.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/exitcode.h"
#include "lib/param.h"

struct boot_opts {
	struct opt_list patch, reverse;
	const char *cpus, *memory, *accel, *append, *console, *driver;
};

static const char *const accels[] = { "auto", "kvm", "tcg", "tcg-multi", NULL };
static const struct param cpus_row = {
	.name = "--cpus", .kind = PARAM_COUNT, .min = 1, .max = SHAPE_CPUS_MAX,
};
static const struct param memory_row = {
	.name = "--memory", .kind = PARAM_SIZE, .min = 256ull << 20, .max = 1ull << 40,
};
static const struct param accel_row = { .name = "--accel", .kind = PARAM_CHOICE, .choices = accels };

static int read_value(const struct param *row, const char *text, uint64_t *n)
{
	struct buf why = BUF_INIT;
	int ret = param_check(row, text, n, &why) ? err("boot: %s", buf_text(&why)) : 0;

	buf_release(&why);
	return ret;
}

static int read_shape(const struct boot_opts *opts, struct shape *s)
{
	uint64_t cpus, accel;

	*s = (struct shape){ .cmdline = opts->append, .host_root = true, .numa_node = -1 };
	if (read_value(&cpus_row, opts->cpus ? opts->cpus : "2", &cpus) ||
	    read_value(&memory_row, opts->memory ? opts->memory : "1G", &s->memory) ||
	    read_value(&accel_row, opts->accel ? opts->accel : "auto", &accel))
		return -1;
	s->cpus = (unsigned)cpus;
	s->accel = (enum accel)accel;
	s->terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	s->overcommit = true;	/* nothing is timed */
	return 0;
}

static int run_guest(const struct boot_opts *opts, const struct kernel *k, struct shape *shape,
		     char *const *command)
{
	char *driver = opts->driver ? NULL : machine_driver();
	struct guest_call call = {
		.kernel = k, .shape = shape, .driver = opts->driver ? opts->driver : driver,
		.console = opts->console ? opts->console : "/dev/null", .stop = &interrupted,
	};
	struct guest *g = NULL;
	int ret = EXIT_CANNOT;

	if (!call.driver || accel_choose(shape, k, call.driver, &interrupted))
		goto out;
	if (!guest_start(&g, &call)) {
		detail("%s is up after %.1f s (%s)", k->release, (double)guest_boot_ns(g) / 1e9,
		       accel_name(guest_accel(g)));
		ret = guest_run_in_root(g, (const char *const *)command, &interrupted);
	}
	guest_stop(g);
out:
	free(driver);
	return ret;
}

static void add_patches(struct spec *spec, const struct boot_opts *opts)
{
	size_t i;

	for (i = 0; i < opts->reverse.n; i++)
		spec_add_patch(spec, opts->reverse.text[i], true);
	for (i = 0; i < opts->patch.n; i++)
		spec_add_patch(spec, opts->patch.text[i], false);
}

/* A guest of another architecture could not run any of this machine's programs. */
static int check_arch(const struct spec *spec)
{
	if (spec->arch == arch_host())
		return 0;
	return err("kernel '%s' is for %s: its guest would be given this machine's programs, which are for %s",
		   spec->name, arch_name(spec->arch), arch_name(arch_host()));
}

static int boot(const struct invocation *call)
{
	const struct boot_opts *opts = call->options;
	struct kernel k = { .hold = -1 };
	struct spec spec = { 0 };
	struct shape shape;
	int ret = EXIT_USAGE;

	if (!read_shape(opts, &shape) && !spec_load(call->argv[0], &spec) && !check_arch(&spec)) {
		add_patches(&spec, opts);
		interrupt_catch();
		ret = ready_kernel(&spec, false, &k);
		shape.arch = spec.arch;
		if (ret == EXIT_ACCEPT)
			ret = run_guest(opts, &k, &shape, call->argv + 1);
	}
	kernel_release(&k);
	spec_release(&spec);
	return ret;
}

static const struct opt boot_options[] = {
	OPT_MANY(struct boot_opts, patch, 'p', "patch", "FILE", "put this patch in; may be given several times"),
	OPT_MANY(struct boot_opts, reverse, 'R', "reverse", "FILE", "take this patch out; may be given several times"),
	OPT_TEXT(struct boot_opts, cpus, 'c', "cpus", "N", "virtual CPUs, 1 to 64 (default: 2)"),
	OPT_TEXT(struct boot_opts, memory, 'm', "memory", "SIZE", "of the guest (default: 1G)"),
	OPT_TEXT(struct boot_opts, accel, 0, "accel", "WHAT", "auto, kvm, tcg or tcg-multi (default: auto)"),
	OPT_TEXT(struct boot_opts, append, 'a', "append", "WORDS", "added to the kernel's command line"),
	OPT_TEXT(struct boot_opts, console, 0, "console", "FILE", "append the kernel's messages to this file"),
	OPT_TEXT(struct boot_opts, driver, 0, "driver", "PATH", "the foliobench that is PID 1 (default: the one beside this)"),
	OPT_END
};

const struct command boot_command = {
	.name = "boot",
	.args = "KERNEL [-- COMMAND...]",
	.summary = "a guest with a shell, or with one command",
	.about = "KERNEL as for `foliogate build`. The guest sees this machine's root directory, read-only, under an\n"
		 "overlay: what is written there is gone with the guest. The command's exit code is this one's.",
	.options = boot_options,
	.options_size = sizeof(struct boot_opts),
	.min = 1,
	.max = -1,
	.run = boot,
};
