/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/history_plot.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/report/plot.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"

#define SCRIPT "history.gp"

/* The first night and the one after the last of a segment: 0 to nchanges. */
static size_t segment_begin(const struct past *p, size_t segment)
{
	return segment ? p->change[segment - 1].at : 0;
}

static size_t segment_end(const struct past *p, size_t segment)
{
	return segment < p->nchanges ? p->change[segment].at : p->series->n;
}

/* The medians, a line a segment. */
static void add_segments(const struct past *p, struct buf *data)
{
	const struct history_point *point = p->series->point;
	const double scale = p->series->metric.scale;
	double median;
	size_t i;

	for (i = 0; i <= p->nchanges; i++) {
		median = i ? p->change[i - 1].after : p->change[0].before;
		buf_fmt(data, "%s%" PRId64 " %.9g\n%" PRId64 " %.9g\n", i ? "\n" : "",
			point[segment_begin(p, i)].at, median / scale, point[segment_end(p, i) - 1].at,
			median / scale);
	}
}

static void add_changes(const struct shown_history *s, const struct past *p, struct buf *data)
{
	struct past_kernels k;
	size_t i;

	for (i = 0; i < p->nchanges; i++) {
		k = past_kernels(s->h, p, i);
		buf_fmt(data, "%" PRId64 " %.9g ", p->series->point[p->change[i].at].at,
			p->change[i].after / p->series->metric.scale);
		plot_quote(k.same ? "" : k.after->release, data);
		buf_ch(data, '\n');
	}
}

/* Three data sets: nights, segments, change points; the first alone where there is no change point. */
static void make_data(const struct shown_history *s, const struct past *p, struct buf *data)
{
	const struct history_series *one = p->series;
	size_t i;

	for (i = 0; i < one->n; i++)
		buf_fmt(data, "%" PRId64 " %.9g\n", one->point[i].at, one->point[i].value / one->metric.scale);
	if (!p->nchanges)
		return;
	buf_str(data, "\n\n");
	add_segments(p, data);
	buf_str(data, "\n\n");
	add_changes(s, p, data);
}

/* output NULL: characters, on standard output. */
static int draw(const struct shown_history *s, size_t series, const char *output)
{
	const struct history_series *one = &s->h->series[series];
	char *dir = plot_scripts_dir(), *script;
	struct buf data = BUF_INIT, title = BUF_INIT, unit = BUF_INIT;
	int ret;

	if (!dir)
		return -1;
	script = xasprintf("%s/" SCRIPT, dir);
	make_data(s, &s->past[series], &data);
	history_cell(s, series, &title);
	buf_fmt(&title, ", %s of %s", one->kernel, one->job);
	if (strchr(one->metric.unit, ' '))
		buf_fmt(&unit, "%s ", one->metric.name);	/* "an op" of what? */
	buf_str(&unit, one->metric.unit);
	fflush(stdout);		/* gnuplot writes to the same place */
	ret = plot_draw(script, buf_text(&data), buf_text(&title), buf_text(&unit), output ? "svg" : "dumb", output);
	buf_release(&data);
	buf_release(&title);
	buf_release(&unit);
	free(script);
	free(dir);
	return ret;
}

int history_plot(const struct shown_history *s, size_t series)
{
	int ret = draw(s, series, NULL);

	if (!ret)
		putchar('\n');
	return ret;
}

static int draw_file(const struct shown_history *s, size_t series, const char *file)
{
	if (draw(s, series, file))
		return -1;
	printf("%s\n", file);
	return 0;
}

int history_svg(const struct shown_history *s, const char *path)
{
	const size_t len = strlen(path);
	char *file;
	size_t i;
	int ret = 0;

	if (len > 4 && !strcmp(path + len - 4, ".svg")) {
		if (s->h->n == 1)
			return draw_file(s, 0, path);
		return err("--svg %s: there are %zu series; name a directory, or one series by --cell, --job, "
			   "--kernel and --machine", path, s->h->n);
	}
	if (mkdir(path, 0777) && errno != EEXIST)
		return err("mkdir %s: %m", path);
	for (i = 0; !ret && i < s->h->n; i++) {
		file = xasprintf("%s/history-%s-%zu.svg", path, s->h->series[i].metric.name, i + 1);
		ret = draw_file(s, i, file);
		free(file);
	}
	return ret;
}
