/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/loaded.h"

#include <stdlib.h>

#include "harness/report/environment.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/json.h"

static int read_plan(struct loaded *l)
{
	struct buf text = BUF_INIT, why = BUF_INIT;
	json_error_t where;
	json_t *json = NULL;
	int ret = -1;

	if (run_read_file(&l->run, "plan.json", &text))
		goto out;
	json = json_loadb(buf_text(&text), text.len, 0, &where);
	if (!json)
		err("%s/plan.json:%d:%d: %s", l->run.path, where.line, where.column, where.text);
	else if (plan_from_json(json, &l->plan, &why))
		err("%s/plan.json: %s", l->run.path, buf_text(&why));
	else
		ret = 0;
out:
	json_decref(json);
	buf_release(&text);
	buf_release(&why);
	return ret;
}

int loaded_refuse_emulated(const char *id, const struct samples *samples)
{
	if (environment_emulated(samples->environments))
		return err(
			"run %s was measured under QEMU's TCG: times taken in emulation are no performance, and "
			"are not reported",
			id);
	return 0;
}

int loaded_open(struct loaded *l, const char *results, const char *what)
{
	*l = (struct loaded){ 0 };
	if (run_open(&l->run, results ? results : run_results_dir(), what))
		return -1;
	l->opened = true;
	if (read_plan(l) || samples_read(&l->run, &l->samples) ||
	    loaded_refuse_emulated(l->run.id, &l->samples))
		return -1;
	l->figures = figures_make(&l->plan, l->samples.sample, l->samples.n);
	return 0;
}

void loaded_release(struct loaded *l)
{
	free(l->figures);
	samples_release(&l->samples);
	plan_release(&l->plan);
	if (l->opened)
		run_close(&l->run);
}

struct report_input loaded_input(const struct loaded *l)
{
	return (struct report_input){
		.run = l->run.id, .plan = &l->plan, .samples = &l->samples, .figures = l->figures
	};
}
