/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "harness/plan/published.h"
#include "lib/buf.h"

#define HEAD "published: p\nsource: s\nthreads: 16\ncells:\n"

static struct published p;
static struct buf why;

static int parse(const char *text)
{
	published_release(&p);
	buf_reset(&why);
	return published_parse("p.yaml", text, strlen(text), &p, &why);
}

static void a_figure_has_a_kernel_a_mean_and_the_parameters_of_its_cell(void **state)
{
	(void)state;
	assert_int_equal(parse(HEAD "  - {kernel: baseline, workload: read, block: 1, mean: 10.96, sd: 0.497, fit: busy_ns}\n"
				    "  - {kernel: patched, workload: read, mean: 3}\n"), 0);
	assert_int_equal(p.threads, 16);
	assert_int_equal(p.n, 2);
	assert_string_equal(p.cell[0].kernel, "baseline");
	assert_true(p.cell[0].mean == 10.96 && p.cell[0].sd == 0.497);
	assert_int_equal(p.cell[0].fit, CONST_BUSY);
	assert_int_equal(p.cell[0].nfields, 2);
	assert_int_equal(p.cell[1].fit, -1);
	assert_true(p.cell[1].sd == 0);
}

static void it_matches_the_cell_whose_name_says_the_same(void **state)
{
	(void)state;
	assert_int_equal(parse(HEAD "  - {kernel: baseline, workload: read, block: 1k, mean: 1}\n"), 0);
	assert_true(published_matches(&p.cell[0], "baseline", "read block=1k sharing=same"));
	assert_false(published_matches(&p.cell[0], "patched", "read block=1k sharing=same"));
	assert_false(published_matches(&p.cell[0], "baseline", "read block=1 sharing=same"));
	assert_false(published_matches(&p.cell[0], "baseline", "write block=1k sharing=same"));
	assert_false(published_matches(&p.cell[0], "baseline", "read sharing=same"));
}

static void what_is_wrong_is_named_with_its_place(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "", "p.yaml:" },
		{ "published: p\nsource: s\nthreads: 0\ncells: [{kernel: a, x: b, mean: 1}]\n", "p.yaml:3:10: threads" },
		{ "published: p\nsource: s\nthreads: 1\ncells: []\n", "at least one figure" },
		{ HEAD "  - {kernel: a, x: b, mean: fast}\n", "p.yaml:5:29: mean: 'fast' is no number" },
		{ HEAD "  - {kernel: a, x: b, mean: nan}\n", "mean: 'nan' is no number" },
		{ HEAD "  - {kernel: a, x: b, mean: -1}\n", "mean: '-1' is no number" },
		{ HEAD "  - {kernel: a, x: b, mean: 0}\n", "p.yaml:5:5: a figure needs a kernel, a mean above 0" },
		{ HEAD "  - {x: b, mean: 1}\n", "a figure needs a kernel" },
		{ HEAD "  - {kernel: a, mean: 1}\n", "the parameters of its cell" },
		{ HEAD "  - {kernel: a, x: [b], mean: 1}\n", "x: a value, not a list" },
		{ HEAD "  - {kernel: a, x: b, mean: 1, fit: bussy_ns}\n", "fit: the name of a machine file's constant" },
		{ HEAD "  - baseline\n", "p.yaml:5:5: a figure is a mapping, not text" },
		{ HEAD "  - {kernel: a, x: b, mean: 1, fit: busy_ns}\n  - {kernel: a, x: c, mean: 1, fit: busy_ns}\n"
		       "  - {kernel: a, x: d, mean: 1, fit: busy_ns}\n  - {kernel: a, x: e, mean: 1, fit: busy_ns}\n",
		  "p.yaml:8:5: more than 3 figures to fit to" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(parse(cases[i].text), -1);
		if (!strstr(buf_text(&why), cases[i].why))
			fail_msg("case %zu: \"%s\" does not say \"%s\"", i, buf_text(&why), cases[i].why);
	}
}

static void the_figures_that_come_along_are_right(void **state)
{
	const struct published_cell *c;
	struct buf text = BUF_INIT;
	unsigned fits = 0;
	size_t i;

	(void)state;
	assert_int_equal(buf_read_file(&text, "configs/published/fast-short-reads.yaml"), 0);
	assert_int_equal(parse(buf_text(&text)), 0);
	assert_int_equal(p.n, 44);	/* (5 + 6) blocks, two kernels, same file and different ones */
	for (i = 0; i < p.n; i++) {
		c = &p.cell[i];
		if (c->fit < 0)
			continue;
		fits++;
		assert_string_equal(c->kernel, "baseline");
	}
	assert_int_equal(fits, PUBLISHED_FITS_MAX);
	buf_release(&text);
}

static int forget(void **state)
{
	(void)state;
	published_release(&p);
	buf_release(&why);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_figure_has_a_kernel_a_mean_and_the_parameters_of_its_cell),
		cmocka_unit_test(it_matches_the_cell_whose_name_says_the_same),
		cmocka_unit_test(what_is_wrong_is_named_with_its_place),
		cmocka_unit_test(the_figures_that_come_along_are_right),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
