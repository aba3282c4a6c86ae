/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/units.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Digits only: strtoull() would take signs, blanks and 0x. Returns the first character after them, or NULL. */
static const char *digits(const char *s, uint64_t *out)
{
	uint64_t n = 0;

	if (!isdigit((unsigned char)*s))
		return NULL;
	for (; isdigit((unsigned char)*s); s++)
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(*s - '0'), &n))
			return NULL;
	*out = n;
	return s;
}

int units_count(const char *s, uint64_t *out)
{
	const char *end = digits(s, out);

	return end && !*end ? 0 : -1;
}

int units_size(const char *s, uint64_t *bytes)
{
	static const char letters[] = "kmgt";
	const char *end, *which;
	uint64_t n;
	int shift = 0;

	end = digits(s, &n);
	if (!end)
		return -1;
	if (*end && *end != 'B') {
		which = strchr(letters, tolower((unsigned char)*end));
		if (!which)
			return -1;
		shift = 10 * (int)(which - letters + 1);
		end++;
		if (*end == 'i' && end[1] == 'B')
			end++;
		else if (*end)
			return -1;
	}
	if (*end == 'B')
		end++;
	if (*end || (n << shift) >> shift != n)
		return -1;
	*bytes = n << shift;
	return 0;
}

static const struct {
	const char *name;
	uint64_t ns;
} durations[] = {
	{ "h", 3600000000000 },
	{ "m", 60000000000 },
	{ "s", 1000000000 },
	{ "ms", 1000000 },
	{ "us", 1000 },
	{ "ns", 1 },
};
#define NDURATIONS (sizeof(durations) / sizeof(durations[0]))

int units_duration(const char *s, uint64_t *ns)
{
	uint64_t whole, part = 0, scale = 1, unit;
	const char *end, *p;
	size_t i;

	end = digits(s, &whole);
	if (!end)
		return -1;
	if (*end == '.') {
		p = end + 1;
		end = digits(p, &part);
		if (!end || end - p > 9)
			return -1;
		for (; p < end; p++)
			scale *= 10;
	}
	if (!*end && !whole && !part) {
		*ns = 0;
		return 0;
	}
	for (i = 0; i < NDURATIONS; i++)
		if (!strcmp(end, durations[i].name))
			break;
	if (i == NDURATIONS)
		return -1;
	unit = durations[i].ns;
	/* part < 10^9 and unit < 4 * 10^12: the product can pass 64 bits */
	if (__builtin_mul_overflow(whole, unit, &whole) ||
	    __builtin_mul_overflow(part, unit, &part) || part % scale ||
	    __builtin_add_overflow(whole, part / scale, ns))
		return -1;
	return 0;
}

char *units_size_text(uint64_t bytes, char text[UNITS_TEXT_MAX])
{
	static const char *const suffix[] = { "", "k", "M", "G", "T" };
	int i = 0;

	while (i < 4 && bytes && bytes % 1024 == 0) {
		bytes /= 1024;
		i++;
	}
	snprintf(text, UNITS_TEXT_MAX, "%" PRIu64 "%s", bytes, suffix[i]);
	return text;
}

char *units_duration_text(uint64_t ns, char text[UNITS_TEXT_MAX])
{
	size_t i = 2;	/* seconds: 90s reads better than 1.5m, and 2m as 120s */

	while (i < NDURATIONS - 1 && ns % durations[i].ns)
		i++;
	snprintf(text, UNITS_TEXT_MAX, "%" PRIu64 "%s", ns / durations[i].ns, durations[i].name);
	return text;
}
