/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "harness/report/validation.h"
#include "lib/alloc.h"
#include "lib/buf.h"

static const char figures[] =
	"published: p\nsource: a mail\nthreads: 16\ncells:\n"
	"  - {kernel: baseline, block: 1, sharing: same, mean: 10, sd: 0.1, fit: busy_ns}\n"
	"  - {kernel: baseline, block: 1, sharing: diff, mean: 20, sd: 0.1}\n"
	"  - {kernel: patched, block: 1, sharing: same, mean: 30, sd: 0.1}\n"
	"  - {kernel: patched, block: 1, sharing: diff, mean: 20.1, sd: 0.1}\n"
	"  - {kernel: patched, block: 9, sharing: diff, mean: 7}\n";

static struct published p;
static struct validation v[5];
static struct processor machine;
static struct buf out;

static int make(void **state)
{
	static const double predicted[] = { 10, 22, 15, 21 };
	size_t i, k;

	(void)state;
	machine = (struct processor){ .name = (char *)"abacus" };
	for (k = 0; k < NCONSTANTS; k++)
		machine.constant[k] = (struct constant_value){ .value = 2, .low = 1, .high = 3 };
	machine.constant[CONST_BUSY].calibrated = true;
	assert_int_equal(published_parse("p.yaml", figures, strlen(figures), &p, &out), 0);
	for (i = 0; i < 4; i++) {
		v[i] = (struct validation){
			.published = &p.cell[i], .predicted = predicted[i], .low = predicted[i] * 0.8,
			.high = predicted[i] * 1.2, .ns_per_op = 100, .counted = true,
		};
		for (k = 0; k < NCONSTANTS; k++)
			v[i].at_low[k] = v[i].at_high[k] = 100;
	}
	v[2].at_low[CONST_BUSY] = 75;
	v[4] = (struct validation){ .published = &p.cell[4] };
	return 0;
}

static const char *rendered(void)
{
	const struct validation_input in = { .published = &p, .machine = &machine, .v = v, .n = 5 };

	buf_reset(&out);
	validation_render(&in, &out);
	return buf_text(&out);
}

static void says(const char *what)
{
	if (!strstr(rendered(), what))
		fail_msg("no \"%s\" in:\n%s", what, buf_text(&out));
}

static void a_figure_stands_beside_its_prediction_and_the_error(void **state)
{
	(void)state;
	says("p, 16 threads, predicted for abacus (calibrated model)\npublished: a mail\n");
	says("baseline  block 1 diff                         20         22       17.6       26.4   +10.0 %\n");
}

static void what_was_fitted_is_marked_and_does_not_count(void **state)
{
	(void)state;
	says("+0.0 %  fitted: busy_ns\n");
	/* errors: 10, 50 and 4.5 percent */
	says("3 figures that nothing was fitted to: median error 10.0 % (aim: 10), largest 50.0 %, 1 beyond 25 %, 2 within");
}

/* Expected: a machine that nothing was fitted for is held against all figures. Buggy: three were said to be fitted, and left out. */
static void a_figure_to_fit_to_counts_where_the_machine_was_not_fitted(void **state)
{
	(void)state;
	machine.constant[CONST_BUSY].calibrated = false;
	says("10          8         12    +0.0 %\n");
	says("4 figures that nothing was fitted to: ");
	machine.constant[CONST_BUSY].calibrated = true;
}

static void what_the_run_did_not_count_is_said(void **state)
{
	(void)state;
	says("patched   block 9 diff                          7  not counted in this run\n");
}

/* Of the two changes only +200 % is more than noise. */
static void a_change_within_the_noise_has_no_sign(void **state)
{
	(void)state;
	says("1 changes were published as more than 2 standard deviations; 1 of them have their sign\n");
	says("not their sign, published within the noise:\n  patched block 1 diff: published +0.5 %, predicted -4.5 %\n");
}

static void noise_is_that_of_both_kernels(void **state)
{
	(void)state;
	p.cell[3].mean = 21;
	says("2 changes were published as more than 2 standard deviations");
	p.cell[1].sd = 1;
	says("1 changes were published as more than 2 standard deviations");
	p.cell[1].sd = 0.1;
	p.cell[3].sd = 1;
	says("1 changes were published as more than 2 standard deviations");
	p.cell[3].sd = 0.1;
	p.cell[3].mean = 20.1;
}

static void a_figure_below_its_range_is_not_within_it(void **state)
{
	(void)state;
	v[1].low = 21;
	says("1 beyond 25 %, 1 within");
	v[1].low = 22 * 0.8;
}

static void a_clear_change_of_the_wrong_sign_is_named(void **state)
{
	(void)state;
	v[2].predicted = 9;
	says("1 changes were published as more than 2 standard deviations; 0 of them have their sign\nnot their sign:\n"
	     "  patched block 1 same: published +200.0 %, predicted -10.0 %\n");
	v[2].predicted = 15;
}

static void each_constant_says_what_it_weighs(void **state)
{
	(void)state;
	says("busy_ns  ");
	says("         2         1         3     -25.0 %    +0.0 %  calibrated\n");
}

static int forget(void **state)
{
	(void)state;
	published_release(&p);
	buf_release(&out);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_figure_stands_beside_its_prediction_and_the_error),
		cmocka_unit_test(what_was_fitted_is_marked_and_does_not_count),
		cmocka_unit_test(a_figure_to_fit_to_counts_where_the_machine_was_not_fitted),
		cmocka_unit_test(what_the_run_did_not_count_is_said),
		cmocka_unit_test(a_change_within_the_noise_has_no_sign),
		cmocka_unit_test(noise_is_that_of_both_kernels),
		cmocka_unit_test(a_figure_below_its_range_is_not_within_it),
		cmocka_unit_test(a_clear_change_of_the_wrong_sign_is_named),
		cmocka_unit_test(each_constant_says_what_it_weighs),
	};

	return cmocka_run_group_tests(tests, make, forget);
}
