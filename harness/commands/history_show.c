/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/history_show.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/report/number.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/json.h"

#define BUILD_ID_SHOWN 12	/* hexadecimal digits, as git shows */

void history_date(int64_t at, char text[16])
{
	time_t t = at;
	struct tm tm;

	strftime(text, 16, "%Y-%m-%d", gmtime_r(&t, &tm));
}

/* Does a cell's name hold this word? */
static bool holds(const char *name, const char *word, size_t len)
{
	const char *at;

	for (at = name; (at = strstr(at, word)); at++)
		if ((at == name || at[-1] == ' ') && strcspn(at, " ") == len)
			return true;
	return false;
}

static bool all_hold(const struct shown_history *s, const char *word)
{
	size_t i;

	for (i = 0; i < s->h->n; i++)
		if (!holds(s->h->series[i].cell, word, strlen(word)))
			return false;
	return true;
}

static bool one_cell(const struct shown_history *s)
{
	size_t i;

	for (i = 1; i < s->h->n; i++)
		if (strcmp(s->h->series[i].cell_id, s->h->series[0].cell_id))
			return false;
	return true;
}

/* What history_cell() leaves out, where it leaves out anything. */
static void add_common(const struct shown_history *s, struct buf *out)
{
	char *copy = xstrdup(s->h->series[0].cell), *rest = copy, *word = strsep(&rest, " ");
	bool told = false;

	while (!one_cell(s) && (word = strsep(&rest, " ")))
		if (all_hold(s, word)) {
			buf_fmt(out, "%s%s", told ? " " : "all cells: ", word);
			told = true;
		}
	buf_str(out, told ? "\n" : "");
	free(copy);
}

void history_cell(const struct shown_history *s, size_t series, struct buf *out)
{
	const char *name = s->h->series[series].cell;
	char *copy, *rest, *word;

	if (one_cell(s)) {
		buf_str(out, name);
		return;
	}
	rest = copy = xstrdup(name);
	buf_str(out, strsep(&rest, " "));	/* the workload */
	while ((word = strsep(&rest, " ")))
		if (!all_hold(s, word))
			buf_fmt(out, " %s", word);
	free(copy);
}

/* Figures */

static void add_value(const struct nightly_metric *m, double value, struct buf *out)
{
	if (m->exact || value == 0)
		buf_fmt(out, "%.10g", value / m->scale);
	else
		number_mean(value / m->scale, out);
}

/* With one digit after the point, or as many as it takes not to be 0. */
static void add_percent(double magnitude, struct buf *out)
{
	double percent = 100 * magnitude;

	if (isinf(percent))
		buf_str(out, "from 0");
	else if (fabs(percent) >= 0.95)
		buf_fmt(out, "%+.1f%%", percent);
	else
		buf_fmt(out, "%+.2g%%", percent);
}

static const char *direction(const struct nightly_metric *m, const struct change *c)
{
	return (c->after > c->before) == m->more_is_better ? "better" : "worse";
}

/* What tells two kernels apart: the build id where the words are the same. */
static void add_revision(const struct history_revision *r, bool id, bool patches, struct buf *out)
{
	const bool known = r->release[0] || r->build_id[0];

	buf_str(out, !known ? "a kernel that is not known" : r->release[0] ? r->release : "kernel");
	if (r->source[0] || (id && r->build_id[0]))
		buf_fmt(out, " (%s%s%.*s)", r->source, r->source[0] && id && r->build_id[0] ? ", " : "",
			id ? BUILD_ID_SHOWN : 0, r->build_id);
	if (patches && r->patches[0])
		buf_fmt(out, " with %s", r->patches);
}

static void add_revisions(const struct history_revision *a, const struct history_revision *b, struct buf *out)
{
	const bool id = !a->source[0] || !b->source[0] || !strcmp(a->source, b->source);
	const bool patches = strcmp(a->patches, b->patches) != 0;

	add_revision(a, id, patches, out);
	buf_str(out, " -> ");
	add_revision(b, id, patches, out);
}

/* One series */

static void add_kernels(const struct shown_history *s, const struct past *p, size_t change, struct buf *out)
{
	const struct past_kernels k = past_kernels(s->h, p, change);

	if (k.same) {
		buf_str(out, "the same kernel before and after, ");
		add_revision(k.before, true, false, out);
		buf_str(out, ": look at the machine");
		return;
	}
	add_revisions(k.before, k.after, out);
	if (k.nights)
		buf_fmt(out, ", %d night%s %s", abs(k.nights), abs(k.nights) == 1 ? "" : "s",
			k.nights < 0 ? "before" : "later");
}

static void add_change(const struct shown_history *s, const struct past *p, size_t change, struct buf *out)
{
	const struct change *c = &p->change[change];
	const struct history_point *point = &p->series->point[c->at];
	const struct nightly_metric *m = &p->series->metric;
	char date[16];

	history_date(point->at, date);
	buf_fmt(out, "  %s  ", date);
	add_percent(change_magnitude(c), out);
	buf_fmt(out, " %s, ", direction(m, c));
	add_value(m, c->before, out);
	buf_str(out, " -> ");
	add_value(m, c->after, out);
	buf_fmt(out, " %s, ", m->unit);
	if (isnan(c->p))
		buf_str(out, "exact\n");
	else
		buf_fmt(out, "p %.3g\n", c->p);
	buf_str(out, "              ");
	add_kernels(s, p, change, out);
	buf_fmt(out, "\n              run %s\n", s->h->run[point->run]);
}

static bool same_place(const struct history_series *a, const struct history_series *b)
{
	return !strcmp(a->machine_id, b->machine_id) && !strcmp(a->job, b->job) && !strcmp(a->kernel, b->kernel);
}

static void add_heading(const struct shown_history *s, size_t series, struct buf *out)
{
	const struct history_series *one = &s->h->series[series];

	if (!series || strcmp(one->metric.name, one[-1].metric.name))
		buf_fmt(out, "%s%s, %s is better\n", series ? "\n" : "", one->metric.name,
			one->metric.more_is_better ? "more" : "less");
	else if (same_place(one, one - 1))
		return;
	if (!series)
		add_common(s, out);
	buf_fmt(out, "\n%s\njob %s, kernel %s\n", one->machine, one->job, one->kernel);
}

void history_text(const struct shown_history *s, size_t series, struct buf *out)
{
	const struct past *p = &s->past[series];
	const struct history_series *one = p->series;
	const struct history_point *last = &one->point[one->n - 1];
	char from[16], to[16];
	size_t i;

	add_heading(s, series, out);
	history_date(one->point[0].at, from);
	history_date(last->at, to);
	buf_ch(out, '\n');
	history_cell(s, series, out);
	buf_fmt(out, "\n  %zu night%s, %s to %s, last ", one->n, one->n == 1 ? "" : "s", from, to);
	add_value(&one->metric, last->value, out);
	buf_fmt(out, " %s%s\n", one->metric.unit, p->nchanges ? "" : ": no change point");
	for (i = 0; i < p->nchanges; i++)
		add_change(s, p, i, out);
}

/* All series */

enum { METRIC, CELL, PLACE, NIGHTS, LATEST, CHANGE, NCOLUMNS };

struct list_line {
	struct buf text[NCOLUMNS];
};

/* Job and kernel, and the machine where there are several. */
static void add_place(const struct shown_history *s, const struct history_series *one, struct buf *out)
{
	size_t i;

	buf_fmt(out, "%s/%s", one->job, one->kernel);
	for (i = 0; i < s->h->n; i++)
		if (strcmp(s->h->series[i].machine_id, one->machine_id)) {
			buf_fmt(out, " @%.6s", one->machine_id);
			return;
		}
}

static void add_newest_change(const struct shown_history *s, const struct past *p, struct buf *out)
{
	const struct change *c = &p->change[p->nchanges - 1];
	struct past_kernels k;
	char date[16];

	history_date(p->series->point[c->at].at, date);
	buf_fmt(out, "%s ", date);
	add_percent(change_magnitude(c), out);
	buf_fmt(out, " %s", direction(&p->series->metric, c));
	k = past_kernels(s->h, p, p->nchanges - 1);
	if (!k.same)
		buf_fmt(out, " with %s", k.after->release);
}

static void fill_line(const struct shown_history *s, size_t series, struct list_line *line)
{
	const struct past *p = &s->past[series];
	const struct history_series *one = p->series;

	buf_str(&line->text[METRIC], one->metric.name);
	history_cell(s, series, &line->text[CELL]);
	add_place(s, one, &line->text[PLACE]);
	buf_fmt(&line->text[NIGHTS], "%zu", one->n);
	add_value(&one->metric, one->point[one->n - 1].value, &line->text[LATEST]);
	buf_fmt(&line->text[LATEST], " %s", one->metric.unit);
	if (p->nchanges)
		add_newest_change(s, p, &line->text[CHANGE]);
	else
		buf_ch(&line->text[CHANGE], '-');
}

static void add_line(const struct list_line *line, const size_t width[NCOLUMNS], struct buf *out)
{
	static const bool right[NCOLUMNS] = { [NIGHTS] = true, [LATEST] = true };
	size_t pad;
	int c;

	for (c = 0; c < NCOLUMNS; c++) {
		pad = width[c] - line->text[c].len;
		if (right[c])
			buf_pad(out, ' ', pad);
		buf_str(out, buf_text(&line->text[c]));
		if (!right[c] && c + 1 < NCOLUMNS)
			buf_pad(out, ' ', pad);
		buf_str(out, c + 1 < NCOLUMNS ? "  " : "\n");
	}
}

/* Machines by the short names that the lines have for them. */
static void add_machines(const struct shown_history *s, struct buf *out)
{
	const struct history_series *a = s->h->series, *b, *end = a + s->h->n;

	for (; a < end; a++) {
		for (b = s->h->series; b < a && strcmp(a->machine_id, b->machine_id); b++)
			;
		if (b == a)
			buf_fmt(out, "@%.6s  %s\n", a->machine_id, a->machine);
	}
}

void history_list(const struct shown_history *s, struct buf *out)
{
	static const char *const heads[NCOLUMNS] = {
		"metric", "cell", "job/kernel", "nights", "latest", "newest change point",
	};
	struct list_line *line = xcalloc(s->h->n + 1, sizeof(*line));
	size_t width[NCOLUMNS] = { 0 }, i;
	int c;

	for (c = 0; c < NCOLUMNS; c++)
		buf_str(&line[0].text[c], heads[c]);
	for (i = 0; i < s->h->n; i++)
		fill_line(s, i, &line[i + 1]);
	for (i = 0; i <= s->h->n; i++)
		for (c = 0; c < NCOLUMNS; c++)
			width[c] = line[i].text[c].len > width[c] ? line[i].text[c].len : width[c];
	add_machines(s, out);
	add_common(s, out);
	buf_ch(out, '\n');
	for (i = 0; i <= s->h->n; i++)
		add_line(&line[i], width, out);
	for (i = 0; i <= s->h->n; i++)
		for (c = 0; c < NCOLUMNS; c++)
			buf_release(&line[i].text[c]);
	free(line);
}

/* For programs */

static void time_text(int64_t at, char text[32])
{
	time_t t = at;
	struct tm tm;

	strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &tm));
}

static json_t *text_or_null(const char *text)
{
	return *text ? json_text(text) : json_null();
}

static json_t *revision_json(const struct history_revision *r)
{
	json_t *o = json_object(), *patches = *r->patches ? json_loads(r->patches, 0, NULL) : json_array();

	json_put(o, "release", text_or_null(r->release));
	json_put(o, "build_id", text_or_null(r->build_id));
	json_put(o, "source", text_or_null(r->source));
	json_put(o, "patches", patches ? patches : json_array());
	return o;
}

static json_t *real(double x)
{
	return isfinite(x) ? json_real(x) : json_null();
}

static json_t *change_json(const struct shown_history *s, const struct past *p, size_t change)
{
	const struct change *c = &p->change[change];
	const struct history_point *point = &p->series->point[c->at];
	const struct past_kernels k = past_kernels(s->h, p, change);
	json_t *o = json_object();
	char at[32];

	time_text(point->at, at);
	json_put(o, "at", json_text(at));
	json_put(o, "run", json_text(s->h->run[point->run]));
	json_put(o, "run_before", json_text(s->h->run[point[-1].run]));
	json_put(o, "direction", json_text(direction(&p->series->metric, c)));
	json_put(o, "magnitude", real(change_magnitude(c)));
	json_put(o, "before", real(c->before));
	json_put(o, "after", real(c->after));
	json_put(o, "p", real(c->p));
	json_put(o, "exact", json_boolean(isnan(c->p)));
	json_put(o, "kernel_before", revision_json(k.before));
	json_put(o, "kernel_after", revision_json(k.after));
	json_put(o, "kernel_nights", k.same ? json_null() : json_integer(k.nights));
	return o;
}

static json_t *points_json(const struct shown_history *s, const struct history_series *one)
{
	json_t *all = json_array(), *point;
	char at[32];
	size_t i;

	for (i = 0; i < one->n; i++) {
		time_text(one->point[i].at, at);
		point = json_array();
		json_array_append_new(point, json_text(at));
		json_array_append_new(point, json_text(s->h->run[one->point[i].run]));
		json_array_append_new(point, json_real(one->point[i].value));
		json_array_append_new(all, point);
	}
	return all;
}

static json_t *series_json(const struct shown_history *s, const struct past *p, bool points)
{
	const struct history_series *one = p->series;
	json_t *o = json_object(), *changes = json_array();
	size_t i;

	json_put(o, "metric", json_text(one->metric.name));
	json_put(o, "better", json_text(one->metric.more_is_better ? "more" : "less"));
	json_put(o, "machine", json_text(one->machine));
	json_put(o, "machine_id", json_text(one->machine_id));
	json_put(o, "job", json_text(one->job));
	json_put(o, "kernel", json_text(one->kernel));
	json_put(o, "cell", json_text(one->cell_id));
	json_put(o, "name", json_text(one->cell));
	json_put(o, "nights", json_u64(one->n));
	json_put(o, "latest", json_real(one->point[one->n - 1].value));
	for (i = 0; i < p->nchanges; i++)
		json_array_append_new(changes, change_json(s, p, i));
	json_put(o, "changes", changes);
	if (points)
		json_put(o, "points", points_json(s, one));
	return o;
}

void history_json(const struct shown_history *s, bool points, struct buf *out)
{
	json_t *o = json_object(), *all = json_array();
	size_t i;

	json_put(o, "schema", json_u64(1));
	json_put(o, "kind", json_text("history"));
	json_put(o, "level", json_real(CHANGES_LEVEL));
	json_put(o, "permutations", json_u64(CHANGES_PERMUTATIONS));
	json_put(o, "window", json_u64(s->how->window));
	for (i = 0; i < s->h->n; i++)
		json_array_append_new(all, series_json(s, &s->past[i], points));
	json_put(o, "series", all);
	json_pretty(out, o);
	json_decref(o);
}

static void add_field(const char *text, struct buf *out)
{
	if (!strpbrk(text, ",\"\r\n")) {
		buf_str(out, text);
		return;
	}
	buf_ch(out, '"');
	for (; *text; text++) {
		if (*text == '"')
			buf_ch(out, '"');
		buf_ch(out, *text);
	}
	buf_ch(out, '"');
}

/* What all lines of a series begin with. */
static void add_series_fields(const struct history_series *one, struct buf *out)
{
	const char *const fields[] = {
		one->metric.name, one->machine_id, one->machine, one->job, one->kernel, one->cell_id, one->cell,
	};
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		add_field(fields[i], out);
		buf_ch(out, ',');
	}
}

static void add_csv_series(const struct shown_history *s, const struct past *p, struct buf *out)
{
	const struct history_series *one = p->series;
	const struct history_revision *r;
	struct buf head = BUF_INIT;
	size_t i, change = 0;
	char at[32];

	add_series_fields(one, &head);
	for (i = 0; i < one->n; i++) {
		r = &s->h->revision[one->point[i].revision];
		time_text(one->point[i].at, at);
		buf_add(out, buf_text(&head), head.len);
		buf_fmt(out, "%s,", at);
		add_field(s->h->run[one->point[i].run], out);
		buf_ch(out, ',');
		add_field(r->release, out);
		buf_fmt(out, ",%s,", r->build_id);
		add_field(r->source, out);
		buf_fmt(out, ",%.15g,", one->point[i].value);
		if (change < p->nchanges && p->change[change].at == i)
			buf_fmt(out, "%.6g", change_magnitude(&p->change[change++]));
		buf_str(out, "\r\n");
	}
	buf_release(&head);
}

void history_csv(const struct shown_history *s, struct buf *out)
{
	size_t i;

	buf_str(out, "metric,machine,machine_name,job,kernel,cell,name,at,run,release,build_id,source,value,"
		     "change\r\n");
	for (i = 0; i < s->h->n; i++)
		add_csv_series(s, &s->past[i], out);
}
