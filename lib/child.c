/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "lib/err.h"
#include "lib/exitcode.h"

/* Who to become, looked up before fork(): the name service may take locks. */
struct identity {
	uid_t uid;
	gid_t gid, kvm;
	bool change, has_kvm;
};

static void find_identity(struct identity *id, bool drop)
{
	const struct passwd *nobody;
	struct stat st;

	*id = (struct identity){ 0 };
	if (!drop || geteuid())
		return;
	nobody = getpwnam("nobody");
	if (!nobody || !nobody->pw_uid)
		return;	/* a system without it: root it stays */
	id->change = true;
	id->uid = nobody->pw_uid;
	id->gid = nobody->pw_gid;
	id->has_kvm = !stat("/dev/kvm", &st) && st.st_gid;
	id->kvm = st.st_gid;
}

static int become(const struct identity *id)
{
	if (!id->change)
		return 0;
	return setgroups(id->has_kvm, &id->kvm) || setresgid(id->gid, id->gid, id->gid) ||
	       setresuid(id->uid, id->uid, id->uid);
}

/* Every descriptor under its new number, all others gone at exec. -1 with errno set. */
static int move_fds(const struct child_fd *fd, size_t n)
{
	int high = STDERR_FILENO + 1, *copy = xcalloc(n + 1, sizeof(copy[0]));
	int nothing, ret = -1;
	size_t i;

	for (i = 0; i < n; i++)
		if (fd[i].to >= high)
			high = fd[i].to + 1;
	/* out of the way first: one's new number may be another's old one */
	for (i = 0; i < n; i++) {
		copy[i] = fcntl(fd[i].from, F_DUPFD_CLOEXEC, high);
		if (copy[i] < 0)
			goto out;
	}
	nothing = open("/dev/null", O_RDWR);
	if (nothing < 0 || close_range(0, ~0u, CLOSE_RANGE_CLOEXEC))
		goto out;
	if (dup2(nothing, STDIN_FILENO) < 0 || dup2(nothing, STDOUT_FILENO) < 0 ||
	    dup2(nothing, STDERR_FILENO) < 0)
		goto out;
	for (i = 0; i < n; i++)
		if (dup2(copy[i], fd[i].to) < 0)
			goto out;
	ret = 0;
out:
	free(copy);
	return ret;
}

/* In the child: tells the parent what errno says, who sees an end of file where exec succeeds. */
static _Noreturn void give_up(int report)
{
	int error = errno;

	if (write(report, &error, sizeof(error)) < 0)
		_exit(EXIT_CANNOT);	/* then nobody listens */
	_exit(EXIT_CANNOT);
}

static int cannot_run(const char *program, int error)
{
	errno = error;
	return err("run %s: %m", program);
}

/* What the child wrote before it could exec: 0, or -1 after reporting. */
static int exec_failed(int report, const char *program)
{
	int error = 0;
	ssize_t n;

	do
		n = read(report, &error, sizeof(error));
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(error) ? cannot_run(program, error) : 0;
}

static _Noreturn void become_program(const struct child_spec *spec, const struct identity *id,
				     pid_t parent, int report)
{
	/* kept out of the way of the numbers that the child is to have */
	int moved = fcntl(report, F_DUPFD_CLOEXEC, 100);

	if (moved >= 0)
		report = moved;
	if (become(id) || move_fds(spec->fd, spec->nfds))
		give_up(report);
	/* after the change of user, which would undo it */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)	/* it died before prctl() */
		_exit(EXIT_CANNOT);
	signal(SIGPIPE, SIG_DFL);
	execvp(spec->argv[0], (char *const *)spec->argv);
	give_up(report);
}

int child_start(struct child *c, const struct child_spec *spec)
{
	struct identity id;
	pid_t parent = getpid();
	int report[2], ret;

	*c = (struct child){ .pidfd = -1 };
	find_identity(&id, spec->drop);
	if (pipe2(report, O_CLOEXEC))
		return err("make a pipe: %m");
	fflush(NULL);
	signal(SIGCHLD, SIG_DFL);	/* ignored, as we may have inherited it, there is no status to wait for */
	c->pid = fork();
	if (!c->pid)
		become_program(spec, &id, parent, report[1]);
	close(report[1]);
	if (c->pid < 0) {
		c->pid = 0;
		ret = err("start a process: %m");
	} else {
		ret = exec_failed(report[0], spec->argv[0]);
		c->pidfd = ret ? -1 : (int)syscall(SYS_pidfd_open, c->pid, 0);
		if (!ret && c->pidfd < 0)
			ret = err("watch a process: %m");
		if (ret)
			child_stop(c);
	}
	close(report[0]);
	return ret;
}

int child_stop(struct child *c)
{
	int status = 0;

	if (c->pid > 0) {
		kill(c->pid, SIGKILL);
		while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	if (c->pidfd > STDERR_FILENO)
		close(c->pidfd);
	*c = (struct child){ .pidfd = -1 };
	return status;
}

bool child_exists(const char *name)
{
	const char *path = getenv("PATH"), *end;
	char file[4096];
	int n;

	if (strchr(name, '/'))
		return !access(name, X_OK);
	for (path = path ? path : "/usr/bin:/bin"; *path; path = *end ? end + 1 : end) {
		end = strchrnul(path, ':');
		n = snprintf(file, sizeof(file), "%.*s/%s", (int)(end - path), path, name);
		if (end > path && n < (int)sizeof(file) && !access(file, X_OK))
			return true;
	}
	return false;
}
