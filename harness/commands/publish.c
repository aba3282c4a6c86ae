/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/publish.h"

#include <stdlib.h>

#include "harness/commands/drawings.h"
#include "harness/commands/inlined.h"
#include "harness/commands/loaded.h"
#include "harness/commands/metric_option.h"
#include "harness/commands/output.h"
#include "harness/report/report.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/exitcode.h"

/* What is printed, once all files are there: who reads the standard output may stop at any line, and that ends us. */
struct said {
	struct buf text, reports, drawings;	/* the text report, and paths */
};

enum { FORMATS_MAX = 32 };

struct rendered {
	const struct report_format *format;
	struct buf text;
	bool written;
};

static size_t render_all(const struct report_input *in, struct rendered *r)
{
	size_t n;

	for (n = 0; report_formats[n].name; n++) {
		if (n == FORMATS_MAX)
			BUG("more than %d formats", FORMATS_MAX);
		r[n] = (struct rendered){ .format = &report_formats[n] };
		r[n].format->render(in, &r[n].text);
	}
	return n;
}

static struct rendered *smallest(struct rendered *r, size_t n)
{
	struct rendered *least = NULL;

	for (; n--; r++)
		if (!r->written && (!least || r->text.len < least->text.len))
			least = r;
	return least;
}

/* The smallest first: where one finds no room, no larger one does, and one error is enough. */
static int write_all(const struct run *run, struct rendered *r, size_t n)
{
	struct rendered *next;
	char *name;
	int ret = 0;

	while (!ret && (next = smallest(r, n))) {
		name = xasprintf("report/report.%s", next->format->extension);
		ret = run_write_file(run, name, next->text.s, next->text.len);
		next->written = !ret;
		free(name);
	}
	return ret;
}

static void say_paths(const struct run *run, const struct rendered *r, size_t n, struct buf *out)
{
	for (; n--; r++)
		if (r->written)
			buf_fmt(out, "%s/report/report.%s\n", run->path, r->format->extension);
}

static int write_reports(const struct loaded *l, const struct inlined *plots, struct said *said)
{
	struct report_input in = loaded_input(l);
	struct rendered all[FORMATS_MAX];
	size_t n, i;
	int ret;

	in.plot = plots->plot;
	in.nplots = plots->n;
	n = render_all(&in, all);
	buf_str(&said->text, buf_text(&all[0].text));	/* text comes first, and is shown */
	ret = write_all(&l->run, all, n);
	say_paths(&l->run, all, n, &said->reports);
	for (i = 0; i < n; i++)
		buf_release(&all[i].text);
	return ret;
}

static int draw(const struct loaded *l, const char *dir, struct buf *paths)
{
	const struct drawings d = {
		.plan = &l->plan, .samples = &l->samples, .figures = l->figures,
		.machine = samples_machine(&l->samples, 0), .metric = METRIC_OF_TABLE, .dir = dir, .paths = paths,
		.emulated = l->emulated, .show_emulated_times = l->show_emulated_times,
	};

	return drawings_make(&d);
}

static int print(const struct said *said)
{
	struct buf all = BUF_INIT;
	int ret;

	buf_fmt(&all, "%s\n%s%s", buf_text(&said->text), buf_text(&said->reports), buf_text(&said->drawings));
	ret = output_write(NULL, &all);
	buf_release(&all);
	return ret;
}

/* Drawings first, as some reports hold them. Whatever could not be kept, the verdict is said. */
static int publish_loaded(const struct loaded *l, bool plots, struct said *said)
{
	char *dir = run_path(&l->run, "report");
	struct inlined inlined = { 0 };
	int drawn = 0, written, printed;

	if (plots && l->figures) {
		drawn = draw(l, dir, &said->drawings);
		if (inlined_read(dir, &inlined))
			drawn = -1;
	}
	written = write_reports(l, &inlined, said);
	printed = print(said);
	inlined_release(&inlined);
	free(dir);
	return drawn || written || printed ? -1 : 0;
}

int publish(const struct run *run, bool plots, bool show_emulated_times)
{
	const struct loaded_call call = { .what = run->path, .show_emulated_times = show_emulated_times };
	struct said said = { .text = BUF_INIT };
	struct loaded l;
	int ret = -1;

	if (loaded_open_any(&l, &call) == EXIT_ACCEPT)
		ret = publish_loaded(&l, plots, &said);
	loaded_release(&l);
	buf_release(&said.text);
	buf_release(&said.reports);
	buf_release(&said.drawings);
	return ret;
}
