/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cmocka.h>

#include "bench/memory.h"
#include "lib/buf.h"
#include "lib/param.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

/* The kernel's numbers, of its ABI: linux/mempolicy.h. */
enum { DEFAULT, PREFERRED, BIND, INTERLEAVE, LOCAL, MEMS_ALLOWED = 4 };

/*
 * The two system calls, which this program defines in the place of libnuma's: the
 * kernel's own, or a made-up machine with these nodes.
 */
static struct {
	bool on;
	unsigned long nodes;		/* that the process may use */
	int get_errno, set_errno;	/* fail with it; 0: do not */
	int mode;			/* as set last */
	unsigned long mask;
	unsigned calls;
} kernel;

long get_mempolicy(int *mode, unsigned long *mask, unsigned long maxnode, void *addr, unsigned flags);
long set_mempolicy(int mode, const unsigned long *mask, unsigned long maxnode);

long get_mempolicy(int *mode, unsigned long *mask, unsigned long maxnode, void *addr, unsigned flags)
{
	if (!kernel.on)
		return syscall(SYS_get_mempolicy, mode, mask, maxnode, addr, flags);
	errno = kernel.get_errno;
	if (kernel.get_errno)
		return -1;
	if (mode)
		*mode = kernel.mode;
	if (mask)
		mask[0] = flags == MEMS_ALLOWED ? kernel.nodes : kernel.mask;
	return 0;
}

long set_mempolicy(int mode, const unsigned long *mask, unsigned long maxnode)
{
	if (!kernel.on)
		return syscall(SYS_set_mempolicy, mode, mask, maxnode);
	kernel.calls++;
	errno = kernel.set_errno;
	if (kernel.set_errno)
		return -1;
	kernel.mode = mode;
	kernel.mask = mask ? mask[0] : 0;
	return 0;
}

static enum memory_policy policy_of(const char *text)
{
	return !strcmp(text, "local") ? MEMORY_LOCAL : !strcmp(text, "interleave") ? MEMORY_INTERLEAVE : MEMORY_NODE;
}

static int machine_of(unsigned long nodes)
{
	memset(&kernel, 0, sizeof(kernel));
	kernel.on = true;
	kernel.nodes = nodes;
	return 0;
}

static int end(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	return 0;
}

static void expect_set(const char *text, int mode, unsigned long mask)
{
	struct buf why = BUF_INIT;

	assert_int_equal(memory_check(policy_of(text), text, &why), 0);
	assert_int_equal(kernel.calls, 0);
	if (memory_apply(policy_of(text), text, &why))
		fail_msg("%s", buf_text(&why));
	assert_int_equal(why.len, 0);
	assert_int_equal(kernel.calls, 1);
	assert_int_equal(kernel.mode, mode);
	assert_int_equal(kernel.mask, mask);
	kernel.calls = 0;
	buf_release(&why);
}

static void expect_refusal(const char *text, const char *message)
{
	struct buf why = BUF_INIT;

	assert_int_equal(memory_apply(policy_of(text), text, &why), -1);
	assert_string_equal(buf_text(&why), message);
	assert_int_equal(kernel.mask, 0);
	buf_release(&why);
}

static void each_policy_reaches_the_kernel_with_the_nodes_it_means(void **state)
{
	(void)state;
	machine_of(0x0f);
	expect_set("local", LOCAL, 0);
	expect_set("interleave", INTERLEAVE, 0x0f);
	expect_set("node:0", BIND, 0x01);
	expect_set("node:3", BIND, 0x08);
	machine_of(0x101);
	expect_set("interleave", INTERLEAVE, 0x101);
	expect_set("node:8", BIND, 0x100);
}

static void local_undoes_a_policy_that_was_inherited(void **state)
{
	(void)state;
	machine_of(0x3);
	kernel.mode = INTERLEAVE;
	expect_set("local", LOCAL, 0);
}

static void interleaving_leaves_out_nodes_that_the_process_may_not_use(void **state)
{
	(void)state;
	machine_of(0x0a);
	expect_set("interleave", INTERLEAVE, 0x0a);
}

static void a_node_that_cannot_be_is_refused_with_those_that_can(void **state)
{
	(void)state;
	machine_of(0x3);
	expect_refusal("node:3", "memory: node 3 does not exist here (nodes: 0-1)");
	expect_refusal("node:4294967296", "memory: node 4294967296 does not exist here (nodes: 0-1)");
	expect_refusal("node:18446744073709551615", "memory: node 18446744073709551615 does not exist here (nodes: 0-1)");
	machine_of(0x117);
	expect_refusal("node:3", "memory: node 3 does not exist here (nodes: 0-2,4,8)");
	assert_int_equal(kernel.calls, 0);
}

static void a_node_that_exists_but_is_not_for_us_is_told_apart(void **state)
{
	(void)state;
	if (access("/sys/devices/system/node/node0", F_OK)) {
		print_message("skipped: /sys shows no node 0 here\n");
		skip();
	}
	machine_of(0x2);
	expect_refusal("node:0", "memory: node 0 has no memory that this process may use (nodes: 1)");
}

static void a_check_refuses_what_applying_would_and_changes_nothing(void **state)
{
	struct buf checked = BUF_INIT, applied = BUF_INIT;

	(void)state;
	machine_of(0x05);
	assert_int_equal(memory_check(MEMORY_NODE, "node:1", &checked), -1);
	assert_int_equal(memory_apply(MEMORY_NODE, "node:1", &applied), -1);
	assert_string_equal(buf_text(&checked), buf_text(&applied));
	assert_int_equal(kernel.calls, 0);
	buf_release(&checked);
	buf_release(&applied);
}

static void text_that_is_no_node_is_refused(void **state)
{
	static const char *const bad[] = { "node:", "node:x", "node:-1", "node:1 ", "node:0x1", "node", "nod:1", "1", "" };
	struct buf message = BUF_INIT;
	size_t i;

	(void)state;
	machine_of(0x3);
	for (i = 0; i < LENGTH(bad); i++) {
		buf_reset(&message);
		buf_fmt(&message, "memory: '%s' is not node:N, N the number of a node", bad[i]);
		expect_refusal(bad[i], buf_text(&message));
	}
	buf_release(&message);
}

static void a_kernel_without_numa_can_only_be_local(void **state)
{
	struct buf why = BUF_INIT;

	(void)state;
	machine_of(0);
	kernel.get_errno = kernel.set_errno = ENOSYS;
	assert_int_equal(memory_apply(MEMORY_LOCAL, "local", &why), 0);
	expect_refusal("interleave", "memory: this kernel has no NUMA support: only 'local' can be had");
	expect_refusal("node:0", "memory: this kernel has no NUMA support: only 'local' can be had");
	buf_release(&why);
}

static void a_container_that_forbids_the_calls_can_only_be_local(void **state)
{
	struct buf why = BUF_INIT;

	(void)state;
	machine_of(0x3);
	kernel.get_errno = kernel.set_errno = EPERM;
	assert_int_equal(memory_apply(MEMORY_LOCAL, "local", &why), 0);
	expect_refusal("interleave", "memory: ask for the usable nodes: Operation not permitted "
				     "(a container needs CAP_SYS_NICE for this)");
	kernel.get_errno = 0;
	expect_refusal("node:1", "memory: set the policy 'node:1': Operation not permitted "
				 "(a container needs CAP_SYS_NICE for this)");
	buf_release(&why);
}

static void a_policy_that_cannot_be_undone_is_not_called_local(void **state)
{
	(void)state;
	machine_of(0x3);
	kernel.set_errno = EPERM;
	kernel.mode = INTERLEAVE;
	expect_refusal("local", "memory: set the policy 'local': Operation not permitted");
	kernel.set_errno = ENOMEM;
	kernel.mode = LOCAL;
	expect_refusal("local", "memory: set the policy 'local': Cannot allocate memory");
}

/* This machine's kernel. */
struct real {
	char node[32];		/* "node:N" of one that may be used */
	int ret[3], mode[3];
};

static void *apply_all(void *arg)
{
	struct real *r = arg;
	const char *text[] = { "interleave", r->node, "local" };
	struct buf why = BUF_INIT;
	size_t i;

	for (i = 0; i < LENGTH(text); i++) {
		r->mode[i] = -1;
		r->ret[i] = memory_apply(policy_of(text[i]), text[i], &why);
		get_mempolicy(&r->mode[i], NULL, 0, NULL, 0);
	}
	buf_release(&why);
	return NULL;
}

static void the_real_kernel_takes_them_for_the_calling_thread_alone(void **state)
{
	unsigned long nodes[4096 / (8 * sizeof(long))] = { 0 };
	int before = -1, after = -1, node = 0;
	pthread_t thread[4];
	struct real r[4];
	size_t i;

	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	if (get_mempolicy(&before, NULL, 0, NULL, 0)) {
		print_message("skipped: no memory policies here: %s\n", strerror(errno));
		skip();
	}
	assert_int_equal(get_mempolicy(NULL, nodes, 4096, NULL, MEMS_ALLOWED), 0);
	while (!(nodes[node / (8 * sizeof(long))] >> node % (8 * sizeof(long)) & 1))
		node++;
	for (i = 0; i < LENGTH(thread); i++) {
		snprintf(r[i].node, sizeof(r[i].node), "node:%d", node);
		assert_int_equal(pthread_create(&thread[i], NULL, apply_all, &r[i]), 0);
	}
	for (i = 0; i < LENGTH(thread); i++) {
		pthread_join(thread[i], NULL);
		assert_int_equal(r[i].ret[0] | r[i].ret[1] | r[i].ret[2], 0);
		assert_int_equal(r[i].mode[0], INTERLEAVE);
		assert_int_equal(r[i].mode[1], BIND);
		/* Linux 3.8 to 5.13 name it "preferred, no node" */
		assert_true(r[i].mode[2] == LOCAL || r[i].mode[2] == PREFERRED);
	}
	assert_int_equal(get_mempolicy(&after, NULL, 0, NULL, 0), 0);
	assert_int_equal(before, after);
}

static void the_real_kernel_has_no_node_1023(void **state)
{
	struct buf why = BUF_INIT;

	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	assert_int_equal(memory_apply(MEMORY_NODE, "node:1023", &why), -1);
	assert_memory_equal(buf_text(&why), "memory: ", 8);
	buf_release(&why);
}

static void the_choices_are_in_the_order_of_the_policies(void **state)
{
	const struct param row = { .name = "memory", .kind = PARAM_CHOICE, .choices = memory_choices };
	struct buf why = BUF_INIT;
	uint64_t n;

	(void)state;
	assert_int_equal(param_check(&row, "local", &n, &why), 0);
	assert_int_equal(n, MEMORY_LOCAL);
	assert_int_equal(param_check(&row, "interleave", &n, &why), 0);
	assert_int_equal(n, MEMORY_INTERLEAVE);
	assert_int_equal(param_check(&row, "node:1", &n, &why), 0);
	assert_int_equal(n, MEMORY_NODE);
	assert_int_equal(param_check(&row, "node:", &n, &why), -1);
	buf_release(&why);
}

#define TEST(name) cmocka_unit_test_teardown(name, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_policy_reaches_the_kernel_with_the_nodes_it_means),
		TEST(local_undoes_a_policy_that_was_inherited),
		TEST(interleaving_leaves_out_nodes_that_the_process_may_not_use),
		TEST(a_node_that_cannot_be_is_refused_with_those_that_can),
		TEST(a_node_that_exists_but_is_not_for_us_is_told_apart),
		TEST(a_check_refuses_what_applying_would_and_changes_nothing),
		TEST(text_that_is_no_node_is_refused),
		TEST(a_kernel_without_numa_can_only_be_local),
		TEST(a_container_that_forbids_the_calls_can_only_be_local),
		TEST(a_policy_that_cannot_be_undone_is_not_called_local),
		TEST(the_real_kernel_takes_them_for_the_calling_thread_alone),
		TEST(the_real_kernel_has_no_node_1023),
		TEST(the_choices_are_in_the_order_of_the_policies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
