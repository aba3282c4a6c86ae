/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/html/mark.h"

#include "harness/report/html/html.h"
#include "lib/buf.h"

static const char *const signs[NVERDICTS] = {
	[VERDICT_INCONCLUSIVE] = "?",
	[VERDICT_UNCHANGED] = "=",
	[VERDICT_IMPROVED] = "\xe2\x9c\x93",	/* check mark */
	[VERDICT_REGRESSED] = "\xe2\x9c\x97",	/* ballot x */
};

static void add(struct buf *out, enum verdict v, const char *word_class)
{
	buf_fmt(out, "<span class=\"mark %s\"><span aria-hidden=\"true\">%s</span>", verdict_name(v), signs[v]);
	if (word_class)
		html_element(out, "span", verdict_name(v), "class", word_class, NULL);
	else
		html_fmt(out, " %s", verdict_name(v));
	html_close(out, "span");
}

void html_mark(struct buf *out, enum verdict v)
{
	add(out, v, NULL);
}

void html_mark_short(struct buf *out, enum verdict v)
{
	add(out, v, "unseen");
}

const char *html_outcome_sign(enum outcome o)
{
	static const char *const outcome[NOUTCOMES] = {
		[OUTCOME_ACCEPT] = "\xe2\x9c\x93",
		[OUTCOME_REJECT] = "\xe2\x9c\x97",
		[OUTCOME_INCONCLUSIVE] = "?",
		[OUTCOME_CANNOT] = "!",
	};

	return outcome[o];
}

const char *html_outcome_word(enum outcome o)
{
	static const char *const outcome[NOUTCOMES] = {
		[OUTCOME_ACCEPT] = "Accepted",
		[OUTCOME_REJECT] = "Rejected",
		[OUTCOME_INCONCLUSIVE] = "Inconclusive",
		[OUTCOME_CANNOT] = "Could not measure",
	};

	return outcome[o];
}
