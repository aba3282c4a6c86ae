/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/plan/decimal.h"

#include <stdbool.h>
#include <string.h>

#define LONGEST 16

/* Not strtod(), which also takes "inf", "0x1p3" and " 1", and goes by the locale. */
int decimal_parse(const char *s, size_t len, double *out)
{
	double n = 0, unit = 1;
	bool point = false;
	size_t i;

	*out = 0;
	if (!len || len > LONGEST)
		return -1;
	for (i = 0; i < len; i++) {
		if (s[i] == '.' && !point && i && i + 1 < len) {
			point = true;
			continue;
		}
		if (s[i] < '0' || s[i] > '9')
			return -1;
		n = n * 10 + (s[i] - '0');
		unit *= point ? 10 : 1;
	}
	*out = n / unit;
	return 0;
}

int decimal_parse_percent(const char *s, double *share)
{
	size_t len = strlen(s);

	*share = 0;
	if (!len || s[len - 1] != '%' || decimal_parse(s, len - 1, share))
		return -1;
	*share /= 100;
	return 0;
}
