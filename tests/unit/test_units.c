/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/units.h"

static void sizes_are_powers_of_1024(void **state)
{
	static const struct { const char *text; uint64_t bytes; } good[] = {
		{ "0", 0 }, { "1", 1 }, { "512", 512 }, { "512B", 512 }, { "4k", 4096 }, { "4K", 4096 },
		{ "4KiB", 4096 }, { "1M", 1 << 20 }, { "3G", 3ull << 30 }, { "2T", 2ull << 40 },
		{ "18446744073709551615", UINT64_MAX }, { "16777215T", 16777215ull << 40 },
	};
	uint64_t n;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(units_size(good[i].text, &n), 0);
		assert_true(n == good[i].bytes);
	}
}

static void what_is_no_size_is_refused_whole(void **state)
{
	static const char *const bad[] = {
		"", " 4", "4 ", "-5", "+5", "4kk", "k", "0x10", "4.5k", "1e3", "4Ki", "4iB", "4kB", "4P", "4k4",
		"18446744073709551616", "16777216T", "99999999999999999999T", "4\n",
	};
	uint64_t n;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(units_size(bad[i], &n), -1);
}

static void durations_need_their_unit(void **state)
{
	static const struct { const char *text; uint64_t ns; } good[] = {
		{ "0", 0 }, { "0s", 0 }, { "1ns", 1 }, { "10us", 10000 }, { "500ms", 500000000 },
		{ "2s", 2000000000 }, { "1.5s", 1500000000 }, { "0.25ms", 250000 }, { "5m", 300000000000 },
		{ "1h", 3600000000000 }, { "1.000000001s", 1000000001 },
	};
	static const char *const bad[] = {
		"", "1", "2 s", "s", "-1s", "1.s", ".5s", "1.5", "1,5s", "1sec", "0.5ns", "1.0000000001s",
		"5124096h", "99999999999999999999s", "1s ",
	};
	uint64_t ns;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(units_duration(good[i].text, &ns), 0);
		assert_true(ns == good[i].ns);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(units_duration(bad[i], &ns), -1);
}

static void counts_are_digits_only(void **state)
{
	uint64_t n;

	(void)state;
	assert_int_equal(units_count("16", &n), 0);
	assert_true(n == 16);
	assert_int_equal(units_count("", &n), -1);
	assert_int_equal(units_count("1k", &n), -1);
	assert_int_equal(units_count("-1", &n), -1);
	assert_int_equal(units_count("18446744073709551616", &n), -1);
}

static void texts_are_short_and_read_back(void **state)
{
	static const uint64_t sizes[] = { 0, 1, 1023, 1024, 1025, 4096, 1 << 20, 3ull << 30, 1ull << 50, UINT64_MAX };
	static const uint64_t times[] = { 0, 1, 999, 1000, 500000000, 1000000000, 1500000000, 7200000000000, UINT64_MAX };
	char text[UNITS_TEXT_MAX];
	uint64_t n;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_int_equal(units_size(units_size_text(sizes[i], text), &n), 0);
		assert_true(n == sizes[i]);
	}
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		assert_int_equal(units_duration(units_duration_text(times[i], text), &n), 0);
		assert_true(n == times[i]);
	}
	assert_string_equal(units_size_text(4096, text), "4k");
	assert_string_equal(units_size_text(1 << 20, text), "1M");
	assert_string_equal(units_size_text(1000, text), "1000");
	assert_string_equal(units_duration_text(1500000000, text), "1500ms");
	assert_string_equal(units_duration_text(2000000000, text), "2s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_powers_of_1024),
		cmocka_unit_test(what_is_no_size_is_refused_whole),
		cmocka_unit_test(durations_need_their_unit),
		cmocka_unit_test(counts_are_digits_only),
		cmocka_unit_test(texts_are_short_and_read_back),
	};

	return cmocka_run_group_tests_name("units", tests, NULL, NULL);
}
