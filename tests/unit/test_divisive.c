/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/judge/divisive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <gsl/gsl_randist.h>

#include "harness/judge/tail.h"
#include "tests/unit/close.h"

/* What ecp says (tests/reference/divisive.R), and what we say of the same numbers. */
#define NEAR 1e-9

enum { FIELDS = 256 };

struct line {
	char kind[16];
	double x[FIELDS];
	size_t n;
};

static bool next(FILE *f, struct line *l)
{
	char text[8192], *field, *end, *rest = text;

	do {
		if (!fgets(text, sizeof(text), f))
			return false;
	} while (text[0] == '#');
	assert_non_null(strchr(text, '\n'));
	text[strcspn(text, "\n")] = '\0';
	field = strsep(&rest, ",");
	assert_true(strlen(field) < sizeof(l->kind));
	strcpy(l->kind, field);
	for (l->n = 0; (field = strsep(&rest, ",")); l->n++) {
		assert_true(l->n < FIELDS);
		l->x[l->n] = strtod(field, &end);
		assert_true(end != field && !*end);
	}
	return true;
}

static void compare_split(const struct line *d, const struct line *l)
{
	struct split s = divisive_split(d->x, d->n, (size_t)l->x[0]);

	assert_int_equal(s.at, l->x[1]);
	assert_close(s.q / l->x[2], 1, NEAR);
}

static void compare_order(const struct line *d, const struct line *l)
{
	const struct divisive_how how = { .least = (size_t)l->x[0], .most = l->n - 1 };
	struct divisive_point *point;
	size_t n = divisive_points(d->x, d->n, &how, &point), i;

	assert_int_equal(n, how.most);
	for (i = 0; i < n; i++) {
		assert_int_equal(point[i].at, l->x[1 + i]);
		assert_true(isnan(point[i].p));
	}
	free(point);
}

static int by_place(const void *a, const void *b)
{
	const struct divisive_point *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

static void compare_points(const struct line *d, const struct line *l)
{
	const struct divisive_how how = {
		.least = (size_t)l->x[0], .permutations = (uint32_t)l->x[1], .level = l->x[2], .seed = 3,
	};
	struct divisive_point *point;
	size_t n = divisive_points(d->x, d->n, &how, &point), i;

	qsort(point, n, sizeof(*point), by_place);
	assert_int_equal(n, l->n - 3);
	for (i = 0; i < n; i++) {
		assert_int_equal(point[i].at, l->x[3 + i]);
		assert_close(point[i].p, 1.0 / (how.permutations + 1), NEAR);
	}
	free(point);
}

/* p of the best split from so many random orders; level 1: whatever it is. */
static double p_of(const struct line *d, size_t least, uint32_t permutations)
{
	const struct divisive_how how = {
		.least = least, .permutations = permutations, .level = 1, .seed = 5, .most = 1,
	};
	struct divisive_point *point;
	double p;

	assert_int_equal(divisive_points(d->x, d->n, &how, &point), 1);
	p = point->p;
	free(point);
	return p;
}

static void compare_exact(const struct line *d, const struct line *l)
{
	const uint32_t permutations = 19999;
	double p = p_of(d, (size_t)l->x[0], permutations);
	struct tail_bounds b = tail_binomial((uint64_t)(p * (permutations + 1) + 0.5) - 1, permutations, 1e-5);

	assert_true(b.low <= l->x[1] && l->x[1] <= b.high);
}

static void splits_and_points_are_those_of_ecp(void **state)
{
	static const struct {
		const char *kind;
		void (*compare)(const struct line *d, const struct line *l);
		int lines;
	} kinds[] = {
		{ "split", compare_split, 22 }, { "order", compare_order, 9 },
		{ "points", compare_points, 7 }, { "exact", compare_exact, 4 },
	};
	static struct line d, l;
	int count[4] = { 0 };
	FILE *f = fopen("tests/reference/divisive.csv", "r");
	size_t i;

	(void)state;
	assert_non_null(f);
	while (next(f, &l)) {
		for (i = 0; i < 4 && strcmp(kinds[i].kind, l.kind); i++)
			;
		if (i < 4) {
			kinds[i].compare(&d, &l);
			count[i]++;
		} else {
			assert_string_equal(l.kind, "series");
			d = l;
		}
	}
	for (i = 0; i < 4; i++)
		assert_int_equal(count[i], kinds[i].lines);
	fclose(f);
}

/* The statistic once more, from every pair of points. */
static double q_of(const double *x, size_t at, size_t end)
{
	double left = 0, right = 0, between = 0, m = (double)at, k = (double)(end - at);
	size_t i, j;

	for (i = 0; i < end; i++)
		for (j = 0; j < i; j++)
			*(i < at ? &left : j < at ? &between : &right) += fabs(x[i] - x[j]);
	return m * k / (m + k) * (2 * between / (m * k) - 2 * left / (m * (m - 1)) - 2 * right / (k * (k - 1)));
}

static void make_noise(double *x, size_t n, unsigned long seed)
{
	gsl_rng *r = gsl_rng_alloc(gsl_rng_taus2);
	size_t i;

	gsl_rng_set(r, seed);
	for (i = 0; i < n; i++)
		x[i] = gsl_ran_gaussian(r, 1);
	gsl_rng_free(r);
}

static void the_best_split_is_the_best_of_all_splits(void **state)
{
	struct split best, found;
	size_t n, at, end, least;
	double x[40], q;

	(void)state;
	for (n = 4; n <= 40; n += 3)
		for (least = 2; least <= 5; least += 3) {
			make_noise(x, n, n * 10 + least);
			best = (struct split){ .q = -INFINITY };
			for (at = least; at + least <= n; at++)
				for (end = at + least; end <= n; end++) {
					q = q_of(x, at, end);
					if (q > best.q + 1e-9)
						best = (struct split){ at, end, q };
				}
			found = divisive_split(x, n, least);
			assert_int_equal(found.at, best.at);
			if (!best.at)
				continue;
			assert_int_equal(found.end, best.end);
			assert_close(found.q, best.q, NEAR);
		}
}

static size_t count_points(const double *x, size_t n, uint32_t seed)
{
	const struct divisive_how how = { .least = 5, .permutations = 999, .level = 0.001, .seed = seed };
	struct divisive_point *point;
	size_t found = divisive_points(x, n, &how, &point);

	free(point);
	return found;
}

static void a_series_too_short_or_without_a_difference_has_no_point(void **state)
{
	double x[50];
	size_t n;

	(void)state;
	for (n = 0; n < 50; n++)
		x[n] = 1035.125;
	for (n = 0; n <= 50; n += 5)
		assert_int_equal(count_points(x, n, 1), 0);
	x[3] = 7;
	for (n = 0; n < 10; n++)
		assert_int_equal(count_points(x, n, 1), 0);
	assert_int_equal(divisive_split(x, 3, 2).at, 0);
	assert_int_equal(divisive_split(x, 0, 2).at, 0);
}

/* 300 series without a change, each tested at 1 in 20: 15 expected, and 5 to 28 in all but 1 of 1000 cases. */
static void the_level_is_kept(void **state)
{
	const struct divisive_how how = { .least = 3, .permutations = 39, .level = 0.05, .seed = 11 };
	struct divisive_point *point;
	double x[30];
	size_t i, found = 0;

	(void)state;
	for (i = 0; i < 300; i++) {
		make_noise(x, 30, 1000 + i);
		found += divisive_points(x, 30, &how, &point) > 0;
		free(point);
	}
	assert_in_range(found, 5, 28);
}

static void a_unit_changes_no_point(void **state)
{
	double x[60], y[60];
	struct split a, b;
	size_t i;

	(void)state;
	make_noise(x, 60, 4);
	for (i = 0; i < 60; i++) {
		x[i] += i < 40 ? 0 : 3;
		y[i] = 1e9 + x[i] * 1e-3;
	}
	a = divisive_split(x, 60, 5);
	b = divisive_split(y, 60, 5);
	assert_int_equal(a.at, b.at);
	assert_int_equal(a.end, b.end);
	assert_int_equal(count_points(x, 60, 1), 1);
	assert_int_equal(count_points(y, 60, 1), 1);
}

/* p of the best split from orders made here, each with all of its splits. */
static double slow_p(const double *x, size_t n, size_t least, int orders)
{
	gsl_rng *r = gsl_rng_alloc(gsl_rng_taus2);
	double q = divisive_split(x, n, least).q, y[80];
	int i, as_good = 0;

	memcpy(y, x, n * sizeof(*y));
	for (i = 0; i < orders; i++) {
		gsl_ran_shuffle(r, y, n, sizeof(*y));
		as_good += divisive_split(y, n, least).q >= q - 1e-9;
	}
	gsl_rng_free(r);
	return (1.0 + as_good) / (1.0 + orders);
}

/* Most orders are only looked at in rows: were one passed over that is as good, p would be too small. */
static void no_order_that_is_as_good_is_passed_over(void **state)
{
	static struct line d = { .n = 80 };
	double fast, slow, sd;
	unsigned i;
	size_t k;

	(void)state;
	for (i = 0; i < 6; i++) {
		make_noise(d.x, d.n, 300 + i);
		for (k = 55; k < d.n; k++)
			d.x[k] += 0.15 * i;
		fast = p_of(&d, 5, 1499);
		slow = slow_p(d.x, d.n, 5, 1500);
		sd = sqrt(2 * slow * (1 - slow) / 1500);
		assert_close(fast, slow, 4.5 * sd + 1.0 / 1500);
	}
}

static void the_same_seed_gives_the_same_p(void **state)
{
	static struct line d = { .n = 40 };
	double p;

	(void)state;
	make_noise(d.x, d.n, 21);
	p = p_of(&d, 5, 499);
	assert_close(p, p_of(&d, 5, 499), 0);
	assert_true(p > 1.0 / 500 && p <= 1);
}

/* Groups of orders that go through at once must not be counted beyond the number asked for. */
static void any_number_of_orders_can_be_drawn(void **state)
{
	static struct line d = { .n = 12 };
	uint32_t r;
	size_t i;

	(void)state;
	for (i = 0; i < d.n; i++)
		d.x[i] = i < 6 ? 0 : 1;
	for (r = 1; r < 6; r++)
		assert_close(p_of(&d, 2, r), 1.0 / (1 + r), 1e-12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splits_and_points_are_those_of_ecp),
		cmocka_unit_test(the_best_split_is_the_best_of_all_splits),
		cmocka_unit_test(a_series_too_short_or_without_a_difference_has_no_point),
		cmocka_unit_test(the_level_is_kept),
		cmocka_unit_test(a_unit_changes_no_point),
		cmocka_unit_test(no_order_that_is_as_good_is_passed_over),
		cmocka_unit_test(the_same_seed_gives_the_same_p),
		cmocka_unit_test(any_number_of_orders_can_be_drawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
