/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which CPU each vCPU gets, on machines that are only described; and pinning, with threads of this program as vCPUs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/guest/qmp.h"
#include "harness/guest/shape.h"
#include "harness/guest/vcpus.h"
#include "lib/buf.h"
#include "lib/topo.h"

static struct buf text, why;

/* "0 2 4": the CPUs of n vCPUs on a described machine. */
static const char *places(const char *machine, int node, size_t n)
{
	unsigned cpu[64];
	struct topo t;
	size_t i;
	int ret;

	assert_int_equal(topo_load(&t, machine, &why), 0);
	ret = vcpus_place(&t, node, cpu, n, &why);
	topo_release(&t);
	buf_reset(&text);
	if (ret)
		return NULL;
	for (i = 0; i < n; i++)
		buf_fmt(&text, "%s%u", i ? " " : "", cpu[i]);
	return buf_text(&text);
}

static int release(void **state)
{
	(void)state;
	buf_release(&text);
	buf_release(&why);
	return 0;
}

static void different_cores_come_first(void **state)
{
	(void)state;
	assert_string_equal(places("package:1 core:4 pu:2", -1, 4), "0 2 4 6");
}

static void second_threads_come_when_cores_run_out(void **state)
{
	(void)state;
	assert_string_equal(places("package:1 core:3 pu:2", -1, 5), "0 2 4 1 3");
}

static void neighbours_come_first(void **state)
{
	(void)state;
	assert_string_equal(places("package:2 [numa] core:4 pu:1", -1, 4), "0 1 2 3");
}

static void a_node_keeps_its_vcpus(void **state)
{
	(void)state;
	assert_string_equal(places("package:2 [numa] core:2 pu:2", 1, 4), "4 6 5 7");
}

static void too_many_vcpus_start_over(void **state)
{
	(void)state;
	assert_string_equal(places("package:1 core:2 pu:1", -1, 5), "0 1 0 1 0");
}

static void a_node_without_cpus_is_named(void **state)
{
	(void)state;
	assert_null(places("package:1 core:2 pu:1", 3, 1));
	assert_string_equal(buf_text(&why), "no usable CPU is in NUMA node 3");
	buf_reset(&why);
}

/* A vCPU: a thread that waits. */
struct thread {
	pthread_t id;
	pid_t tid;
	pthread_barrier_t ready, done;
};

static void *wait_in_thread(void *data)
{
	struct thread *t = data;

	t->tid = (pid_t)syscall(SYS_gettid);
	pthread_barrier_wait(&t->ready);
	pthread_barrier_wait(&t->done);
	return NULL;
}

static void begin(struct thread *t)
{
	pthread_barrier_init(&t->ready, NULL, 2);
	pthread_barrier_init(&t->done, NULL, 2);
	assert_int_equal(pthread_create(&t->id, NULL, wait_in_thread, t), 0);
	pthread_barrier_wait(&t->ready);
}

static void end(struct thread *t)
{
	pthread_barrier_wait(&t->done);
	pthread_join(t->id, NULL);
	pthread_barrier_destroy(&t->ready);
	pthread_barrier_destroy(&t->done);
}

/* A QEMU that answers query-cpus-fast with this, beforehand. */
static struct qmp monitor(int *peer, const char *answer)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	*peer = pair[1];
	assert_int_equal(write(*peer, answer, strlen(answer)), strlen(answer));
	return (struct qmp){ .fd = pair[0] };
}

static const struct shape one_cpu = { .accel = ACCEL_KVM, .cpus = 1, .numa_node = -1 };

static void a_thread_is_pinned_to_one_cpu_and_stays(void **state)
{
	struct thread t;
	struct vcpus v;
	struct qmp q;
	cpu_set_t set, all;
	char answer[256];
	int peer;

	(void)state;
	begin(&t);
	snprintf(answer, sizeof(answer),
		 "{\"return\": [{\"thread-id\": %d, \"cpu-index\": 0, \"target\": \"x86_64\"}]}\n", (int)t.tid);
	q = monitor(&peer, answer);
	sched_getaffinity(t.tid, sizeof(all), &all);
	assert_int_equal(vcpus_pin(&v, &one_cpu, &q, &why), 0);
	assert_int_equal(v.tid[0], t.tid);
	assert_int_equal(sched_getaffinity(t.tid, sizeof(set), &set), 0);
	assert_int_equal(CPU_COUNT(&set), 1);
	assert_true(CPU_ISSET(v.cpu[0], &set));
	assert_int_equal(vcpus_check(&v, &why), 0);

	/* somebody moves it; on a machine with one CPU there is nowhere to move it to */
	if (CPU_COUNT(&all) > 1) {
		sched_setaffinity(t.tid, sizeof(all), &all);
		assert_int_equal(vcpus_check(&v, &why), -1);
		assert_non_null(strstr(buf_text(&why), "vCPU 0 is no longer pinned to CPU"));
		buf_reset(&why);
	}
	vcpus_release(&v);
	qmp_close(&q);
	close(peer);
	end(&t);
}

static void a_qemu_that_tells_too_few_threads_is_refused(void **state)
{
	struct shape two = one_cpu;
	struct vcpus v;
	struct qmp q;
	int peer;

	(void)state;
	two.cpus = 2;
	q = monitor(&peer, "{\"return\": [{\"thread-id\": 1, \"cpu-index\": 0}, {\"thread-id\": 1, \"cpu-index\": 7}]}\n");
	assert_int_equal(vcpus_pin(&v, &two, &q, &why), -1);
	assert_string_equal(buf_text(&why), "QEMU tells the threads of 1 vCPUs, not of 2");
	buf_reset(&why);
	vcpus_release(&v);
	qmp_close(&q);
	close(peer);
}

static void a_thread_that_is_gone_is_told(void **state)
{
	struct thread t;
	struct vcpus v;
	struct qmp q;
	char answer[128];
	int peer;

	(void)state;
	begin(&t);
	end(&t);
	snprintf(answer, sizeof(answer), "{\"return\": [{\"thread-id\": %d, \"cpu-index\": 0}]}\n", (int)t.tid);
	q = monitor(&peer, answer);
	assert_int_equal(vcpus_pin(&v, &one_cpu, &q, &why), -1);
	assert_true(why.len > 0);
	buf_reset(&why);
	vcpus_release(&v);
	qmp_close(&q);
	close(peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(different_cores_come_first),
		cmocka_unit_test(second_threads_come_when_cores_run_out),
		cmocka_unit_test(neighbours_come_first),
		cmocka_unit_test(a_node_keeps_its_vcpus),
		cmocka_unit_test(too_many_vcpus_start_over),
		cmocka_unit_test(a_node_without_cpus_is_named),
		cmocka_unit_test(a_thread_is_pinned_to_one_cpu_and_stays),
		cmocka_unit_test(a_qemu_that_tells_too_few_threads_is_refused),
		cmocka_unit_test(a_thread_that_is_gone_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
