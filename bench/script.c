/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/script.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <termios.h>
#include <unistd.h>

#include "bench/answer.h"
#include "lib/relay.h"

#define SYMBOLS "/proc/kallsyms"
#define PIECE (256u << 10)	/* of the symbols, in one message */

static int follow(struct answer *a, struct buf *why)
{
	struct pollfd p[3] = { { .fd = pidfd_open(a->call.pid, 0), .events = POLLIN },
			       { .events = POLLIN }, { .events = POLLIN } };

	if (p[0].fd < 0) {
		buf_fmt(why, "wait for call %u: %s", a->number, strerror(errno));
		call_kill(&a->call);
		return -1;
	}
	while (a->call.pid) {
		p[1].fd = a->call.out;
		p[2].fd = a->call.err;
		if (poll(p, 3, -1) < 0)
			continue;
		if (p[1].revents)
			answer_take_out(a);
		if (p[2].revents)
			answer_take_err(a);
		if (p[0].revents)
			answer_reap(a);
	}
	close(p[0].fd);
	return 0;
}

/* On the console, for whoever asks later which call a kernel did not survive. */
static void announce(size_t number, size_t of)
{
	printf("foliobench: call %zu of %zu\n", number, of);
	fflush(stdout);
	tcdrain(STDOUT_FILENO);
}

static int make_calls(const struct relay_setup *setup, struct answer *a, struct buf *why)
{
	struct relay_message m = { .kind = RELAY_CALL };
	size_t i;

	for (i = 0; i < setup->nscript && !a->code; i++) {
		m.call = (uint32_t)i + 1;
		m.argv = setup->script[i];
		announce(i + 1, setup->nscript);
		answer_begin(a, &m);
		if (a->call.pid && follow(a, why))
			return -1;
	}
	return 0;
}

static int read_symbols(struct buf *text, struct buf *why)
{
	if (!buf_read_file(text, SYMBOLS))
		return 0;
	buf_fmt(why, "read " SYMBOLS ": %s",
		errno == ENOENT ? "the kernel lacks CONFIG_KALLSYMS" : strerror(errno));
	return -1;
}

static void say_symbols(const struct buf *text, struct buf *said)
{
	struct relay_message m = { .kind = RELAY_SYMBOLS };
	size_t at;

	for (at = 0; at < text->len; at += m.len) {
		m.text = text->s + at;
		m.len = text->len - at < PIECE ? text->len - at : PIECE;
		relay_line(&m, said);
	}
}

int script_run(const struct relay_setup *setup, const struct call_place *place, struct buf *said, struct buf *why)
{
	struct buf answers = BUF_INIT, symbols = BUF_INIT;
	struct answer a = { .place = place, .out = &answers, .call = { .out = -1, .err = -1 } };
	int ret;

	ret = make_calls(setup, &a, why);
	if (!ret && setup->symbols)
		ret = read_symbols(&symbols, why);
	if (!ret) {
		say_symbols(&symbols, said);
		buf_add(said, buf_text(&answers), answers.len);
	}
	answer_release(&a);
	buf_release(&answers);
	buf_release(&symbols);
	return ret;
}
