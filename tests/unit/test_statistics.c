/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <stdio.h>

#include "harness/judge/flip.h"
#include "harness/judge/maxt.h"
#include "harness/judge/tail.h"
#include "harness/judge/welch.h"
#include "tests/unit/close.h"

/* What R says (tests/reference/statistics.R), and what the judge says of the same numbers. */
#define NEAR 1e-9

enum { FIELDS = 64 };

struct line {
	char kind[32];
	double x[FIELDS];
	size_t n;
};

/* NAN for R's NA. */
static double number(const char *text)
{
	char *end;
	double x = strcmp(text, "NA") ? strtod(text, &end) : (double)NAN;

	assert_true(!strcmp(text, "NA") || (end != text && !*end));
	return x;
}

static bool next(FILE *f, struct line *l)
{
	char text[4096], *field, *rest = text;

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
		l->x[l->n] = number(field);
	}
	return true;
}

static FILE *reference(const char *name)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "tests/reference/%s", name);
	f = fopen(path, "r");
	assert_non_null(f);
	return f;
}

static bool is(const struct line *l, const char *kind)
{
	return !strcmp(l->kind, kind);
}

static void tails_and_quantiles_are_those_of_r(void **state)
{
	FILE *f = reference("tail.csv");
	struct tail_bounds b;
	struct line l;
	int lines = 0;

	(void)state;
	for (; next(f, &l); lines++) {
		if (is(&l, "student")) {
			assert_close(tail_student(l.x[0], l.x[1]), l.x[2], NEAR);
		} else if (is(&l, "quantile")) {
			assert_close(tail_student_quantile(l.x[0], l.x[1]) / l.x[2], 1, NEAR);
		} else {
			assert_string_equal(l.kind, "binomial");
			b = tail_binomial((uint64_t)l.x[0], (uint64_t)l.x[1], l.x[2]);
			assert_close(b.low, l.x[3], NEAR);
			assert_close(b.high, l.x[4], NEAR);
		}
	}
	assert_int_equal(lines, 82);
	fclose(f);
}

static struct flip flips(const struct line *d, double alpha)
{
	const struct flip_how how = { .alpha = alpha, .chance = { .seed = 1 } };

	return flip_test(d->x, d->n, &how);
}

/* Student's t of the log ratios, from what the judge gives. */
static void compare_t(const struct line *d, const struct line *l)
{
	const struct family family = { .blocks = d->n, .cells = 1, .ratio = d->x };
	struct flip f = flips(d, 0.05);
	double error = f.sd / sqrt(f.n), t;
	struct adjusted a;
	int i;

	maxt_adjust(&family, &a);
	t = a.z * sqrt((a.n - 1) / (a.n - a.z * a.z));	/* as maxt.h says */
	assert_close(t, l->x[0], NEAR * fmax(1, fabs(t)));
	assert_close(f.effect / error, l->x[0], NEAR * fmax(1, fabs(t)));
	assert_close(tail_student(t, f.n - 1), l->x[1], NEAR);
	for (i = 0; i < 2; i++) {
		t = tail_student_quantile(i ? 0.01 : 0.05, f.n - 1);
		assert_close(f.effect - t * error, l->x[2 + 2 * i], NEAR);
		assert_close(f.effect + t * error, l->x[3 + 2 * i], NEAR);
	}
}

/* Wilcoxon's signed ranks are sign flips of the ranks; where numbers are 0 there is no sign. */
static void compare_wilcoxon(const struct line *d, const struct line *l)
{
	struct line ranks = { .n = 0 };
	double below, same;
	size_t i, j;

	for (i = 0; i < d->n; i++) {
		below = same = 0;
		for (j = 0; j < d->n; j++) {
			if (d->x[j] == 0)
				continue;
			below += fabs(d->x[j]) < fabs(d->x[i]) - NEAR;
			same += fabs(fabs(d->x[j]) - fabs(d->x[i])) <= NEAR;
		}
		if (d->x[i] != 0)
			ranks.x[ranks.n++] = copysign(below + (same + 1) / 2, d->x[i]);
	}
	assert_close(flips(&ranks, 0.05).p, l->x[0], NEAR);
}

static void compare_flip(const struct line *d, const struct line *l)
{
	struct flip f = flips(d, 0.05);

	assert_int_equal(f.n, d->n);
	assert_true(f.exact);
	assert_close(f.effect, l->x[0], NEAR);
	assert_close(f.sd, l->x[1], NEAR);
	assert_close(f.p, l->x[2], NEAR);
}

static void compare_interval(const struct line *d, const struct line *l)
{
	struct flip f = flips(d, l->x[0]);

	assert_close(f.low, l->x[1], NEAR);
	assert_close(f.high, l->x[2], NEAR);
}

/* More blocks than are gone through: what is drawn says where the p of all flips lies, and R knows it. */
static void compare_many(const struct line *d, const struct line *l)
{
	struct flip f = flips(d, 0.05);

	assert_false(f.exact);
	assert_true(f.p_low <= l->x[0] && l->x[0] <= f.p_high);
	assert_true(f.p >= f.p_low && f.p <= f.p_high + 1e-5);
}

static void one_cell_is_judged_as_r_does(void **state)
{
	FILE *f = reference("flip.csv");
	int sets = 0, others = 0;
	struct line l, d = { .n = 0 };

	(void)state;
	while (next(f, &l)) {
		if (is(&l, "d")) {
			d = l;
			sets++;
			continue;
		}
		others++;
		if (is(&l, "t"))
			compare_t(&d, &l);
		else if (is(&l, "wilcox"))
			compare_wilcoxon(&d, &l);
		else if (is(&l, "flip"))
			compare_flip(&d, &l);
		else if (is(&l, "interval"))
			compare_interval(&d, &l);
		else if (is(&l, "many"))
			compare_many(&d, &l);
		else
			fail_msg("%s", l.kind);
	}
	assert_int_equal(sets, 21);
	assert_int_equal(others, 15 * 8 + 6);
	fclose(f);
}

/* Of a family's cells how many max-T decides at 1 %, and how many Holm would. */
struct decided {
	int maxt, holm;
};

static struct decided compare_family(FILE *f, size_t cells, size_t blocks)
{
	struct adjusted *out = calloc(cells, sizeof(*out));
	struct line *l = calloc(cells, sizeof(*l));
	double *x = calloc(cells * blocks, sizeof(*x));
	const struct family family = { .blocks = blocks, .cells = cells, .ratio = x };
	struct decided decided = { 0 };
	size_t c;

	assert_true(out && l && x);
	for (c = 0; c < cells; c++) {
		assert_true(next(f, &l[c]));
		assert_string_equal(l[c].kind, "cell");
		assert_int_equal(l[c].n, 4 + blocks);
		memcpy(x + c * blocks, l[c].x + 4, blocks * sizeof(*x));
	}
	maxt_adjust(&family, out);
	for (c = 0; c < cells; c++) {
		assert_close(out[c].z, l[c].x[0], NEAR);
		assert_close(out[c].p, l[c].x[1], NEAR);
		assert_close(out[c].adjusted, l[c].x[2], NEAR);
		decided.maxt += out[c].adjusted <= 0.01;
		decided.holm += l[c].x[3] <= 0.01;
	}
	free(out);
	free(l);
	free(x);
	return decided;
}

static void families_are_adjusted_as_multtest_does(void **state)
{
	struct decided d, of_44 = { 0 };
	FILE *f = reference("family.csv");
	int families = 0;
	struct line l;

	(void)state;
	for (; next(f, &l); families++) {
		assert_string_equal(l.kind, "family");
		d = compare_family(f, (size_t)l.x[0], (size_t)l.x[1]);
		if (l.x[0] == 44)
			of_44 = d;
	}
	assert_int_equal(families, 6);
	/* Four of 44 cells changed by 8 %; 44 * 2 / 256 is all that Holm can say with 8 blocks. */
	assert_int_equal(of_44.maxt, 4);
	assert_int_equal(of_44.holm, 0);
	fclose(f);
}

static void figures_without_runs_are_compared_as_r_does(void **state)
{
	FILE *f = reference("welch.csv");
	struct published_mean a, b;
	struct welch w;
	struct line l;
	int lines = 0;

	(void)state;
	for (; next(f, &l); lines++) {
		a = (struct published_mean){ .n = (uint32_t)l.x[0], .mean = l.x[1], .sd = l.x[2] };
		b = (struct published_mean){ .n = (uint32_t)l.x[3], .mean = l.x[4], .sd = l.x[5] };
		w = welch_test(&a, &b, l.x[6]);
		assert_close(w.t, l.x[7], NEAR);
		assert_close(w.df, l.x[8], NEAR);
		assert_close(w.p, l.x[9], NEAR);
		assert_close(w.low, l.x[10] > -a.mean ? log1p(l.x[10] / a.mean) : -INFINITY, NEAR);
		assert_close(w.high, log1p(l.x[11] / a.mean), NEAR);
	}
	assert_int_equal(lines, 8);
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tails_and_quantiles_are_those_of_r),
		cmocka_unit_test(one_cell_is_judged_as_r_does),
		cmocka_unit_test(families_are_adjusted_as_multtest_does),
		cmocka_unit_test(figures_without_runs_are_compared_as_r_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
