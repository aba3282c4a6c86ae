/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "harness/report/html/svg.h"
#include "tests/unit/markup.h"

#define ROOT " role=\"img\" aria-label=\"a &lt;plot&gt;\""

static int convert(const char *svg, struct buf *out)
{
	buf_reset(out);
	return html_svg(svg, "p1-", "a <plot>", out);
}

static void becomes(const char *svg, const char *expected)
{
	struct markup m = { .depth = 0 };
	struct buf out = BUF_INIT;

	assert_int_equal(convert(svg, &out), 0);
	assert_string_equal(buf_text(&out), expected);
	markup_check(&m, buf_text(&out));
	markup_targets(&m);
	markup_release(&m);
	buf_release(&out);
}

static void is_refused(const char *svg)
{
	struct buf out = BUF_INIT;

	buf_str(&out, "before");
	if (!html_svg(svg, "p1-", "label", &out))
		fail_msg("taken: %s", svg);
	assert_string_equal(buf_text(&out), "before");
	buf_release(&out);
}

static void what_gnuplot_writes_is_kept(void **state)
{
	(void)state;
	becomes("<?xml version=\"1.0\" encoding=\"utf-8\"  standalone=\"no\"?>\n"
		"<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd\">\n"
		"<svg \n viewBox=\"0 0 840 930\"\n xmlns=\"http://www.w3.org/2000/svg\"\n"
		" xmlns:xlink=\"http://www.w3.org/1999/xlink\"\n>\n"
		"<title>plot</title><desc>Produced by GNUPLOT 5.4 patchlevel 4 </desc>"
		"<g id=\"plot_1\" ><title>Baseline &amp; co</title>"
		"<!-- a --> comment --><path d='M1,1 L2,2'/></g></svg>\n",
		"<svg" ROOT " viewBox=\"0 0 840 930\">\n"
		"<g id=\"p1-plot_1\"><title>Baseline &amp; co</title>"
		" comment --&gt;<path d=\"M1,1 L2,2\"/></g></svg>");
}

static void ids_and_all_that_names_them_get_the_prefix(void **state)
{
	(void)state;
	becomes("<svg><defs><circle id='gpDot' r='0.5'/><filter id=\"f\"/></defs>"
		"<use xlink:href='#gpDot' fill=\"url(#f)\"/><use href=\"#gpDot\" filter='url(#f)'/></svg>",
		"<svg" ROOT "><defs><circle id=\"p1-gpDot\" r=\"0.5\"/><filter id=\"p1-f\"/></defs>"
		"<use href=\"#p1-gpDot\" fill=\"url(#p1-f)\"/><use href=\"#p1-gpDot\" filter=\"url(#p1-f)\"/></svg>");
}

static void what_is_no_drawing_is_left_out(void **state)
{
	(void)state;
	becomes("<svg onload=\"x()\"><script type=\"text/javascript\"><![CDATA[ if (1 < 2) x(\"</g>\"); ]]></script>"
		"<g ONCLICK='x()' class=\"a\" style=\"fill:red\"><foreignObject><body><svg><g/></svg></body></foreignObject>"
		"<style>g { fill: url(http://example.org/) }</style><script/>"
		"<a href=\"http://example.org/\">link</a>"
		"<image href=\"http://example.org/x.png\"/><rect width=\"9\"/></g></svg>",
		"<svg" ROOT "><g><rect width=\"9\"/></g></svg>");
}

static void nothing_from_elsewhere_is_named(void **state)
{
	(void)state;
	becomes("<svg><g fill=\"url(#a) url(//example.org)\" mask=\"url(#a)(\" stroke=\"url(#a))\"/></svg>",
		"<svg" ROOT "><g/></svg>");
	becomes("<svg><g id=\"a\" fill=\"url(http://example.org/#a)\" stroke=\"red url( '//example.org' )\" mask=\"url(#\""
		" filter=\"url(#a) url(http://example.org)\"/>"
		"<use xlink:href=\"http://example.org/x.svg#y\"/><use href=\"javascript:x()\"/><use href='#'/></svg>",
		"<svg" ROOT "><g id=\"p1-a\"/><use/><use/><use/></svg>");
}

static void values_stay_in_their_quotes(void **state)
{
	(void)state;
	becomes("<svg><text>a & b &amp; &lt &#39; &#x; &;</text></svg>",
		"<svg" ROOT "><text>a &amp; b &amp; &amp;lt &#39; &#x; &amp;;</text></svg>");
	becomes("<svg><text x='1\" onclick=\"x()' y=\"a>b<c\">1 > 0 \"q\" 'r' &lt;b&gt;</text></svg>",
		"<svg" ROOT "><text x=\"1&quot; onclick=&quot;x()\" y=\"a&gt;b&lt;c\">1 &gt; 0 &quot;q&quot; 'r' "
		"&lt;b&gt;</text></svg>");
}

static void names_are_taken_only_as_they_are(void **state)
{
	(void)state;
	is_refused("<svg><g a\"b=\"1\" fill=\"4\"/></svg>");
	becomes("<svg><g sVg:x=\"2\" x$=\"3\" fill=\"4\"/><svg:script/><Script>x</Script></svg>",
		"<svg" ROOT "><g fill=\"4\"/></svg>");
}

static void damaged_drawings_are_refused(void **state)
{
	(void)state;
	is_refused("");
	is_refused("no drawing");
	is_refused("<svg");
	is_refused("<svg>");
	is_refused("<svg><g></svg></g>");
	is_refused("<svg></svg></svg>");
	is_refused("<svg></svg><svg></svg>");
	is_refused("<svg></svg><script>x</script>");
	is_refused("<html><svg></svg></html>");
	is_refused("<svg/>");
	is_refused("<svg><g fill=></g></svg>");
	is_refused("<svg><g fill=red></g></svg>");
	is_refused("<svg><g fill=\"red></g></svg>");
	is_refused("<svg><g fill></g></svg>");
	is_refused("<svg><!-- </svg>");
	is_refused("<svg><? </svg>");
	is_refused("<svg><![CDATA[<script>]]></svg>");
	is_refused("<svg><></></svg>");
	is_refused("<svg>< g/></svg>");
	is_refused("<!DOCTYPE svg [<!ENTITY a \"<script>\">]><svg>&a;</svg>");
	is_refused("<svg><!ENTITY a \"b\"></svg>");
	is_refused("<svg><script></svg>");
}

static void elements_may_not_lie_in_each_other_without_end(void **state)
{
	struct buf deep = BUF_INIT;
	int i;

	(void)state;
	buf_str(&deep, "<svg>");
	for (i = 0; i < 100; i++)
		buf_str(&deep, "<g>");
	for (i = 0; i < 100; i++)
		buf_str(&deep, "</g>");
	buf_str(&deep, "</svg>");
	is_refused(buf_text(&deep));
	buf_release(&deep);
}

/* Whatever is broken in whatever place: refused, or still well-formed. */
static void every_damage_is_found_or_does_none(void **state)
{
	static const char whole[] = "<?xml?><svg a='1'><!-- c --><g id=\"i\" fill='url(#i)'><text>t &amp; u</text><script>"
				    "<![CDATA[x]]></script><use href='#i'/></g></svg>";
	static const char put[] = "<>\"'/=#&!-]( \n\x01";
	struct buf out = BUF_INIT;
	struct markup m;
	char *broken;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(whole) - 1; i++)
		for (k = 0; k < sizeof(put); k++) {
			broken = xstrdup(whole);
			broken[i] = put[k];
			buf_reset(&out);
			m = (struct markup){ .depth = 0 };
			if (!html_svg(broken, "p1-", "l", &out)) {
				markup_check(&m, buf_text(&out));
				assert_null(strstr(buf_text(&out), "script"));
			}
			markup_release(&m);
			free(broken);
		}
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_gnuplot_writes_is_kept),
		cmocka_unit_test(ids_and_all_that_names_them_get_the_prefix),
		cmocka_unit_test(what_is_no_drawing_is_left_out),
		cmocka_unit_test(nothing_from_elsewhere_is_named),
		cmocka_unit_test(values_stay_in_their_quotes),
		cmocka_unit_test(names_are_taken_only_as_they_are),
		cmocka_unit_test(damaged_drawings_are_refused),
		cmocka_unit_test(elements_may_not_lie_in_each_other_without_end),
		cmocka_unit_test(every_damage_is_found_or_does_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
