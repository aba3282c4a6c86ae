/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "harness/report/environment.h"
#include "harness/report/notes.h"
#include "harness/report/report.h"
#include "tests/unit/made_plan.h"

#define READ "read block=ROW file_size=1M sharing=COLUMN threads=16"

static const char environment[] =
	"[{\"schema\":1,\"kind\":\"environment\",\"kernel\":\"running\",\"block\":0,\"environment\":{"
	"\"kernel\":{\"release\":\"6.12.1\",\"machine\":\"x86_64\"},"
	"\"cpu\":{\"model\":\"Some CPU\",\"usable_count\":2,\"hypervisor\":\"kvm\"},"
	"\"memory\":{\"total_bytes\":8589934592,\"page_size\":4096,\"thp_enabled\":\"always\"},"
	"\"filesystem\":{\"type\":\"ext4\",\"device\":\"/dev/sda1\"},"
	"\"boot\":{\"id\":\"b1\"},\"identity\":\"i1\"}}]";

/* A run of two cells: one of 5 windows, one of none. */
struct run_made {
	struct made m;
	struct samples samples;
	struct report_input in;
};

static void run_make(struct run_made *r, const char *kernels)
{
	struct figure *f;

	made_init(&r->m, kernels);
	made_table(&r->m, READ, "block", "4k", "sharing", "same diff");
	made_figures(&r->m);
	f = made_set(&r->m, 0, 0, 0, 0, METRIC_BYTES_PER_S, 100, 2);
	f->metric[METRIC_OPS_PER_S] = (struct summary){ .n = 5, .mean = 25600, .sd = 512, .median = 25500,
							.min = 25000.5, .max = 26000 };
	f->metric[METRIC_NS_PER_OP] = (struct summary){ .n = 1, .mean = INFINITY, .sd = NAN, .median = INFINITY,
							.min = 625000, .max = INFINITY };
	f->worst_skew = 0.00025;
	r->samples = (struct samples){ .environments = json_loads(environment, 0, NULL) };
	assert_non_null(r->samples.environments);
	r->in = (struct report_input){ .run = "2026-11-21T11-02-03-made", .plan = &r->m.plan,
				       .samples = &r->samples, .figures = r->m.figures };
}

static void run_unmake(struct run_made *r)
{
	json_decref(r->samples.environments);
	made_release(&r->m);
}

static void render(const struct run_made *r, const char *format, struct buf *out)
{
	struct buf why = BUF_INIT;
	const struct report_format *f = report_find(format, &why);

	assert_non_null(f);
	f->render(&r->in, out);
	buf_release(&why);
}

static void text_has_the_machine_the_tables_and_the_notes(void **state)
{
	struct buf out = BUF_INIT;
	struct run_made r;

	(void)state;
	run_make(&r, "running");
	render(&r, "text", &out);
	assert_string_equal(buf_text(&out),
		"run          2026-11-21T11-02-03-made\n"
		"job          made\n"
		"kernel       6.12.1, x86_64\n"
		"CPU          Some CPU, CPUs: 2, hypervisor kvm\n"
		"memory       8.0 GiB, pages of 4096 bytes, THP always\n"
		"file system  ext4, on /dev/sda1\n"
		"\n"
		"16 threads, reads from 1M file(s), mean MiB/s (StdDev)\n"
		"\n"
		" ----------------------------------\n"
		"| Block |  Running   |  Running    |\n"
		"| size  |  same file |  diff files |\n"
		" ----------------------------------\n"
		"|  4096 |  100       |      -      |\n"
		"|       |   (2.000)  |             |\n"
		" ----------------------------------\n"
		"\n"
		"StdDev over 5 windows of one process on one boot: what differs from boot to boot is not in it.\n"
		"1 of 2 cells not measured (sharing=diff): `foliogate run --resume 2026-11-21T11-02-03-made` goes on.\n");
	buf_release(&out);
	run_unmake(&r);
}

static void a_run_that_knows_nothing_of_its_machine_is_still_reported(void **state)
{
	struct buf out = BUF_INIT;
	struct run_made r;

	(void)state;
	run_make(&r, "running");
	json_decref(r.samples.environments);
	r.samples.environments = NULL;
	render(&r, "text", &out);
	assert_non_null(strstr(buf_text(&out), "job          made\n\n16 threads"));
	buf_reset(&out);
	render(&r, "json", &out);
	assert_non_null(strstr(buf_text(&out), "\"environments\": []"));
	buf_release(&out);
	run_unmake(&r);
}

static void csv_has_a_line_a_metric_with_the_parameters_as_columns(void **state)
{
	struct buf out = BUF_INIT;
	struct run_made r;

	(void)state;
	run_make(&r, "running");
	render(&r, "csv", &out);
#define SAME "2026-11-21T11-02-03-made,made,running,%s,read,4096,1048576,same,16,"
#define DIFF "2026-11-21T11-02-03-made,made,running,%s,read,4096,1048576,diff,16,"
	struct buf want = BUF_INIT;
	const char *same = r.m.plan.cell[0].id, *diff = r.m.plan.cell[1].id;

	buf_str(&want, "run,job,kernel,cell,workload,block,file_size,sharing,threads,metric,over,n,mean,sd,median,"
		"min,max,windows,blocks,oversubscribed,worst_skew,emulated,machine,stable,verdict,because,"
		"gating,old,new,change,low,high,p\r\n");
	buf_fmt(&want, SAME "bytes_per_s,windows,5,104857600,2097152,104857600,104857600,104857600,5,1,false,"
		"0.00025,false,,,,,,,,,,,\r\n", same);
	buf_fmt(&want, SAME "ops_per_s,windows,5,25600,512,25500,25000.5,26000,5,1,false,0.00025,false,,,,,,,,,,,\r\n", same);
	buf_fmt(&want, SAME "ns_per_op,windows,1,,,,625000,,5,1,false,0.00025,false,,,,,,,,,,,\r\n", same);
	buf_fmt(&want, DIFF "bytes_per_s,,0,,,,,,0,0,,,false,,,,,,,,,,,\r\n", diff);
	buf_fmt(&want, DIFF "ops_per_s,,0,,,,,,0,0,,,false,,,,,,,,,,,\r\n", diff);
	buf_fmt(&want, DIFF "ns_per_op,,0,,,,,,0,0,,,false,,,,,,,,,,,\r\n", diff);
	assert_string_equal(buf_text(&out), buf_text(&want));
	buf_release(&want);
	buf_release(&out);
	run_unmake(&r);
}

static size_t count(const char *s, char c)
{
	size_t n = 0;

	for (; *s; s++)
		n += *s == c;
	return n;
}

static void csv_quotes_what_would_break_it_and_every_line_has_all_fields(void **state)
{
	struct buf out = BUF_INIT;
	struct run_made r;
	char *line, *at;

	(void)state;
	run_make(&r, "running");
	made_table(&r.m, "null placement=ROW threads=2", "placement", "0,2", NULL, NULL);
	free(r.m.figures);
	made_figures(&r.m);
	r.in.figures = r.m.figures;
	free(r.m.plan.job);
	r.m.plan.job = xstrdup("a \"job\"");
	render(&r, "csv", &out);
	assert_non_null(strstr(buf_text(&out), ",\"a \"\"job\"\"\",running,"));
	assert_non_null(strstr(buf_text(&out), ",null,,,,2,\"0,2\",bytes_per_s,,0,"));
	at = out.s;
	while ((line = strsep(&at, "\n")) && *line) {
		/* One more comma in the quoted placement. */
		assert_int_equal(count(line, ','), 33 + (strstr(line, "\"0,2\"") != NULL));
		assert_int_equal(line[strlen(line) - 1], '\r');
	}
	buf_release(&out);
	run_unmake(&r);
}

static void json_reads_back_with_base_units_and_null_for_what_is_no_number(void **state)
{
	json_t *json, *cell, *figure;
	struct buf out = BUF_INIT;
	struct run_made r;

	(void)state;
	run_make(&r, "running");
	render(&r, "json", &out);
	json = json_loadb(out.s, out.len, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	assert_int_equal(json_integer_value(json_object_get(json, "schema")), 1);
	assert_string_equal(json_get_text(json, "kind"), "report");
	assert_string_equal(json_get_text(json, "run"), "2026-11-21T11-02-03-made");
	cell = json_array_get(json_object_get(json, "cells"), 0);
	assert_string_equal(json_get_text(cell, "id"), r.m.plan.cell[0].id);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(cell, "parameters"), "block")), 4096);
	assert_string_equal(json_get_text(json_object_get(cell, "parameters"), "sharing"), "same");
	figure = json_array_get(json_object_get(cell, "kernels"), 0);
	assert_string_equal(json_get_text(figure, "kernel"), "running");
	assert_float_equal(json_real_value(json_object_get(json_object_get(figure, "bytes_per_s"), "mean")),
			   104857600, 1e-6);
	assert_true(json_is_null(json_object_get(json_object_get(figure, "ns_per_op"), "mean")));
	assert_true(json_is_null(json_object_get(json_object_get(figure, "ns_per_op"), "sd")));
	cell = json_array_get(json_object_get(json, "cells"), 1);
	figure = json_array_get(json_object_get(cell, "kernels"), 0);
	assert_true(json_is_null(json_object_get(figure, "bytes_per_s")));
	assert_true(json_is_null(json_object_get(figure, "oversubscribed")));
	cell = json_array_get(json_object_get(json, "tables"), 0);
	assert_string_equal(json_get_text(cell, "title"), "16 threads, reads from 1M file(s)");
	cell = json_array_get(json_array_get(json_object_get(cell, "cells"), 0), 1);
	assert_string_equal(json_string_value(cell), r.m.plan.cell[1].id);
	json_decref(json);
	buf_release(&out);
	run_unmake(&r);
}

static void json_is_the_same_each_time_and_keeps_the_order_of_keys(void **state)
{
	struct buf one = BUF_INIT, two = BUF_INIT;
	static const char *const keys[] = { "\"schema\"", "\"kind\"", "\"run\"", "\"job\"", "\"emulated\"",
					    "\"kernels\"", "\"tables\"", "\"cells\"", "\"environments\"" };
	const char *at;
	struct run_made r;
	size_t i;

	(void)state;
	run_make(&r, "running");
	render(&r, "json", &one);
	render(&r, "json", &two);
	assert_string_equal(buf_text(&one), buf_text(&two));
	at = buf_text(&one);
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		at = strstr(at, keys[i]);
		assert_non_null(at);
	}
	buf_release(&one);
	buf_release(&two);
	run_unmake(&r);
}

static void an_unknown_format_is_named_with_those_there_are(void **state)
{
	struct buf why = BUF_INIT, want = BUF_INIT;
	const struct report_format *f;

	(void)state;
	buf_str(&want, "format 'jsn' is not one of ");
	for (f = report_formats; f->name; f++)
		buf_fmt(&want, "%s%s", f == report_formats ? "" : "|", f->name);
	buf_str(&want, " (did you mean 'json'?)");
	assert_null(report_find("jsn", &why));
	assert_string_equal(buf_text(&why), buf_text(&want));
	assert_non_null(strstr(buf_text(&want), "text|"));
	buf_release(&want);
	buf_release(&why);
}

static void expect_notes(const struct run_made *r, const char *want)
{
	struct buf out = BUF_INIT;

	notes_render(&(struct report_input){ .run = "run", .plan = &r->m.plan, .samples = &r->samples,
					     .figures = r->m.figures }, &out);
	assert_string_equal(buf_text(&out), want);
	buf_release(&out);
}

/* Both cells measured, in so many windows and blocks. */
static void fill(struct run_made *r, uint32_t n, bool blocks)
{
	size_t i;

	for (i = 0; i < r->m.plan.ncells * r->m.plan.nkernels; i++) {
		r->m.figures[i] = (struct figure){ .windows = r->m.plan.windows * r->m.plan.blocks, .blocks = 1 };
		r->m.figures[i].metric[METRIC_OPS_PER_S] = (struct summary){ .n = n, .blocks = blocks, .mean = 1 };
	}
}

static void blocks_on_one_boot_are_said_to_be_on_one_boot(void **state)
{
	struct run_made r;

	(void)state;
	run_make(&r, "running");
	fill(&r, 8, true);
	expect_notes(&r, "StdDev over 8 blocks, each counted by the median of its windows, all on one boot: what "
		     "differs from boot to boot is not in it.\n");
	json_array_append_new(r.samples.environments,
			      json_pack("{s:s,s:{s:{s:s},s:s}}", "kernel", "running", "environment",
					"boot", "id", "b2", "identity", "i1"));
	expect_notes(&r, "StdDev over 8 blocks, each counted by the median of its windows.\n");
	run_unmake(&r);
}

static void a_single_window_is_said_to_have_no_deviation(void **state)
{
	struct run_made r;

	(void)state;
	run_make(&r, "running");
	fill(&r, 1, false);
	expect_notes(&r, "A single window a cell: there is no StdDev.\n");
	run_unmake(&r);
}

static void oversubscription_names_threads_and_cpus(void **state)
{
	static const char windows[] =
		"StdDev over 5 windows of one process on one boot: what differs from boot to boot is not in it.\n";
	uint32_t cpus[] = { 1, 0, 1, 0 }, loose[] = { RECORD_NO_CPU, RECORD_NO_CPU, RECORD_NO_CPU };
	struct sample sample[] = {
		{ .threads = 4, .cpus = cpus, .oversubscribed = true },
		{ .threads = 2, .cpus = cpus },
		{ .threads = 3, .cpus = loose, .oversubscribed = true },
	};
	struct buf want = BUF_INIT;
	struct run_made r;

	(void)state;
	run_make(&r, "running");
	fill(&r, 5, false);
	r.samples.sample = sample;
	r.samples.n = 2;
	buf_fmt(&want, "%sOVERSUBSCRIBED: 4 threads on 2 CPUs: they take turns, so contention is not that of as many "
		"CPUs.\n", windows);
	expect_notes(&r, buf_text(&want));
	r.samples.n = 3;	/* not pinned: the environment knows how many CPUs there are */
	buf_reset(&want);
	buf_fmt(&want, "%sOVERSUBSCRIBED: 3 to 4 threads on 2 CPUs: they take turns, so contention is not that of as "
		"many CPUs.\n", windows);
	expect_notes(&r, buf_text(&want));
	buf_release(&want);
	run_unmake(&r);
}

static void skew_torn_tails_missing_cells_and_changes_are_said(void **state)
{
	struct run_made r;

	(void)state;
	run_make(&r, "baseline patched");
	json_decref(r.samples.environments);
	r.samples.environments = json_pack("[{s:s,s:{s:s}},{s:s,s:{s:s}},{s:s,s:{s:s}}]",
		"kernel", "baseline", "environment", "identity", "a",
		"kernel", "patched", "environment", "identity", "b",
		"kernel", "patched", "environment", "identity", "c");
	fill(&r, 5, false);
	r.samples.torn = true;
	r.m.figures[0].worst_skew = 0.0011;
	r.m.figures[1] = (struct figure){ 0 };
	r.m.figures[2].windows = 3;
	r.m.figures[2].metric[METRIC_OPS_PER_S].n = 3;
	expect_notes(&r,
		"StdDev over 3 to 5 windows of one process on one boot: what differs from boot to boot is not in it.\n"
		"Threads were counted up to 0.11% of a window apart: figures may be off by as much.\n"
		"1 of 4 cells not measured (baseline sharing=diff): `foliogate run --resume run` goes on.\n"
		"1 of 4 cells measured in part (patched sharing=same): `foliogate run --resume run` goes on.\n"
		"The environment of patched changed during the run: its figures are of different conditions.\n"
		"The last line of samples.jsonl is torn, by a stop while it was written: it was passed over.\n");
	run_unmake(&r);
}

static void many_missing_cells_are_counted_after_the_first(void **state)
{
	struct buf out = BUF_INIT;
	struct samples none = { 0 };
	struct made m;

	(void)state;
	made_init(&m, "running");
	made_table(&m, READ, "block", "1 2 4", "sharing", "same diff");
	made_figures(&m);
	notes_render(&(struct report_input){ .run = "run", .plan = &m.plan, .samples = &none, .figures = m.figures }, &out);
	assert_string_equal(buf_text(&out),
		"6 of 6 cells not measured (block=1 sharing=same, block=1 sharing=diff, block=2 sharing=same and 3 "
		"more): `foliogate run --resume run` goes on.\n");
	buf_release(&out);
	made_release(&m);
}

/* Two kernels, booted in guests. */
static void guests_make(struct run_made *r, const char *accel)
{
	static const char line[] =
		"{\"kernel\":\"%s\",\"block\":0,\"environment\":{\"kernel\":{\"release\":\"6.12.117\"},"
		"\"cpu\":{\"model\":\"QEMU\"},\"boot\":{\"id\":\"%s\",\"uptime_s\":71717},\"identity\":\"i\"},"
		"\"guest\":{\"accel\":\"%s\",\"cpus\":16,\"memory\":2147483648,\"qemu\":\"7.2.22\","
		"\"boot_ns\":73737,\"retries\":%d},\"build\":{\"key\":\"ab\",\"release\":\"6.12.117\","
		"\"source\":\"linux-source-6.12 6.12.117-1\",\"patches\":[%s],\"cmdline\":%s}}";
	struct figure *f;
	char text[1024];
	json_t *list;
	size_t i;

	run_make(r, "baseline patched");
	made_guests(&r->m);
	for (i = 0; i < 4; i++) {
		r->m.figures[i] = (struct figure){ 0 };
		f = made_set(&r->m, 0, i / 2, 0, i % 2, METRIC_BYTES_PER_S, 70707 + (double)i, 30303);
		f->metric[METRIC_OPS_PER_S] = (struct summary){ .n = 5, .mean = 70707, .sd = 30303, .median = 70708,
								.min = 70701, .max = 70709 };
		f->metric[METRIC_NS_PER_OP] = f->metric[METRIC_OPS_PER_S];
		f->worst_skew = 0.70707;
		f->ops = 1000 + i;
		f->bytes = 5;
	}
	list = r->samples.environments;
	json_array_clear(list);
	snprintf(text, sizeof(text), line, "baseline", "b1", accel, 0, "", "null");
	json_array_append_new(list, json_loads(text, 0, NULL));
	snprintf(text, sizeof(text), line, "patched", "b2", accel, 2, "\"mm: one\",\"mm: two\"", "\"clearcpuid=smap\"");
	json_array_append_new(list, json_loads(text, 0, NULL));
	assert_int_equal(json_array_size(list), 2);
	r->in.emulated = environment_emulated(list);
}

static void withhold(struct run_made *r)
{
	figures_withhold(r->m.figures, r->m.plan.nkernels * r->m.plan.ncells);
}

static void text_names_each_kernels_build_and_its_guest(void **state)
{
	struct buf out = BUF_INIT;
	struct run_made r;

	(void)state;
	guests_make(&r, "kvm");
	environment_summary(&r.m.plan, r.samples.environments, &out);
	assert_string_equal(buf_text(&out),
		"measured     baseline\n"
		"build        6.12.117 from linux-source-6.12 6.12.117-1\n"
		"guest        16 CPUs, 2.0 GiB, kvm, QEMU 7.2.22\n"
		"kernel       6.12.117\n"
		"CPU          QEMU\n"
		"measured     patched\n"
		"build        6.12.117 from linux-source-6.12 6.12.117-1\n"
		"patch        mm: one\n"
		"patch        mm: two\n"
		"command line clearcpuid=smap\n"
		"guest        16 CPUs, 2.0 GiB, kvm, QEMU 7.2.22\n"
		"kernel       6.12.117\n"
		"CPU          QEMU\n");
	buf_release(&out);
	run_unmake(&r);
}

static void builds_and_guests_of_which_little_is_known_are_said_as_far_as_they_are(void **state)
{
	struct buf out = BUF_INIT;
	struct run_made r;

	(void)state;
	run_make(&r, "running");
	json_array_clear(r.samples.environments);
	json_array_append_new(r.samples.environments,
		json_pack("{s:s,s:{},s:{s:s,s:[i,n],s:s},s:{s:i,s:n,s:s}}", "kernel", "running", "environment", "build", "release",
			  "7.0", "patches", 7, "cmdline", "", "guest", "cpus", 1, "accel", "qemu", "9"));
	environment_summary(&r.m.plan, r.samples.environments, &out);
	assert_string_equal(buf_text(&out), "build        7.0\nguest        1 CPU, QEMU 9\n");
	buf_release(&out);
	run_unmake(&r);
}

static void several_kernels_are_compared_in_percent(void **state)
{
	struct buf out = BUF_INIT;
	struct run_made r;

	(void)state;
	guests_make(&r, "kvm");
	render(&r, "text", &out);
	assert_non_null(strstr(buf_text(&out), "|  Patched    |  %change   |  %change    |\n"));
	buf_release(&out);
	run_unmake(&r);
}

static void text_of_emulation_says_so_in_place_of_figures(void **state)
{
	struct buf out = BUF_INIT;
	struct run_made r;

	(void)state;
	guests_make(&r, "tcg");
	r.m.figures[3] = (struct figure){ 0 };
	withhold(&r);
	render(&r, "text", &out);
	assert_string_equal(strstr(buf_text(&out), "16 threads"),
		"16 threads, reads from 1M file(s), mean MiB/s (StdDev)\n"
		"\n"
		" -------------------------------------------------------------\n"
		"| Block |  Baseline  |  Baseline   |  Patched   |  Patched    |\n"
		"| size  |  same file |  diff files |  same file |  diff files |\n"
		" -------------------------------------------------------------\n"
		"|  4096 |  emulated  |   emulated  |  emulated  |      -      |\n"
		"|       |            |             |            |             |\n"
		" -------------------------------------------------------------\n"
		"\n"
		"Measured in emulation: times there are no performance and are withheld (--show-emulated-times).\n"
		"Verified: 2001 ops of 2 cells on baseline, 1002 ops of 1 cell on patched.\n"
		"2 boots were begun again after a known fault of the emulator.\n"
		"1 of 4 cells not measured (patched sharing=diff): `foliogate run --resume 2026-11-21T11-02-03-made`\n"
		"goes on.\n");
	buf_release(&out);
	run_unmake(&r);
}

/* Whatever format there is or will be: 70707 and 30303 are in each of the figures, 0.7 is the skew, 7x7x7 the boot. */
static void no_format_shows_a_time_of_emulation(void **state)
{
	static const char *const secrets[] = { "7070", "7071", "7.07", "0.70", "30303", "71717", "73737", "3030", "7414" };
	const struct report_format *f;
	struct buf out = BUF_INIT;
	struct run_made r;
	size_t i;

	(void)state;
	guests_make(&r, "tcg-multi");
	assert_true(r.in.emulated);
	withhold(&r);
	for (f = report_formats; f->name; f++) {
		buf_reset(&out);
		f->render(&r.in, &out);
		assert_true(out.len > 100);
		for (i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
			if (strstr(buf_text(&out), secrets[i]))
				fail_msg("%s holds %s:\n%s", f->name, secrets[i], buf_text(&out));
	}
	buf_release(&out);
	run_unmake(&r);
}

static void json_of_emulation_has_counts_and_null_for_times(void **state)
{
	json_t *json, *figure, *line;
	struct buf out = BUF_INIT;
	struct run_made r;

	(void)state;
	guests_make(&r, "tcg");
	withhold(&r);
	render(&r, "json", &out);
	json = json_loadb(out.s, out.len, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	assert_true(json_is_true(json_object_get(json, "emulated")));
	figure = json_array_get(json_object_get(json_array_get(json_object_get(json, "cells"), 1), "kernels"), 1);
	assert_string_equal(json_get_text(figure, "kernel"), "patched");
	assert_int_equal(json_integer_value(json_object_get(figure, "windows")), 5);
	/* With the windows' length they would tell the speed. */
	assert_true(json_is_null(json_object_get(figure, "ops")));
	assert_true(json_is_null(json_object_get(figure, "worst_skew")));
	assert_true(json_is_null(json_object_get(figure, "bytes_per_s")));
	assert_true(json_is_null(json_object_get(figure, "ops_per_s")));
	assert_true(json_is_null(json_object_get(figure, "ns_per_op")));
	line = json_array_get(json_object_get(json, "environments"), 1);
	assert_null(json_object_get(json_object_get(line, "guest"), "boot_ns"));
	assert_string_equal(json_get_text(json_object_get(line, "guest"), "accel"), "tcg");
	assert_string_equal(json_get_text(json_object_get(line, "build"), "cmdline"), "clearcpuid=smap");
	assert_null(json_object_get(json_object_get(json_object_get(line, "environment"), "boot"), "uptime_s"));
	/* What was read from the file is as it was. */
	line = json_array_get(r.samples.environments, 1);
	assert_non_null(json_object_get(json_object_get(line, "guest"), "boot_ns"));
	json_decref(json);
	buf_release(&out);
	run_unmake(&r);
}

static void csv_of_emulation_leaves_times_empty(void **state)
{
	struct buf out = BUF_INIT, want = BUF_INIT;
	struct run_made r;

	(void)state;
	guests_make(&r, "tcg");
	withhold(&r);
	render(&r, "csv", &out);
	buf_fmt(&want, "2026-11-21T11-02-03-made,made,patched,%s,read,4096,1048576,diff,16,ops_per_s,windows,5,,,,,,5,1,false,,true,,"
		",,,,,,,,,\r\n", r.m.plan.cell[1].id);
	if (!strstr(buf_text(&out), buf_text(&want)))
		fail_msg("%s", buf_text(&out));
	buf_release(&want);
	buf_release(&out);
	run_unmake(&r);
}

static void emulated_times_are_shown_where_that_is_asked_for(void **state)
{
	struct buf out = BUF_INIT;
	struct run_made r;

	(void)state;
	guests_make(&r, "tcg");
	r.in.show_emulated_times = true;
	render(&r, "text", &out);
	assert_non_null(strstr(buf_text(&out), "mean MiB/s (StdDev) (emulated times, no performance)\n"));
	assert_non_null(strstr(buf_text(&out), " 70710 "));
	assert_non_null(strstr(buf_text(&out), "\nMeasured in emulation: times there are no performance.\nVerified: "));
	assert_non_null(strstr(buf_text(&out), "\nStdDev over 5 windows"));
	buf_reset(&out);
	render(&r, "json", &out);
	assert_non_null(strstr(buf_text(&out), "\"emulated\": true"));
	assert_non_null(strstr(buf_text(&out), "70707"));
	assert_non_null(strstr(buf_text(&out), "73737"));
	buf_reset(&out);
	render(&r, "csv", &out);
	assert_non_null(strstr(buf_text(&out), ",70707,30303,70708,70701,70709,5,1,false,0.70707,true,,,,,,,,,,,\r\n"));
	buf_release(&out);
	run_unmake(&r);
}

static void blocks_of_guests_are_boots(void **state)
{
	struct run_made r;

	(void)state;
	guests_make(&r, "kvm");
	fill(&r, 8, true);
	expect_notes(&r, "StdDev over 8 boots, each counted by the median of its windows.\n"
		     "2 boots were begun again after a known fault of the emulator.\n");
	run_unmake(&r);
}

static void emulation_is_known_wherever_it_is_said(void **state)
{
	static const struct {
		const char *text;
		bool tcg;
	} cases[] = {
		{ "[{\"environment\":{\"cpu\":{\"hypervisor\":\"tcg\"}}}]", true },
		{ "[{\"environment\":{\"hypervisor\":\"tcg\"}}]", true },
		{ "[{\"environment\":{\"cpu\":{\"hypervisor\":\"kvm\"}}},"
		  "{\"environment\":{\"cpu\":{\"hypervisor\":\"tcg\"}}}]", true },
		{ "[{\"environment\":{}},{\"environment\":{},\"guest\":{\"accel\":\"tcg\"}}]", true },
		{ "[{\"environment\":{\"cpu\":{\"hypervisor\":\"kvm\"}}}]", false },
		{ "[{\"environment\":{\"cpu\":{}}},{\"environment\":3},{}]", false },
		{ "[]", false },
	};
	json_t *json;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json = json_loads(cases[i].text, 0, NULL);
		assert_non_null(json);
		assert_true(environment_emulated(json) == cases[i].tcg);
		json_decref(json);
	}
	assert_false(environment_emulated(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_has_the_machine_the_tables_and_the_notes),
		cmocka_unit_test(a_run_that_knows_nothing_of_its_machine_is_still_reported),
		cmocka_unit_test(csv_has_a_line_a_metric_with_the_parameters_as_columns),
		cmocka_unit_test(csv_quotes_what_would_break_it_and_every_line_has_all_fields),
		cmocka_unit_test(json_reads_back_with_base_units_and_null_for_what_is_no_number),
		cmocka_unit_test(json_is_the_same_each_time_and_keeps_the_order_of_keys),
		cmocka_unit_test(an_unknown_format_is_named_with_those_there_are),
		cmocka_unit_test(blocks_on_one_boot_are_said_to_be_on_one_boot),
		cmocka_unit_test(a_single_window_is_said_to_have_no_deviation),
		cmocka_unit_test(oversubscription_names_threads_and_cpus),
		cmocka_unit_test(skew_torn_tails_missing_cells_and_changes_are_said),
		cmocka_unit_test(many_missing_cells_are_counted_after_the_first),
		cmocka_unit_test(text_names_each_kernels_build_and_its_guest),
		cmocka_unit_test(builds_and_guests_of_which_little_is_known_are_said_as_far_as_they_are),
		cmocka_unit_test(several_kernels_are_compared_in_percent),
		cmocka_unit_test(text_of_emulation_says_so_in_place_of_figures),
		cmocka_unit_test(no_format_shows_a_time_of_emulation),
		cmocka_unit_test(json_of_emulation_has_counts_and_null_for_times),
		cmocka_unit_test(csv_of_emulation_leaves_times_empty),
		cmocka_unit_test(emulated_times_are_shown_where_that_is_asked_for),
		cmocka_unit_test(blocks_of_guests_are_boots),
		cmocka_unit_test(emulation_is_known_wherever_it_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
