/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/plan/brief.h"
#include "tests/unit/made_plan.h"

static void expect(const struct plan *plan, size_t cell, const char *brief)
{
	struct buf out = BUF_INIT;

	brief_add(plan, cell, &out);
	assert_string_equal(buf_text(&out), brief);
	buf_release(&out);
}

static void tables(struct made *m)
{
	made_init(m, "baseline patched");
	made_table(m, "read block=ROW file_size=4k sharing=COLUMN fs=ext4 threads=2", "block", "1 4k", "sharing", "same diff");
	made_table(m, "write block=ROW file_size=1M sharing=diff fs=COLUMN threads=2", "block", "256 4k", "fs", "tmpfs ext4");
	made_table(m, "null ops=ROW threads=2", "ops", "1", NULL, NULL);
}

static void a_cell_is_called_by_what_tells_it_from_its_workloads_others(void **state)
{
	struct made m;

	(void)state;
	tables(&m);
	expect(&m.plan, 0, "read/1/same");
	expect(&m.plan, 3, "read/4k/diff");
	expect(&m.plan, 4, "write/256/tmpfs");
	expect(&m.plan, 8, "null");
	made_release(&m);
}

static void what_was_made_once_is_the_same(void **state)
{
	struct made m;
	size_t i;

	(void)state;
	tables(&m);
	brief_make(&m.plan);
	brief_make(&m.plan);	/* again is no harm */
	expect(&m.plan, 0, "read/1/same");
	assert_string_equal(m.plan.cell[7].brief, "write/4k/ext4");
	for (i = 0; i < m.plan.ncells; i++) {
		free(m.plan.cell[i].brief);
		m.plan.cell[i].brief = NULL;
	}
	made_release(&m);
}

static void names_that_no_plan_has_do_no_harm(void **state)
{
	static const char *const names[] = { "read", "read block", "read block=1 x", " ", "", "read =2" };
	struct plan_cell cell[6];
	struct plan plan = { .cell = cell, .ncells = 6 };
	struct buf out = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < 6; i++)
		cell[i] = (struct plan_cell){ .name = (char *)names[i] };
	for (i = 0; i < 6; i++)
		brief_add(&plan, i, &out);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cell_is_called_by_what_tells_it_from_its_workloads_others),
		cmocka_unit_test(what_was_made_once_is_the_same),
		cmocka_unit_test(names_that_no_plan_has_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
