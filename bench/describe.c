/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/describe.h"

#include "bench/cell.h"
#include "bench/workload.h"
#include "lib/json.h"

void describe_list(struct buf *out)
{
	const struct workload *const *w;

	for (w = workloads; *w; w++)
		buf_fmt(out, "%-10s %s\n", (*w)->name, (*w)->summary);
}

static void describe_table(const struct param *row, struct buf *out)
{
	struct buf range = BUF_INIT;

	for (; row->name; row++) {
		buf_reset(&range);
		param_range(row, &range);
		buf_fmt(out, "  %-10s %s\n             %s", row->name, row->help, buf_text(&range));
		if (row->def)
			buf_fmt(out, "; default %s", row->def);
		buf_ch(out, '\n');
	}
	buf_release(&range);
}

void describe_text(const struct workload *w, struct buf *out)
{
	buf_fmt(out, "%s: %s\n\n%s\n", w->name, w->summary, w->about);
	if (w->params[0].name) {
		buf_fmt(out, "\nparameters of %s:\n", w->name);
		describe_table(w->params, out);
	}
	buf_str(out, "\nparameters of every workload:\n");
	describe_table(cell_params, out);
}

static json_t *row_json(const struct param *row)
{
	static const char *const kinds[] = {
		[PARAM_COUNT] = "count", [PARAM_SIZE] = "size", [PARAM_DURATION] = "duration",
		[PARAM_CHOICE] = "choice", [PARAM_TEXT] = "text",
	};
	json_t *o = json_object(), *choices;
	size_t i;

	json_put(o, "name", json_text(row->name));
	json_put(o, "kind", json_text(kinds[row->kind]));
	json_put(o, "default", json_text(row->def));
	if (row->kind == PARAM_CHOICE) {
		choices = json_array();
		for (i = 0; row->choices[i]; i++)
			json_array_append_new(choices, json_text(row->choices[i]));
		json_put(o, "choices", choices);
	} else if (row->kind != PARAM_TEXT) {
		json_put(o, "min", json_u64(row->min));
		json_put(o, "max", json_u64(row->max));
	}
	json_put(o, "help", json_text(row->help));
	json_put(o, "where", json_boolean(row->where));
	return o;
}

static json_t *table_json(const struct param *row)
{
	json_t *array = json_array();

	for (; row->name; row++)
		json_array_append_new(array, row_json(row));
	return array;
}

void describe_json(struct buf *out)
{
	json_t *o = json_object(), *all = json_array(), *one;
	const struct workload *const *w;

	for (w = workloads; *w; w++) {
		one = json_object();
		json_put(one, "name", json_text((*w)->name));
		json_put(one, "summary", json_text((*w)->summary));
		json_put(one, "params", table_json((*w)->params));
		json_array_append_new(all, one);
	}
	json_put(o, "schema", json_u64(1));
	json_put(o, "common", table_json(cell_params));
	json_put(o, "workloads", all);
	json_line(out, o);
	buf_ch(out, '\n');
	json_decref(o);
}
