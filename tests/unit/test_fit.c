/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/count/fit.h"
#include "lib/buf.h"
#include "tests/unit/made_region.h"

#define THREADS 16u
#define FOLIO UINT64_C(0x10000)
#define OWN(thread) (UINT64_C(0x1000000) + (thread) * UINT64_C(0x100000))

/* Reads of 900 instructions that take and drop a reference, of one folio for all or of one each, and copy `bytes`. */
static struct predict_cell *make_reads(bool same, uint32_t bytes)
{
	struct region r = { 0 };
	struct predict_cell *c;
	struct access *a;
	struct tally t;
	uint32_t n, i, at;
	uint64_t folio;

	for (n = 0; n < 8; n++)
		for (i = 0; i < THREADS; i++) {
			folio = same ? FOLIO : OWN(i);
			made_op(&r, i);
			made_access(&r, ACCESS_LOAD, folio, 290);
			made_access(&r, ACCESS_RMW, folio, 10);
			for (at = 0; at < bytes; at += 64) {
				a = made_access(&r, ACCESS_LOAD, OWN(i) + 4096 + at, at ? 0 : 100);
				a->bytes = 64;
				a->string = true;
				a = made_access(&r, ACCESS_STORE, OWN(i) + 65536 + at, 0);
				a->bytes = 64;
				a->string = true;
			}
			made_last(&r)->count[COUNT_STRING_BYTES] = bytes;
			made_access(&r, ACCESS_RMW, folio, 100);
			made_rest(&r, 500);
			made_last(&r)->count[COUNT_KERNEL_INSNS] = 900;
			made_last(&r)->count[COUNT_SYSCALLS] = 1;
			made_last(&r)->count[COUNT_USER_INSNS] = 0;
		}
	tally_make(&r, &t);
	c = predict_cell_new(&r, &t);
	tally_release(&t);
	made_release(&r);
	return c;
}

static struct fit_figure figure_of(const struct predict_cell *cell, double ns, enum constant constant)
{
	return (struct fit_figure){ .cell = cell, .threads = THREADS, .ns_per_op = ns, .constant = constant };
}

static void near(double found, double expected, double tolerance)
{
	if (!(fabs(found - expected) <= tolerance * expected))
		fail_msg("%.17g is not %g, give or take %g of it", found, expected, tolerance);
}

/* What a processor with other constants would have published gives those constants back. */
static void constants_are_found_again(void **state)
{
	struct predict_cell *diff = make_reads(false, 0), *same = make_reads(true, 0), *copy = make_reads(false, 4096);
	struct processor hidden = made_processor(), p = made_processor();
	struct fit_figure figures[3];
	struct fit_result result[3];
	struct buf why = BUF_INIT;
	size_t i;

	(void)state;
	hidden.constant[CONST_INSTRUCTION].value = 0.37;
	hidden.constant[CONST_BUSY].value = 41;
	hidden.constant[CONST_COPY].value = 90;
	/* In the worst order: what comes first depends on what comes later. */
	figures[0] = figure_of(same, predict_ns(same, &hidden, THREADS, 1), CONST_BUSY);
	figures[1] = figure_of(copy, predict_ns(copy, &hidden, THREADS, 1), CONST_COPY);
	figures[2] = figure_of(diff, predict_ns(diff, &hidden, THREADS, 1), CONST_INSTRUCTION);
	if (fit_run(figures, 3, &p, result, &why))
		fail_msg("%s", buf_text(&why));
	near(p.constant[CONST_INSTRUCTION].value, 0.37, 0.001);
	near(p.constant[CONST_COPY].value, 90, 0.01);
	near(p.constant[CONST_BUSY].value, 41, 0.03);
	for (i = 0; i < 3; i++) {
		assert_true(result[i].value == p.constant[figures[i].constant].value);
		near(result[i].ns_per_op, figures[i].ns_per_op, 0.005);
		near(1 + result[i].error, result[i].ns_per_op / figures[i].ns_per_op, 1e-9);
	}
	/* All others stay. */
	assert_true(p.constant[CONST_TRANSFER].value == 60);
	assert_true(p.constant[CONST_BUSY].low == 20);
	predict_cell_free(diff);
	predict_cell_free(same);
	predict_cell_free(copy);
	buf_release(&why);
}

static void the_published_figures_can_be_reached(void **state)
{
	struct predict_cell *diff = make_reads(false, 0), *same = make_reads(true, 0);
	const struct fit_figure figures[] = {
		figure_of(diff, 553.6, CONST_INSTRUCTION), figure_of(same, 1392, CONST_BUSY),
	};
	struct processor p = made_processor();
	struct fit_result result[2];
	struct buf why = BUF_INIT;

	(void)state;
	if (fit_run(figures, 2, &p, result, &why))
		fail_msg("%s", buf_text(&why));
	near(result[0].ns_per_op, 553.6, 0.005);
	near(result[1].ns_per_op, 1392, 0.005);
	predict_cell_free(diff);
	predict_cell_free(same);
	buf_release(&why);
}

static void expect(const struct fit_figure *figure, size_t n, const char *complaint)
{
	struct processor p = made_processor();
	struct fit_result result[FIT_FIGURES_MAX];
	struct buf why = BUF_INIT;

	assert_int_equal(fit_run(figure, n, &p, result, &why), -1);
	if (strncmp(buf_text(&why), complaint, strlen(complaint)) != 0)
		fail_msg("'%s' is not '%s'", buf_text(&why), complaint);
	buf_release(&why);
}

static void what_is_out_of_reach_is_told_with_where_it_ended(void **state)
{
	struct predict_cell *diff = make_reads(false, 0);
	struct fit_figure f = figure_of(diff, 5536, CONST_INSTRUCTION);
	struct processor p = made_processor();
	struct fit_result result;
	struct buf why = BUF_INIT;

	(void)state;
	/* 50 + 2 * 5 + 900 instructions of 0.25 or of 1 ns: 285 and 960, give or take the jitter. */
	expect(&f, 1, "instruction_ns: 5536.0 ns per op is out of reach: 28");
	f.ns_per_op = 100;
	expect(&f, 1, "instruction_ns: 100.0 ns per op is out of reach: 28");
	assert_int_equal(fit_run(&f, 1, &p, &result, &why), -1);
	assert_non_null(strstr(buf_text(&why), "at its low 0.25, 9"));
	assert_non_null(strstr(buf_text(&why), "at its high 1"));
	assert_true(p.constant[CONST_INSTRUCTION].value == 0.25);
	assert_true(result.value == 0.25);
	assert_true(result.error > 1);
	f.constant = CONST_BUSY;
	expect(&f, 1, "busy_ns: 100.0 ns per op is out of reach: the cell's 5");
	predict_cell_free(diff);
	buf_release(&why);
}

static void figures_that_cannot_be_are_refused(void **state)
{
	struct predict_cell *diff = make_reads(false, 0);
	struct fit_figure f[4] = {
		figure_of(diff, 553, CONST_INSTRUCTION), figure_of(diff, 553, CONST_SYSCALL),
		figure_of(diff, 553, CONST_INSTRUCTION), figure_of(diff, 553, CONST_ATOMIC),
	};

	(void)state;
	expect(f, 4, "4 figures to fit to: more than 3 leave nothing to predict");
	expect(f, 3, "instruction_ns: two figures cannot settle one constant");
	f[0].ns_per_op = 0;
	expect(f, 1, "instruction_ns: 0 ns per op is no time to fit to");
	f[0].ns_per_op = NAN;
	expect(f, 1, "instruction_ns: ");
	f[0].ns_per_op = INFINITY;
	expect(f, 1, "instruction_ns: ");
	predict_cell_free(diff);
}

static void a_constant_without_a_range_stays(void **state)
{
	struct predict_cell *diff = make_reads(false, 0);
	struct processor p = made_processor();
	struct fit_result result;
	struct fit_figure f;
	struct buf why = BUF_INIT;

	(void)state;
	p.constant[CONST_INSTRUCTION].low = p.constant[CONST_INSTRUCTION].high = 0.5;
	f = figure_of(diff, predict_ns(diff, &p, THREADS, 1), CONST_INSTRUCTION);
	assert_int_equal(fit_run(&f, 1, &p, &result, &why), 0);
	assert_true(result.value == 0.5);
	predict_cell_free(diff);
	buf_release(&why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(constants_are_found_again),
		cmocka_unit_test(the_published_figures_can_be_reached),
		cmocka_unit_test(what_is_out_of_reach_is_told_with_where_it_ended),
		cmocka_unit_test(figures_that_cannot_be_are_refused),
		cmocka_unit_test(a_constant_without_a_range_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
