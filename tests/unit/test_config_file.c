/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "harness/commands/config_file.h"
#include "tests/unit/scratch.h"

static char *configs, *file;

static int read_as(const char *what)
{
	char *path = config_file("gates", what);
	struct config_read call = { .kind = "gate", .dir = "gates", .what = what, .path = path };
	struct buf text = BUF_INIT;
	int ret;

	scratch_listen();
	ret = config_file_read(&call, &text);
	if (!ret)
		assert_string_equal(buf_text(&text), "gate: strict\n");
	buf_release(&text);
	free(path);
	return ret;
}

static void a_name_is_looked_up_and_a_path_is_not(void **state)
{
	char *path = config_file("gates", "strict");

	(void)state;
	assert_string_equal(path, file);
	free(path);
	path = config_file("gates", "./strict");
	assert_string_equal(path, "./strict");
	free(path);
	path = config_file("gates", "strict.yaml");
	assert_string_equal(path, "strict.yaml");
	free(path);
	assert_int_equal(read_as("strict"), 0);
	assert_string_equal(scratch_heard(), "");
	assert_int_equal(read_as(file), 0);
	assert_string_equal(scratch_heard(), "");
}

static void a_near_miss_is_offered(void **state)
{
	char *offer = xasprintf("No such file or directory (did you mean '%s'?)", file);
	char *near = xasprintf("%s/gates/stirct.yaml", configs);

	(void)state;
	assert_int_equal(read_as("strikt"), -1);
	assert_non_null(strstr(scratch_heard(), offer));
	assert_int_equal(read_as(near), -1);
	assert_non_null(strstr(scratch_heard(), offer));
	assert_int_equal(read_as("nothing-like-it"), -1);
	assert_null(strstr(scratch_heard(), "did you mean"));
	assert_int_equal(read_as("./"), -1);
	assert_non_null(strstr(scratch_heard(), "Is a directory"));
	free(near);
	free(offer);
}

static int begin(void **state)
{
	char *dir;

	(void)state;
	scratch_begin();
	configs = xasprintf("%s/configs", scratch_dir);
	dir = xasprintf("%s/gates", configs);
	file = xasprintf("%s/strict.yaml", dir);
	mkdir(configs, 0777);
	mkdir(dir, 0777);
	scratch_write(file, "gate: strict\n", strlen("gate: strict\n"));
	setenv("FOLIOBENCH_CONFIGS", configs, 1);
	free(dir);
	return 0;
}

static int end(void **state)
{
	(void)state;
	scratch_end();
	free(configs);
	free(file);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_looked_up_and_a_path_is_not),
		cmocka_unit_test(a_near_miss_is_offered),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
