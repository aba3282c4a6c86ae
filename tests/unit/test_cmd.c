/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/buf.h"
#include "lib/cmd.h"
#include "lib/err.h"
#include "lib/exitcode.h"

struct draw_opts {
	bool png;
	const char *terminal;
	struct opt_list set;
};

static struct {
	int calls, argc;
	struct draw_opts opts;
	char first[32], sets[64];
	int ret;
} seen;

static int draw(const struct invocation *call)
{
	size_t i;

	seen.calls++;
	seen.argc = call->argc;
	seen.opts = *(const struct draw_opts *)call->options;
	snprintf(seen.first, sizeof(seen.first), "%s", call->argc ? call->argv[0] : "");
	for (i = 0; i < seen.opts.set.n; i++)
		strcat(strcat(seen.sets, seen.opts.set.text[i]), ";");
	return seen.ret;
}

static const struct opt options[] = {
	OPT_FLAG(struct draw_opts, png, 'p', "png", "also write PNG"),
	OPT_TEXT(struct draw_opts, terminal, 't', "terminal", "NAME", "draw with this terminal"),
	OPT_MANY(struct draw_opts, set, 's', "set", "KEY=VALUE", "set a key"),
	OPT_END
};
static const struct command draw_command = {
	.name = "draw", .args = "RUN", .summary = "draw a run", .about = "More words.", .options = options,
	.options_size = sizeof(struct draw_opts), .min = 1, .max = 1, .run = draw,
};
static const struct command bare_command = { .name = "bare", .args = "", .summary = "nothing", .run = draw,
	.options_size = sizeof(struct draw_opts) };
static const struct command *const commands[] = { &draw_command, &bare_command, NULL };
static const struct program program = { .name = "prog", .summary = "does", .version = "1", .commands = commands };

static struct buf out, talk;

static void slurp(FILE *f, struct buf *into)
{
	char chunk[4096];
	size_t n;

	buf_reset(into);
	rewind(f);
	while ((n = fread(chunk, 1, sizeof(chunk), f)))
		buf_add(into, chunk, n);
	fclose(f);
}

/* Runs "prog WORDS" with both streams caught. */
static int prog(const char *words)
{
	char *copy = strdup(words), *at = copy, *argv[16] = { "prog" };
	int saved_out, saved_err, ret, argc = 1;
	FILE *o = tmpfile(), *e = tmpfile();

	while (at && *at && argc < 15)
		argv[argc++] = strsep(&at, " ");
	memset(&seen.opts, 0, sizeof(seen.opts));
	seen.calls = 0;
	seen.sets[0] = '\0';
	fflush(NULL);
	saved_out = dup(1);
	saved_err = dup(2);
	dup2(fileno(o), 1);
	dup2(fileno(e), 2);
	ret = cmd_main(&program, argc, argv);
	fflush(NULL);
	dup2(saved_out, 1);
	dup2(saved_err, 2);
	close(saved_out);
	close(saved_err);
	slurp(o, &out);
	slurp(e, &talk);
	free(copy);
	err_verbosity(NORMAL);
	return ret;
}

static void usage_error(const char *words, const char *message)
{
	assert_int_equal(prog(words), EXIT_USAGE);
	assert_string_equal(buf_text(&talk), message);
	assert_string_equal(buf_text(&out), "");
	assert_int_equal(seen.calls, 0);
}

static void options_may_stand_anywhere_and_in_every_form(void **state)
{
	(void)state;
	seen.ret = 0;
	assert_int_equal(prog("draw -p last --terminal=svg -s a=1 --set b=2 --set=c=3"), 0);
	assert_int_equal(seen.calls, 1);
	assert_int_equal(seen.argc, 1);
	assert_string_equal(seen.first, "last");
	assert_true(seen.opts.png);
	assert_string_equal(seen.sets, "a=1;b=2;c=3;");
	assert_int_equal(prog("draw -t dumb last"), 0);
	assert_false(seen.opts.png);
	assert_int_equal(prog("draw -- -p"), 0);
	assert_string_equal(seen.first, "-p");
}

static void usage_errors_name_the_word_and_a_near_miss(void **state)
{
	(void)state;
	usage_error("", "prog: error: no command given; `prog -h` lists them\n");
	usage_error("drew", "prog: error: unknown command 'drew' (did you mean 'draw'?)\n");
	usage_error("help drew", "prog: error: unknown command 'drew' (did you mean 'draw'?)\n");
	usage_error("draw --termnal=x last",
		    "prog: error: draw: unknown option '--termnal' (did you mean '--terminal'?)\n");
	usage_error("draw -x last", "prog: error: draw: unknown option '-x'\n");
	usage_error("draw last -t", "prog: error: draw: option '-t' needs an argument\n");
	usage_error("draw --png=1 last", "prog: error: draw: option '--png' takes no argument\n");
	usage_error("draw", "prog: error: draw: too few arguments (0); usage: prog draw [options] RUN\n");
	usage_error("draw a b", "prog: error: draw: too many arguments (2); usage: prog draw [options] RUN\n");
	usage_error("bare a", "prog: error: bare: too many arguments (1); usage: prog bare [options]\n");
	usage_error("draw -q -v a", "prog: error: draw: -q and -v exclude each other\n");
	usage_error("draw --color=red a", "prog: error: draw: --color: 'red' is not one of auto, always, never\n");
}

static void help_follows_from_the_tables(void **state)
{
	static const char *const asks[] = { "draw -h", "draw --help", "help draw", "draw last -h" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
		assert_int_equal(prog(asks[i]), 0);
		assert_string_equal(buf_text(&talk), "");
		assert_int_equal(seen.calls, 0);
		assert_non_null(strstr(buf_text(&out), "usage: prog draw [options] RUN\n"));
		assert_non_null(strstr(buf_text(&out), "-t, --terminal=NAME"));
		assert_non_null(strstr(buf_text(&out), "More words."));
		assert_non_null(strstr(buf_text(&out), "-q, --quiet"));
	}
	assert_int_equal(prog("-h"), 0);
	assert_non_null(strstr(buf_text(&out), "  draw       draw a run\n  bare       nothing\n"));
	assert_int_equal(prog("--version"), 0);
	assert_string_equal(buf_text(&out), "prog 1\n");
}

static void a_commands_result_is_the_programs(void **state)
{
	(void)state;
	seen.ret = EXIT_REJECT;
	assert_int_equal(prog("bare"), EXIT_REJECT);
	seen.ret = -1;
	assert_int_equal(prog("bare"), EXIT_CANNOT);
	seen.ret = 0;
}

static int release(void **state)
{
	(void)state;
	buf_release(&out);
	buf_release(&talk);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_may_stand_anywhere_and_in_every_form),
		cmocka_unit_test(usage_errors_name_the_word_and_a_near_miss),
		cmocka_unit_test(help_follows_from_the_tables),
		cmocka_unit_test(a_commands_result_is_the_programs),
	};

	return cmocka_run_group_tests_name("cmd", tests, NULL, release);
}
