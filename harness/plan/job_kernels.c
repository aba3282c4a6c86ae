/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/plan/job_kernels.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/plan/job.h"
#include "harness/plan/plan.h"
#include "harness/plan/yaml.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/near.h"
#include "lib/units.h"

#define MIB (1ull << 20)
#define GIB (1ull << 30)
#define CONTROL "again"		/* the kernel of an A/A comparison */

const char *const job_accels[] = { "auto", "kvm", "tcg", "tcg-multi", NULL };
const char *const job_disks[] = { "ram", "virtio", NULL };
static const char *const no_yes[] = { "no", "yes", NULL };

static const struct schema_key kernel_keys[] = {
	{ .param = { .name = "name", .kind = PARAM_TEXT,
		     .help = "what it is called in tables and files: as a job's name" },
	  SCHEMA_AT(struct job_kernel, name) },
	{ .param = { .name = "kernel", .kind = PARAM_TEXT, .help = "a kernel spec: its name, or its file" },
	  SCHEMA_AT(struct job_kernel, spec) },
	{ .param = { .name = "patches", .help = "files of patches to put in, in this order; `-`: standard input" },
	  .form = SCHEMA_LIST, .optional = true },
	{ .param = { .name = "reverse", .help = "files of patches to take out, after the others were put in" },
	  .form = SCHEMA_LIST, .optional = true },
	{ .param = { .name = "cmdline", .kind = PARAM_TEXT, .help = "what its command line has besides" },
	  SCHEMA_AT(struct job_kernel, cmdline), .optional = true },
	{ .param = { .name = "rebuild", .kind = PARAM_CHOICE, .def = "no", .choices = no_yes,
		     .help = "built anew from nothing; of a kernel that is otherwise the first one, this makes an A/A comparison" },
	  SCHEMA_AT(struct job_kernel, rebuild) },
	SCHEMA_END
};

const struct schema job_kernel_schema = { .what = "a kernel", .keys = kernel_keys };

static const struct schema_key guest_keys[] = {
	{ .param = { .name = "cpus", .kind = PARAM_COUNT, .def = "16", .min = 1, .max = 64,
		     .help = "virtual CPUs" },
	  SCHEMA_AT(struct job_guest, cpus) },
	{ .param = { .name = "memory", .kind = PARAM_SIZE, .def = "2G", .min = 256 * MIB, .max = 1024 * GIB,
		     .help = "of the guest" },
	  SCHEMA_AT(struct job_guest, memory) },
	{ .param = { .name = "accel", .kind = PARAM_CHOICE, .def = "auto", .choices = job_accels,
		     .help = "what runs it; auto: KVM where guests boot under it, else emulation" },
	  SCHEMA_AT(struct job_guest, accel) },
	{ .param = { .name = "disk", .kind = PARAM_CHOICE, .def = "ram", .choices = job_disks,
		     .help = "what ext4, xfs and btrfs lie on" },
	  SCHEMA_AT(struct job_guest, disk) },
	{ .param = { .name = "disk_size", .kind = PARAM_SIZE, .def = "1G", .min = 16 * MIB, .max = 1024 * GIB,
		     .help = "of each of these" },
	  SCHEMA_AT(struct job_guest, disk_size) },
	{ .param = { .name = "cmdline", .kind = PARAM_TEXT,
		     .help = "what the command lines of all kernels have besides" },
	  SCHEMA_AT(struct job_guest, cmdline), .optional = true },
	{ .param = { .name = "overcommit", .kind = PARAM_CHOICE, .def = "no", .choices = no_yes,
		     .help = "under KVM, may it have more virtual CPUs than there are CPUs?" },
	  SCHEMA_AT(struct job_guest, overcommit) },
	{ .param = { .name = "huge_pages", .kind = PARAM_CHOICE, .def = "no", .choices = no_yes,
		     .help = "its memory on huge pages (KVM)" },
	  SCHEMA_AT(struct job_guest, huge_pages) },
	{ .param = { .name = "numa_node", .kind = PARAM_TEXT, .def = "any",
		     .help = "its memory on one NUMA node: `any`, or the node's number (KVM)" },
	  SCHEMA_AT(struct job_guest, numa_node) },
	SCHEMA_END
};

const struct schema job_guest_schema = { .what = "a guest", .keys = guest_keys };

static const struct schema_key emulated_keys[] = {
	{ .param = { .name = "blocks", .kind = PARAM_COUNT, .min = 1, .max = JOB_BLOCKS_MAX,
		     .help = "in place of the job's `blocks`" },
	  SCHEMA_AT(struct job_emulated, blocks), .optional = true },
	{ .param = { .name = "warmup", .kind = PARAM_DURATION, .max = JOB_TIME_MAX,
		     .help = "in place of the job's `warmup`" },
	  SCHEMA_AT(struct job_emulated, warmup_ns), .optional = true },
	{ .param = { .name = "window", .kind = PARAM_DURATION, .min = JOB_WINDOW_MIN, .max = JOB_TIME_MAX,
		     .help = "in place of the job's `window`" },
	  SCHEMA_AT(struct job_emulated, window_ns), .optional = true },
	{ .param = { .name = "windows", .kind = PARAM_COUNT, .min = 1, .max = JOB_WINDOWS_MAX,
		     .help = "in place of the job's `windows`" },
	  SCHEMA_AT(struct job_emulated, windows), .optional = true },
	SCHEMA_END
};

const struct schema job_emulated_schema = { .what = "`emulated`", .keys = emulated_keys };

static void release_patches(struct job_kernel *k)
{
	size_t i;

	for (i = 0; i < k->npatches; i++)
		free(k->patch[i].path.text);
	free(k->patch);
	k->patch = NULL;
	k->npatches = 0;
}

static void release_kernel(struct job_kernel *k)
{
	release_patches(k);
	free(k->name.text);
	free(k->spec.text);
	free(k->cmdline);
}

void job_release_kernels(struct job *job)
{
	while (job->nkernels)
		release_kernel(&job->kernel[--job->nkernels]);
	free(job->kernel);
	free(job->guest.cmdline);
	free(job->guest.numa_node);
}

static void add_patch(struct job_kernel *k, const struct schema_text *path, bool reverse)
{
	k->patch = xrealloc(k->patch, k->npatches + 1, sizeof(k->patch[0]));
	k->patch[k->npatches++] = (struct job_patch){
		.path = { xstrdup(path->text), path->line, path->column }, .reverse = reverse
	};
}

static const struct schema_text *find_stdin_of(const struct job_kernel *k)
{
	size_t i;

	for (i = 0; i < k->npatches; i++)
		if (!strcmp(k->patch[i].path.text, "-"))
			return &k->patch[i].path;
	return NULL;
}

/* Two kernels, or two places of one, cannot both have what comes from standard input. */
static const struct schema_text *find_stdin(const struct job *job)
{
	const struct schema_text *found = NULL;
	size_t i;

	for (i = 0; i < job->nkernels && !found; i++)
		found = find_stdin_of(&job->kernel[i]);
	return found;
}

/* Why a path cannot be another patch of a kernel; 0: it can. Begins with key. */
static int check_patch(const struct job *job, const struct job_kernel *k, const char *key,
		       const char *path, struct buf *why)
{
	const struct schema_text *other;

	if (schema_check_text(key, path, false, why))
		return -1;
	if (k->npatches >= PLAN_PATCHES_MAX) {
		buf_fmt(why, "%s: a kernel has at most %d files of patches", key, PLAN_PATCHES_MAX);
		return -1;
	}
	other = strcmp(path, "-") ? NULL : find_stdin(job);
	if (other) {
		buf_fmt(why, "%s: standard input ('-') is one patch file already", key);
		if (other->line)
			buf_fmt(why, ", at line %u", other->line);
		return -1;
	}
	return 0;
}

/* `patches` or `reverse`, where it is given. */
static int read_patches(struct job *job, struct job_kernel *k, const struct yaml_value *mapping,
			const char *key, struct buf *why)
{
	const struct yaml_value *list = yaml_find(mapping, key), *v;
	struct buf reason = BUF_INIT;
	int ret = 0;
	size_t i;

	for (i = 0; list && i < list->n && !ret; i++) {
		v = &list->item[i];
		if (v->kind != YAML_TEXT) {
			buf_fmt(&reason, "%s: expected a file's path, found %s", key, yaml_kind_name(v->kind));
			ret = -1;
		} else {
			ret = check_patch(job, k, key, v->text, &reason);
		}
		if (!ret) {
			add_patch(k, &(struct schema_text){ v->text, v->line, v->column },
				  !strcmp(key, "reverse"));
			continue;
		}
		yaml_place(job->file, v->line, v->column, why);
		buf_str(why, buf_text(&reason));
	}
	buf_release(&reason);
	return ret;
}

static int check_name(const struct job *job, const struct job_kernel *k, struct buf *why)
{
	const struct job_kernel *other;
	struct buf reason = BUF_INIT;
	int ret;

	ret = job_check_name("name", k->name.text, &reason);
	for (other = job->kernel; other < k && !ret; other++) {
		if (strcmp(other->name.text, k->name.text))
			continue;
		buf_fmt(&reason, "name: '%s' is given twice, first at line %u", k->name.text,
			other->name.line);
		ret = -1;
	}
	if (ret) {
		yaml_place(job->file, k->name.line, k->name.column, why);
		buf_str(why, buf_text(&reason));
	}
	buf_release(&reason);
	return ret;
}

static int read_kernel(struct job *job, const struct yaml_value *v, struct buf *why)
{
	struct job_kernel *k = &job->kernel[job->nkernels++];

	if (schema_read(&job_kernel_schema, job->file, v, k, why) || check_name(job, k, why) ||
	    read_patches(job, k, v, "patches", why))
		return -1;
	return read_patches(job, k, v, "reverse", why);
}

static int read_list(struct job *job, const struct yaml_value *list, struct buf *why)
{
	size_t i;

	if (!list->n || list->n > PLAN_KERNELS_MAX) {
		yaml_place(job->file, list->line, list->column, why);
		if (list->n)
			buf_fmt(why, "kernels: %zu of them; at most %d can be compared", list->n,
				PLAN_KERNELS_MAX);
		else
			buf_str(why, "kernels: no kernel");
		return -1;
	}
	job->kernel = xcalloc(list->n, sizeof(job->kernel[0]));
	for (i = 0; i < list->n; i++)
		if (read_kernel(job, &list->item[i], why))
			return -1;
	return 0;
}

/* Begins with the key, as all that is said of a value. */
static int check_node(const char *text, struct buf *why)
{
	uint64_t n;

	if (!strcmp(text, "any") || (!units_count(text, &n) && n <= PLAN_NODE_MAX))
		return 0;
	buf_str(why, "numa_node: ");
	yaml_quote(text, why);
	buf_fmt(why, " is neither 'any' nor a node's number (0 to %d)", PLAN_NODE_MAX);
	return -1;
}

/* The guest's defaults come from its schema, also where the job says nothing of it. */
static int read_guest(struct job *job, const struct yaml_value *mapping, struct buf *why)
{
	const struct yaml_value nothing = { .kind = YAML_MAPPING }, *node;
	struct buf reason = BUF_INIT;
	int ret;

	if (schema_read(&job_guest_schema, job->file, mapping ? mapping : &nothing, &job->guest, why))
		return -1;
	ret = check_node(job->guest.numa_node, &reason);
	if (ret) {
		node = yaml_find(mapping, "numa_node");
		yaml_place(job->file, node->line, node->column, why);
		buf_str(why, buf_text(&reason));
	}
	buf_release(&reason);
	return ret;
}

/* A section that means nothing without kernels. */
static int refuse(const struct job *job, const struct yaml_value *root, const char *key,
		  struct buf *why)
{
	size_t i;

	for (i = 0; i < root->n; i++) {
		if (strcmp(root->key[i].text, key))
			continue;
		yaml_place(job->file, root->key[i].line, root->key[i].column, why);
		buf_fmt(why, "'%s' is for guests, and only a job with 'kernels' has any", key);
		return -1;
	}
	return 0;
}

int job_read_kernels(struct job *job, const struct yaml_value *root, struct buf *why)
{
	const struct yaml_value *kernels = yaml_find(root, "kernels"),
				*emulated = yaml_find(root, "emulated");

	job->emulated = (struct job_emulated){ JOB_SAME, JOB_SAME, JOB_SAME, JOB_SAME };
	if (!kernels)
		return refuse(job, root, "guest", why) || refuse(job, root, "emulated", why) ||
				       refuse(job, root, "gate", why)
			       ? -1
			       : 0;
	if (read_list(job, kernels, why) || read_guest(job, yaml_find(root, "guest"), why))
		return -1;
	return emulated ? schema_read(&job_emulated_schema, job->file, emulated, &job->emulated, why) : 0;
}

/* A section's key, or NULL and why. */
static const struct schema_key *find_key(const struct schema *schema, const char *name,
					 struct buf *why)
{
	const struct schema_key *key = schema_find(schema, name), *other;
	struct near near;

	if (key)
		return key;
	near_init(&near, name);
	for (other = schema->keys; other->param.name; other++)
		near_offer(&near, other->param.name);
	buf_fmt(why, "%s has no key ", schema->what);
	yaml_quote(name, why);
	near_hint(&near, why);
	return NULL;
}

/* A section by its name, with where its values go; NULL and why. */
static const struct schema *find_section(struct job *job, const char *name, size_t len, void **out,
					 struct buf *why)
{
	char *word = xstrndup(name, len);
	const struct schema *schema = NULL;
	struct near near;

	near_init(&near, word);
	near_offer(&near, "guest");
	near_offer(&near, "emulated");
	if (!strcmp(word, "guest")) {
		schema = &job_guest_schema;
		*out = &job->guest;
	} else if (!strcmp(word, "emulated")) {
		schema = &job_emulated_schema;
		*out = &job->emulated;
	} else if (!strcmp(word, "kernels")) {
		buf_str(why, "kernels can be set in the job's file only");
	} else {
		buf_str(why, "a job has no section ");
		yaml_quote(word, why);
		near_hint(&near, why);
	}
	free(word);
	return schema;
}

int job_set_section(struct job *job, const char *name, const char *text, struct buf *why)
{
	const struct schema_key *key;
	const struct schema *schema;
	size_t len = strcspn(name, ".");
	void *out = NULL;

	schema = find_section(job, name, len, &out, why);
	if (!schema)
		return -1;
	key = find_key(schema, name + len + 1, why);
	if (!key)
		return -1;
	if (!job->nkernels) {
		buf_str(why, "only a job with 'kernels' has guests");
		return -1;
	}
	if (!strcmp(key->param.name, "numa_node") && check_node(text, why))
		return -1;
	return schema_set(key, text, out, why);
}

void job_forget_emulated(struct job *job, const char *name)
{
	const struct schema_key *key = schema_find(&job_emulated_schema, name);

	if (key)
		*(uint64_t *)((char *)&job->emulated + key->offset) = JOB_SAME;
}

static int check_pair(const struct job *job, struct buf *why)
{
	if (job->nkernels == 2)
		return 0;
	buf_fmt(why, "%s: a patch is tried with a job of two 'kernels', the baseline and the one to be patched; this "
		"one has ", job->file);
	if (job->nkernels)
		buf_fmt(why, "%zu", job->nkernels);
	else
		buf_str(why, "none");
	return -1;
}

static int refuse_stdin(const struct job *job, struct buf *why)
{
	buf_fmt(why, "%s: kernel '%s' has a patch from standard input, which cannot be read for both kernels",
		job->file, job->kernel[0].name.text);
	return -1;
}

/* All but the name, into what holds nothing of it. */
static void copy_kernel(struct job_kernel *to, const struct job_kernel *from)
{
	size_t i;

	to->spec = from->spec;
	to->spec.text = xstrdup(from->spec.text);
	to->cmdline = xstrdup(from->cmdline);
	for (i = 0; i < from->npatches; i++)
		add_patch(to, &from->patch[i].path, from->patch[i].reverse);
}

int job_level_kernels(struct job *job, struct buf *why)
{
	struct job_kernel *to;

	if (check_pair(job, why))
		return -1;
	to = &job->kernel[1];
	release_patches(to);
	if (find_stdin(job))
		return refuse_stdin(job, why);
	free(to->spec.text);
	free(to->cmdline);
	copy_kernel(to, &job->kernel[0]);
	return 0;
}

int job_add_control(struct job *job, bool alone, struct buf *why)
{
	struct job_kernel *to;
	size_t i;

	if (!job->nkernels || job->nkernels == PLAN_KERNELS_MAX) {
		buf_fmt(why, "%s: A/A compares a kernel with itself, rebuilt, and this job names %s", job->file,
			job->nkernels ? "as many as there can be" : "none (docs/jobs.md: kernels)");
		return -1;
	}
	while (alone && job->nkernels > 1)
		release_kernel(&job->kernel[--job->nkernels]);
	for (i = 0; i < job->nkernels; i++)
		if (!strcmp(job->kernel[i].name.text, CONTROL)) {
			buf_fmt(why, "%s: A/A adds a kernel '" CONTROL "', and there is one of that name", job->file);
			return -1;
		}
	if (find_stdin_of(&job->kernel[0]))
		return refuse_stdin(job, why);
	job->kernel = xrealloc(job->kernel, job->nkernels + 1, sizeof(job->kernel[0]));
	to = &job->kernel[job->nkernels++];
	*to = (struct job_kernel){ .name.text = xstrdup(CONTROL), .rebuild = 1 };
	copy_kernel(to, &job->kernel[0]);
	return 0;
}

int job_add_patch(struct job *job, const char *path, bool reverse, struct buf *why)
{
	if (check_pair(job, why) || check_patch(job, &job->kernel[1], "patch", path, why))
		return -1;
	if (!job_is_utf8(path)) {
		buf_str(why, "patch: the path is not UTF-8 text");
		return -1;
	}
	add_patch(&job->kernel[1], &(struct schema_text){ .text = (char *)path }, reverse);
	return 0;
}
