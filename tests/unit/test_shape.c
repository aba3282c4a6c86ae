/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/guest/shape.h"

static void every_accelerator_has_a_name(void **state)
{
	(void)state;
	assert_string_equal(accel_name(ACCEL_AUTO), "auto");
	assert_string_equal(accel_name(ACCEL_KVM), "kvm");
	assert_string_equal(accel_name(ACCEL_TCG), "tcg");
	assert_string_equal(accel_name(ACCEL_TCG_MULTI), "tcg-multi");
}

static void a_file_system_has_a_directory_of_its_own(void **state)
{
	(void)state;
	assert_string_equal(shape_dir("tmpfs"), "/mnt/tmpfs");
	assert_string_equal(shape_dir("ramfs"), "/mnt/ramfs");
	assert_string_equal(shape_dir("ext4"), "/mnt/ext4");
	assert_string_equal(shape_dir("xfs"), "/mnt/xfs");
	assert_string_equal(shape_dir("btrfs"), "/mnt/btrfs");
}

static void any_file_system_is_tmpfs(void **state)
{
	(void)state;
	assert_string_equal(shape_dir("any"), shape_dir("tmpfs"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_accelerator_has_a_name),
		cmocka_unit_test(a_file_system_has_a_directory_of_its_own),
		cmocka_unit_test(any_file_system_is_tmpfs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
