/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/reproduce.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "harness/judge/judged.h"
#include "harness/plan/plan.h"
#include "harness/report/mail_header.h"
#include "harness/report/prose.h"
#include "harness/report/report.h"
#include "harness/report/tried.h"
#include "harness/store/samples.h"
#include "lib/alloc.h"
#include "lib/buf.h"

/* What runs have a gate called that were given none. */
#define STANDARD_GATE "default"
/* Where a clone has patches, too. */
#define PATCHES "configs/patches/"
/* What stands for a patch that came on the standard input, and by no mail. */
#define NAMELESS "the.patch"
#define ACCELERATOR "guest.accel="

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

/* "configs/jobs/../patches/x" is "configs/patches/x". */
static char *straight(const char *path)
{
	char *s = xstrdup(path), *up, *from;

	while ((up = strstr(s, "/../"))) {
		*up = '\0';
		from = strrchr(s, '/');
		from = from ? from + 1 : s;
		memmove(from, up + 4, strlen(up + 4) + 1);
	}
	return s;
}

/* Of a path on the machine that measured only what is in a clone too, or the file's name. */
static const char *path_here(const char *path)
{
	const char *own = NULL, *slash = strrchr(path, '/'), *at = path;

	while ((at = strstr(at, PATCHES)))
		own = at++;
	if (own && (own == path || own[-1] == '/'))
		return own;
	return slash ? slash + 1 : path;
}

static bool is_option(const char *word)
{
	return !strcmp(word, "--set") || !strcmp(word, "--aa") || !strcmp(word, "--only-aa");
}

static void add_gate(const char *gate, struct buf *out)
{
	if (!gate)
		return;
	buf_str(out, " --gate ");
	add_word(gate, out);
}

/* Was it the machine that had no hardware support? Another one may have it. */
static bool emulated_by_chance(const struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->noptions; i++)
		if (!strncmp(plan->option[i], ACCELERATOR, strlen(ACCELERATOR)))
			return false;
	return plan->emulated && plan->guest.accel && !strcmp(plan->guest.accel, "auto");
}

static void add_options(const struct plan *plan, struct buf *out)
{
	size_t i;

	for (i = 0; i < plan->noptions; i++) {
		buf_ch(out, ' ');
		if (is_option(plan->option[i]))
			buf_str(out, plan->option[i]);
		else
			add_word(plan->option[i], out);
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

static void add_file(const char *name, struct buf *out)
{
	char *path = straight(name);

	add_word(strcmp(name, "-") ? path_here(path) : NAMELESS, out);
	free(path);
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
		add_file(name, out);
	}
}

/* Where the patches came by mail, they can be had from the list's archive. */
static const char *mail_id(const json_t *patches)
{
	const json_t *file;
	const char *id;
	size_t i;

	json_array_foreach(patches, i, file) {
		id = json_get_text(file, "message_id");
		if (!id || !mail_is_id(id) || json_is_true(json_object_get(file, "reverse")))
			return NULL;
	}
	return json_get_text(json_array_get(patches, 0), "message_id");
}

/* It takes the standard gate, whatever the job says. */
static void add_try(const struct report_input *in, const json_t *patches, struct buf *out)
{
	const char *id = mail_id(patches), *gate = in->judged ? in->judged->gate : NULL;

	if (id) {
		buf_str(out, "b4 am -o - ");
		add_word(id, out);
		buf_str(out, " |\n        ");
	}
	buf_str(out, "build/foliogate try --job ");
	add_job(in, out);
	add_gate(gate && strcmp(gate, STANDARD_GATE) ? gate : NULL, out);
	buf_str(out, emulated_by_chance(in->plan) ? " --set " ACCELERATOR "tcg" : "");
	add_options(in->plan, out);
	if (id)
		buf_str(out, " -");
	else
		add_files(patches, out);
}

/* By `foliogate count`, without times. */
static bool was_counted(const struct report_input *in)
{
	return !in->samples->n && in->samples->ncounts;
}

/* Counting is emulation anyway. */
static void add_run(const struct report_input *in, struct buf *out)
{
	bool counted = was_counted(in);

	buf_fmt(out, "build/foliogate %s ", counted ? "count" : "run");
	add_job(in, out);
	add_gate(in->judged ? in->judged->gate : NULL, out);
	buf_str(out, !counted && emulated_by_chance(in->plan) ? " --set " ACCELERATOR "tcg" : "");
	add_options(in->plan, out);
}

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* It came on the standard input, which no job has: by `try`. */
static bool has_nameless(const json_t *patches)
{
	const json_t *file;
	const char *name;
	size_t i;

	json_array_foreach(patches, i, file) {
		name = json_get_text(file, "name");
		if (name && !strcmp(name, "-"))
			return true;
	}
	return false;
}

/* `try` takes times of a second kernel, made of the first and the patches: was it made so? */
static bool can_try(const struct report_input *in, const json_t *patches)
{
	const struct plan_kernel *kernel = in->plan->kernel, *patched = &kernel[tried_kernel(in)];
	const json_t *file;
	size_t i;

	if ((was_counted(in) && !has_nameless(patches)) || !same(kernel->spec, patched->spec) ||
	    !same(kernel->cmdline, patched->cmdline))
		return false;
	json_array_foreach(patches, i, file)
		if (!json_get_text(file, "name"))
			return false;
	return json_array_size(patches) > 0;
}

void reproduce_render(const struct report_input *in, size_t width, struct buf *out)
{
	const struct prose prose = { .width = width };
	json_t *patches = tried_patches(in, tried_kernel(in));
	bool tried = can_try(in, patches);
	struct buf text = BUF_INIT;

	buf_fmt(&text, "To measure it again, in a clone of foliobench (`./run.sh install` installs what it needs; a job "
		"that is not in configs/jobs/ lies with the run as job.yaml%s):",
		tried && !mail_id(patches) && has_nameless(patches) ?
			"; " NAMELESS " stands for what came on the standard input" : "");
	prose_add(&prose, buf_text(&text), out);
	buf_str(out, "\n    make\n    ");
	if (tried)
		add_try(in, patches, out);
	else
		add_run(in, out);
	buf_ch(out, '\n');
	buf_release(&text);
	json_decref(patches);
}
