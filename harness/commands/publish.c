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
#include "lib/exitcode.h"

/* What is printed, once all files are there: who reads the standard output may stop at any line, and that ends us. */
struct said {
	struct buf text, reports, drawings;	/* the text report, and paths */
};

static int write_reports(const struct loaded *l, const struct inlined *plots, struct said *said)
{
	struct report_input in = loaded_input(l);
	const struct report_format *f;
	struct buf text = BUF_INIT;
	char *name, *path;
	int ret = 0;

	in.plot = plots->plot;
	in.nplots = plots->n;
	for (f = report_formats; f->name && !ret; f++) {
		buf_reset(&text);
		f->render(&in, &text);
		if (f == report_formats)	/* text comes first, and is shown */
			buf_add(&said->text, text.s, text.len);
		name = xasprintf("report/report.%s", f->extension);
		path = run_path(&l->run, name);
		ret = run_write_file(&l->run, name, text.s, text.len);
		buf_fmt(&said->reports, "%s\n", path);
		free(path);
		free(name);
	}
	buf_release(&text);
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

/* Drawings first, as some reports hold them. */
static int publish_loaded(const struct loaded *l, bool plots, struct said *said)
{
	char *dir = run_path(&l->run, "report");
	struct inlined inlined = { 0 };
	int drawn = 0, ret;

	if (plots && l->figures) {
		drawn = draw(l, dir, &said->drawings);
		if (inlined_read(dir, &inlined))
			drawn = -1;
	}
	ret = write_reports(l, &inlined, said);
	if (!ret)
		ret = print(said);
	inlined_release(&inlined);
	free(dir);
	return ret ? ret : drawn;
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
