/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/loaded.h"

#include <stdlib.h>
#include <string.h>

#include "harness/report/environment.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/json.h"
#include "lib/near.h"

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

/* What a kernel in trouble measured before is no basis for a table. */
static int refuse_incident(const struct loaded *l)
{
	const json_t *line = json_array_get(l->samples.incidents, 0);
	const char *what = json_get_text(line, "what");

	return err("run %s has no tables: kernel '%s' ended in trouble (%s%s%s); `foliogate results show %s` tells more",
		   l->run.id, json_get_text(line, "kernel"), json_get_text(line, "incident"),
		   what ? ": " : "", what ? what : "", l->run.id);
}

int loaded_open(struct loaded *l, const char *results, const char *what, bool show_emulated_times)
{
	*l = (struct loaded){ .show_emulated_times = show_emulated_times };
	if (run_open(&l->run, results ? results : run_results_dir(), what))
		return -1;
	l->opened = true;
	if (read_plan(l) || samples_read(&l->run, &l->samples))
		return -1;
	if (json_array_size(l->samples.incidents))
		return refuse_incident(l);
	l->emulated = l->plan.emulated || environment_emulated(l->samples.environments);
	l->figures = figures_make(&l->plan, l->samples.sample, l->samples.n);
	if (l->emulated && !show_emulated_times)
		figures_withhold(l->figures, l->plan.nkernels * l->plan.ncells);
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
		.run = l->run.id, .plan = &l->plan, .samples = &l->samples, .figures = l->figures,
		.emulated = l->emulated, .show_emulated_times = l->show_emulated_times,
	};
}

int loaded_machine(const struct loaded *l, const char *name, const char **machine)
{
	struct buf known = BUF_INIT, hint = BUF_INIT;
	struct near near;
	size_t i;

	*machine = samples_machine(&l->samples, 0);
	if (!name)
		return 0;
	near_init(&near, name);
	for (i = 0; (*machine = samples_machine(&l->samples, i)); i++) {
		if (!strcmp(*machine, name))
			return 0;
		near_offer(&near, *machine);
		buf_fmt(&known, "%s%s", i ? "|" : "", *machine);
	}
	near_hint(&near, &hint);
	if (known.len)
		err("--machine '%s' is not one of %s%s", name, buf_text(&known), buf_text(&hint));
	else
		err("--machine '%s': run %s has no predictions; `foliogate count` makes them", name, l->run.id);
	buf_release(&known);
	buf_release(&hint);
	return -1;
}
