/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/call.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "lib/err.h"
#include "lib/exitcode.h"
#include "lib/relay.h"
#include "lib/units.h"

#define NOT_EXECUTABLE 126	/* as shells and env(1) have it */
#define NOT_FOUND 127

static void set_word(const char *word)
{
	size_t len = strcspn(word, "=");
	char *name = xstrndup(word, len);

	setenv(name, word + len + 1, 1);
	free(name);
}

static bool is_environment(const char *word)
{
	const char *at = word;

	while (isalnum((unsigned char)*at) || *at == '_')
		at++;
	return at > word && *at == '=' && !isdigit((unsigned char)*word);
}

/* Sets the environment, whole; the words that follow it. */
static char **take_environment(char **argv)
{
	clearenv();
	set_word("HOME=/");
	set_word("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	set_word("LC_ALL=C");
	set_word("TMPDIR=/tmp");
	for (; *argv && is_environment(*argv); argv++)
		set_word(*argv);
	return argv;
}

static unsigned short number_in(const char *name)
{
	const char *text = getenv(name);
	uint64_t n;

	return text && !units_count(text, &n) && n <= 65535 ? (unsigned short)n : 0;
}

/* A session of its own on that terminal, for a shell to have job control in. */
static void take_terminal(const char *path)
{
	int fd = open(path, O_RDWR);	/* not yet closed at exec: it is one of the three then */
	struct winsize size = { .ws_row = number_in("LINES"), .ws_col = number_in("COLUMNS") };
	int i;

	if (fd < 0) {
		err("open %s: %m", path);
		_exit(EXIT_CANNOT);
	}
	ioctl(fd, TIOCSCTTY, 0);
	if (size.ws_row && size.ws_col)
		ioctl(fd, TIOCSWINSZ, &size);
	/* they would stand above the terminal's own size, which may change */
	unsetenv("LINES");
	unsetenv("COLUMNS");
	if (!getenv("TERM"))
		set_word("TERM=linux");
	for (i = 0; i < 3; i++)
		dup2(fd, i);
}

static void enter_root(const struct call_place *place)
{
	if (chroot(place->root) || chdir("/")) {
		err("enter %s: %m", place->root);
		_exit(EXIT_CANNOT);
	}
	if (place->cwd && chdir(place->cwd))
		warn("%s: %m; in / instead", place->cwd);
}

static char *shell(void)
{
	const char *wanted = getenv("SHELL");

	if (wanted && *wanted == '/' && !access(wanted, X_OK))
		return xstrdup(wanted);
	return xstrdup(access("/bin/bash", X_OK) ? "/bin/sh" : "/bin/bash");
}

static _Noreturn void execute(char **argv, const struct call_place *place)
{
	const char *path = argv[0];

	if (!strcmp(path, "foliobench"))
		path = place->driver;
	execvp(path, argv);
	err("run %s: %m", argv[0]);
	_exit(errno == ENOENT || errno == ENOTDIR ? NOT_FOUND : NOT_EXECUTABLE);
}

static _Noreturn void become(const struct relay_message *m, const struct call_place *place, const int fd[3])
{
	char *default_argv[] = { NULL, NULL };
	bool terminal = m->root && place->terminal;
	sigset_t none;
	char **argv;
	int i;

	if (terminal)
		setsid();
	else
		setpgid(0, 0);
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	argv = take_environment(m->argv);
	for (i = 0; i < 3 && !terminal; i++)
		dup2(fd[i], i);
	if (terminal)
		take_terminal(place->terminal);
	close_range(STDERR_FILENO + 1, ~0u, 0);
	if (m->root)
		enter_root(place);
	if (!argv[0] && !m->root) {
		err("no program to run");
		_exit(EXIT_USAGE);
	}
	if (!argv[0]) {
		default_argv[0] = shell();
		argv = default_argv;
	}
	execute(argv, place);
}

/* What a call without root has: nothing to read, and pipes to us. */
static int make_stdio(struct call *c, int fd[3])
{
	int out[2] = { -1, -1 }, errs[2] = { -1, -1 }, saved;

	fd[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (fd[0] < 0 || pipe2(out, O_CLOEXEC) || pipe2(errs, O_CLOEXEC)) {
		saved = errno;
		close(fd[0]);
		close(out[0]);
		close(out[1]);
		errno = saved;
		return -1;
	}
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	fcntl(errs[0], F_SETFL, O_NONBLOCK);
	c->out = out[0];
	c->err = errs[0];
	fd[1] = out[1];
	fd[2] = errs[1];
	return 0;
}

int call_start(struct call *c, const struct relay_message *m, const struct call_place *place)
{
	const int *stdio = place->stdio;
	int fd[3] = { -1, -1, -1 }, saved;

	*c = (struct call){ .pid = -1, .out = -1, .err = -1 };
	if (m->root && !place->root) {
		errno = ENXIO;
		return -1;
	}
	if (!m->root) {
		if (make_stdio(c, fd))
			return -1;
		stdio = fd;
	}
	c->pid = fork();
	if (!c->pid)
		become(m, place, stdio);
	saved = errno;
	if (c->pid > 0 && !(m->root && place->terminal))
		setpgid(c->pid, c->pid);	/* here too: it may be killed before it runs */
	if (!m->root) {
		close(fd[0]);
		close(fd[1]);
		close(fd[2]);
	}
	if (c->pid > 0)
		return 0;
	call_close(c);
	errno = saved;
	return -1;
}

void call_kill(const struct call *c)
{
	if (c->pid <= 1)
		return;
	kill(-c->pid, SIGKILL);
	kill(c->pid, SIGKILL);	/* the leader of a session that is about to be made has no group yet */
}

void call_close(struct call *c)
{
	if (c->out >= 0)
		close(c->out);
	if (c->err >= 0)
		close(c->err);
	c->out = c->err = -1;
}
