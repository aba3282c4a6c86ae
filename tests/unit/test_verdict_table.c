/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "harness/report/decided.h"
#include "harness/report/finding_text.h"
#include "harness/report/grid.h"
#include "harness/report/overview.h"
#include "harness/report/report_formats.h"
#include "harness/report/verdict_table.h"
#include "harness/report/verdict_words.h"
#include "tests/unit/made_judged.h"

/* What a run's verdict looks like is in tests/unit/data/, to be looked at. */
static void expect(enum made_outcome o, const char *path)
{
	struct buf out = BUF_INIT, want = BUF_INIT;
	struct made_judged j;

	made_judged(&j, o);
	judged_render(&j.in, &out);
	assert_int_equal(buf_read_file(&want, path), 0);
	assert_string_equal(buf_text(&out), buf_text(&want));
	buf_release(&out);
	buf_release(&want);
	made_judged_release(&j);
}

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

static void a_rejected_run_says_so_then_what_decided_it_then_the_rest(void **state)
{
	(void)state;
	expect(MADE_REJECT, "tests/unit/data/verdict-reject.txt");
}

static void an_accepted_run_shows_all_cells(void **state)
{
	(void)state;
	expect(MADE_ACCEPT, "tests/unit/data/verdict-accept.txt");
}

static void an_inconclusive_run_says_why_and_what_to_do(void **state)
{
	(void)state;
	expect(MADE_INCONCLUSIVE, "tests/unit/data/verdict-inconclusive.txt");
}

static void an_incident_has_the_kernels_words_and_no_tables(void **state)
{
	(void)state;
	expect(MADE_INCIDENT, "tests/unit/data/verdict-incident.txt");
}

static size_t longest_line(const char *text)
{
	char *copy = xstrdup(text), *at = copy, *line;
	size_t longest = 0;

	strsep(&at, "\n");	/* the headline may have any length */
	while ((line = strsep(&at, "\n")))
		if (grid_length(line) > longest)
			longest = grid_length(line);
	free(copy);
	return longest;
}

/* Tells the cells apart by many parameters. */
static void lengthen(struct made_judged *j)
{
	struct plan_cell *c;
	char *name;
	size_t i;

	for (i = 0; i < MADE_CELLS; i++) {
		c = &j->m.plan.cell[i];
		name = xasprintf("%s call=%s-with-a-name flavour=number-%zu", c->name, i % 2 ? "pread" : "preadv2", i);
		free(c->name);
		c->name = name;
	}
}

static void lines_end_before_column_100_whatever_cells_are_called(void **state)
{
	enum made_outcome o;

	(void)state;
	for (o = MADE_REJECT; o <= MADE_INCIDENT; o++) {
		struct buf out = BUF_INIT;
		struct made_judged j;

		made_judged(&j, o);
		judged_render(&j.in, &out);
		assert_in_range(longest_line(buf_text(&out)), 20, 100);
		lengthen(&j);
		buf_reset(&out);
		judged_render(&j.in, &out);
		assert_in_range(longest_line(buf_text(&out)), 20, 100);
		buf_release(&out);
		made_judged_release(&j);
	}
}

static void a_long_name_goes_on_below_after_a_slash(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_REJECT);
	lengthen(&j);
	decided_render(&j.in, &out);
	has(&out, "\n| write/256/tmpfs/           | STAC/CLAC pairs |       2 |       3 | +1 ");
	has(&out, "\n| preadv2-with-a-name/       | ops/s ");
	has(&out, "\n| number-4                   |       ");
	buf_release(&out);
	made_judged_release(&j);
}

/* The i-th finding of a cell: 0 is ops/s, 1 instructions, 2 STAC, 3 CLAC, 4 atomics, 5 transfers. */
static struct finding *finding(struct made_judged *j, size_t cell, size_t i)
{
	return &j->judged.finding[cell * 6 + i];
}

static void stac_and_clac_that_moved_apart_are_two_rows(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_REJECT);
	finding(&j, 4, 3)->new = 4;
	decided_render(&j.in, &out);
	has(&out, "| write/256/tmpfs | STAC            |       2 |       3 | +1             | regressed*   |\n"
		  "|                 | CLAC            |       2 |       4 | +2             | regressed*   |\n");
	has(&out, "| write/256/ext4  | STAC/CLAC pairs |");
	buf_release(&out);
	made_judged_release(&j);
}

static void the_overview_has_two_columns_where_some_cell_has_no_pair(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_ACCEPT);
	overview_render(&j.in, &out);
	has(&out, "| kernel insns | STAC/CLAC | atomics |");
	finding(&j, 4, 3)->new = 2;
	buf_reset(&out);
	overview_render(&j.in, &out);
	has(&out, "| kernel insns | STAC | CLAC | atomics |");
	has(&out, "| -21 (-1.2%)  | -1   | =    | =       |");
	buf_release(&out);
	made_judged_release(&j);
}

static void counts_that_are_inconclusive_have_a_question_mark(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_ACCEPT);
	finding(&j, 4, 1)->judgement = (struct judgement){ VERDICT_INCONCLUSIVE, BECAUSE_UNSTABLE };
	finding(&j, 0, 1)->judgement = (struct judgement){ VERDICT_INCONCLUSIVE, BECAUSE_UNSTABLE };
	judged_render(&j.in, &out);
	has(&out, "| read/1/same     | +0.2% unchanged | =?           | =  ");
	has(&out, "| write/256/tmpfs | +5.1% improved  | -21 (-1.2%)? | -1 ");
	has(&out, "Inconclusive since too few ops have the same counts: read/1/same kernel insns, write/256/tmpfs\n"
		  "kernel insns.\n");
	buf_release(&out);
	made_judged_release(&j);
}

static void what_is_not_known_is_a_dash(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;
	struct finding *f;

	(void)state;
	made_judged(&j, MADE_REJECT);
	f = finding(&j, 4, 0);
	f->old = f->new = f->effect = f->low = f->high = f->p = (double)NAN;
	f->judgement = (struct judgement){ VERDICT_INCONCLUSIVE, BECAUSE_ABSENT };
	f = finding(&j, 0, 1);
	f->new = (double)NAN;
	judged_render(&j.in, &out);
	has(&out, "|                 | ops/s           |       - |       - | -              | inconclusive* |");
	has(&out, "| read/1/same  | +6.2% improved  | -            | =         |");
	has(&out, "Inconclusive since no block has both kernels' figures: write/256/tmpfs ops/s.");
	buf_release(&out);
	made_judged_release(&j);
}

/* Each of the cells twenty times, and all of them undecided. */
static void multiply(struct made_judged *j)
{
	struct plan *plan = &j->m.plan;
	struct judged *judged = &j->judged;
	size_t i, n = 20 * MADE_CELLS;

	plan->cell = xrealloc(plan->cell, n, sizeof(*plan->cell));
	judged->finding = xrealloc(judged->finding, 20 * judged->n, sizeof(*judged->finding));
	judged->ranked = xrealloc(judged->ranked, 20 * judged->n, sizeof(*judged->ranked));
	for (i = MADE_CELLS; i < n; i++) {
		plan->cell[i] = plan->cell[i % MADE_CELLS];
		plan->cell[i].name = xasprintf("%s again=%zu", plan->cell[i % MADE_CELLS].name, i / MADE_CELLS);
	}
	for (i = judged->n; i < 20 * judged->n; i++) {
		judged->finding[i] = judged->finding[i % judged->n];
		judged->finding[i].cell += i / judged->n * MADE_CELLS;
	}
	plan->ncells = n;
	judged->n *= 20;
	judged->ndecided = 0;
	for (i = 0; i < judged->n; i++)
		if (!judged->finding[i].yardstick.exact)
			judged->ranked[judged->ndecided++] = i;
}

static void many_cells_are_shown_in_the_overview_with_a_star(void **state)
{
	struct buf out = BUF_INIT;
	size_t cell[DECIDED_CELLS];
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_INCONCLUSIVE);
	multiply(&j);
	assert_int_equal(decided_cells(&j.judged, 1, cell), DECIDED_CELLS);
	assert_int_equal(cell[0], 0);
	assert_int_equal(cell[DECIDED_CELLS - 1], DECIDED_CELLS - 1);
	judged_render(&j.in, &out);
	has(&out, "\nThe other cells, patched against baseline\n");
	has(&out, "| write/4k/ext4/19   | -0.5% inconclusive* | =            |");
	has(&out, "read/1/diff ops/s, read/4k/same ops/s and 157 more.");
	buf_release(&out);
	made_judged_release(&j);
}

/* A third kernel, whose findings are those of the second. */
static void add_kernel(struct made_judged *j)
{
	struct plan *plan = &j->m.plan;
	struct judged *judged = &j->judged;
	size_t i, n = judged->n;

	plan->kernel = xrealloc(plan->kernel, 3, sizeof(*plan->kernel));
	plan->kernel[2] = (struct plan_kernel){ .name = xstrdup("other"), .spec = xstrdup("6.12") };
	plan->nkernels = 3;
	judged->finding = xrealloc(judged->finding, 2 * n, sizeof(*judged->finding));
	for (i = 0; i < n; i++) {
		judged->finding[n + i] = judged->finding[i];
		judged->finding[n + i].kernel = 2;
	}
	judged->n = 2 * n;
}

static void each_kernel_that_decided_has_a_table_and_all_have_an_overview(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_REJECT);
	add_kernel(&j);
	judged_render(&j.in, &out);
	has(&out, "\nWhat decided it: baseline (old), patched (new)\n");
	lacks(&out, "What decided it: baseline (old), other (new)\n");
	has(&out, "\nThe other cells, patched against baseline\n");
	has(&out, "\nAll cells, other against baseline\n");
	has(&out, "write/256/ext4 ops/s on patched, write/256/ext4 ops/s on other.");
	buf_release(&out);
	made_judged_release(&j);
}

static void metrics_that_find_no_room_have_a_table_of_their_own(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;
	char *copy, *at, *line;
	size_t tables = 0;

	(void)state;
	made_judged(&j, MADE_ACCEPT);
	lengthen(&j);
	overview_render(&j.in, &out);
	copy = at = xstrdup(buf_text(&out));
	while ((line = strsep(&at, "\n")))
		tables += !strncmp(line, "| Cell ", 7);
	assert_int_equal(tables, 2);
	has(&out, " |\n -");
	has(&out, "-\n\n -");
	has(&out, "transfers");
	free(copy);
	buf_release(&out);
	made_judged_release(&j);
}

static void mebibytes_and_nanoseconds_are_in_the_units_of_tables(void **state)
{
	struct finding f = { .old = 104857600, .new = 110100480, .effect = log(1.05),
			     .yardstick = { false, METRIC_BYTES_PER_S } };
	struct buf out = BUF_INIT;

	(void)state;
	finding_value(&f, f.old, &out);
	finding_change(&f, &out);
	assert_string_equal(buf_text(&out), "100+5.0%");
	f.yardstick.which = METRIC_NS_PER_OP;
	buf_reset(&out);
	finding_value(&f, 553.125, &out);
	assert_string_equal(buf_text(&out), "553.1");
	buf_release(&out);
}

static void an_interval_may_have_no_bound(void **state)
{
	struct finding f = { .effect = 0.01, .low = -(double)INFINITY, .high = (double)INFINITY,
			     .yardstick = { false, METRIC_OPS_PER_S } };
	struct buf out = BUF_INIT;

	(void)state;
	finding_interval(&f, &out);
	assert_string_equal(buf_text(&out), "no bound");
	buf_reset(&out);
	f.low = log(0.97);
	f.high = log(1.04);
	finding_interval(&f, &out);
	assert_string_equal(buf_text(&out), "-3.0% to +4.0%");
	buf_reset(&out);
	f.yardstick.exact = true;
	finding_interval(&f, &out);
	assert_string_equal(buf_text(&out), "");
	buf_release(&out);
}

static void a_verdict_without_findings_is_its_headline_and_notes(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_INCIDENT);
	json_array_clear(j.samples.incidents);
	made_note(&j.judged, "nothing was counted");
	judged_render(&j.in, &out);
	assert_string_equal(strchr(buf_text(&out), '\n'), "\n\n- nothing was counted\n");
	buf_release(&out);
	made_judged_release(&j);
}

static void an_incident_without_words_task_or_cell_is_told_all_the_same(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;
	json_t *line;

	(void)state;
	made_judged(&j, MADE_INCIDENT);
	line = json_array_get(j.samples.incidents, 0);
	json_object_set_new(line, "what", json_null());
	json_object_set_new(line, "task", json_null());
	json_object_set_new(line, "cell", json_null());
	json_object_set_new(line, "frames", json_array());
	verdict_incident(&j.in, 98, &out);
	assert_string_equal(buf_text(&out), "Kernel patched ended the run: oops, while booting, block 1.\n");
	buf_release(&out);
	made_judged_release(&j);
}

static void words_tell_a_newcomer_what_the_worst_is(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_REJECT);
	verdict_words(&j.in, 10000, &out);
	has(&out, "So the patch should not go in as it is.\n");
	has(&out, "The worst of it: in write/256/tmpfs (write block=256 file_size=1M fs=tmpfs sharing=diff "
		  "pattern=random call=pwrite threads=2), STAC/CLAC pairs per operation went from 2 to 3.\n");
	has(&out, "\nSTAC and CLAC are the instructions");
	lacks(&out, "Atomics are");
	has(&out, "each kernel was booted 8 times");
	j.judged.ranked[0] = 4 * 6;	/* its ops/s */
	buf_reset(&out);
	verdict_words(&j.in, 10000, &out);
	has(&out, "ops/s went from 9100000 to 8690500, that is -4.5%.\n");
	buf_release(&out);
	made_judged_release(&j);
}

static void words_of_a_kernel_with_wrong_data_speak_of_data(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_INCIDENT);
	verdict_words(&j.in, 10000, &out);
	has(&out, "got into trouble");
	json_object_set_new(json_array_get(j.samples.incidents, 0), "incident", json_string("wrong data"));
	buf_reset(&out);
	verdict_words(&j.in, 10000, &out);
	has(&out, "gives wrong data");
	buf_reset(&out);
	j.m.plan.nkernels = 1;
	verdict_words(&j.in, 10000, &out);
	lacks(&out, "patch");
	j.m.plan.nkernels = 2;
	j.judged.outcome = OUTCOME_CANNOT;
	buf_reset(&out);
	verdict_words(&j.in, 10000, &out);
	has(&out, "It says nothing about the patch.");
	buf_release(&out);
	made_judged_release(&j);
}

/* Expected: no word against the patch. Buggy: "With the patch the kernel got into trouble". */
static void words_of_a_kernel_in_trouble_name_it_where_it_is_no_patch(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_INCIDENT);
	j.m.plan.kernel[1].rebuild = true;
	verdict_words(&j.in, 10000, &out);
	has(&out, "Kernel patched, which is baseline again, got into trouble. That says nothing about the change.\n");
	j.m.plan.kernel[1].rebuild = false;
	json_object_set_new(json_array_get(j.samples.incidents, 0), "kernel", json_string("baseline"));
	buf_reset(&out);
	verdict_words(&j.in, 10000, &out);
	has(&out, "Kernel baseline, with which the others are compared, got into trouble itself. That says nothing about "
		  "the patch.\n");
	buf_release(&out);
	made_judged_release(&j);
}

static void words_speak_of_no_patch_where_there_is_none(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;
	enum made_outcome o;

	(void)state;
	for (o = MADE_REJECT; o <= MADE_INCIDENT; o++) {
		made_judged(&j, o);
		json_array_clear(j.samples.environments);
		buf_reset(&out);
		verdict_words(&j.in, 10000, &out);
		has(&out, "he change");
		lacks(&out, "patch ");
		made_judged_release(&j);
	}
	buf_release(&out);
}

static void words_of_a_kernel_against_itself_are_about_the_measurement(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;
	enum outcome o;

	(void)state;
	made_judged(&j, MADE_ACCEPT);
	j.m.plan.kernel[1].rebuild = true;
	for (o = OUTCOME_ACCEPT; o < NOUTCOMES; o++) {
		j.judged.outcome = o;
		buf_reset(&out);
		verdict_words(&j.in, 10000, &out);
		has(&out, "The kernel was compared with itself, rebuilt, and ");
		lacks(&out, "the patch");
	}
	buf_release(&out);
	made_judged_release(&j);
}

static void no_control_character_gets_into_a_verdict(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;
	size_t i;

	(void)state;
	made_judged(&j, MADE_REJECT);
	made_note(&j.judged, "a warning: \033[2J\033[1;1Haccept \xc2\x9b" "2J\x7f\a");
	judged_render(&j.in, &out);
	has(&out, "- a warning: ?[2J?[1;1Haccept ??2J??\n");
	for (i = 0; i < out.len; i++)
		assert_true((unsigned char)out.s[i] >= ' ' || out.s[i] == '\n');
	buf_release(&out);
	made_judged_release(&j);
}

static void emulation_has_no_times_to_judge(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;
	size_t i;

	(void)state;
	made_judged(&j, MADE_ACCEPT);
	for (i = 0; i < j.judged.n; i++)
		if (!j.judged.finding[i].yardstick.exact)
			j.judged.finding[i].old = j.judged.finding[i].new = (double)NAN;
	j.judged.level = 0;
	j.in.emulated = true;
	verdict_words(&j.in, 10000, &out);
	has(&out, "Times were not judged: the kernels ran on an emulated CPU");
	lacks(&out, "booted");
	buf_reset(&out);
	verdict_legend(&j.in, 98, &out);
	assert_string_equal(buf_text(&out), "Counts are exact, per op.\n");
	buf_release(&out);
	made_judged_release(&j);
}

static void the_text_report_begins_with_the_verdict(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_REJECT);
	report_text(&j.in, &out);
	assert_int_equal(strncmp(buf_text(&out), "reject: write/256/tmpfs +1", 26), 0);
	has(&out, "write/4k/ext4 ops/s.\n\nrun          2026-11-21T11-02-03-made\njob          made\n");
	has(&out, "2 threads, reads from 4k file(s), mean MiB/s (StdDev)\n");
	has(&out, "foliobench.write.256.tmpfs.stac\n");
	buf_release(&out);
	made_judged_release(&j);
}

static void the_text_report_of_an_incident_has_no_tables(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_INCIDENT);
	report_text(&j.in, &out);
	has(&out, "    filemap_read+0x8a/0x510\n");
	has(&out, "\nrun          2026");
	lacks(&out, "StdDev");
	lacks(&out, "%stddev");
	buf_release(&out);
	made_judged_release(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rejected_run_says_so_then_what_decided_it_then_the_rest),
		cmocka_unit_test(an_accepted_run_shows_all_cells),
		cmocka_unit_test(an_inconclusive_run_says_why_and_what_to_do),
		cmocka_unit_test(an_incident_has_the_kernels_words_and_no_tables),
		cmocka_unit_test(lines_end_before_column_100_whatever_cells_are_called),
		cmocka_unit_test(a_long_name_goes_on_below_after_a_slash),
		cmocka_unit_test(stac_and_clac_that_moved_apart_are_two_rows),
		cmocka_unit_test(the_overview_has_two_columns_where_some_cell_has_no_pair),
		cmocka_unit_test(counts_that_are_inconclusive_have_a_question_mark),
		cmocka_unit_test(what_is_not_known_is_a_dash),
		cmocka_unit_test(many_cells_are_shown_in_the_overview_with_a_star),
		cmocka_unit_test(each_kernel_that_decided_has_a_table_and_all_have_an_overview),
		cmocka_unit_test(metrics_that_find_no_room_have_a_table_of_their_own),
		cmocka_unit_test(mebibytes_and_nanoseconds_are_in_the_units_of_tables),
		cmocka_unit_test(an_interval_may_have_no_bound),
		cmocka_unit_test(a_verdict_without_findings_is_its_headline_and_notes),
		cmocka_unit_test(an_incident_without_words_task_or_cell_is_told_all_the_same),
		cmocka_unit_test(words_tell_a_newcomer_what_the_worst_is),
		cmocka_unit_test(words_of_a_kernel_with_wrong_data_speak_of_data),
		cmocka_unit_test(words_of_a_kernel_in_trouble_name_it_where_it_is_no_patch),
		cmocka_unit_test(words_speak_of_no_patch_where_there_is_none),
		cmocka_unit_test(words_of_a_kernel_against_itself_are_about_the_measurement),
		cmocka_unit_test(no_control_character_gets_into_a_verdict),
		cmocka_unit_test(emulation_has_no_times_to_judge),
		cmocka_unit_test(the_text_report_begins_with_the_verdict),
		cmocka_unit_test(the_text_report_of_an_incident_has_no_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
