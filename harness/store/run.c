/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/store/run.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/json.h"
#include "lib/near.h"

#define STAMP "%Y-%m-%dT%H-%M-%S"	/* no ':', which some file systems and shells dislike */
#define STAMP_LEN 19
#define JOB_LEN 200			/* of a job's name in an id: the whole must stay below NAME_MAX */

const char *run_results_dir(void)
{
	const char *dir = getenv("FOLIOBENCH_RESULTS");

	return dir && *dir ? dir : "results";
}

static char *join(const char *dir, const char *name)
{
	size_t len = strlen(dir);

	while (len > 1 && dir[len - 1] == '/')
		len--;
	return xasprintf("%.*s%s%s", (int)len, dir, dir[len - 1] == '/' ? "" : "/", name);
}

char *run_path(const struct run *r, const char *name)
{
	return join(r->path, name);
}

static void reset(struct run *r)
{
	*r = (struct run){ .dir = -1, .samples = -1, .lock = -1 };
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void run_close(struct run *r)
{
	close_fd(&r->samples);
	close_fd(&r->lock);
	close_fd(&r->dir);
	free(r->id);
	free(r->path);
	reset(r);
}

/* The directory that holds the runs */

static int open_results(const char *results_dir)
{
	int fd = open(results_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && errno == ENOTDIR)
		return err(
			"%s: not a directory; move it away, or name another with --results or FOLIOBENCH_RESULTS",
			results_dir);
	if (fd < 0)
		return err("open %s: %m", results_dir);
	return fd;
}

/* The directory and its parents. 0, or -1 with errno. */
static int make_dirs(const char *path)
{
	char *copy = xstrdup(path), *p;
	int ret = 0;

	for (p = copy; !ret && *p; p++) {
		if (*p != '/' || p == copy)
			continue;
		*p = '\0';
		ret = mkdir(copy, 0777) && errno != EEXIST;
		*p = '/';
	}
	if (!ret)
		ret = mkdir(copy, 0777) && errno != EEXIST;
	free(copy);
	return ret ? -1 : 0;
}

static int make_results(const char *results_dir)
{
	if (make_dirs(results_dir) && errno != ENOTDIR)
		return err(
			"make directory %s: %m; name another with --results or FOLIOBENCH_RESULTS",
			results_dir);
	return open_results(results_dir);
}

/* Ids */

int64_t run_started(const char *id)
{
	static const char shape[] = "dddd-dd-ddTdd-dd-dd";
	struct tm tm = { 0 };
	size_t i;

	for (i = 0; i < STAMP_LEN; i++)		/* strptime() alone would take fewer digits, and blanks */
		if (shape[i] == 'd' ? !isdigit((unsigned char)id[i]) : id[i] != shape[i])
			return -1;
	if (!strptime(id, STAMP, &tm))
		return -1;
	return timegm(&tm);
}

/* strverscmp(): "reads-2" before "reads-10", and equally long numbers by their digits. */
int run_compare(const char *a, const char *b)
{
	bool dated = run_started(a) >= 0, other_dated = run_started(b) >= 0;

	return dated != other_dated ? dated - other_dated : strverscmp(a, b);
}

static int older_first(const void *a, const void *b)
{
	return run_compare(*(const char *const *)a, *(const char *const *)b);
}

static char *make_stem(const char *job_name)
{
	char stamp[STAMP_LEN + 1];
	time_t now = time(NULL);
	struct tm tm;
	char *stem, *p;

	strftime(stamp, sizeof(stamp), STAMP, gmtime_r(&now, &tm));
	stem = xasprintf("%s-%.*s", stamp, JOB_LEN, *job_name ? job_name : "run");
	for (p = stem + STAMP_LEN; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("-_.", *p))
			*p = '_';
	return stem;
}

static bool holds_file(int dir, const char *file)
{
	struct stat st;

	return !fstatat(dir, file, &st, 0) && S_ISREG(st.st_mode);
}

/* A run has its plan. Without one, the writer's lock and a dated name tell our debris from other things. */
enum sort { SORT_RUN, SORT_LEFTOVER, SORT_OTHER };

static enum sort sort_of(int results, const char *name)
{
	enum sort sort = SORT_OTHER;
	int dir;

	if (name[0] == '.')
		return SORT_OTHER;
	dir = openat(results, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return SORT_OTHER;
	if (holds_file(dir, "plan.json"))
		sort = SORT_RUN;
	else if (run_started(name) >= 0 && holds_file(dir, "lock"))
		sort = SORT_LEFTOVER;
	close(dir);
	return sort;
}

static int list(const char *results_dir, enum sort wanted, char ***ids, size_t *n)
{
	struct dirent *entry;
	int fd;
	DIR *d;

	*ids = NULL;
	*n = 0;
	if (access(results_dir, F_OK) && errno == ENOENT)
		return 0;
	fd = open_results(results_dir);
	if (fd < 0)
		return -1;
	d = fdopendir(fd);
	if (!d) {
		close(fd);
		return err("read %s: %m", results_dir);
	}
	while ((entry = readdir(d))) {
		if (sort_of(fd, entry->d_name) != wanted)
			continue;
		*ids = xrealloc(*ids, *n + 1, sizeof((*ids)[0]));
		(*ids)[(*n)++] = xstrdup(entry->d_name);
	}
	closedir(d);
	if (*n)
		qsort(*ids, *n, sizeof((*ids)[0]), older_first);
	return 0;
}

int run_list(const char *results_dir, char ***ids, size_t *n)
{
	return list(results_dir, SORT_RUN, ids, n);
}

int run_leftovers(const char *results_dir, char ***ids, size_t *n)
{
	return list(results_dir, SORT_LEFTOVER, ids, n);
}

static void free_ids(char **ids, size_t n)
{
	while (n--)
		free(ids[n]);
	free(ids);
}

/*
 * The lock: an open file description lock, which ends with the process however
 * it ends, can be asked about without being taken, and is not lost when some
 * other descriptor of the file is closed. The file stays: removing it would let
 * two processes lock two different files of one name.
 */

static pid_t pid_in(int lock)
{
	char text[32] = "";
	ssize_t n = pread(lock, text, sizeof(text) - 1, 0);
	long pid = n > 0 ? strtol(text, NULL, 10) : 0;

	return pid > 0 ? (pid_t)pid : -1;
}

static int complain_of_writer(const char *path, pid_t pid)
{
	if (pid > 0)
		return err("%s: process %d is writing this run; wait for it or end it first", path,
			   (int)pid);
	return err("%s: another process is writing this run; wait for it or end it first", path);
}

static void leave_pid(int lock, const char *path)
{
	char pid[32];
	int len = snprintf(pid, sizeof(pid), "%d\n", (int)getpid());

	/* The lock holds without it: only a message would lack the number. */
	if (ftruncate(lock, 0) || pwrite(lock, pid, (size_t)len, 0) != len)
		detail("write %s/lock: %m", path);
}

static int lock_run(struct run *r)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct stat st;

	r->lock = openat(r->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (r->lock < 0)
		return err("open %s/lock: %m", r->path);
	if (fcntl(r->lock, F_OFD_SETLK, &whole)) {
		if (errno == EAGAIN || errno == EACCES)
			return complain_of_writer(r->path, pid_in(r->lock));
		return err("lock %s/lock: %m", r->path);
	}
	if (fstat(r->lock, &st) || !st.st_nlink)
		return err("%s: another process has just removed this run", r->path);
	leave_pid(r->lock, r->path);
	return 0;
}

pid_t run_writer(const char *results_dir, const char *id)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char *dir = join(results_dir, id), *path = join(dir, "lock");
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	pid_t pid = 0;

	if (fd >= 0 && !fcntl(fd, F_OFD_GETLK, &whole) && whole.l_type != F_UNLCK)
		pid = pid_in(fd);
	close_fd(&fd);
	free(path);
	free(dir);
	return pid;
}

/* Making a run */

static int make_run_dir(struct run *r, int results, const char *results_dir, const char *job_name)
{
	char *stem = make_stem(job_name);
	unsigned n;
	int ret;

	r->id = xstrdup(stem);
	for (n = 2; (ret = mkdirat(results, r->id, 0777)) && errno == EEXIST; n++) {
		free(r->id);
		r->id = xasprintf("%s-%u", stem, n);
	}
	r->path = join(results_dir, r->id);
	free(stem);
	if (ret)
		return err(
			"make directory %s: %m; make room or name another place with --results or FOLIOBENCH_RESULTS",
			r->path);
	r->dir = openat(results, r->id, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return r->dir < 0 ? err("open %s: %m", r->path) : 0;
}

static int furnish(struct run *r, int results)
{
	if (lock_run(r))
		return -1;
	if (mkdirat(r->dir, "logs", 0777) || mkdirat(r->dir, "report", 0777))
		return err("make directories in %s: %m", r->path);
	r->samples = openat(r->dir, "samples.jsonl",
			    O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
	if (r->samples < 0)
		return err("create %s/samples.jsonl: %m", r->path);
	if (fsync(r->dir) || fsync(results))
		return err("sync %s: %m", r->path);
	return 0;
}

/* A limit on file sizes shall be an error of write(2) and not this process's end. */
static void survive_file_size_limit(void)
{
	signal(SIGXFSZ, SIG_IGN);
}

/* Undoes what furnish() may have done; what does not go is left for `results prune`. */
static void unmake(struct run *r, int results)
{
	unlinkat(r->dir, "samples.jsonl", 0);
	unlinkat(r->dir, "logs", AT_REMOVEDIR);
	unlinkat(r->dir, "report", AT_REMOVEDIR);
	unlinkat(r->dir, "lock", 0);
	unlinkat(results, r->id, AT_REMOVEDIR);
}

int run_create(struct run *r, const char *results_dir, const char *job_name)
{
	int results, ret = -1;

	reset(r);
	survive_file_size_limit();
	results = make_results(results_dir);
	if (results < 0)
		return -1;
	if (make_run_dir(r, results, results_dir, job_name))
		goto out;
	ret = furnish(r, results);
	if (ret)
		unmake(r, results);
out:
	close(results);
	if (ret)
		run_close(r);
	return ret;
}

/* Finding a run */

enum found { FOUND, NOT_THERE, FAILED };

static enum found open_dir(struct run *r, const char *path)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0 && errno == ENOENT)
		return NOT_THERE;
	if (dir < 0) {
		if (errno == ENOTDIR)
			err("%s: a file, where a run's directory was expected", path);
		else
			err("open %s: %m", path);
		return FAILED;
	}
	if (!holds_file(dir, "plan.json")) {
		close(dir);
		err("%s: no run: there is no plan.json in it; `foliogate results` lists the runs",
		    path);
		return FAILED;
	}
	r->dir = dir;
	r->path = xstrdup(path);
	return FOUND;
}

static enum found open_path(struct run *r, const char *path)
{
	enum found found = open_dir(r, path);
	char *whole;

	if (found != FOUND)
		return found;
	whole = realpath(path, NULL);
	r->id = xstrdup(whole && whole[1] ? strrchr(whole, '/') + 1 : path);
	free(whole);
	return FOUND;
}

static enum found open_id(struct run *r, const char *results_dir, const char *id)
{
	char *path = join(results_dir, id);
	enum found found = open_dir(r, path);

	if (found == FOUND)
		r->id = xstrdup(id);
	free(path);
	return found;
}

static int complain_of_unknown(const char *results_dir, const char *what, char **ids, size_t n)
{
	struct buf hint = BUF_INIT;
	struct near near;
	size_t i;

	if (!n)
		return err("%s: no run '%s', nor any other; `foliogate run JOB` makes one",
			   results_dir, what);
	near_init(&near, what);
	for (i = 0; i < n; i++)
		near_offer(&near, ids[i]);
	near_hint(&near, &hint);
	err("%s: no run '%s'%s; the newest is %s, and `foliogate results` lists them all",
	    results_dir, what, buf_text(&hint), ids[n - 1]);
	buf_release(&hint);
	return -1;
}

/* The beginning of exactly one id, or "last". */
static int open_listed(struct run *r, const char *results_dir, const char *what)
{
	size_t n, i, first = 0, matches = 0, len = strlen(what);
	char **ids;
	int ret = -1;

	if (run_list(results_dir, &ids, &n))
		return -1;
	for (i = 0; i < n; i++)
		if (!strncmp(ids[i], what, len) && !matches++)
			first = i;
	if (!strcmp(what, "last") && n)
		ret = open_id(r, results_dir, ids[n - 1]) == FOUND ? 0 : -1;
	else if (!strcmp(what, "last"))
		err("%s: no runs yet; `foliogate run JOB` makes one", results_dir);
	else if (matches == 1)
		ret = open_id(r, results_dir, ids[first]) == FOUND ? 0 : -1;
	else if (matches)
		err("%s: '%s' is the beginning of %zu runs, %s and %s%s; write more of it",
		    results_dir, what, matches, ids[first], ids[first + 1],
		    matches > 2 ? " among them" : "");
	else
		complain_of_unknown(results_dir, what, ids, n);
	free_ids(ids, n);
	return ret;
}

static int locate(struct run *r, const char *results_dir, const char *what)
{
	size_t len = strlen(what);
	enum found found;
	char *name;
	int ret;

	reset(r);
	if (!len)
		return err("no run named; give an id, a path of a run's directory, or 'last'");
	while (len > 1 && what[len - 1] == '/')
		len--;
	name = xstrndup(what, len);
	if (!strcmp(name, "last"))
		found = NOT_THERE;
	else if (strchr(name, '/') || !strcmp(name, ".") || !strcmp(name, ".."))
		found = open_path(r, name);
	else if ((found = open_id(r, results_dir, name)) == NOT_THERE)
		found = open_path(r, name);
	if (found == NOT_THERE && strchr(name, '/'))
		ret = err("%s: no such directory; `foliogate results` lists the runs", name);
	else if (found == NOT_THERE)
		ret = open_listed(r, results_dir, name);
	else
		ret = found == FOUND ? 0 : -1;
	free(name);
	return ret;
}

int run_open(struct run *r, const char *results_dir, const char *what)
{
	return locate(r, results_dir, what);
}

/* Where the last whole line ends: searched from the end, in pieces. -1 with errno. */
static off_t whole_lines(int fd, off_t size)
{
	char piece[4096], *newline;
	size_t len;

	while (size > 0) {
		len = size < (off_t)sizeof(piece) ? (size_t)size : sizeof(piece);
		if (pread(fd, piece, len, size - (off_t)len) != (ssize_t)len)
			return -1;
		newline = memrchr(piece, '\n', len);
		if (newline)
			return size - (off_t)len + (newline - piece) + 1;
		size -= (off_t)len;
	}
	return 0;
}

static int open_samples(struct run *r)
{
	struct stat st;

	r->samples = openat(r->dir, "samples.jsonl", O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (r->samples < 0)
		return err("open %s/samples.jsonl: %m", r->path);
	if (fstat(r->samples, &st) || (r->end = whole_lines(r->samples, st.st_size)) < 0)
		return err("read %s/samples.jsonl: %m", r->path);
	if (r->end == st.st_size)
		return 0;
	if (ftruncate(r->samples, r->end))
		return err("cut the torn last line off %s/samples.jsonl: %m", r->path);
	info("%s/samples.jsonl: cut off a torn last line of %lld bytes", r->path,
	     (long long)(st.st_size - r->end));
	return 0;
}

int run_resume(struct run *r, const char *results_dir, const char *what)
{
	survive_file_size_limit();
	if (locate(r, results_dir, what))
		return -1;
	if (!lock_run(r) && !open_samples(r))
		return 0;
	run_close(r);
	return -1;
}

/* Writing */

static int write_all(int fd, const char *data, size_t len)
{
	ssize_t n;

	while (len) {
		n = write(fd, data, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		data += n;	/* short: the next write says why */
		len -= (size_t)n;
	}
	return 0;
}

static bool is_of_kind(const char *line, size_t len, const char *wanted)
{
	json_t *json = json_loadb(line, len, 0, NULL);
	const char *kind = json_get_text(json, "kind");
	bool yes = kind && !strcmp(kind, wanted);

	json_decref(json);
	return yes;
}

static void kept(const struct run *r, struct buf *out)
{
	struct buf text = BUF_INIT;
	char *path = run_path(r, "samples.jsonl"), *line, *end;
	const char *kind = r->command && !strcmp(r->command, "count") ? "count" : "sample";
	size_t n = 0;

	if (buf_read_file(&text, path)) {
		buf_str(out, "what came before it is kept");
		goto out;
	}
	for (line = text.s; line && (end = memchr(line, '\n', text.len - (size_t)(line - text.s)));
	     line = end + 1)
		n += is_of_kind(line, (size_t)(end - line), kind);
	buf_fmt(out, "%zu %s%s kept", n, kind, n == 1 ? "" : "s");
out:
	buf_release(&text);
	free(path);
}

static const char *remedy(int error)
{
	switch (error) {
	case ENOSPC:
		return "make room";
	case EDQUOT:
		return "make room below your quota";
	case EFBIG:
		return "raise the limit on file sizes (`ulimit -f`)";
	default:
		return "see to the disk";
	}
}

static int append_failed(struct run *r, int error)
{
	struct buf state = BUF_INIT;

	r->torn = ftruncate(r->samples, r->end) != 0;
	kept(r, &state);
	err("%s/samples.jsonl: %s: %s; %s, then `foliogate %s --resume %s`%s", r->path,
	    strerror(error), buf_text(&state), remedy(error), r->command ? r->command : "run", r->id,
	    r->torn ? ", which also cuts off a torn line" : "");
	buf_release(&state);
	return -1;
}

int run_append(struct run *r, const char *line, size_t len)
{
	struct buf whole = BUF_INIT;
	int error = 0;

	if (r->samples < 0)
		BUG("append to %s, which is open for reading only", r->path);
	if (!len || memchr(line, '\n', len))
		BUG("append to %s: not one line", r->path);
	if (r->torn && ftruncate(r->samples, r->end))
		return append_failed(r, errno);
	r->torn = false;
	buf_add(&whole, line, len);
	buf_ch(&whole, '\n');
	if (write_all(r->samples, whole.s, whole.len))
		error = errno;
	else
		r->end += (off_t)whole.len;
	buf_release(&whole);
	return error ? append_failed(r, error) : 0;
}

int run_sync(struct run *r)
{
	struct stat st;

	if (fdatasync(r->samples))
		return append_failed(r, errno);
	if (fstat(r->samples, &st) || !st.st_nlink)
		return err("%s/samples.jsonl: removed while it was written; start a new run",
			   r->path);
	return 0;
}

static void check_name(const char *name)
{
	if (!*name || *name == '/' || strstr(name, "..") || name[strlen(name) - 1] == '/')
		BUG("'%s' is no name of a file in a run", name);
}

/* The directory that a file is in, made if missing; "report/x.html" is as far down as it goes. */
static int open_parent(const struct run *r, const char *name)
{
	const char *slash = strrchr(name, '/');
	char *parent = slash ? xstrndup(name, (size_t)(slash - name)) : xstrdup(".");
	int fd;

	if (slash)
		mkdirat(r->dir, parent, 0777);		/* if that failed, so does the next line */
	fd = openat(r->dir, parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(parent);
	return fd;
}

/* 0, or -1 with errno. */
static int replace(int dir, const char *base, const char *temporary, const void *data, size_t len)
{
	int fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666), saved;

	if (fd < 0)
		return -1;
	if (write_all(fd, data, len) || fsync(fd)) {
		saved = errno;
		close(fd);
		errno = saved;
		return -1;
	}
	if (close(fd) || renameat(dir, temporary, dir, base))
		return -1;
	return fsync(dir);
}

int run_write_file(const struct run *r, const char *name, const void *data, size_t len)
{
	const char *slash = strrchr(name, '/'), *base = slash ? slash + 1 : name;
	char *temporary;
	int dir, ret;

	check_name(name);
	dir = open_parent(r, name);
	if (dir < 0)
		return err("write %s/%s: %m", r->path, name);
	temporary = xasprintf(".%s.%d.tmp", base, (int)getpid());
	ret = replace(dir, base, temporary, data, len);
	if (ret) {
		err("write %s/%s: %m", r->path, name);
		unlinkat(dir, temporary, 0);
	}
	free(temporary);
	close(dir);
	return ret;
}

int run_read_file(const struct run *r, const char *name, struct buf *out)
{
	char *path = run_path(r, name);
	int ret = 0;

	check_name(name);
	if (buf_read_file(out, path))
		ret = err("read %s: %m", path);
	free(path);
	return ret;
}

/* Removing */

static int remove_below(int dir, const char *spare);

/* 0, or -1 with errno. Never follows a link out of the run. */
static int remove_entry(int dir, const char *name)
{
	int below, ret;

	if (!unlinkat(dir, name, 0))
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -1;
	below = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (below < 0)
		return -1;
	ret = remove_below(below, NULL);
	return ret ? -1 : unlinkat(dir, name, AT_REMOVEDIR);
}

/* All that is in it, but for an entry named spare; closes dir. */
static int remove_below(int dir, const char *spare)
{
	struct dirent *entry;
	int ret = 0, saved;
	DIR *d = fdopendir(dir);

	if (!d) {
		saved = errno;
		close(dir);
		errno = saved;
		return -1;
	}
	while (!ret && (entry = readdir(d)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") &&
		    (!spare || strcmp(entry->d_name, spare)))
			ret = remove_entry(dirfd(d), entry->d_name);
	saved = errno;
	closedir(d);
	errno = saved;
	return ret;
}

/* The plan goes first and the lock last: stopped half-way, what is left is no run, but still known as ours. */
static int remove_locked(struct run *r, int results)
{
	int below;

	if (unlinkat(r->dir, "plan.json", 0) && errno != ENOENT)
		return err("remove %s/plan.json: %m", r->path);
	below = openat(r->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (below < 0)
		return err("open %s: %m", r->path);
	if (remove_below(below, "lock") || unlinkat(r->dir, "lock", 0) ||
	    unlinkat(results, r->id, AT_REMOVEDIR))
		return err("remove %s: %m", r->path);
	return 0;
}

static int remove_run(struct run *r, int results)
{
	if (sort_of(results, r->id) == SORT_OTHER)
		return err("%s: no run: there is no plan.json in it; nothing was removed", r->path);
	r->dir = openat(results, r->id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (r->dir < 0 && (errno == ELOOP || errno == ENOTDIR))
		return err("%s: a symbolic link; nothing was removed", r->path);
	if (r->dir < 0)
		return err("open %s: %m", r->path);
	return lock_run(r) ? -1 : remove_locked(r, results);
}

int run_remove(const char *results_dir, const char *id)
{
	struct run r;
	int results, ret;

	if (!*id || *id == '.' || strchr(id, '/'))
		return err("remove run '%s': not the id of a run", id);
	results = open_results(results_dir);
	if (results < 0)
		return -1;
	reset(&r);
	r.id = xstrdup(id);
	r.path = join(results_dir, id);
	ret = remove_run(&r, results);
	run_close(&r);
	close(results);
	return ret;
}
