/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/plot.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/plan/plan.h"
#include "harness/report/number.h"
#include "harness/report/table.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"

#define LETTER 0.0155	/* of the axis: what a character of a label takes, and the gap between labels */
#define DATA_FD 3	/* gnuplot's, see spawn() */
#define PICTURE_FD 4

extern char **environ;

const char *plot_script(const struct plan *plan, size_t table)
{
	static const struct {
		const char *rows, *script;
	} scripts[] = {
		{ "block", "throughput-by-block.gp" },
		{ "threads", "throughput-by-threads.gp" },
	};
	size_t i;

	for (i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
		if (!strcmp(plan->table[table].rows, scripts[i].rows))
			return scripts[i].script;
	return NULL;
}

/* A quoted heading or label; what gnuplot would take for its end or an escape is left out. */
void plot_quote(const char *s, struct buf *out)
{
	buf_ch(out, '"');
	for (; *s; s++)
		buf_ch(out, *s == '"' || *s == '\\' || *s == '\n' ? ' ' : *s);
	buf_ch(out, '"');
}

static void add_heading(const struct plan *plan, const struct plan_table *t, size_t kernel,
			struct buf *out)
{
	struct buf head = BUF_INIT;
	size_t c;

	plot_quote(t->rows, out);
	buf_str(out, " \"label\"");
	for (c = 0; c < t->ncolumns; c++) {
		buf_reset(&head);
		table_kernel(plan->kernel[kernel].name, &head);
		if (t->columns) {
			buf_str(&head, ", ");
			table_label(t->columns, t->column[c], &head);
		}
		buf_ch(out, ' ');
		plot_quote(buf_text(&head), out);
		buf_str(out, " \"low\" \"high\" \"relative\" \"low\" \"high\"");
	}
	buf_ch(out, '\n');
	buf_release(&head);
}

static void add_value(struct buf *out, double x)
{
	if (isfinite(x))
		buf_fmt(out, " %.9g", x);
	else
		buf_str(out, " NaN");
}

/*
 * Mean, low and high, then the same relative to base, the mean of the table's
 * first line at this x. A logarithmic axis cannot show a bar that reaches 0 or
 * below: it ends at a tenth of the mean, which is far enough down to be seen.
 */
static void add_point(const struct summary *s, double base, double scale, struct buf *out)
{
	double low;

	if (!s || !s->n) {
		buf_str(out, " NaN NaN NaN NaN NaN NaN");
		return;
	}
	low = s->mean - s->sd > 0.1 * s->mean ? s->mean - s->sd : 0.1 * s->mean;
	if (isnan(s->sd))
		low = NAN;
	add_value(out, s->mean / scale);
	add_value(out, low / scale);
	add_value(out, (s->mean + s->sd) / scale);
	add_value(out, s->mean / base);
	add_value(out, low / base);
	add_value(out, (s->mean + s->sd) / base);
}

static bool is_power_of_two(double x)
{
	return exp2(floor(log2(x))) == x;
}

static double x_of(const struct plan_table *t, size_t row)
{
	uint64_t n;

	return number_parameter(t->rows, t->row[row], &n) ? (double)n : (double)row + 1;
}

/* Is there room on the logarithmic axis for the label of a row beside those already shown? */
static bool label_fits(const struct plan_table *t, const bool *shown, size_t row)
{
	double least = log2(x_of(t, 0)), largest = least, x = log2(x_of(t, row)), need;
	size_t i;

	for (i = 0; i < t->nrows; i++) {
		least = fmin(least, log2(x_of(t, i)));
		largest = fmax(largest, log2(x_of(t, i)));
	}
	for (i = 0; i < t->nrows; i++) {
		need = LETTER * (1 + (double)(strlen(t->row[i]) + strlen(t->row[row])) / 2);
		if (shown[i] && fabs(log2(x_of(t, i)) - x) < need * (largest - least))
			return false;
	}
	return true;
}

/* Which labels of x to show: powers of two first, then what fits between them. The caller frees. */
static bool *choose_labels(const struct plan_table *t)
{
	bool *shown = xcalloc(t->nrows + 1, sizeof(*shown));
	size_t i;

	for (i = 0; i < t->nrows; i++)
		shown[i] = is_power_of_two(x_of(t, i)) && label_fits(t, shown, i);
	for (i = 0; i < t->nrows; i++)
		shown[i] = shown[i] || label_fits(t, shown, i);
	return shown;
}

static const struct summary *summary_at(const struct plan *plan, const struct plan_table *t,
					const struct figure *figures, enum metric metric,
					size_t kernel, size_t at)
{
	return t->cell[at] < 0
		       ? NULL
		       : &figures[kernel * plan->ncells + (size_t)t->cell[at]].metric[metric];
}

static void add_points(const struct plan *plan, const struct plan_table *t,
		       const struct figure *figures, enum metric metric, size_t kernel, size_t row,
		       struct buf *out)
{
	const struct summary *base = summary_at(plan, t, figures, metric, 0, row * t->ncolumns);
	size_t c;

	for (c = 0; c < t->ncolumns; c++)
		add_point(summary_at(plan, t, figures, metric, kernel, row * t->ncolumns + c),
			  base && base->n ? base->mean : (double)NAN, metric_scale(metric), out);
	buf_ch(out, '\n');
}

void plot_data(const struct plan *plan, size_t table, const struct figure *figures,
	       enum metric metric, struct buf *out)
{
	const struct plan_table *t = &plan->table[table];
	bool *labelled = choose_labels(t);
	size_t k, r;

	for (k = 0; k < plan->nkernels; k++) {
		buf_str(out, k ? "\n\n" : "");
		add_heading(plan, t, k, out);
		for (r = 0; r < t->nrows; r++) {
			buf_fmt(out, "%.0f ", x_of(t, r));
			plot_quote(labelled[r] ? t->row[r] : "", out);
			add_points(plan, t, figures, metric, k, r, out);
		}
	}
	free(labelled);
}

/* DIR/plots, with DIR so many levels above this program, if the scripts are there; NULL else. */
static char *scripts_above(const char *program, int levels)
{
	char *dir = xstrdup(program), *slash, *plots, *probe;
	bool found = false;

	for (; levels >= 0; levels--) {
		slash = strrchr(dir, '/');
		if (!slash) {
			free(dir);
			return NULL;
		}
		*slash = '\0';
	}
	plots = xasprintf("%s/plots", dir);
	probe = xasprintf("%s/throughput-by-block.gp", plots);
	found = !access(probe, R_OK);
	free(probe);
	free(dir);
	if (found)
		return plots;
	free(plots);
	return NULL;
}

char *plot_scripts_dir(void)
{
	const char *set = getenv("FOLIOBENCH_PLOTS");
	char program[4096], *dir;
	ssize_t len;
	int levels;

	if (set && *set)
		return xstrdup(set);
	len = readlink("/proc/self/exe", program, sizeof(program) - 1);
	if (len < 0) {
		err("readlink /proc/self/exe: %m");
		return NULL;
	}
	program[len] = '\0';
	for (levels = 0; levels <= 4; levels++) {
		dir = scripts_above(program, levels);
		if (dir)
			return dir;
	}
	err("no plots/throughput-by-block.gp beside %s or up to 4 directories above: set FOLIOBENCH_PLOTS to the "
	    "directory that holds it",
	    program);
	return NULL;
}

static int not_installed(void)
{
	return err("gnuplot is not installed: apt-get install gnuplot-nox");
}

int plot_check(void)
{
	const char *path = getenv("PATH");
	char *copy, *at, *dir, *file, *scripts = plot_scripts_dir();
	bool found = false;

	if (!scripts)
		return -1;
	free(scripts);
	at = copy = xstrdup(path ? path : "/bin:/usr/bin");

	while (!found && (dir = strsep(&at, ":"))) {
		file = xasprintf("%s/gnuplot", *dir ? dir : ".");
		found = !access(file, X_OK);
		free(file);
	}
	free(copy);
	return found ? 0 : not_installed();
}

/* A file that needs no name and no removal. Its fd, or -1 after reporting. */
static int data_file(const char *data)
{
	size_t len = strlen(data), at = 0;
	ssize_t n;
	int fd;

	fd = memfd_create("plot-data", MFD_CLOEXEC);
	if (fd < 0)
		return err("memfd_create: %m");
	while (at < len) {
		n = write(fd, data + at, len - at);
		if (n < 0) {
			err("write plot data: %m");
			close(fd);
			return -1;
		}
		at += (size_t)n;
	}
	return fd;
}

/* The environment, but for the locale: figures have points, whatever the user's language. */
static char **plain_environment(void)
{
	size_t n = 0, i, kept = 0;
	char **env;

	while (environ[n])
		n++;
	env = xcalloc(n + 2, sizeof(*env));
	for (i = 0; i < n; i++)
		if (strncmp(environ[i], "LC_", 3) && strncmp(environ[i], "LANG", 4) &&
		    strncmp(environ[i], "GNUTERM", 7))
			env[kept++] = environ[i];
	env[kept] = (char *)"LC_ALL=C";
	return env;
}

/* Starts gnuplot: data is its fd 3, the picture its fd 4, messages its stderr. An errno. */
static int spawn(pid_t *pid, char *const argv[], int data, int picture, int messages)
{
	posix_spawn_file_actions_t actions;
	char **env = plain_environment();
	int error;

	/* Where data already is 3, dup2 to itself takes the close-on-exec off (glibc since 2.29). */
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, messages, STDERR_FILENO);
	posix_spawn_file_actions_adddup2(&actions, data, DATA_FD);
	posix_spawn_file_actions_adddup2(&actions, picture, PICTURE_FD);
	error = posix_spawnp(pid, "gnuplot", &actions, NULL, argv, env);
	posix_spawn_file_actions_destroy(&actions);
	free(env);
	return error;
}

static void read_messages(int fd, struct buf *out)
{
	char part[512];
	ssize_t n;

	while ((n = read(fd, part, sizeof(part))) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			buf_add(out, part, (size_t)n);
}

/* The line that names the error: gnuplot ends with it, after the command and a marker. */
static const char *telling_line(struct buf *messages)
{
	char *at = messages->s, *line, *telling = NULL;
	size_t len;

	while ((line = strsep(&at, "\n"))) {
		line += strspn(line, " ^\t");
		for (len = strlen(line); len && isspace((unsigned char)line[len - 1]); len--)
			line[len - 1] = '\0';
		if (*line && (!telling || strstr(line, "line ")))
			telling = line;
	}
	return telling ? telling : "no message";
}

static int wait_for(pid_t pid, struct buf *messages, const char *script)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err("wait for gnuplot: %m");
	if (WIFSIGNALED(status))
		return err("gnuplot %s: killed by %s", script, strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status) == 127 && !messages->len)
		return not_installed();
	if (WEXITSTATUS(status))
		return err("gnuplot %s: %s", script, telling_line(messages));
	return 0;
}

/* Columns and lines for a drawing of characters: those of the terminal, or a mail's. */
static void dumb_size(char **width, char **height)
{
	struct winsize size = { 0 };
	unsigned columns = 79, lines = 24;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col >= 40 && size.ws_row >= 12) {
		columns = size.ws_col - 1u;
		lines = size.ws_row - 2u;
	}
	*width = xasprintf("%u", columns);
	*height = xasprintf("%u", lines);
}

static int run_gnuplot(const char *script, const char *title, const char *ylabel,
		       const char *terminal, int data, int picture)
{
	const char *const output = strcmp(terminal, "dumb") ? "/dev/fd/4" : "";
	struct buf messages = BUF_INIT;
	char *width, *height, *argv[13];
	int pipe_fd[2], error, ret = -1;
	pid_t pid;

	dumb_size(&width, &height);
	const char *const args[] = { "gnuplot", "-d",	"-c",	  script, "/dev/fd/3", title,
				     ylabel,	terminal, output, width,  height,	NULL };
	memcpy(argv, args, sizeof(args));
	if (pipe2(pipe_fd, O_CLOEXEC)) {
		err("pipe: %m");
		goto out;
	}
	error = spawn(&pid, argv, data, picture, pipe_fd[1]);
	close(pipe_fd[1]);
	if (!error)
		read_messages(pipe_fd[0], &messages);
	close(pipe_fd[0]);
	if (error == ENOENT)
		not_installed();
	else if (error)
		err("gnuplot: %s", strerror(error));
	else
		ret = wait_for(pid, &messages, script);
out:
	free(width);
	free(height);
	buf_release(&messages);
	return ret;
}

/* 0, or -1 with errno. */
static int copy(int from, int to)
{
	char part[65536];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(from, part, sizeof(part), at)) > 0) {
		n = write(to, part, (size_t)n);
		if (n < 0)
			return -1;
		at += n;
	}
	return (int)n;
}

/* gnuplot itself does not notice a full disk. Half a picture is none. */
static int save(int picture, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666), ret;

	if (fd < 0)
		return err("open %s: %m", path);
	ret = copy(picture, fd);
	if (ret)
		err("write %s: %m", path);
	if (close(fd) && !ret)
		ret = err("write %s: %m", path);
	if (ret)
		unlink(path);
	return ret;
}

int plot_draw(const char *script, const char *data, const char *title, const char *ylabel,
	      const char *terminal, const char *output)
{
	int in = data_file(data), picture, ret = -1;

	if (in < 0)
		return -1;
	picture = data_file("");
	if (picture >= 0)
		ret = run_gnuplot(script, title, ylabel, terminal, in, picture);
	if (!ret && output)
		ret = save(picture, output);
	if (picture >= 0)
		close(picture);
	close(in);
	return ret;
}
