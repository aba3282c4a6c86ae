/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/store/nightly.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "harness/plan/plan.h"
#include "harness/store/samples.h"
#include "lib/buf.h"
#include "lib/record.h"
#include "tests/unit/close.h"

/* Two cells on two kernels. */
static struct plan_kernel kernels[] = { { .name = (char *)"baseline" }, { .name = (char *)"patched" } };
static struct plan_cell cells[] = { { .name = (char *)"read block=1" }, { .name = (char *)"read block=4k" } };
static struct plan plan = {
	.job = (char *)"nightly", .blocks = 3, .windows = 3, .kernel = kernels, .nkernels = 2, .cell = cells, .ncells = 2,
};

static struct sample sample[64];
static uint64_t ops[64];
static struct samples samples = { .sample = sample };

static void add(const char *kernel, size_t cell, uint32_t block, uint64_t n)
{
	struct sample *s = &sample[samples.n];

	ops[samples.n] = n;
	*s = (struct sample){ .name = cells[cell].name, .threads = 1, .ops = &ops[samples.n], .bytes = &ops[samples.n],
			      .elapsed_ns = 1000000000, .kernel = (char *)kernel, .block = block };
	strcpy(s->cell, cells[cell].id);
	samples.n++;
}

static int setup(void **state)
{
	(void)state;
	samples = (struct samples){ .sample = sample };
	cell_id(cells[0].name, cells[0].id);
	cell_id(cells[1].name, cells[1].id);
	free(plan.by_id);
	plan.by_id = NULL;
	plan.emulated = false;
	return plan_sort(&plan);
}

static int teardown(void **state)
{
	(void)state;
	json_decref(samples.environments);
	return 0;
}

static size_t metric(const char *name)
{
	int m = nightly_metric_find(name);

	assert_true(m >= 0);
	return (size_t)m;
}

static void a_time_is_the_median_over_boots_of_their_medians(void **state)
{
	static const uint64_t windows[3][3] = { { 900, 100, 101 }, { 200, 5, 201 }, { 300, 301, 299 } };
	double value[2];
	uint32_t b, w;

	(void)state;
	for (w = 0; w < 3; w++)
		for (b = 0; b < 3; b++)
			add("patched", 1, b, windows[b][w]);
	assert_int_equal(nightly_values(&plan, &samples, 1, metric("ops_per_s"), value), 1);
	assert_true(isnan(value[0]));
	assert_close(value[1], 200, 1e-9);	/* of 101, 200, 300; the median of all windows is 201 */
	nightly_values(&plan, &samples, 1, metric("ns_per_op"), value);
	assert_close(value[1], 1e9 / 200, 1e-6);
	assert_int_equal(nightly_values(&plan, &samples, 0, metric("ops_per_s"), value), 0);
}

static void an_even_number_has_the_mean_of_both_middles(void **state)
{
	double value[2];

	(void)state;
	add("baseline", 0, 0, 100);
	add("baseline", 0, 0, 110);
	add("baseline", 0, 1, 200);
	add("baseline", 0, 1, 210);
	nightly_values(&plan, &samples, 0, metric("ops_per_s"), value);
	assert_close(value[0], 155, 1e-9);
}

static void what_did_nothing_has_no_time(void **state)
{
	double value[2];

	(void)state;
	add("baseline", 0, 0, 0);
	assert_int_equal(nightly_values(&plan, &samples, 0, metric("ns_per_op"), value), 0);
	assert_int_equal(nightly_values(&plan, &samples, 0, metric("bytes_per_s"), value), 0);
}

static void times_of_emulation_have_no_history(void **state)
{
	double value[2];

	(void)state;
	add("baseline", 0, 0, 100);
	add("patched", 0, 0, 100);
	samples.environments = json_pack("[{s:s,s:{s:s}}]", "kernel", "patched", "guest", "accel", "tcg");
	assert_int_equal(nightly_values(&plan, &samples, 0, metric("ops_per_s"), value), 1);
	assert_int_equal(nightly_values(&plan, &samples, 1, metric("ops_per_s"), value), 0);
	plan.emulated = true;
	assert_int_equal(nightly_values(&plan, &samples, 0, metric("ops_per_s"), value), 0);
}

static void counts_and_transfers_are_as_they_are(void **state)
{
	struct count_record count[2] = { { .kernel = (char *)"baseline" }, { .kernel = (char *)"patched" } };
	struct prediction_record prediction[3] = {
		{ .kernel = (char *)"baseline", .machine = (char *)"first", .transfers = 1.97 },
		{ .kernel = (char *)"baseline", .machine = (char *)"second", .transfers = 9 },
		{ .kernel = (char *)"patched", .machine = (char *)"first", .transfers = 0 },
	};
	double value[2];
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++)
		strcpy(prediction[i].cell, cells[1].id);
	strcpy(count[0].cell, cells[0].id);
	strcpy(count[1].cell, "0123456789abcdef");	/* of a cell that the plan lacks */
	count[0].count[COUNT_STAC] = 2;
	count[0].count[COUNT_PAN] = (double)NAN;
	samples.count = count;
	samples.ncounts = 2;
	samples.prediction = prediction;
	samples.npredictions = 3;
	plan.emulated = true;		/* exact counts are emulation's */
	assert_int_equal(nightly_values(&plan, &samples, 0, metric("stac"), value), 1);
	assert_close(value[0], 2, 0);
	assert_int_equal(nightly_values(&plan, &samples, 0, metric("pan"), value), 0);
	assert_int_equal(nightly_values(&plan, &samples, 1, metric("stac"), value), 0);
	assert_int_equal(nightly_values(&plan, &samples, 0, metric("transfers"), value), 1);
	assert_close(value[1], 1.97, 0);
	assert_int_equal(nightly_values(&plan, &samples, 1, metric("transfers"), value), 1);
	assert_close(value[1], 0, 0);
}

static void every_metric_has_a_name_of_its_own(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < NIGHTLY_METRICS; i++)
		assert_int_equal(nightly_metric_find(nightly_metric((size_t)i).name), i);
	assert_int_equal(nightly_metric_find("ops"), -1);
	assert_true(nightly_metric(metric("ops_per_s")).more_is_better);
	assert_false(nightly_metric(metric("ns_per_op")).more_is_better);
	assert_true(nightly_metric(metric("kernel_instructions")).exact);
	assert_false(nightly_metric(metric("transfers")).exact);
}

static void assert_machine(const char *line, const char *expected)
{
	json_t *json = json_loads(line, 0, NULL);
	struct buf name = BUF_INIT;

	assert_non_null(json);
	nightly_machine(json, &name);
	assert_string_equal(buf_text(&name), expected);
	buf_release(&name);
	json_decref(json);
}

static void a_machine_is_named_by_what_stays(void **state)
{
	struct buf name = BUF_INIT, facts = BUF_INIT, other = BUF_INIT;
	json_t *a, *b;

	(void)state;
	assert_machine("{\"environment\":{\"cpu\":{\"model\":\"Z80\",\"online_count\":16},"
		       "\"memory\":{\"numa_node_count\":2}}}", "Z80, 16 CPUs, 2 NUMA nodes");
	assert_machine("{\"environment\":{\"cpu\":{\"implementer\":\"0x41\",\"part\":\"0xd0c\",\"online_count\":1}}}",
		       "CPU 0x41/0xd0c, 1 CPU");
	assert_machine("{\"environment\":{\"cpu\":{\"model\":\"Z80\"}},\"guest\":{\"accel\":\"kvm\"}}",
		       "Z80, guest under kvm");
	assert_machine("{\"environment\":{\"cpu\":{\"model\":\"Z80\",\"hypervisor\":\"xen\"}}}", "Z80, guest under xen");
	nightly_machine(NULL, &name);
	assert_string_equal(buf_text(&name), "unknown machine");
	buf_release(&name);

	a = json_pack("{s:{s:{s:s,s:i,s:s}}}", "environment", "cpu", "model", "Z80", "stepping", 1, "microcode", "0x1");
	b = json_pack("{s:{s:{s:s,s:i,s:s}}}", "environment", "cpu", "model", "Z80", "stepping", 1, "microcode", "0x2");
	nightly_machine_facts(a, &facts);
	nightly_machine_facts(b, &other);
	assert_string_equal(buf_text(&facts), buf_text(&other));
	json_object_set_new(json_object_get(json_object_get(b, "environment"), "cpu"), "stepping", json_integer(2));
	buf_reset(&other);
	nightly_machine_facts(b, &other);
	assert_string_not_equal(buf_text(&facts), buf_text(&other));
	buf_release(&facts);
	buf_release(&other);
	json_decref(a);
	json_decref(b);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_time_is_the_median_over_boots_of_their_medians),
		TEST(an_even_number_has_the_mean_of_both_middles),
		TEST(what_did_nothing_has_no_time),
		TEST(times_of_emulation_have_no_history),
		TEST(counts_and_transfers_are_as_they_are),
		TEST(every_metric_has_a_name_of_its_own),
		TEST(a_machine_is_named_by_what_stays),
	};
	int ret = cmocka_run_group_tests(tests, NULL, NULL);

	free(plan.by_id);
	return ret;
}
