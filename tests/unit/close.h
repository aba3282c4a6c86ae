/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmocka's assert_float_equal() compares as float, seven digits: this one compares doubles. */
#ifndef TESTS_UNIT_CLOSE_H
#define TESTS_UNIT_CLOSE_H

#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

/* Equal infinities are close, a NAN is close to nothing. */
#define assert_close(a, b, tolerance) close_check((a), (b), (tolerance), __FILE__, __LINE__)

static inline void close_check(double a, double b, double tolerance, const char *file, int line)
{
	if (a == b || fabs(a - b) <= tolerance)
		return;
	print_error("%.17g is not %.17g, by more than %g\n", a, b, tolerance);
	_fail(file, line);
}

#endif
