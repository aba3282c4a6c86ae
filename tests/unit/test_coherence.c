/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "harness/count/coherence.h"

enum { cpu0, cpu1, cpu2, cpu3, CORES };
enum { A, B, LINES };
#define READ COHERENCE_READ
#define WRITE COHERENCE_WRITE
#define CALM 10000.0	/* ns between accesses: no line is busy any more */

static const struct coherence_costs costs = {
	.transfer = 60, .upgrade = 40, .shared = 30, .memory = 100, .busy = 25,
};

struct model {
	struct coherence *coherence;
	double now;
	struct coherence_result last;
};

static void at(struct model *m, double now, uint32_t core, enum coherence_kind kind, uint32_t line)
{
	const struct coherence_access a = { core, line, kind, now };

	m->now = now;
	coherence_access(m->coherence, &a, &m->last);
}

static void access(struct model *m, uint32_t core, enum coherence_kind kind, uint32_t line)
{
	at(m, m->now + CALM, core, kind, line);
}

static void expect(const struct model *m, uint32_t line, const char *states)
{
	char found[2 * CORES] = "";
	uint32_t core;

	for (core = 0; core < CORES; core++) {
		found[2 * core] = coherence_state(m->coherence, core, line);
		found[2 * core + 1] = core + 1 < CORES ? ' ' : '\0';
	}
	assert_string_equal(found, states);
}

/* What the last access was, how long it took, and whether it counts as a transfer. */
static void was(const struct model *m, enum coherence_event what, double took, bool moved)
{
	assert_int_equal(m->last.what, what);
	assert_true(m->last.done - m->now == took);
	assert_int_equal(m->last.moved, moved);
}

static int new_model(void **state)
{
	struct model *m = calloc(1, sizeof(*m));

	m->coherence = coherence_new(&costs, CORES, LINES);
	*state = m;
	return 0;
}

static int free_model(void **state)
{
	struct model *m = *state;

	coherence_free(m->coherence);
	free(m);
	return 0;
}

static void the_first_reader_has_the_line_to_itself(void **state)
{
	struct model *m = *state;

	expect(m, A, "I I I I");
	access(m, cpu0, READ, A);	expect(m, A, "E I I I");	was(m, COHERENCE_MEMORY, 100, false);
	access(m, cpu0, READ, A);	expect(m, A, "E I I I");	was(m, COHERENCE_HIT, 0, false);
	access(m, cpu0, WRITE, A);	expect(m, A, "M I I I");	was(m, COHERENCE_HIT, 0, false);
	expect(m, B, "I I I I");
}

static void readers_share_what_nobody_writes(void **state)
{
	struct model *m = *state;

	access(m, cpu0, READ, A);	expect(m, A, "E I I I");
	access(m, cpu1, READ, A);	expect(m, A, "S S I I");	was(m, COHERENCE_SHARED, 30, false);
	access(m, cpu3, READ, A);	expect(m, A, "S S I S");	was(m, COHERENCE_SHARED, 30, false);
	access(m, cpu0, READ, A);	expect(m, A, "S S I S");	was(m, COHERENCE_HIT, 0, false);
}

static void a_writer_takes_the_line_from_all(void **state)
{
	struct model *m = *state;

	access(m, cpu0, READ, A);
	access(m, cpu1, READ, A);
	access(m, cpu2, READ, A);	expect(m, A, "S S S I");
	access(m, cpu1, WRITE, A);	expect(m, A, "I M I I");	was(m, COHERENCE_UPGRADE, 40, true);
	access(m, cpu0, READ, A);	expect(m, A, "S S I I");	was(m, COHERENCE_TRANSFER, 60, true);
	access(m, cpu2, READ, A);	expect(m, A, "S S S I");	was(m, COHERENCE_SHARED, 30, true);
	access(m, cpu3, READ, A);	expect(m, A, "S S S S");	was(m, COHERENCE_SHARED, 30, false);
}

static void writers_pass_the_line_from_one_to_the_next(void **state)
{
	struct model *m = *state;

	access(m, cpu0, WRITE, A);	expect(m, A, "M I I I");	was(m, COHERENCE_MEMORY, 100, false);
	access(m, cpu1, WRITE, A);	expect(m, A, "I M I I");	was(m, COHERENCE_TRANSFER, 60, true);
	access(m, cpu3, WRITE, A);	expect(m, A, "I I I M");	was(m, COHERENCE_TRANSFER, 60, true);
	access(m, cpu0, WRITE, A);	expect(m, A, "M I I I");	was(m, COHERENCE_TRANSFER, 60, true);
	access(m, cpu0, WRITE, A);	expect(m, A, "M I I I");	was(m, COHERENCE_HIT, 0, false);
	expect(m, B, "I I I I");
}

static void a_writer_that_had_no_copy_waits_for_data_and_for_the_sharers(void **state)
{
	struct model *m = *state;

	access(m, cpu0, READ, A);
	access(m, cpu1, READ, A);
	access(m, cpu2, WRITE, A);	expect(m, A, "I I M I");	was(m, COHERENCE_SHARED, 40, false);
	/* From a core that only read it: clean, and nobody had written. */
	access(m, cpu3, READ, B);
	access(m, cpu0, WRITE, B);	expect(m, B, "M I I I");	was(m, COHERENCE_SHARED, 40, false);
}

static void what_a_cache_has_no_room_for_is_in_the_shared_level(void **state)
{
	struct model *m = *state;

	access(m, cpu0, WRITE, A);
	coherence_evict(m->coherence, cpu0, A);
	expect(m, A, "I I I I");
	access(m, cpu0, WRITE, A);	expect(m, A, "M I I I");	was(m, COHERENCE_SHARED, 30, false);
	access(m, cpu1, READ, A);	expect(m, A, "S S I I");
	coherence_evict(m->coherence, cpu0, A);
	expect(m, A, "I S I I");
	/* It left by itself, no writer took it: not a transfer. */
	access(m, cpu0, READ, A);	expect(m, A, "S S I I");	was(m, COHERENCE_SHARED, 30, false);
	coherence_evict(m->coherence, cpu3, A);
	expect(m, A, "S S I I");
	/* Nobody is left to take it from. */
	coherence_evict(m->coherence, cpu1, A);
	access(m, cpu0, WRITE, A);	expect(m, A, "M I I I");	was(m, COHERENCE_UPGRADE, 40, false);
}

static void a_line_that_all_gave_up_is_clean(void **state)
{
	struct model *m = *state;

	access(m, cpu0, WRITE, A);
	access(m, cpu1, READ, A);	expect(m, A, "S S I I");
	coherence_evict(m->coherence, cpu0, A);
	coherence_evict(m->coherence, cpu1, A);
	access(m, cpu2, READ, A);	expect(m, A, "I I E I");	was(m, COHERENCE_SHARED, 30, false);
}

static void a_line_that_moves_is_busy_for_a_while(void **state)
{
	struct model *m = *state;

	access(m, cpu0, WRITE, A);
	at(m, 20000, cpu1, WRITE, A);	was(m, COHERENCE_TRANSFER, 60, true);
	/* 10 ns later: it may move at 20025. */
	at(m, 20010, cpu2, WRITE, A);	was(m, COHERENCE_TRANSFER, 15 + 60, true);
	assert_true(m->last.start == 20025);
	/* A third at the same time queues behind both. */
	at(m, 20010, cpu3, WRITE, A);	was(m, COHERENCE_TRANSFER, 40 + 60, true);
	/* Another line is free. */
	at(m, 20010, cpu3, WRITE, B);	was(m, COHERENCE_MEMORY, 100, false);
	at(m, 20075, cpu0, WRITE, A);	was(m, COHERENCE_TRANSFER, 60, true);
}

static void many_readers_are_served_at_once(void **state)
{
	struct model *m = *state;

	access(m, cpu0, WRITE, A);
	at(m, 20000, cpu1, READ, A);	was(m, COHERENCE_TRANSFER, 60, true);
	/* The line comes from the writer until 20025; from then on it is clean. */
	at(m, 20001, cpu2, READ, A);	was(m, COHERENCE_SHARED, 24 + 30, false);
	at(m, 20001, cpu3, READ, A);	was(m, COHERENCE_SHARED, 24 + 30, false);
	expect(m, A, "S S S S");
}

static void more_cores_than_a_word_has_bits_are_told_apart(void **state)
{
	struct coherence *c = coherence_new(&costs, 1024, 1);
	struct coherence_result r;
	uint32_t core;

	(void)state;
	for (core = 0; core < 1024; core++)
		coherence_access(c, &(struct coherence_access){ core, 0, READ, core * CALM }, &r);
	for (core = 0; core < 1024; core++)
		assert_int_equal(coherence_state(c, core, 0), 'S');
	coherence_access(c, &(struct coherence_access){ 700, 0, WRITE, 1024 * CALM }, &r);
	assert_int_equal(r.what, COHERENCE_UPGRADE);
	for (core = 0; core < 1024; core++)
		assert_int_equal(coherence_state(c, core, 0), core == 700 ? 'M' : 'I');
	coherence_free(c);
	coherence_free(NULL);
}

int main(void)
{
#define MODEL_TEST(f) cmocka_unit_test_setup_teardown(f, new_model, free_model)
	const struct CMUnitTest tests[] = {
		MODEL_TEST(the_first_reader_has_the_line_to_itself),
		MODEL_TEST(readers_share_what_nobody_writes),
		MODEL_TEST(a_writer_takes_the_line_from_all),
		MODEL_TEST(writers_pass_the_line_from_one_to_the_next),
		MODEL_TEST(a_writer_that_had_no_copy_waits_for_data_and_for_the_sharers),
		MODEL_TEST(what_a_cache_has_no_room_for_is_in_the_shared_level),
		MODEL_TEST(a_line_that_all_gave_up_is_clean),
		MODEL_TEST(a_line_that_moves_is_busy_for_a_while),
		MODEL_TEST(many_readers_are_served_at_once),
		cmocka_unit_test(more_cores_than_a_word_has_bits_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
