/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/loaded.h"

#include <stdlib.h>
#include <string.h>

#include "harness/commands/described.h"
#include "harness/commands/gate_file.h"
#include "harness/commands/judging.h"
#include "harness/guest/machine.h"
#include "harness/plan/catalogue.h"
#include "harness/report/environment.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/exitcode.h"
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

/* Another gate is checked as when a run begins; the run's own was. */
static int read_other_gate(struct loaded *l, const char *gate)
{
	struct catalogue catalogue = { 0 };
	struct buf text = BUF_INIT;
	char *driver = machine_driver();
	int ret = driver ? described(driver, &catalogue) : EXIT_CANNOT;

	if (ret == EXIT_ACCEPT)
		ret = gate_file_read(gate, &catalogue, &l->gate, &text);
	catalogue_release(&catalogue);
	buf_release(&text);
	free(driver);
	return ret;
}

static int read_gate(struct loaded *l, const char *gate)
{
	if (gate)
		return read_other_gate(l, gate);
	return gate_file_kept(&l->run, &l->gate) ? EXIT_CANNOT : EXIT_ACCEPT;
}

static int judge(struct loaded *l, const struct loaded_call *from)
{
	const struct judge_call call = {
		.plan = &l->plan, .samples = &l->samples, .gate = &l->gate, .times = !l->emulated,
		.machine = from->machine,
	};
	struct buf why = BUF_INIT;
	int ret = read_gate(l, from->gate);

	if (ret == EXIT_ACCEPT) {
		l->is_judged = true;
		if (judged_make(&call, &l->judged, &why)) {
			err_at(buf_text(&why));
			ret = EXIT_USAGE;
		}
	}
	buf_release(&why);
	return ret;
}

int loaded_open_any(struct loaded *l, const struct loaded_call *call)
{
	*l = (struct loaded){ .show_emulated_times = call->show_emulated_times };
	if (run_open(&l->run, call->results ? call->results : run_results_dir(), call->what))
		return EXIT_CANNOT;
	l->opened = true;
	if (read_plan(l) || samples_read(&l->run, &l->samples))
		return EXIT_CANNOT;
	l->emulated = l->plan.emulated || environment_emulated(l->samples.environments);
	if (!json_array_size(l->samples.incidents)) {
		l->figures = figures_make(&l->plan, l->samples.sample, l->samples.n);
		if (l->emulated && !l->show_emulated_times)
			figures_withhold(l->figures, l->plan.nkernels * l->plan.ncells);
	}
	return judging_wanted(&l->plan, &l->samples) ? judge(l, call) : EXIT_ACCEPT;
}

int loaded_open(struct loaded *l, const char *results, const char *what, bool show_emulated_times)
{
	const struct loaded_call call = {
		.results = results, .what = what, .show_emulated_times = show_emulated_times
	};

	if (loaded_open_any(l, &call) != EXIT_ACCEPT)
		return -1;
	return json_array_size(l->samples.incidents) ? refuse_incident(l) : 0;
}

void loaded_release(struct loaded *l)
{
	if (l->is_judged)
		judged_release(&l->judged);
	gate_release(&l->gate);
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
		.judged = l->is_judged ? &l->judged : NULL,
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
