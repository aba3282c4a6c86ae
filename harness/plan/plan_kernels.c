/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/plan/plan_kernels.h"

#include <stdlib.h>
#include <string.h>

#include "harness/plan/job.h"
#include "harness/plan/plan.h"
#include "harness/plan/yaml.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/near.h"
#include "lib/param.h"
#include "lib/units.h"

/* Paths of the job, made into the plan's. */
struct resolver {
	const struct job *job;
	const struct plan_machine *machine;
	struct buf *why;
};

static bool is_path(const char *spec)
{
	size_t len = strlen(spec);

	return strchr(spec, '/') || (len > 5 && !strcmp(spec + len - 5, ".yaml"));
}

static int no_home(const struct resolver *r, const struct schema_text *path)
{
	if (path->line)
		yaml_place(r->job->file, path->line, path->column, r->why);
	yaml_quote(path->text, r->why);
	buf_str(r->why, ": the home directory is not known (HOME is not set)");
	return -1;
}

/* Appends DIR and a slash, unless there is one. */
static void add_directory(struct buf *out, const char *dir, size_t len)
{
	buf_add(out, dir, len);
	if (len && dir[len - 1] != '/')
		buf_ch(out, '/');
}

/* 0 with *out the caller's to free, or -1 and why. */
static int resolve(const struct resolver *r, const struct schema_text *path, char **out)
{
	const char *home = r->machine->home, *base = r->machine->directory, *slash,
		   *text = path->text;
	struct buf all = BUF_INIT;

	if (!strncmp(text, "~/", 2)) {
		if (!home || !*home)
			return no_home(r, path);
		add_directory(&all, home, strlen(home));
		text += 2;
	} else if (*text != '/') {
		slash = path->line ? strrchr(r->job->file, '/') : NULL;
		if (base && (!slash || *r->job->file != '/'))
			add_directory(&all, base, strlen(base));
		if (slash)
			buf_add(&all, r->job->file, (size_t)(slash - r->job->file) + 1);
	}
	buf_str(&all, text);
	*out = buf_detach(&all);
	return 0;
}

static int take_kernel(const struct resolver *r, const struct job_kernel *from,
		       struct plan_kernel *to)
{
	const struct job_patch *patch;

	*to = (struct plan_kernel){ .name = xstrdup(from->name.text), .cmdline = xstrdup(from->cmdline),
				    .rebuild = from->rebuild };
	if (!is_path(from->spec.text))
		to->spec = xstrdup(from->spec.text);
	else if (resolve(r, &from->spec, &to->spec))
		return -1;
	to->patch = xcalloc(from->npatches + 1, sizeof(to->patch[0]));
	for (patch = from->patch; patch < from->patch + from->npatches; patch++) {
		if (!strcmp(patch->path.text, "-"))
			to->patch[to->npatches].path = xstrdup("-");
		else if (resolve(r, &patch->path, &to->patch[to->npatches].path))
			return -1;
		to->patch[to->npatches++].reverse = patch->reverse;
	}
	return 0;
}

static void take_guest(struct plan_guest *to, const struct job_guest *from)
{
	uint64_t node;

	*to = (struct plan_guest){
		.cpus = from->cpus, .memory = from->memory, .disk_size = from->disk_size,
		.accel = job_accels[from->accel], .disk = job_disks[from->disk],
		.cmdline = xstrdup(from->cmdline), .overcommit = from->overcommit,
		.huge_pages = from->huge_pages, .numa_node = -1,
	};
	if (!units_count(from->numa_node, &node))	/* checked when it was read; "any" is no number */
		to->numa_node = (int)node;
}

static void take_emulated(struct plan *plan, const struct job_emulated *e)
{
	plan->emulated = true;
	if (e->blocks != JOB_SAME)
		plan->blocks = (uint32_t)e->blocks;
	if (e->windows != JOB_SAME)
		plan->windows = (uint32_t)e->windows;
	if (e->warmup_ns != JOB_SAME)
		plan->warmup_ns = e->warmup_ns;
	if (e->window_ns != JOB_SAME)
		plan->window_ns = e->window_ns;
}

int plan_take_kernels(struct plan *plan, const struct job *job, const struct plan_machine *machine,
		      struct buf *why)
{
	const struct resolver r = { .job = job, .machine = machine, .why = why };
	size_t i;

	plan->kernel = xcalloc(job->nkernels ? job->nkernels : 1, sizeof(plan->kernel[0]));
	if (!job->nkernels) {
		plan->kernel[plan->nkernels++].name = xstrdup("running");
		return 0;
	}
	take_guest(&plan->guest, &job->guest);
	if (machine->emulated)
		take_emulated(plan, &job->emulated);
	for (i = 0; i < job->nkernels; i++)
		if (take_kernel(&r, &job->kernel[i], &plan->kernel[plan->nkernels++]))
			return -1;
	return 0;
}

void plan_release_kernels(struct plan *plan)
{
	struct plan_kernel *k;
	size_t i;

	for (k = plan->kernel; k < plan->kernel + plan->nkernels; k++) {
		for (i = 0; i < k->npatches; i++)
			free(k->patch[i].path);
		free(k->patch);
		free(k->name);
		free(k->spec);
		free(k->cmdline);
	}
	free(plan->kernel);
	free(plan->guest.cmdline);
}

bool plan_in_guests(const struct plan *plan)
{
	return plan->nkernels && plan->kernel[0].spec;
}

int plan_check_fs(const char *fs, struct buf *why)
{
	static const char *const known[] = { "any", "tmpfs", "ramfs", "ext4", "xfs", "btrfs" };
	const size_t n = sizeof(known) / sizeof(known[0]);
	struct near near;
	size_t i;

	near_init(&near, fs);
	for (i = 0; i < n; i++) {
		if (!strcmp(fs, known[i]))
			return 0;
		near_offer(&near, known[i]);
	}
	buf_fmt(why, "fs: guests have no '%s', but ", fs);
	for (i = 0; i < n; i++)
		buf_fmt(why, "%s%s", i ? "|" : "", known[i]);
	near_hint(&near, why);
	return -1;
}

/* The `fs` among a cell's arguments, as a guest has it, or NULL. */
static const char *fs_of(const struct plan_cell *c)
{
	char **word;

	for (word = c->argv; word && *word; word++)
		if (!strncmp(*word, "fs=", 3))
			return strcmp(*word, "fs=any") ? *word + 3 : "tmpfs";
	return NULL;
}

size_t plan_file_systems(const struct plan *plan, const char **fs, size_t max)
{
	const char *seen[64], *one;	/* more than any driver has */
	size_t n = 0, c, i;

	for (c = 0; c < plan->ncells; c++) {
		one = fs_of(&plan->cell[c]);
		for (i = 0; one && i < n && strcmp(seen[i], one); i++)
			;
		if (!one || i < n || n == sizeof(seen) / sizeof(seen[0]))
			continue;
		if (n < max)
			fs[n] = one;
		seen[n++] = one;
	}
	return n;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

bool plan_is_control(const struct plan *plan, size_t kernel)
{
	const struct plan_kernel *first = &plan->kernel[0], *k = &plan->kernel[kernel];
	size_t i;

	if (!kernel || !k->rebuild || !same_text(k->spec, first->spec) ||
	    !same_text(k->cmdline, first->cmdline) || k->npatches != first->npatches)
		return false;
	for (i = 0; i < k->npatches; i++)
		if (!same_text(k->patch[i].path, first->patch[i].path) ||
		    k->patch[i].reverse != first->patch[i].reverse)
			return false;
	return true;
}
