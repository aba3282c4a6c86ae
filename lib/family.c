/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/family.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/exitcode.h"

/* Those whose own parent has ended are ours now: a child subreaper's. */
static void kill_children(void)
{
	char path[64];
	FILE *f;
	int pid;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	f = fopen(path, "re");
	if (!f)
		return;	/* a kernel without it: the process group has to do */
	while (fscanf(f, "%d", &pid) == 1)
		kill(pid, SIGKILL);
	fclose(f);
}

/* Whoever is killed leaves its own children to us, until there are none. */
static void end_all(pid_t group)
{
	kill(-group, SIGKILL);
	for (;;) {
		kill_children();
		if (waitpid(-1, NULL, 0) < 0 && errno != EINTR)
			return;
	}
}

static _Noreturn void end_as(int status)
{
	const struct rlimit none = { 0, 0 };
	sigset_t all;
	int number;

	if (!WIFSIGNALED(status))
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_CANNOT);
	number = WTERMSIG(status);
	setrlimit(RLIMIT_CORE, &none);	/* the program's own core is the one that tells something */
	signal(number, SIG_DFL);
	sigfillset(&all);
	raise(number);
	sigprocmask(SIG_UNBLOCK, &all, NULL);
	_exit(EXIT_CANNOT);
}

static _Noreturn void guard(pid_t program)
{
	int status = 0, number;
	sigset_t wanted;
	pid_t ended;

	/* locks and pipes of ours are not the guardian's to hold */
	close_range(0, ~0u, 0);
	sigemptyset(&wanted);
	sigaddset(&wanted, SIGCHLD);
	sigaddset(&wanted, SIGTERM);
	for (;;) {
		number = sigwaitinfo(&wanted, NULL);
		if (number == SIGTERM) {
			end_all(program);
			_exit(EXIT_CANNOT);
		}
		while ((ended = waitpid(-1, &status, WNOHANG)) > 0)
			if (ended == program) {
				end_all(program);
				end_as(status);
			}
	}
}

void family_guard(pid_t parent, const sigset_t *before)
{
	pid_t guardian = getpid(), program;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (getppid() != parent)	/* it died before prctl() */
		_exit(EXIT_CANNOT);
	program = fork();
	if (program < 0)
		_exit(EXIT_CANNOT);
	if (program) {
		setpgid(program, program);
		guard(program);
	}
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != guardian)
		_exit(EXIT_CANNOT);
	sigprocmask(SIG_SETMASK, before, NULL);
}
