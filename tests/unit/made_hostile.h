/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A judged run whose names and texts hold all that could break a format, and what every format's
 * text must keep to. Include after cmocka.h.
 */
#ifndef TESTS_UNIT_MADE_HOSTILE_H
#define TESTS_UNIT_MADE_HOSTILE_H

#include <ctype.h>

#include "harness/report/report_formats.h"
#include "tests/unit/made_judged.h"

#define HOSTILE "a<b>&\"c'#d\\e/\n\t\x01\x7f\xc3\xa9"
#define NO_UTF8 "\xff\xfe#"

static inline void made_replace(char **text, const char *by)
{
	free(*text);
	*text = xstrdup(by);
}

static inline void made_hostile(struct made_judged *j, enum made_outcome o)
{
	json_t *line;
	size_t i;

	made_judged(j, o);
	made_replace(&j->m.plan.job, NO_UTF8);
	made_replace(&j->m.plan.kernel[1].name, HOSTILE);
	made_replace(&j->m.plan.cell[0].name, "read block=" NO_UTF8 " x=<&>\"'#\xef\xbf\xbe threads=2");
	made_replace(&j->judged.headline, "reject: " HOSTILE);
	made_note(&j->judged, "a note\nof two lines # SKIP");
	json_array_foreach(j->samples.incidents, i, line) {
		json_put(line, "kernel", json_text(HOSTILE));
		json_put(line, "what", json_text("not ok 1 - it <says>\nok 1 # SKIP"));
	}
}

/* Valid UTF-8 without control characters but newlines, and not a number in it that is none. */
static inline void expect_clean(const struct buf *out)
{
	json_t *utf8 = json_string(buf_text(out));
	size_t i;

	assert_non_null(utf8);
	json_decref(utf8);
	for (i = 0; i < out->len; i++)
		if ((unsigned char)out->s[i] < ' ' && out->s[i] != '\n')
			fail_msg("byte %d at %zu: %.40s", out->s[i], i, out->s + i);
	assert_null(strcasestr(buf_text(out), "nan"));
	assert_null(strcasestr(buf_text(out), "inf,"));
	assert_null(strcasestr(buf_text(out), " inf"));
	assert_int_equal(out->s[out->len - 1], '\n');
}

static inline void expect_has(const struct buf *out, const char *text)
{
	if (!strstr(buf_text(out), text))
		fail_msg("lacks %s:\n%.4000s", text, buf_text(out));
}

static inline size_t count_of(const struct buf *out, const char *text)
{
	const char *at = buf_text(out);
	size_t n = 0;

	for (; (at = strstr(at, text)); at += strlen(text))
		n++;
	return n;
}

/* The same input, the same bytes. */
static inline void expect_same_twice(void (*render)(const struct report_input *in, struct buf *out))
{
	struct buf first = BUF_INIT, second = BUF_INIT;
	struct made_judged j;

	made_judged(&j, MADE_REJECT);
	render(&j.in, &first);
	made_judged_release(&j);
	made_judged(&j, MADE_REJECT);
	render(&j.in, &second);
	assert_string_equal(buf_text(&first), buf_text(&second));
	made_judged_release(&j);
	buf_release(&first);
	buf_release(&second);
}

/* As measured by emulation: times withheld, findings of counts alone. */
static inline void made_emulated(struct made_judged *j, enum made_outcome o)
{
	made_judged(j, o);
	j->in.emulated = true;
	figures_withhold(j->m.figures, 2 * MADE_CELLS);
}

#endif
