/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/talk.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/exitcode.h"

#define TAIL_LINES 5		/* passed on when it fails */
#define TALK_BYTES (64u << 10)	/* that are remembered */
#define LOG_BYTES (1u << 20)	/* that go to the log */

int talk_open(struct talk *t)
{
	t->log = -1;
	if (!t->path)
		return 0;
	t->log = open(t->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	return t->log < 0 ? err("open %s: %m", t->path) : 0;
}

void talk_close(struct talk *t)
{
	if (t->log >= 0)
		close(t->log);
	t->log = -1;
	buf_release(&t->said);
}

void talk_log(struct talk *t, const char *text, size_t len)
{
	if (t->log < 0 || t->logged >= LOG_BYTES)
		return;
	t->logged += len;
	if (write(t->log, text, len) < 0) {
		warn("write to %s: %m", t->path);
		close(t->log);
		t->log = -1;
	} else if (t->logged >= LOG_BYTES) {
		dprintf(t->log, "\n[more was said than is kept]\n");
	}
}

void talk_take(struct talk *t, const char *text, size_t len)
{
	talk_log(t, text, len);
	buf_add(&t->said, text, len);
	if (t->said.len > 2 * TALK_BYTES) {
		memmove(t->said.s, t->said.s + t->said.len - TALK_BYTES, TALK_BYTES + 1);
		t->said.len = TALK_BYTES;
	}
}

/* Its last lines, to whoever is to have them. */
static void pass_on(const struct talk *t)
{
	const char *s = buf_text(&t->said), *at = s + t->said.len;
	int lines = 0;

	while (at > s && (at[-1] != '\n' || at == s + t->said.len || ++lines < TAIL_LINES))
		at--;
	if (t->to)
		buf_str(t->to, at);
	else if (*at)
		fprintf(stderr, "%s%s", at, s[t->said.len - 1] == '\n' ? "" : "\n");
}

int talk_failed(const struct talk *t, const char *how)
{
	if (t->to)
		buf_fmt(t->to, "%s %s\n", t->name, how);
	else
		err("%s %s", t->name, how);
	pass_on(t);
	return EXIT_CANNOT;
}

int talk_killed(const struct talk *t, int number)
{
	char how[128];

	snprintf(how, sizeof(how), "was killed by signal %d (%s)", number, strsignal(number));
	return talk_failed(t, how);
}

int talk_outcome(const struct talk *t, int code)
{
	char how[128];

	if (code == EXIT_ACCEPT)
		return EXIT_ACCEPT;
	if (t->said.len) {
		pass_on(t);
		return code;
	}
	snprintf(how, sizeof(how), "ended with exit code %d and without a word", code);
	talk_failed(t, how);
	return code;
}
