/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/commands.h"

#include <stdio.h>
#include <stdlib.h>

#include "harness/commands/interrupt.h"
#include "harness/commands/ready.h"
#include "harness/kernel/kernel.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/exitcode.h"

struct build_opts {
	struct opt_list patch, reverse;
	bool clean, verify, config;
};

static void print_path(const char *what, const char *path)
{
	if (path)
		printf("%-8s %s\n", what, path);
}

static int print_config(const struct kernel *k)
{
	struct buf text = BUF_INIT;
	int ret = EXIT_CANNOT;

	if (buf_read_file(&text, k->config))
		err("read %s: %m", k->config);
	else if (fwrite(buf_text(&text), 1, text.len, stdout) == text.len)
		ret = EXIT_ACCEPT;
	buf_release(&text);
	return ret;
}

static int print(const struct kernel *k, const struct build_opts *opts)
{
	if (opts->config)
		return print_config(k);
	print_path("key", k->key);
	print_path("release", k->release);
	print_path("source", k->source);
	print_path("image", k->image);
	print_path("vmlinux", k->vmlinux);
	print_path("config", k->config);
	print_path("modules", k->modules);
	return EXIT_ACCEPT;
}

/* The kernel against one that is built from nothing. */
static int verify(struct spec *spec, const struct kernel *k)
{
	struct kernel_difference d;
	struct kernel clean;
	int ret;

	if (!k->vmlinux) {
		err("kernel '%s' is a ready image: only what is built here can be built again", spec->name);
		return EXIT_USAGE;
	}
	ret = ready_kernel(spec, true, &clean);
	if (ret == EXIT_ACCEPT && kernel_compare(k->vmlinux, clean.vmlinux, &d)) {
		ret = EXIT_CANNOT;
	} else if (ret == EXIT_ACCEPT) {
		printf("%s%s", d.same ? "" : "not the kernel that a build from nothing gives:\n", d.text);
		ret = d.same ? EXIT_ACCEPT : EXIT_REJECT;
		free(d.text);
	}
	kernel_release(&clean);
	return ret;
}

static int load(const struct build_opts *opts, const char *what, struct spec *spec)
{
	size_t i;

	if (spec_load(what, spec))
		return -1;
	for (i = 0; i < opts->reverse.n; i++)
		spec_add_patch(spec, opts->reverse.text[i], true);
	for (i = 0; i < opts->patch.n; i++)
		spec_add_patch(spec, opts->patch.text[i], false);
	return 0;
}

static int build(const struct invocation *call)
{
	const struct build_opts *opts = call->options;
	struct kernel k = { .hold = -1 };
	struct spec spec;
	int ret = EXIT_USAGE;

	interrupt_catch();
	if (!load(opts, call->argv[0], &spec)) {
		ret = ready_kernel(&spec, opts->clean, &k);
		if (ret == EXIT_ACCEPT)
			ret = print(&k, opts);
		if (ret == EXIT_ACCEPT && opts->verify)
			ret = verify(&spec, &k);
	}
	kernel_release(&k);
	spec_release(&spec);
	return ret;
}

static const struct opt build_options[] = {
	OPT_MANY(struct build_opts, patch, 'p', "patch", "FILE",
		 "put this patch in, after those of the spec; - is standard input; may be given several times"),
	OPT_MANY(struct build_opts, reverse, 'R', "reverse", "FILE",
		 "take this patch out, before any --patch goes in; may be given several times"),
	OPT_FLAG(struct build_opts, clean, 0, "clean", "build from nothing, not from the baseline's objects"),
	OPT_FLAG(struct build_opts, verify, 0, "verify",
		 "also build from nothing, and compare code and data; exit code 1 where they differ"),
	OPT_FLAG(struct build_opts, config, 0, "config", "print the kernel's configuration, not its paths"),
	OPT_END
};

const struct command build_command = {
	.name = "build",
	.args = "KERNEL",
	.summary = "build a kernel spec into the cache",
	.about = "KERNEL is a file (with a / or ending in .yaml), or the name of one in configs/kernels\n"
		 "($FOLIOBENCH_CONFIGS names another directory than configs). Prints where image, vmlinux and\n"
		 "configuration are. What is in the cache is not built again.",
	.options = build_options,
	.options_size = sizeof(struct build_opts),
	.min = 1,
	.max = 1,
	.run = build,
};
