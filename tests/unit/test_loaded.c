/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <string.h>
#include <cmocka.h>

#include "harness/commands/drawings.h"
#include "harness/commands/loaded.h"
#include "harness/commands/metric_option.h"
#include "harness/plan/catalogue.h"
#include "harness/plan/job.h"
#include "lib/buf.h"
#include "tests/unit/scratch.h"

static char *results;

static void make_plan(const char *text, bool emulated, struct plan *plan)
{
	const struct plan_machine machine = { .cpus = 2, .emulated = emulated };
	struct buf described = BUF_INIT, why = BUF_INIT;
	struct catalogue catalogue;
	struct job job;

	assert_int_equal(buf_read_file(&described, "tests/unit/data/describe.json"), 0);
	assert_int_equal(catalogue_parse(described.s, described.len, &catalogue, &why), 0);
	if (job_parse("job.yaml", text, strlen(text), &job, &why) || plan_make(&job, &catalogue, &machine, plan, &why))
		fail_msg("%s", buf_text(&why));
	job_release(&job);
	catalogue_release(&catalogue);
	buf_release(&described);
}

static void append_sample(struct run *r, const struct plan *plan, size_t kernel, size_t cell)
{
	uint64_t ops = 1000, bytes = 4096000;
	uint32_t cpu = 0;
	struct sample s = {
		.name = plan->cell[cell].name, .threads = 1, .ops = &ops, .bytes = &bytes, .cpus = &cpu,
		.elapsed_ns = 123456789, .skew_ns = 1000, .kernel = plan->kernel[kernel].name,
	};
	struct buf line = BUF_INIT;

	memcpy(s.cell, plan->cell[cell].id, sizeof(s.cell));
	sample_line(&s, &line);
	assert_int_equal(run_append(r, line.s, line.len), 0);
	buf_release(&line);
}

/* A whole run of a job whose environment lines are `line`. */
static void make_run(struct run *r, const char *job, bool emulated, const char *line)
{
	struct buf text = BUF_INIT;
	struct plan plan;
	size_t k, c;
	json_t *o;

	make_plan(job, emulated, &plan);
	assert_int_equal(run_create(r, results, plan.job), 0);
	o = plan_json(&plan);
	json_pretty(&text, o);
	json_decref(o);
	assert_int_equal(run_write_file(r, "plan.json", text.s, text.len), 0);
	for (k = 0; k < plan.nkernels; k++) {
		buf_reset(&text);
		buf_fmt(&text, "{\"schema\":1,\"kind\":\"environment\",\"kernel\":\"%s\",\"block\":0,\"at\":\"x\",%s}",
			plan.kernel[k].name, line);
		assert_int_equal(run_append(r, text.s, text.len), 0);
		for (c = 0; c < plan.ncells; c++)
			append_sample(r, &plan, k, c);
	}
	plan_release(&plan);
	buf_release(&text);
}

#define CELLS "windows: 1\ncells: [{workload: read, block: [1, 4k]}]\n"
#define NATIVE "job: native\n" CELLS
#define GUESTS "job: guests\n" CELLS "kernels: [{name: baseline, kernel: a}, {name: patched, kernel: b}]\n"
#define TCG "\"environment\":{},\"guest\":{\"accel\":\"tcg\"}"
#define KVM "\"environment\":{\"cpu\":{\"hypervisor\":\"kvm\"}},\"guest\":{\"accel\":\"kvm\"}"

static void expect_loaded(const struct run *r, bool show, bool emulated, bool times)
{
	struct report_input in;
	struct loaded l;
	size_t i;

	assert_int_equal(loaded_open(&l, results, r->id, show), 0);
	assert_true(l.emulated == emulated);
	in = loaded_input(&l);
	assert_true(in.emulated == emulated);
	assert_true(in.show_emulated_times == show);
	for (i = 0; i < l.plan.nkernels * l.plan.ncells; i++) {
		assert_int_equal(l.figures[i].ops, 1000);
		assert_true(l.figures[i].withheld == !times);
		assert_true(isnan(l.figures[i].metric[METRIC_NS_PER_OP].mean) == !times);
	}
	loaded_release(&l);
}

static void times_of_emulation_are_withheld_unless_asked_for(void **state)
{
	struct run r;

	(void)state;
	make_run(&r, GUESTS, true, TCG);
	expect_loaded(&r, false, true, false);
	expect_loaded(&r, true, true, true);
	run_close(&r);
}

/* Whatever was planned, and whatever was measured: either is enough. */
static void emulation_is_known_from_the_plan_and_from_the_samples(void **state)
{
	struct run r;

	(void)state;
	make_run(&r, GUESTS, false, TCG);
	expect_loaded(&r, false, true, false);
	run_close(&r);
	make_run(&r, GUESTS, true, "\"environment\":{}");
	expect_loaded(&r, false, true, false);
	run_close(&r);
	make_run(&r, NATIVE, false, "\"environment\":{\"cpu\":{\"hypervisor\":\"tcg\"}}");
	expect_loaded(&r, false, true, false);
	run_close(&r);
}

static void other_times_are_there_whether_or_not_asked_for(void **state)
{
	struct run r;

	(void)state;
	make_run(&r, GUESTS, false, KVM);
	expect_loaded(&r, false, false, true);
	expect_loaded(&r, true, false, true);
	run_close(&r);
	make_run(&r, NATIVE, false, "\"environment\":{}");
	expect_loaded(&r, false, false, true);
	run_close(&r);
}

static void nothing_is_drawn_of_emulation_and_that_is_said_once(void **state)
{
	struct drawings d = { .metric = METRIC_OF_TABLE, .dir = "/nowhere" };
	struct loaded l;
	struct run r;

	(void)state;
	make_run(&r, GUESTS, true, TCG);
	assert_int_equal(loaded_open(&l, results, r.id, false), 0);
	d.plan = &l.plan;
	d.samples = &l.samples;
	d.figures = l.figures;
	d.emulated = l.emulated;
	scratch_listen();
	assert_int_equal(drawings_make(&d), 0);
	assert_string_equal(scratch_heard(), "measured in emulation: times there are no performance, and nothing is drawn "
			    "(--show-emulated-times draws them)\n");
	loaded_release(&l);
	run_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_of_emulation_are_withheld_unless_asked_for),
		cmocka_unit_test(emulation_is_known_from_the_plan_and_from_the_samples),
		cmocka_unit_test(other_times_are_there_whether_or_not_asked_for),
		cmocka_unit_test(nothing_is_drawn_of_emulation_and_that_is_said_once),
	};
	int failed;

	results = xasprintf("%s/results", scratch_begin());
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	scratch_end();
	buf_release(&scratch_ear.text);
	free(results);
	return failed;
}
