/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/reproduce.h"

#include <stdbool.h>
#include <string.h>

#include "harness/judge/judged.h"
#include "harness/plan/plan.h"
#include "harness/report/prose.h"
#include "harness/report/report.h"
#include "harness/store/samples.h"
#include "lib/buf.h"

/* What runs have a gate called that were given none. */
#define STANDARD_GATE "default"

/* build.patch_files of a kernel; NULL where nothing is known of it. */
static const json_t *files_of(const struct report_input *in, size_t kernel)
{
	const json_t *line, *files;
	const char *name;
	size_t i;

	json_array_foreach(in->samples->environments, i, line) {
		name = json_get_text(line, "kernel");
		files = json_object_get(json_object_get(line, "build"), "patch_files");
		if (files && name && !strcmp(name, in->plan->kernel[kernel].name))
			return files;
	}
	return NULL;
}

static bool has(const json_t *files, const json_t *file)
{
	const char *hash = json_get_text(file, "sha256"), *other;
	const json_t *f;
	size_t i;

	json_array_foreach(files, i, f) {
		other = json_get_text(f, "sha256");
		if (hash && other && !strcmp(hash, other) &&
		    json_is_true(json_object_get(f, "reverse")) == json_is_true(json_object_get(file, "reverse")))
			return true;
	}
	return false;
}

json_t *reproduce_patches(const struct report_input *in)
{
	const json_t *base = files_of(in, 0);
	json_t *tried = json_array();
	json_t *file;
	size_t i, k;

	for (k = 1; k < in->plan->nkernels && !json_array_size(tried); k++)
		json_array_foreach(files_of(in, k), i, file)
			if (!has(base, file))
				json_array_append(tried, file);
	return tried;
}

/* As a word for the shell. */
static void add_word(const char *s, struct buf *out)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./_-";

	if (*s && *s != '-' && strspn(s, safe) == strlen(s)) {
		buf_str(out, s);
		return;
	}
	buf_ch(out, '\'');
	for (; *s; s++)
		if (*s == '\'')
			buf_str(out, "'\\''");
		else
			buf_ch(out, (unsigned char)*s < ' ' ? '?' : *s);
	buf_ch(out, '\'');
}

/* Of a path on the machine that measured only what is in a clone too, or the file's name. */
static const char *path_here(const char *path)
{
	const char *own = strstr(path, "/configs/"), *slash = strrchr(path, '/');

	if (own)
		return own + 1;
	return slash ? slash + 1 : path;
}

static bool is_option(const char *word)
{
	return !strcmp(word, "--set") || !strcmp(word, "--aa") || !strcmp(word, "--only-aa");
}

static void add_options(const struct report_input *in, struct buf *out)
{
	const char *gate = in->judged ? in->judged->gate : NULL;
	size_t i;

	if (gate && strcmp(gate, STANDARD_GATE)) {
		buf_str(out, " --gate ");
		add_word(gate, out);
	}
	for (i = 0; i < in->plan->noptions; i++) {
		buf_ch(out, ' ');
		if (is_option(in->plan->option[i]))
			buf_str(out, in->plan->option[i]);
		else
			add_word(in->plan->option[i], out);
	}
}

static void add_job(const struct report_input *in, struct buf *out)
{
	struct buf path = BUF_INIT;

	buf_fmt(&path, "configs/jobs/%s.yaml", in->plan->job);
	add_word(buf_text(&path), out);
	buf_release(&path);
}

/* A file that holds several patches is named once. */
static bool named_before(const json_t *patches, size_t i)
{
	const char *name = json_get_text(json_array_get(patches, i), "name"), *other;

	while (i--) {
		other = json_get_text(json_array_get(patches, i), "name");
		if (other && name && !strcmp(other, name))
			return true;
	}
	return false;
}

static void add_files(const json_t *patches, struct buf *out)
{
	const json_t *file;
	const char *name;
	size_t i;

	json_array_foreach(patches, i, file) {
		name = json_get_text(file, "name");
		if (!name || named_before(patches, i))
			continue;
		buf_str(out, json_is_true(json_object_get(file, "reverse")) ? " -R " : " ");
		add_word(strcmp(name, "-") ? path_here(name) : "the.patch", out);
	}
}

/* Where the patches came by mail, they can be had from the list's archive. */
static const char *mail_id(const json_t *patches)
{
	const json_t *file;
	size_t i;

	json_array_foreach(patches, i, file)
		if (!json_get_text(file, "message_id") || json_is_true(json_object_get(file, "reverse")))
			return NULL;
	return json_get_text(json_array_get(patches, 0), "message_id");
}

static void add_try(const struct report_input *in, const json_t *patches, struct buf *out)
{
	const char *id = mail_id(patches);

	if (id) {
		buf_str(out, "b4 am -o - ");
		add_word(id, out);
		buf_str(out, " |\n        ");
	}
	buf_str(out, "build/foliogate try --job ");
	add_job(in, out);
	add_options(in, out);
	if (id)
		buf_str(out, " -");
	else
		add_files(patches, out);
}

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* Kernels but for the first one rebuilt, which is an option's doing. */
static size_t named_kernels(const struct plan *plan)
{
	size_t k, n = 0;

	for (k = 0; k < plan->nkernels; k++)
		n += !plan_is_control(plan, k);
	return n;
}

/* `try` makes the second kernel of the first and the patches: was it made so? */
static bool can_try(const struct plan *plan, const json_t *patches)
{
	const json_t *file;
	size_t i;

	if (named_kernels(plan) != 2 || plan_is_control(plan, 1) || !same(plan->kernel[0].spec, plan->kernel[1].spec) ||
	    !same(plan->kernel[0].cmdline, plan->kernel[1].cmdline))
		return false;
	json_array_foreach(patches, i, file)
		if (!json_get_text(file, "name"))
			return false;
	return json_array_size(patches) > 0;
}

void reproduce_render(const struct report_input *in, size_t width, struct buf *out)
{
	const struct prose prose = { .width = width };
	json_t *patches = reproduce_patches(in);

	prose_add(&prose,
		  "To measure it again, in a clone of foliobench (`./run.sh install` installs what it needs; a job "
		  "that is not in configs/jobs/ lies with the run as job.yaml):",
		  out);
	buf_str(out, "\n    make\n    ");
	if (can_try(in->plan, patches)) {
		add_try(in, patches, out);
	} else {
		buf_str(out, "build/foliogate run ");
		add_job(in, out);
		add_options(in, out);
	}
	buf_ch(out, '\n');
	json_decref(patches);
}
