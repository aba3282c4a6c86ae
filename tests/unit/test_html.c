/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "harness/report/html/html.h"
#include "harness/report/html/forest.h"
#include "harness/report/html/sheet.h"
#include "harness/report/report_formats.h"
#include "tests/unit/made_judged.h"
#include "tests/unit/markup.h"

#define HOSTILE "<script>alert(\"1\")</script>'&amp;]]>--><!--\x01"

/* The page of one of the made runs, checked. */
static void page(struct made_judged *j, struct buf *out)
{
	struct markup m = { .depth = 0 };

	buf_reset(out);
	report_html(&j->in, out);
	markup_check(&m, buf_text(out));
	markup_targets(&m);
	markup_release(&m);
}

static void holds(const struct buf *page, const char *text)
{
	if (!strstr(buf_text(page), text))
		fail_msg("not in the page: %s", text);
}

static void lacks(const struct buf *page, const char *text)
{
	const char *at = strstr(buf_text(page), text);

	if (at)
		fail_msg("in the page: %.100s", at);
}

static void comes_before(const struct buf *page, const char *first, const char *second)
{
	holds(page, first);
	holds(page, second);
	if (strstr(page->s, first) > strstr(page->s, second))
		fail_msg("%s comes after %s", first, second);
}

static size_t times(const struct buf *page, const char *text)
{
	const char *at = buf_text(page);
	size_t n = 0;

	for (; (at = strstr(at, text)); at++)
		n++;
	return n;
}

static void text_is_never_markup(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	html_text(&out, "<a href=\"x\">'&amp;\n\xff");
	lacks(&out, "<");
	lacks(&out, "\"");
	lacks(&out, "'");
	lacks(&out, "\xff");
	holds(&out, "&amp;amp;");
	buf_reset(&out);
	html_fmt(&out, "%d < %s", 1, "\"2\"");
	assert_string_equal(buf_text(&out), "1 &lt; &quot;2&quot;");
	buf_release(&out);
}

static void attributes_are_escaped_and_left_out_without_a_value(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	html_element(&out, "td", "<", "class", NULL, "title", "\"a\" & b", NULL);
	assert_string_equal(buf_text(&out), "<td title=\"&quot;a&quot; &amp; b\">&lt;</td>");
	buf_release(&out);
}

static void every_outcome_has_a_page(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;
	int o;

	(void)state;
	for (o = MADE_REJECT; o <= MADE_INCIDENT; o++) {
		made_judged(&j, o);
		page(&j, &out);
		assert_int_equal(times(&out, "<h1>"), 1);
		assert_int_equal(times(&out, "<script"), 1);
		holds(&out, "<html lang=\"en\">");
		holds(&out, "2026-11-21T11-02-03-made");
		made_judged_release(&j);
	}
	buf_release(&out);
}

static void the_verdict_comes_first_as_sign_word_and_headline(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_REJECT);
	page(&j, &out);
	holds(&out, "<title>reject: made</title>");
	holds(&out, "<header class=\"reject\" id=\"verdict\">");
	holds(&out, "<span class=\"sign\" aria-hidden=\"true\">\xe2\x9c\x97</span> Rejected</h1>");
	holds(&out, "<p class=\"headline\">write/256/tmpfs +1 STAC/CLAC pair per op (2\xc2\xa0\xe2\x86\x92\xc2\xa0" "3), 5 more</p>");
	comes_before(&out, "<header", "id=\"decided\"");
	comes_before(&out, "id=\"decided\"", "id=\"notes\"");
	comes_before(&out, "id=\"notes\"", "id=\"measured\"");
	comes_before(&out, "id=\"measured\"", "id=\"predicted\"");
	comes_before(&out, "id=\"predicted\"", "id=\"counts\"");
	comes_before(&out, "id=\"counts\"", "id=\"moved\"");
	comes_before(&out, "id=\"moved\"", "id=\"plots\"");
	comes_before(&out, "id=\"plots\"", "id=\"all\"");
	comes_before(&out, "id=\"all\"", "id=\"environment\"");
	comes_before(&out, "id=\"environment\"", "id=\"reproduce\"");
	comes_before(&out, "id=\"reproduce\"", "id=\"run\"");
	made_judged_release(&j);
	buf_release(&out);
}

static void what_decided_it_has_its_figures_and_its_interval(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_REJECT);
	page(&j, &out);
	holds(&out, "<th scope=\"row\">write/<wbr>256/<wbr>tmpfs</th>");
	holds(&out, "STAC/CLAC pairs per op");
	holds(&out, ">-4.5%<small>-5.4% to -3.6%</small></td>");
	holds(&out, ">9100000</td>");
	holds(&out, ">8690500</td>");
	holds(&out, "<td class=\"number p\" data-key=\"0.0078125\">0.0078</td>");
	holds(&out, "<svg class=\"forest regressed\"");
	holds(&out, "<li>write/4k/ext4: the counts have regressed (STAC 2\xc2\xa0\xe2\x86\x92\xc2\xa0" "3), and the time does not show it");
	made_judged_release(&j);
	buf_release(&out);
}

/* STAC and CLAC that moved alike are one row. */
static void all_findings_are_in_the_table_that_sorts(void **state)
{
	struct buf out = BUF_INIT, table = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_REJECT);
	page(&j, &out);
	buf_str(&table, strstr(out.s, "id=\"sorted\""));
	table.len = (size_t)(strstr(table.s, "</table>") - table.s);
	table.s[table.len] = '\0';
	assert_int_equal(times(&table, "<tr>"), 1 + j.judged.n - MADE_CELLS);
	assert_int_equal(times(&table, "data-sort="), 7);
	holds(&table, "decides nothing");
	buf_release(&table);
	made_judged_release(&j);
	buf_release(&out);
}

static void figures_stand_as_in_the_published_table(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_REJECT);
	page(&j, &out);
	holds(&out, "<h3>2 threads, reads from 4k file(s), mean MiB/s (StdDev)</h3>");
	holds(&out, "<th scope=\"colgroup\" colspan=\"2\">Baseline</th>");
	holds(&out, "<th scope=\"colgroup\" colspan=\"2\">%change</th>");
	holds(&out, "<th scope=\"col\">same file</th>");
	holds(&out, "<td class=\"improved\">+6.2%<span class=\"mark improved\">");
	holds(&out, "(2.725-3.974)");		/* a prediction's range */
	made_judged_release(&j);
	buf_release(&out);
}

static void an_accepted_run_shows_what_changed(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_ACCEPT);
	page(&j, &out);
	holds(&out, "<header class=\"accept\" id=\"verdict\">");
	holds(&out, "\xe2\x9c\x93</span> Accepted</h1>");
	holds(&out, "<p class=\"headline\">8 cells unchanged or better</p>");
	lacks(&out, "What decided it</h2>");
	made_judged_release(&j);
	buf_release(&out);
}

static void an_undecided_run_says_why_and_how_to_go_on(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_INCONCLUSIVE);
	page(&j, &out);
	holds(&out, "<span class=\"sign\" aria-hidden=\"true\">?</span> Inconclusive</h1>");
	holds(&out, "<code>foliogate run --resume 2026-11-21T11-02-03-made</code>");
	holds(&out, "there are too few blocks for any change to be significant");
	holds(&out, "<small>no bound</small>");
	made_judged_release(&j);
	buf_release(&out);
}

static void a_kernel_in_trouble_leaves_no_table(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_INCIDENT);
	assert_null(j.in.figures);
	page(&j, &out);
	holds(&out, "What happened</h2>");
	holds(&out, "<dd>BUG: kernel NULL pointer dereference, address: 0000000000000008</dd>");
	holds(&out, "<pre>filemap_read+0x8a/0x510\nvfs_read+0x2a1/0x3c0\n</pre>");
	holds(&out, "<dd>read block=1 file_size=4k fs=ext4 sharing=same pattern=fixed call=pread threads=2</dd>");
	lacks(&out, "<h2>Measured");
	lacks(&out, "<h2>Plots");
	lacks(&out, "\\x0a");
	made_judged_release(&j);
	buf_release(&out);
}

static void a_run_that_was_not_judged_shows_its_tables(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_ACCEPT);
	j.in.judged = NULL;
	j.in.nplots = 0;
	page(&j, &out);
	holds(&out, "<h1>Measured</h1>");
	holds(&out, "None were drawn for this page.");
	holds(&out, "<h2>Measured</h2>");
	lacks(&out, "id=\"decided\"");
	lacks(&out, "id=\"sorted\"");
	made_judged_release(&j);
	buf_release(&out);
}

/* Buggy: the counts of a kernel after the only one were asked for. */
static void one_kernel_that_was_counted_has_its_counts_once(void **state)
{
	struct made_judged j;
	struct buf out = BUF_INIT;
	const char *first;

	(void)state;
	made_judged(&j, MADE_ACCEPT);
	j.m.plan.nkernels = 1;
	j.in.judged = NULL;
	report_html(&j.in, &out);
	j.m.plan.nkernels = 2;
	first = strstr(buf_text(&out), "Exact counts per op");
	assert_non_null(first);
	assert_null(strstr(first, "(new)"));
	assert_non_null(strstr(first, "STAC"));
	buf_release(&out);
	made_judged_release(&j);
}

static void a_run_with_one_kernel_and_nothing_known_has_a_page(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j = { .judged = { 0 } };

	(void)state;
	made_init(&j.m, "running");
	made_table(&j.m, "read block=ROW threads=1", "block", "1 4k", NULL, NULL);
	made_figures(&j.m);
	j.in = (struct report_input){ .run = "r", .plan = &j.m.plan, .samples = &j.samples, .figures = j.m.figures };
	page(&j, &out);
	lacks(&out, "<h2>Measured");
	lacks(&out, "<h2>Environment");
	holds(&out, "<h2>The run</h2>");
	made_release(&j.m);
	buf_release(&out);
}

static void emulated_times_are_not_shown(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_ACCEPT);
	figures_withhold(j.m.figures, 2 * MADE_CELLS);
	j.in.emulated = true;
	page(&j, &out);
	lacks(&out, "<h2>Measured");
	lacks(&out, "boot.uptime_s");
	holds(&out, "<h2>Exact counts per op</h2>");
	j.in.emulated = false;
	page(&j, &out);
	holds(&out, "boot.uptime_s");
	made_judged_release(&j);
	buf_release(&out);
}

static void replace(char **text, const char *with)
{
	free(*text);
	*text = xstrdup(with);
}

static void hostile_names_stay_text(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;
	size_t i;

	(void)state;
	made_judged(&j, MADE_REJECT);
	replace(&j.m.plan.job, HOSTILE);
	replace(&j.m.plan.kernel[1].name, HOSTILE);
	replace(&j.m.plan.table[0].column[0], HOSTILE);
	replace(&j.m.plan.table[0].rows, HOSTILE);
	replace(&j.judged.headline, HOSTILE);
	replace(&j.judged.note[0], HOSTILE);
	replace(&j.judged.gate, HOSTILE);
	for (i = 0; i < j.samples.ncounts; i++)
		if (!strcmp(j.samples.count[i].kernel, "patched"))
			replace(&j.samples.count[i].kernel, HOSTILE);
	json_object_set_new(json_array_get(j.samples.environments, 0), "build", json_pack("{s:s}", HOSTILE, HOSTILE));
	j.in.run = HOSTILE;
	j.plot.name = (char *)HOSTILE;
	j.plot.svg = (char *)"<svg><script>alert(\"1\")</script></svg>";
	page(&j, &out);
	assert_int_equal(times(&out, "<script"), 1);
	lacks(&out, "alert(\"1\")");
	made_judged_release(&j);
	buf_release(&out);
}

static void a_hostile_incident_stays_text(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;
	json_t *line;

	(void)state;
	made_judged(&j, MADE_INCIDENT);
	line = json_array_get(j.samples.incidents, 0);
	json_object_set_new(line, "what", json_string(HOSTILE));
	json_object_set_new(line, "cell", json_string(HOSTILE));
	json_object_set_new(line, "kernel", json_string(HOSTILE));
	json_object_set_new(line, "task", json_null());
	json_object_set_new(line, "frames", json_pack("[s,n]", HOSTILE));
	page(&j, &out);
	assert_int_equal(times(&out, "<script"), 1);
	made_judged_release(&j);
	buf_release(&out);
}

static void drawings_do_not_share_ids(void **state)
{
	static char name[] = "plot", svg[] = "<svg><defs><g id=\"a\"/></defs><use href=\"#a\"/></svg>", bad[] = "<svg>";
	struct report_plot plots[] = { { name, svg }, { name, svg }, { name, bad } };
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_ACCEPT);
	j.in.plot = plots;
	j.in.nplots = 3;
	page(&j, &out);
	holds(&out, "<g id=\"p1-a\"/></defs><use href=\"#p1-a\"/>");
	holds(&out, "<g id=\"p2-a\"/></defs><use href=\"#p2-a\"/>");
	holds(&out, "This drawing is damaged.");
	made_judged_release(&j);
	buf_release(&out);
}

static void nothing_is_fetched_from_anywhere(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_REJECT);
	page(&j, &out);
	lacks(&out, "http://");
	lacks(&out, "https://");
	lacks(&out, "@import");
	lacks(&out, "src=");
	holds(&out, "content=\"default-src 'none';");
	made_judged_release(&j);
	buf_release(&out);
}

static void conditions_that_differ_come_first(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;
	json_t *line;

	(void)state;
	made_judged(&j, MADE_ACCEPT);
	page(&j, &out);
	holds(&out, "<h3>Nothing differs between the kernels</h3>");
	line = json_array_get(j.samples.environments, 1);
	json_object_set_new(json_object_get(json_object_get(line, "environment"), "cpu"), "microcode",
			    json_string("0x1"));
	json_object_set_new(json_object_get(line, "guest"), "accel", json_string("tcg"));
	page(&j, &out);
	holds(&out, "<h3>What differs between the kernels</h3>");
	comes_before(&out, "<td>0x2b000603</td><td>0x1</td>", "<summary>");
	comes_before(&out, "<td>kvm</td><td>tcg</td>", "<summary>");
	made_judged_release(&j);
	buf_release(&out);
}

static void the_same_run_gives_the_same_page(void **state)
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_REJECT);
	page(&j, &a);
	page(&j, &b);
	assert_string_equal(buf_text(&a), buf_text(&b));
	made_judged_release(&j);
	buf_release(&a);
	buf_release(&b);
}

static struct finding changed(double percent, double low, double high)
{
	return (struct finding){ .effect = log1p(percent / 100), .low = log1p(low / 100), .high = log1p(high / 100),
				 .minimum = 0.02, .relative = true };
}

static void the_scale_is_that_of_times_where_there_are_some(void **state)
{
	const size_t which[] = { 0, 1, 2 };
	struct finding f[] = { changed(-3, -4, -2), changed(1, 0.5, 1.5), changed(200, 200, 200) };
	struct buf out = BUF_INIT;

	(void)state;
	f[2].yardstick.exact = true;
	assert_true(fabs(forest_reach(f, which, 3) - log1p(0.05)) < 1e-12);
	f[0].yardstick.exact = f[1].yardstick.exact = true;
	assert_true(fabs(forest_reach(f, which, 3) - log1p(3)) < 1e-12);
	f[0].effect = f[0].low = f[0].high = NAN;
	assert_true(fabs(forest_reach(f, which, 1) - log1p(0.02)) < 1e-12);
	forest_scale(log1p(0.05), &out);
	assert_string_equal(buf_text(&out), "-5% to +5%");
	buf_release(&out);
}

static void what_is_beyond_the_scale_ends_in_an_arrow(void **state)
{
	struct finding f = changed(-1, -3, 2);
	struct buf out = BUF_INIT;

	(void)state;
	forest_row(&f, log1p(0.05), &out);
	assert_int_equal(times(&out, "class=\"end\""), 0);
	assert_int_equal(times(&out, "<circle"), 1);
	f.low = -INFINITY;
	f.high = INFINITY;
	buf_reset(&out);
	forest_row(&f, log1p(0.05), &out);
	assert_int_equal(times(&out, "class=\"end\""), 2);
	lacks(&out, "inf");
	f = (struct finding){ .yardstick = { true, YARDSTICK_TRANSFERS }, .old = 3, .new = 0, .effect = NAN, .low = NAN,
			      .high = NAN };
	buf_reset(&out);
	forest_row(&f, log1p(0.05), &out);
	assert_int_equal(times(&out, "class=\"end\""), 1);	/* the largest change there is */
	assert_int_equal(times(&out, "<circle"), 0);
	lacks(&out, "inf");
	lacks(&out, "nan");
	f.new = NAN;
	buf_reset(&out);
	forest_row(&f, log1p(0.05), &out);
	assert_int_equal(out.len, 0);
	buf_release(&out);
}

static void points_stand_under_each_other(void **state)
{
	static const char *const figure[] = { "1", "10.5", "-", "3472*" };
	static const char *const below[] = { "(0.497)", "(-)", "(1-2.5)", "" };
	struct buf out = BUF_INIT;
	struct sheet_column *c;
	struct sheet s;
	size_t i;

	(void)state;
	sheet_init(&s, 4);
	c = sheet_add(&s);
	for (i = 0; i < 4; i++) {
		buf_str(&c->cell[i].figure, figure[i]);
		buf_str(&c->cell[i].below, below[i]);
	}
	sheet_render(&s, "t", &out);
	holds(&out, "<td>1     \n<small>(0.497)</small></td>");
	holds(&out, "<td>10.5   \n<small>(-)    </small></td>");
	holds(&out, "<td>-     \n<small>(1-2.5)</small></td>");
	holds(&out, "<td>3472*    </td>");	/* the mark hangs over */
	sheet_release(&s);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_never_markup),
		cmocka_unit_test(attributes_are_escaped_and_left_out_without_a_value),
		cmocka_unit_test(every_outcome_has_a_page),
		cmocka_unit_test(the_verdict_comes_first_as_sign_word_and_headline),
		cmocka_unit_test(what_decided_it_has_its_figures_and_its_interval),
		cmocka_unit_test(all_findings_are_in_the_table_that_sorts),
		cmocka_unit_test(figures_stand_as_in_the_published_table),
		cmocka_unit_test(an_accepted_run_shows_what_changed),
		cmocka_unit_test(an_undecided_run_says_why_and_how_to_go_on),
		cmocka_unit_test(a_kernel_in_trouble_leaves_no_table),
		cmocka_unit_test(a_run_that_was_not_judged_shows_its_tables),
		cmocka_unit_test(one_kernel_that_was_counted_has_its_counts_once),
		cmocka_unit_test(a_run_with_one_kernel_and_nothing_known_has_a_page),
		cmocka_unit_test(emulated_times_are_not_shown),
		cmocka_unit_test(hostile_names_stay_text),
		cmocka_unit_test(a_hostile_incident_stays_text),
		cmocka_unit_test(drawings_do_not_share_ids),
		cmocka_unit_test(nothing_is_fetched_from_anywhere),
		cmocka_unit_test(conditions_that_differ_come_first),
		cmocka_unit_test(the_same_run_gives_the_same_page),
		cmocka_unit_test(the_scale_is_that_of_times_where_there_are_some),
		cmocka_unit_test(what_is_beyond_the_scale_ends_in_an_arrow),
		cmocka_unit_test(points_stand_under_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
