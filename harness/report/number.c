/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/units.h"

#define SMALL 1e-6	/* below: an exponent, not a row of zeros */
#define LARGE 1e15	/* from here on: the digits after would be no digits of the figure */

/* The power of ten of the first digit once x is rounded to so many significant digits. */
static int power(double x, int significant)
{
	char text[40];

	snprintf(text, sizeof(text), "%.*e", significant - 1, x);
	return atoi(strchr(text, 'e') + 1);
}

static bool wants_exponent(double x)
{
	return x != 0 && (fabs(x) < SMALL || fabs(x) >= LARGE);
}

/* Takes zeros off the end of the decimals of what was added since start, and the point with the last. */
static void trim(struct buf *out, size_t start)
{
	if (!strchr(out->s + start, '.'))
		return;
	while (out->s[out->len - 1] == '0')
		out->s[--out->len] = '\0';
	if (out->s[out->len - 1] == '.')
		out->s[--out->len] = '\0';
}

void number_mean(double x, struct buf *out)
{
	size_t start = out->len;
	int first, decimals;

	if (!isfinite(x) || wants_exponent(x)) {
		buf_fmt(out, isfinite(x) ? "%.3e" : "%f", x);
		return;
	}
	/* One digit more than is shown: 9999.6 is below 10000, and stays so. */
	first = x == 0 ? 0 : power(x, 5);
	decimals = first < 2 ? 3 - first : first < 4 ? 1 : 0;
	buf_fmt(out, "%.*f", decimals, x);
	trim(out, start);
}

/*
 * Four significant digits but at most three decimals, zeros kept; more decimals where fewer than
 * two significant digits would be left.
 */
static void add_kept(double x, struct buf *out)
{
	int first, decimals;

	if (x == 0)
		buf_ch(out, '0');
	else if (isinf(x) || wants_exponent(x))
		buf_fmt(out, isinf(x) ? "%f" : "%.1e", x);
	else {
		first = power(x, 4);
		decimals = first >= 3 ? 0 : first > 0 ? 3 - first : 3;
		if (first < -2)
			decimals = 1 - power(x, 2);
		buf_fmt(out, "%.*f", decimals, x);
	}
}

void number_deviation(double x, struct buf *out)
{
	buf_ch(out, '(');
	if (isnan(x))
		buf_ch(out, '-');
	else
		add_kept(x, out);
	buf_ch(out, ')');
}

double number_rounded(double x)
{
	char text[40];

	snprintf(text, sizeof(text), "%.3e", x);
	return strtod(text, NULL);
}

void number_range(double low, double high, struct buf *out)
{
	buf_ch(out, '(');
	add_kept(number_rounded(low), out);
	buf_ch(out, '-');
	add_kept(number_rounded(high), out);
	buf_ch(out, ')');
}

void number_percent(double from, double to, struct buf *out)
{
	double percent = 100 * (to / from - 1);

	if (from == 0 || !isfinite(from) || !isfinite(to))
		buf_ch(out, '-');
	else if (fabs(percent) < 0.05)
		buf_str(out, "0.0%");
	else
		buf_fmt(out, "%+.1f%%", percent);
}

bool number_parameter(const char *key, const char *text, uint64_t *n)
{
	static const char *const sizes[] = { "block", "file_size" };
	size_t i;

	if (!units_count(text, n))
		return true;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		if (!strcmp(key, sizes[i]))
			return !units_size(text, n);
	return false;
}
