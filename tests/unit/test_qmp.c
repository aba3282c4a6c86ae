/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The monitor over a socket pair: a peer that says what it was told to, and what it was told meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/guest/qmp.h"

#define SECOND 1000000000ull
#define GREETING "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 22, \"minor\": 2, \"major\": 7}," \
		 " \"package\": \"Debian\"}, \"capabilities\": [\"oob\"]}}\r\n"
#define DONE "{\"return\": {}}\r\n"

static struct qmp q;
static int peer;
static struct buf why;

/* All that the peer will ever say is said beforehand: the socket keeps it. */
static void says(const char *text)
{
	assert_int_equal(write(peer, text, strlen(text)), strlen(text));
}

static void heard(const char *expected)
{
	char text[4096];
	ssize_t n = recv(peer, text, sizeof(text) - 1, MSG_DONTWAIT);

	assert_true(n > 0);
	text[n] = '\0';
	assert_string_equal(text, expected);
}

static int setup(void **state)
{
	int pair[2];

	(void)state;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return -1;
	q = (struct qmp){ .fd = pair[0] };
	peer = pair[1];
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	qmp_close(&q);
	if (peer >= 0)
		close(peer);
	peer = -1;
	buf_release(&why);
	return 0;
}

static void open_it(void)
{
	says(GREETING DONE);
	assert_int_equal(qmp_open(&q, q.fd, SECOND, &why), 0);
	heard("{\"execute\":\"qmp_capabilities\"}\n");
}

static int call(const char *command, json_t **answer)
{
	return qmp_call(&q, &(struct qmp_call){ .command = command, .limit_ns = SECOND / 5 }, answer,
			&why);
}

static void the_greeting_tells_the_version(void **state)
{
	(void)state;
	open_it();
	assert_string_equal(q.version, "7.2.22");
}

static void a_greeting_of_another_kind_is_refused(void **state)
{
	(void)state;
	says("{\"hello\": 1}\n");
	assert_int_equal(qmp_open(&q, q.fd, SECOND, &why), -1);
	assert_string_equal(buf_text(&why), "QEMU's monitor does not tell its version");
}

static void what_is_no_json_is_shown(void **state)
{
	(void)state;
	says("(qemu) \n");
	assert_int_equal(qmp_open(&q, q.fd, SECOND, &why), -1);
	assert_string_equal(buf_text(&why), "QEMU's monitor said what is no JSON: (qemu) ");
}

static void an_answer_is_handed_over(void **state)
{
	json_t *answer = NULL;
	uint64_t n;

	(void)state;
	open_it();
	says("{\"return\": {\"n\": 5}, \"id\": 1}\n");
	assert_int_equal(call("query-something", &answer), 0);
	assert_int_equal(json_get_u64(answer, "n", &n), 0);
	assert_int_equal(n, 5);
	json_decref(answer);
	heard("{\"execute\":\"query-something\"}\n");
}

static void events_before_an_answer_are_let_pass(void **state)
{
	(void)state;
	open_it();
	says("{\"event\": \"STOP\", \"timestamp\": {\"seconds\": 1, \"microseconds\": 2}}\n"
	     "{\"event\": \"RESUME\"}\n" DONE);
	assert_int_equal(call("cont", NULL), 0);
}

static void a_refusal_gives_qemus_reason(void **state)
{
	(void)state;
	open_it();
	says("{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"The command nope has not been found\"}}\n");
	assert_int_equal(call("nope", NULL), -1);
	assert_string_equal(buf_text(&why), "QEMU refuses nope: The command nope has not been found");
}

static void the_next_answer_after_a_refusal_is_its_own(void **state)
{
	(void)state;
	open_it();
	says("{\"error\": {\"desc\": \"no\"}}\n" DONE);
	assert_int_equal(call("nope", NULL), -1);
	assert_int_equal(call("quit", NULL), 0);
}

static void silence_is_not_waited_out(void **state)
{
	(void)state;
	open_it();
	assert_int_equal(call("query-status", NULL), -1);
	assert_string_equal(buf_text(&why), "QEMU does not answer");
}

static void the_end_of_qemu_is_told(void **state)
{
	(void)state;
	open_it();
	close(peer);
	peer = -1;
	assert_int_equal(call("query-status", NULL), -1);
	assert_non_null(strstr(buf_text(&why), "QEMU"));
}

static void an_answer_torn_into_pieces_is_put_together(void **state)
{
	json_t *answer = NULL;

	(void)state;
	open_it();
	says("{\"return\": [1, 2");
	assert_int_equal(call("query-a", &answer), -1);	/* the rest is late */
	buf_reset(&why);
	says(", 3]}\n");
	assert_int_equal(call("query-b", &answer), 0);
	assert_int_equal(json_array_size(answer), 3);
	json_decref(answer);
}

static void an_answer_without_an_end_is_not_swallowed_whole(void **state)
{
	char piece[65536];
	pid_t pid;
	int i;

	(void)state;
	open_it();
	memset(piece, 'x', sizeof(piece));
	pid = fork();
	if (!pid) {
		close(q.fd);
		for (i = 0; i < 200; i++)
			if (send(peer, piece, sizeof(piece), MSG_NOSIGNAL) < 0)
				break;
		_exit(0);
	}
	close(peer);
	peer = -1;
	assert_int_equal(qmp_call(&q, &(struct qmp_call){ .command = "a", .limit_ns = 20 * SECOND }, NULL,
				  &why), -1);
	assert_string_equal(buf_text(&why), "QEMU's answer has no end");
	qmp_close(&q);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void a_command_for_people_gives_its_text(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	open_it();
	says("{\"return\": \"CPU#0\\r\\nRAX=0\\r\\n\"}\n");
	assert_int_equal(qmp_monitor(&q, "info registers -a", &out, &why), 0);
	assert_string_equal(buf_text(&out), "CPU#0\r\nRAX=0\r\n");
	heard("{\"execute\":\"human-monitor-command\",\"arguments\":{\"command-line\":\"info registers -a\"}}\n");
	buf_release(&out);
}

#define on_a_socket(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		on_a_socket(the_greeting_tells_the_version),
		on_a_socket(a_greeting_of_another_kind_is_refused),
		on_a_socket(what_is_no_json_is_shown),
		on_a_socket(an_answer_is_handed_over),
		on_a_socket(events_before_an_answer_are_let_pass),
		on_a_socket(a_refusal_gives_qemus_reason),
		on_a_socket(the_next_answer_after_a_refusal_is_its_own),
		on_a_socket(silence_is_not_waited_out),
		on_a_socket(the_end_of_qemu_is_told),
		on_a_socket(an_answer_torn_into_pieces_is_put_together),
		on_a_socket(an_answer_without_an_end_is_not_swallowed_whole),
		on_a_socket(a_command_for_people_gives_its_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
