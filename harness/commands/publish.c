/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/publish.h"

#include <stdlib.h>

#include "harness/commands/drawings.h"
#include "harness/commands/loaded.h"
#include "harness/commands/metric_option.h"
#include "harness/commands/output.h"
#include "harness/report/report.h"
#include "lib/alloc.h"
#include "lib/buf.h"

/* Files first: who reads the standard output may stop at any line, and that ends us. */
static int write_reports(const struct loaded *l, struct buf *shown)
{
	const struct report_input in = loaded_input(l);
	const struct report_format *f;
	struct buf text = BUF_INIT, paths = BUF_INIT;
	char *name, *path;
	int ret = 0;

	for (f = report_formats; f->name && !ret; f++) {
		buf_reset(&text);
		f->render(&in, &text);
		if (f == report_formats)	/* text comes first, and is shown */
			buf_add(shown, text.s, text.len);
		name = xasprintf("report/report.%s", f->extension);
		path = run_path(&l->run, name);
		ret = run_write_file(&l->run, name, text.s, text.len);
		buf_fmt(&paths, "%s\n", path);
		free(path);
		free(name);
	}
	buf_fmt(shown, "\n%s", buf_text(&paths));
	buf_release(&text);
	buf_release(&paths);
	return ret;
}

static int draw(const struct loaded *l, const char *dir)
{
	const struct drawings d = {
		.plan = &l->plan, .samples = &l->samples, .figures = l->figures,
		.machine = samples_machine(&l->samples, 0), .metric = METRIC_OF_TABLE, .dir = dir,
		.emulated = l->emulated, .show_emulated_times = l->show_emulated_times,
	};

	return drawings_make(&d);
}

int publish(const struct run *run, bool plots, bool show_emulated_times)
{
	char *dir = run_path(run, "report");
	struct buf shown = BUF_INIT;
	struct loaded l;
	int ret = -1;

	if (loaded_open(&l, NULL, run->path, show_emulated_times))
		goto out;
	ret = write_reports(&l, &shown);
	if (!ret)
		ret = output_write(NULL, &shown);
	if (!ret && plots)
		ret = draw(&l, dir);
out:
	buf_release(&shown);
	loaded_release(&l);
	free(dir);
	return ret;
}
