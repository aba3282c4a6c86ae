/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "harness/report/grid.h"
#include "harness/report/mail_header.h"
#include "harness/report/report_formats.h"
#include "harness/report/reproduce.h"
#include "tests/unit/made_judged.h"

#define AS_IT_IS \
	"MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"

static void has(const struct buf *out, const char *text)
{
	if (!strstr(buf_text(out), text))
		fail_msg("'%s' is not in:\n%s", text, buf_text(out));
}

static void lacks(const struct buf *out, const char *text)
{
	if (strstr(buf_text(out), text))
		fail_msg("'%s' is in:\n%s", text, buf_text(out));
}

static void expect_header(const char *value, const char *text)
{
	struct buf out = BUF_INIT;

	mail_header("Subject", value, &out);
	assert_string_equal(buf_text(&out), text);
	buf_release(&out);
}

static void a_field_is_folded_before_a_blank(void **state)
{
	(void)state;
	expect_header("one", "Subject: one\n");
	expect_header("", "Subject: \n");
	expect_header("Re: [PATCH] mm/filemap: count the readers of a folio - foliobench: inconclusive",
		      "Subject: Re: [PATCH] mm/filemap: count the readers of a folio - foliobench:\n inconclusive\n");
}

static void a_line_break_in_a_value_makes_no_further_field(void **state)
{
	(void)state;
	expect_header("mm\r\nBcc: a@example.org\n\nbody", "Subject: mm  Bcc: a@example.org  body\n");
	expect_header("\n\nmm\x7f", "Subject: mm \n");
	expect_header("ä\nBcc: a@example.org", "Subject: =?utf-8?Q?=C3=A4_Bcc:_a=40example.org?=\n");
}

static void what_looks_encoded_is_encoded(void **state)
{
	(void)state;
	expect_header("mm: =?utf-8?Q?x?=", "Subject: =?utf-8?Q?mm:_=3D=3Futf-8=3FQ=3Fx=3F=3D?=\n");
}

static int hex(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : c - 'A' + 10;
}

/* A field's value as a reader sees it; every line and every encoded word is checked on the way. */
static void decode(const char *field, struct buf *out)
{
	const char *at = strchr(field, ' ') + 1, *line = field, *end;

	while (*at != '\n' || at[1] == ' ') {
		if (*at == '\n') {
			assert_in_range(at - line, 1, 76);
			line = at + 1;
			at += 2;
			continue;
		}
		assert_int_equal(strncmp(at, "=?utf-8?Q?", 10), 0);
		end = strstr(at + 10, "?=");
		assert_non_null(end);
		assert_in_range(end + 2 - at, 12, 75);
		/* Each is whole characters. */
		assert_false(at[10] == '=' && (hex(at[11]) & 0xc) == 8);
		for (at += 10; at < end; at++)
			if (*at == '=') {
				buf_ch(out, (char)(hex(at[1]) * 16 + hex(at[2])));
				at += 2;
			} else {
				buf_ch(out, *at == '_' ? ' ' : *at);
			}
		at = end + 2;
	}
	assert_in_range(at - line, 1, 76);
}

static void text_of_any_script_is_encoded_in_words_that_are_read_back(void **state)
{
	static const char *const texts[] = {
		"ä",
		"mm/filemap: Zählwerk für Leser eines Folios, das von vielen zugleich gelesen wird, wie gesagt",
		"页面缓存：计算同时读取同一个页面的读者数量，以便确定哪个读者最后离开并释放该页面的引用计数",
		"😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀",
		"a = b? c_d (é) \"quoted\" ?= =?",
	};
	struct buf field = BUF_INIT, back = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		mail_header("Subject", texts[i], &field);
		decode(buf_text(&field), &back);
		assert_string_equal(buf_text(&back), texts[i]);
		buf_reset(&field);
		buf_reset(&back);
	}
	buf_release(&field);
	buf_release(&back);
}

static void expect_answer(const char *id, const char *text)
{
	struct buf out = BUF_INIT;

	mail_answer(id, &out);
	assert_string_equal(buf_text(&out), text);
	buf_release(&out);
}

static void an_answer_names_the_mail_with_or_without_angles(void **state)
{
	static const char fields[] = "In-Reply-To: <a.1@example.org>\nReferences: <a.1@example.org>\n";

	(void)state;
	expect_answer("a.1@example.org", fields);
	expect_answer("<a.1@example.org>", fields);
}

static void what_is_no_message_id_is_not_answered(void **state)
{
	(void)state;
	expect_answer("", "");
	expect_answer("<>", "");
	expect_answer("no-at", "");
	expect_answer("@example.org", "");
	expect_answer("a@", "");
	expect_answer("a b@example.org", "");
	expect_answer("a@example.org>\nBcc: <b@example.org", "");
	expect_answer("ä@example.org", "");
}

static void expect_date(const char *at, int ret, const char *text)
{
	struct buf out = BUF_INIT;

	assert_int_equal(mail_date(at, &out), ret);
	assert_string_equal(buf_text(&out), text);
	buf_release(&out);
}

static void dates_are_those_of_runs_and_environments(void **state)
{
	(void)state;
	expect_date("2026-11-21T11:02:03Z", 0, "Date: Sat, 21 Nov 2026 11:02:03 +0000\n");
	expect_date("2026-11-21T11-02-03-short-reads", 0, "Date: Sat, 21 Nov 2026 11:02:03 +0000\n");
	expect_date("2024-02-29T23:59:60Z", -1, "");
	expect_date("2024-02-29T23:59:59Z", 0, "Date: Thu, 29 Feb 2024 23:59:59 +0000\n");
	expect_date("2026-02-29T11:02:03Z", -1, "");
	expect_date("2026-13-01T11:02:03Z", -1, "");
	expect_date("short-reads", -1, "");
	expect_date("2026-11-21", -1, "");
	expect_date("", -1, "");
}

static void render(struct made_judged *j, struct buf *out)
{
	buf_reset(out);
	report_mail(&j->in, out);
}

static void a_verdict_on_a_mailed_patch_answers_the_mail(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_REJECT);
	render(&j, &out);
	has(&out, "Subject: Re: [PATCH] mm/filemap: count the readers of a folio - foliobench:\n reject\n"
		  "Date: Sat, 21 Nov 2026 11:02:03 +0000\n"
		  "In-Reply-To: <20261120101112.4711-1-joerg@example.org>\n"
		  "References: <20261120101112.4711-1-joerg@example.org>\n" AS_IT_IS
		  "foliobench measured job made, 8 cells, on kernels baseline and patched.\nWhat was tried:\n\n"
		  "    mm/filemap: count the readers of a folio\n\n"
		  "Verdict: reject: write/256/tmpfs +1 STAC/CLAC pair per op (2 -> 3), 5\nmore\n\n"
		  "Something that the gate watches became worse");
	buf_release(&out);
	made_judged_release(&j);
}

static void what_decided_comes_before_all_figures(void **state)
{
	static const char *const parts[] = {
		"\nVerdict: ", "\nWhat decided it: ", "\n- write/4k/ext4: the counts", "\nTo measure it again",
		"\nBetween the boots of ", "\nmeasured     baseline", "\nThe other cells, ", "\nOf 40 gating findings",
		"mean MiB/s (StdDev)", "%stddev     %change", "\n-- \nfoliobench, run 2026-11-21T11-02-03-made\n",
	};
	struct buf out = BUF_INIT;
	struct made_judged j;
	const char *at;
	size_t i;

	(void)state;
	made_judged(&j, MADE_REJECT);
	render(&j, &out);
	at = buf_text(&out);
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		at = strstr(at, parts[i]);
		if (!at)
			fail_msg("'%s' is not there, or too early", parts[i]);
	}
	buf_release(&out);
	made_judged_release(&j);
}

/* Figures, commands and lists are set as they are; sentences are not. */
static bool is_sentence(const char *line)
{
	return !strchr(line, '|') && !strstr(line, "  ") && strncmp(line, " -", 2) != 0;
}

static void sentences_are_broken_as_mails_are(void **state)
{
	enum made_outcome o;
	char *line, *at;

	(void)state;
	for (o = MADE_REJECT; o <= MADE_INCIDENT; o++) {
		struct buf out = BUF_INIT;
		struct made_judged j;

		made_judged(&j, o);
		render(&j, &out);
		at = out.s;
		while ((line = strsep(&at, "\n"))) {
			if (is_sentence(line) && grid_length(line) > 76)
				fail_msg("too long: %s", line);
			assert_in_range(strlen(line), 0, 998);
			assert_string_not_equal(line, ".");
		}
		buf_release(&out);
		made_judged_release(&j);
	}
}

static void two_commands_reproduce_a_mailed_patch(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_REJECT);
	reproduce_render(&j.in, 72, &out);
	has(&out, "\n\n    make\n    b4 am -o - 20261120101112.4711-1-joerg@example.org |\n"
		  "        build/foliogate try --job configs/jobs/made.yaml -\n");
	buf_release(&out);
	made_judged_release(&j);
}

/* The one patch of the second kernel. */
static json_t *patch_of(struct made_judged *j, size_t line)
{
	json_t *build = json_object_get(json_array_get(j->samples.environments, line), "build");

	return json_array_get(json_object_get(build, "patch_files"), 0);
}

static void set(struct made_judged *j, const char *key, const char *value)
{
	size_t i;

	for (i = 1; i < json_array_size(j->samples.environments); i += 2)
		json_object_set_new(patch_of(j, i), key, value ? json_string(value) : json_null());
}

static void a_patch_that_is_no_mail_is_named_and_answers_nothing(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_ACCEPT);
	set(&j, "message_id", NULL);
	set(&j, "name", "/home/me/it's mine/0001-readers.patch");
	render(&j, &out);
	has(&out, "Subject: foliobench: accept: mm/filemap: count the readers of a folio\nDate: ");
	lacks(&out, "In-Reply-To");
	has(&out, "\n    make\n    build/foliogate try --job configs/jobs/made.yaml 0001-readers.patch\n");
	set(&j, "subject", NULL);
	render(&j, &out);
	has(&out, "Subject: foliobench: accept: /home/me/it's mine/0001-readers.patch\nDate: ");
	buf_release(&out);
	made_judged_release(&j);
}

static void names_are_quoted_for_the_shell(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_ACCEPT);
	set(&j, "message_id", NULL);
	set(&j, "name", "/tmp/it's; rm -rf \n~");
	free(j.judged.gate);
	j.judged.gate = xstrdup("$(night)");
	reproduce_render(&j.in, 72, &out);
	has(&out, "made.yaml --gate '$(night)' 'it'\\''s; rm -rf ?~'\n");
	buf_reset(&out);
	set(&j, "name", "--help");
	reproduce_render(&j.in, 72, &out);
	has(&out, " '--help'\n");
	buf_release(&out);
	made_judged_release(&j);
}

static void a_patch_of_this_tree_keeps_its_path_and_one_taken_out_its_option(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;
	size_t i;

	(void)state;
	made_judged(&j, MADE_ACCEPT);
	set(&j, "message_id", NULL);
	set(&j, "name", "/srv/foliobench/configs/patches/6.12/huge-fault-mmap-lock.patch");
	for (i = 1; i < json_array_size(j.samples.environments); i += 2)
		json_object_set_new(patch_of(&j, i), "reverse", json_true());
	render(&j, &out);
	has(&out, "made.yaml -R configs/patches/6.12/huge-fault-mmap-lock.patch\n");
	has(&out, "    mm/filemap: count the readers of a folio (taken out)\n");
	buf_release(&out);
	made_judged_release(&j);
}

static void patches_that_both_kernels_have_were_not_tried(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;
	size_t i;

	(void)state;
	made_judged(&j, MADE_ACCEPT);
	for (i = 0; i < json_array_size(j.samples.environments); i += 2)
		json_object_set(json_object_get(json_array_get(j.samples.environments, i), "build"), "patch_files",
				json_object_get(json_object_get(json_array_get(j.samples.environments, 1), "build"),
						"patch_files"));
	render(&j, &out);
	has(&out, "Subject: foliobench: accept: made\nDate: ");
	lacks(&out, "What was tried");
	has(&out, "\n    make\n    build/foliogate run configs/jobs/made.yaml --gate default\n");
	buf_release(&out);
	made_judged_release(&j);
}

static void kernels_that_differ_by_more_than_patches_are_run_as_the_job_has_them(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_ACCEPT);
	j.m.plan.kernel[1].cmdline = (char *)"mitigations=off";
	reproduce_render(&j.in, 72, &out);
	has(&out, "\n    make\n    build/foliogate run configs/jobs/made.yaml --gate default\n");
	j.m.plan.kernel[1].cmdline = NULL;
	j.m.plan.kernel[1].spec[2] = '7';
	buf_reset(&out);
	reproduce_render(&j.in, 72, &out);
	has(&out, "\n    make\n    build/foliogate run configs/jobs/made.yaml --gate default\n");
	buf_release(&out);
	made_judged_release(&j);
}

/* A third kernel, whose patch has that subject; NULL: it is the first one again. */
static void add_kernel(struct made_judged *j, const char *name, const char *subject)
{
	struct plan *plan = &j->m.plan;
	json_t *line, *file;

	plan->kernel = xrealloc(plan->kernel, plan->nkernels + 1, sizeof(plan->kernel[0]));
	plan->kernel[plan->nkernels++] = (struct plan_kernel){
		.name = xstrdup(name), .spec = xstrdup("6.12"), .rebuild = !subject,
	};
	line = json_deep_copy(json_array_get(j->samples.environments, subject ? 1 : 0));
	json_object_set_new(line, "kernel", json_string(name));
	json_array_append_new(j->samples.environments, line);
	if (subject) {
		file = patch_of(j, json_array_size(j->samples.environments) - 1);
		json_object_set_new(file, "subject", json_string(subject));
		json_object_set_new(file, "sha256", json_string("00"));
	}
	j->in.figures = NULL;	/* there are none of it */
}

/* Expected: neither is blamed. Buggy: the first one was, whichever had regressed. */
static void of_several_patches_none_is_answered_and_all_are_named(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_REJECT);
	add_kernel(&j, "second", "mm: another idea");
	render(&j, &out);
	has(&out, "Subject: foliobench: reject: made\nDate: ");
	lacks(&out, "In-Reply-To");
	has(&out, "\n    patched: mm/filemap: count the readers of a folio\n    second: mm: another idea\n");
	has(&out, "So the change should not go in as it is.");
	has(&out, " on patched,\nSTAC/CLAC pairs per operation");
	has(&out, "\n    build/foliogate run configs/jobs/made.yaml --gate default\n");
	buf_release(&out);
	made_judged_release(&j);
}

/* Expected: the patch. Buggy: a third kernel was one, and the job's own patch was measured again. */
static void the_first_kernel_again_is_no_patch(void **state)
{
	static char *const options[] = { (char *)"--aa" };
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_ACCEPT);
	set(&j, "message_id", NULL);
	add_kernel(&j, "again", NULL);
	j.m.plan.option = (char **)options;
	j.m.plan.noptions = 1;
	render(&j, &out);
	has(&out, "Subject: foliobench: accept: mm/filemap: count");
	has(&out, "\n    build/foliogate try --job configs/jobs/made.yaml --aa 0001-readers.patch\n");
	buf_release(&out);
	made_judged_release(&j);
}

static void what_was_said_beside_the_job_is_said_again(void **state)
{
	static char *const options[] = { (char *)"--set", (char *)"blocks=2; x", (char *)"--only-aa" };
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_ACCEPT);
	j.m.plan.kernel[1].rebuild = true;
	j.m.plan.option = (char **)options;
	j.m.plan.noptions = 3;
	reproduce_render(&j.in, 72, &out);
	has(&out, "\n    build/foliogate run configs/jobs/made.yaml --gate default --set 'blocks=2; x' --only-aa\n");
	buf_release(&out);
	made_judged_release(&j);
}

static void what_was_emulated_or_counted_is_so_again_on_any_machine(void **state)
{
	static char *const options[] = { (char *)"--set", (char *)"guest.accel=kvm" };
	struct buf out = BUF_INIT;
	struct made_judged j;
	size_t samples;

	(void)state;
	made_judged(&j, MADE_ACCEPT);
	set(&j, "message_id", NULL);
	j.m.plan.emulated = true;
	j.m.plan.guest.accel = "auto";
	reproduce_render(&j.in, 72, &out);
	has(&out, "try --job configs/jobs/made.yaml --set guest.accel=tcg 0001-readers.patch\n");
	j.m.plan.option = (char **)options;
	j.m.plan.noptions = 2;
	buf_reset(&out);
	reproduce_render(&j.in, 72, &out);
	has(&out, "try --job configs/jobs/made.yaml --set guest.accel=kvm 0001-readers.patch\n");
	j.m.plan.noptions = 0;
	samples = j.samples.n;
	j.samples.n = 0;
	buf_reset(&out);
	reproduce_render(&j.in, 72, &out);
	has(&out, "\n    build/foliogate count configs/jobs/made.yaml --gate default\n");
	j.samples.n = samples;
	buf_release(&out);
	made_judged_release(&j);
}

static void expect_path(struct made_judged *j, const char *name, const char *path)
{
	struct buf out = BUF_INIT, want = BUF_INIT;

	set(j, "name", name);
	buf_fmt(&want, "made.yaml %s\n", path);
	reproduce_render(&j->in, 72, &out);
	has(&out, buf_text(&want));
	buf_release(&out);
	buf_release(&want);
}

static void only_a_path_that_a_clone_has_is_kept(void **state)
{
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_ACCEPT);
	set(&j, "message_id", NULL);
	expect_path(&j, "/home/u/configs/patches/f/configs/patches/6.12/x.patch", "configs/patches/6.12/x.patch");
	expect_path(&j, "/f/configs/jobs/../patches/6.12/x.patch", "configs/patches/6.12/x.patch");
	expect_path(&j, "configs/patches/x.patch", "configs/patches/x.patch");
	expect_path(&j, "/home/u/configs/my.patch", "my.patch");
	expect_path(&j, "/my-configs/patches/my.patch", "my.patch");
	expect_path(&j, "../my.patch", "my.patch");
	expect_path(&j, "/../my.patch", "my.patch");
	made_judged_release(&j);
}

static void a_patch_without_a_name_is_said_to_be_one(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_ACCEPT);
	set(&j, "message_id", "no id");
	set(&j, "name", "-");
	render(&j, &out);
	has(&out, "Subject: foliobench: accept: mm/filemap");
	lacks(&out, "b4 am");
	has(&out, "; the.patch stands for");
	has(&out, "made.yaml the.patch\n");
	buf_release(&out);
	made_judged_release(&j);
}

static void text_from_elsewhere_makes_no_lines_and_moves_no_cursor(void **state)
{
	struct buf out = BUF_INIT, subject = BUF_INIT;
	struct made_judged j;
	char *line, *at;

	(void)state;
	made_judged(&j, MADE_REJECT);
	buf_str(&subject, "\033[2J\xc2\x9b" "1;1Haccept: all fine\r\nVerdict: accept ");
	for (size_t i = 0; i < 400; i++)
		buf_str(&subject, "xx\xc3\xa4");
	set(&j, "subject", buf_text(&subject));
	set(&j, "message_id", NULL);
	render(&j, &out);
	lacks(&out, "\nVerdict: accept");
	assert_null(strchr(out.s, '\033'));
	assert_null(strchr(out.s, '\r'));
	lacks(&out, "\xc2\x9b");
	at = strstr(out.s, "\n\n");	/* a header may be as long as it is */
	while ((line = strsep(&at, "\n"))) {
		assert_in_range(strlen(line), 0, 998);
		assert_false(((unsigned char)*line & 0xc0) == 0x80);
	}
	buf_release(&subject);
	buf_release(&out);
	made_judged_release(&j);
}

static void a_series_in_one_file_is_named_once(void **state)
{
	json_t *files, *second;
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_ACCEPT);
	set(&j, "message_id", NULL);
	files = json_object_get(json_object_get(json_array_get(j.samples.environments, 1), "build"), "patch_files");
	second = json_deep_copy(json_array_get(files, 0));
	json_object_set_new(second, "subject", json_string("mm: the second"));
	json_object_set_new(second, "sha256", json_string("00"));
	json_array_append_new(files, second);
	render(&j, &out);
	has(&out, "    mm/filemap: count the readers of a folio\n    mm: the second\n");
	has(&out, "made.yaml 0001-readers.patch\n");
	buf_release(&out);
	made_judged_release(&j);
}

static void an_environment_that_differs_is_told_fact_by_fact(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;
	json_t *env;

	(void)state;
	made_judged(&j, MADE_REJECT);
	render(&j, &out);
	has(&out, "\nBetween the boots of baseline and patched nothing differs but what was\nbuilt into them.\n");
	env = json_object_get(json_array_get(j.samples.environments, 1), "environment");
	json_object_set_new(json_object_get(env, "cpu"), "microcode", json_string("0x1"));
	render(&j, &out);
	has(&out, "\nBetween the boots of baseline and patched the environment differs,\nbeside what was built into "
		  "them:\n- cpu.microcode: \"0x2b000603\" on baseline, \"0x1\" on patched\n");
	json_array_clear(j.samples.environments);
	render(&j, &out);
	has(&out, "\nWhether baseline and patched were measured in the same environment is\nnot known.\n");
	buf_release(&out);
	made_judged_release(&j);
}

static void an_incident_is_told_without_tables(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_INCIDENT);
	render(&j, &out);
	has(&out, " - foliobench:\n reject\n");
	has(&out, "\nKernel patched ended the run: oops: BUG: kernel NULL pointer\n");
	has(&out, "\n    filemap_read+0x8a/0x510\n");
	has(&out, "\n    make\n");
	lacks(&out, "StdDev");
	lacks(&out, "%stddev");
	lacks(&out, "gating findings");
	buf_release(&out);
	made_judged_release(&j);
}

static void one_kernel_without_a_verdict_is_a_mail_with_tables(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_ACCEPT);
	j.m.plan.nkernels = 1;
	j.in.judged = NULL;
	render(&j, &out);
	has(&out, "Subject: foliobench: made\nDate: ");
	has(&out, "foliobench measured job made, 8 cells, on kernel baseline.\n");
	lacks(&out, "Verdict");
	lacks(&out, "Between the boots");
	has(&out, "mean MiB/s (StdDev)");
	j.m.plan.nkernels = 2;
	buf_release(&out);
	made_judged_release(&j);
}

static void a_renamed_run_has_the_date_of_its_first_boot(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_ACCEPT);
	j.in.run = "renamed";
	json_object_set_new(json_array_get(j.samples.environments, 0), "at", json_string("2026-11-22T01:02:03Z"));
	render(&j, &out);
	has(&out, "\nDate: Sun, 22 Nov 2026 01:02:03 +0000\n");
	json_array_clear(j.samples.environments);
	render(&j, &out);
	lacks(&out, "Date:");
	buf_release(&out);
	made_judged_release(&j);
}

static void the_same_run_gives_the_same_mail(void **state)
{
	struct buf one = BUF_INIT, two = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_REJECT);
	render(&j, &one);
	render(&j, &two);
	assert_string_equal(buf_text(&one), buf_text(&two));
	buf_release(&one);
	buf_release(&two);
	made_judged_release(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_field_is_folded_before_a_blank),
		cmocka_unit_test(a_line_break_in_a_value_makes_no_further_field),
		cmocka_unit_test(what_looks_encoded_is_encoded),
		cmocka_unit_test(text_of_any_script_is_encoded_in_words_that_are_read_back),
		cmocka_unit_test(an_answer_names_the_mail_with_or_without_angles),
		cmocka_unit_test(what_is_no_message_id_is_not_answered),
		cmocka_unit_test(dates_are_those_of_runs_and_environments),
		cmocka_unit_test(a_verdict_on_a_mailed_patch_answers_the_mail),
		cmocka_unit_test(what_decided_comes_before_all_figures),
		cmocka_unit_test(sentences_are_broken_as_mails_are),
		cmocka_unit_test(two_commands_reproduce_a_mailed_patch),
		cmocka_unit_test(a_patch_that_is_no_mail_is_named_and_answers_nothing),
		cmocka_unit_test(names_are_quoted_for_the_shell),
		cmocka_unit_test(a_patch_of_this_tree_keeps_its_path_and_one_taken_out_its_option),
		cmocka_unit_test(patches_that_both_kernels_have_were_not_tried),
		cmocka_unit_test(kernels_that_differ_by_more_than_patches_are_run_as_the_job_has_them),
		cmocka_unit_test(of_several_patches_none_is_answered_and_all_are_named),
		cmocka_unit_test(the_first_kernel_again_is_no_patch),
		cmocka_unit_test(what_was_said_beside_the_job_is_said_again),
		cmocka_unit_test(what_was_emulated_or_counted_is_so_again_on_any_machine),
		cmocka_unit_test(only_a_path_that_a_clone_has_is_kept),
		cmocka_unit_test(a_patch_without_a_name_is_said_to_be_one),
		cmocka_unit_test(text_from_elsewhere_makes_no_lines_and_moves_no_cursor),
		cmocka_unit_test(a_series_in_one_file_is_named_once),
		cmocka_unit_test(an_environment_that_differs_is_told_fact_by_fact),
		cmocka_unit_test(an_incident_is_told_without_tables),
		cmocka_unit_test(one_kernel_without_a_verdict_is_a_mail_with_tables),
		cmocka_unit_test(a_renamed_run_has_the_date_of_its_first_boot),
		cmocka_unit_test(the_same_run_gives_the_same_mail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
