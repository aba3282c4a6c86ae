/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/plan/job.h"

#include <stdlib.h>
#include <string.h>

#include "harness/plan/catalogue.h"
#include "harness/plan/job_kernels.h"
#include "harness/plan/yaml.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/json.h"
#include "lib/near.h"

#define NAME_MAX_LEN 64

static const struct schema_key job_keys[] = {
	{ .param = { .name = "job", .kind = PARAM_TEXT,
		     .help = "the job's name: letters, digits, `-`, `_` and `.`, at most 64" },
	  SCHEMA_AT(struct job, name) },
	{ .param = { .name = "about", .kind = PARAM_TEXT, .help = "what the job is for" },
	  SCHEMA_AT(struct job, about), .optional = true, .lines = true },
	{ .param = { .name = "seed", .kind = PARAM_COUNT, .def = "1", .max = UINT32_MAX,
		     .help = "of the order in which cells are measured" },
	  SCHEMA_AT(struct job, seed) },
	{ .param = { .name = "blocks", .kind = PARAM_COUNT, .def = "1", .min = 1, .max = JOB_BLOCKS_MAX,
		     .help = "how often all cells are measured" },
	  SCHEMA_AT(struct job, blocks) },
	{ .param = { .name = "blocks_max", .kind = PARAM_COUNT, .min = 1, .max = JOB_BLOCKS_MAX,
		     .help = "more blocks are added, up to so many, until every cell that the gate names is decided; with `kernels` only" },
	  SCHEMA_AT(struct job, blocks_max), .optional = true },
	{ .param = { .name = "blocks_step", .kind = PARAM_COUNT, .def = "4", .min = 1, .max = JOB_BLOCKS_MAX,
		     .help = "how many are added between two looks at that" },
	  SCHEMA_AT(struct job, blocks_step) },
	{ .param = { .name = "warmup", .kind = PARAM_DURATION, .def = "1s", .max = JOB_TIME_MAX,
		     .help = "how long a cell runs before its first window" },
	  SCHEMA_AT(struct job, warmup_ns) },
	{ .param = { .name = "window", .kind = PARAM_DURATION, .def = "1s", .min = JOB_WINDOW_MIN,
		     .max = JOB_TIME_MAX,
		     .help = "how long one window lasts" },
	  SCHEMA_AT(struct job, window_ns) },
	{ .param = { .name = "windows", .kind = PARAM_COUNT, .def = "5", .min = 1, .max = JOB_WINDOWS_MAX,
		     .help = "how many windows a cell has in a block" },
	  SCHEMA_AT(struct job, windows) },
	{ .param = { .name = "dir", .kind = PARAM_TEXT,
		     .help = "where test files go, in every group that does not say otherwise" },
	  SCHEMA_AT(struct job, dir), .optional = true },
	{ .param = { .name = "gate", .kind = PARAM_TEXT,
		     .help = "the gate that `foliogate run` judges it by, where no other is named: one of configs/gates, or a file beside the job; with `kernels` only" },
	  SCHEMA_AT(struct job, gate), .optional = true },
	{ .param = { .name = "kernels", .help = "those to compare, each in guests; else the one that runs here is measured" },
	  .form = SCHEMA_LIST, .optional = true },
	{ .param = { .name = "guest", .help = "what the guests look like, with `kernels` only" },
	  .form = SCHEMA_MAPPING, .optional = true },
	{ .param = { .name = "emulated", .help = "what holds where guests are emulated, with `kernels` only" },
	  .form = SCHEMA_MAPPING, .optional = true },
	{ .param = { .name = "cells", .help = "groups of cells, at least one" }, .form = SCHEMA_LIST },
	SCHEMA_END
};

const struct schema job_schema = { .what = "a job", .keys = job_keys };

static const struct schema_key group_keys[] = {
	{ .param = { .name = "workload", .kind = PARAM_TEXT, .help = "one that `foliobench list` names" },
	  SCHEMA_AT(struct job_group, workload) },
	{ .param = { .name = "title", .kind = PARAM_TEXT, .help = "of the table, in place of one made from its cells" },
	  SCHEMA_AT(struct job_group, title), .optional = true },
	{ .param = { .name = "rows", .kind = PARAM_TEXT, .help = "the axis that goes down; else the first one" },
	  SCHEMA_AT(struct job_group, rows), .optional = true },
	{ .param = { .name = "columns", .kind = PARAM_TEXT, .help = "the axis that goes across; else the next one" },
	  SCHEMA_AT(struct job_group, columns), .optional = true },
	SCHEMA_END
};

const struct schema job_group_schema = { .what = "a group of cells",
					 .keys = group_keys,
					 .open = true };

static void release_key(struct job_key *key)
{
	size_t i;

	for (i = 0; i < key->n; i++)
		free(key->value[i].text);
	free(key->value);
	free(key->name.text);
}

static void release_group(struct job_group *g)
{
	size_t i;

	for (i = 0; i < g->nkeys; i++)
		release_key(&g->key[i]);
	free(g->key);
	free(g->workload.text);
	free(g->title.text);
	free(g->rows.text);
	free(g->columns.text);
}

void job_release(struct job *job)
{
	size_t i;

	for (i = 0; i < job->ngroups; i++)
		release_group(&job->group[i]);
	free(job->group);
	free(job->file);
	free(job->name.text);
	free(job->about);
	free(job->gate);
	free(job->dir.text);
	job_release_kernels(job);
	*job = (struct job){ 0 };
}

void job_place(const struct job *job, const struct job_key *key, const struct schema_text *value,
	       struct buf *out)
{
	const struct schema_text *at = value ? value : &key->name;
	size_t i;

	if (at->line) {
		yaml_place(job->file, at->line, at->column, out);
		return;
	}
	buf_fmt(out, "--set %s=%s", key->name.text, key->n > 1 ? "[" : "");
	for (i = 0; i < key->n; i++)
		buf_fmt(out, "%s%s", i ? ", " : "", key->value[i].text);
	buf_fmt(out, "%s: ", key->n > 1 ? "]" : "");
}

static int complain(const struct job *job, const struct yaml_value *v, const char *what,
		    struct buf *why)
{
	yaml_place(job->file, v->line, v->column, why);
	buf_str(why, what);
	return -1;
}

const char *job_reserved(const char *name)
{
	if (!strcmp(name, "first"))
		return "'first' cannot be set: the harness itself numbers the windows";
	if (!strcmp(name, "counted"))
		return "'counted' cannot be set: `foliogate count` sets it";
	return NULL;
}

/* A group's key that is the job's, or the harness's own. `seed` and `dir` are also the workload's. */
static int check_key(const struct job *job, const struct yaml_value *key, struct buf *why)
{
	const char *name = key->text;

	if (job_reserved(name))
		return complain(job, key, job_reserved(name), why);
	if (!schema_find(&job_schema, name) || !strcmp(name, "seed") || !strcmp(name, "dir"))
		return 0;
	yaml_place(job->file, key->line, key->column, why);
	buf_fmt(why, "'%s' belongs at the top of the job", name);
	return -1;
}

static int add_value(const struct job *job, struct job_key *key, const struct yaml_value *v,
		     struct buf *why)
{
	struct buf reason = BUF_INIT;
	int ret = 0;

	if (v->kind != YAML_TEXT) {
		buf_fmt(&reason, "%s: expected a value, found %s", key->name.text,
			yaml_kind_name(v->kind));
		ret = -1;
	} else {
		ret = schema_check_text(key->name.text, v->text, false, &reason);
	}
	if (ret)
		complain(job, v, buf_text(&reason), why);
	else
		key->value[key->n++] = (struct schema_text){ xstrdup(v->text), v->line, v->column };
	buf_release(&reason);
	return ret;
}

/* One parameter of a group. */
static int add_key(const struct job *job, struct job_group *g, const struct yaml_value *name,
		   const struct yaml_value *v, struct buf *why)
{
	struct job_key *key = &g->key[g->nkeys++];
	size_t i;

	key->name = (struct schema_text){ xstrdup(name->text), name->line, name->column };
	key->is_list = v->kind == YAML_LIST;
	key->value = xcalloc(key->is_list ? v->n : 1, sizeof(key->value[0]));
	if (check_key(job, name, why))
		return -1;
	if (!key->is_list)
		return add_value(job, key, v, why);
	if (!v->n)
		return complain(job, v, "an axis without values", why);
	for (i = 0; i < v->n; i++)
		if (add_value(job, key, &v->item[i], why))
			return -1;
	return 0;
}

static int read_group(struct job *job, const struct yaml_value *v, struct buf *why)
{
	struct job_group *g = &job->group[job->ngroups++];
	size_t i;

	if (schema_read(&job_group_schema, job->file, v, g, why))
		return -1;
	g->key = xcalloc(v->n, sizeof(g->key[0]));
	for (i = 0; i < v->n; i++)
		if (!schema_find(&job_group_schema, v->key[i].text) &&
		    add_key(job, g, &v->key[i], &v->item[i], why))
			return -1;
	return 0;
}

int job_check_name(const char *key, const char *name, struct buf *why)
{
	if (*name && strlen(name) <= NAME_MAX_LEN &&
	    !name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")])
		return 0;
	buf_fmt(why, "%s: ", key);
	yaml_quote(name, why);
	buf_fmt(why, " is not a name of letters, digits, '-', '_' and '.', at most %d",
		NAME_MAX_LEN);
	return -1;
}

static int read_job(struct job *job, const struct yaml_value *root, struct buf *why)
{
	const struct yaml_value *cells;
	struct buf reason = BUF_INIT;
	size_t i;

	if (schema_read(&job_schema, job->file, root, job, why))
		return -1;
	if (job_check_name("job", job->name.text, &reason)) {
		yaml_place(job->file, job->name.line, job->name.column, why);
		buf_str(why, buf_text(&reason));
		buf_release(&reason);
		return -1;
	}
	if (job_read_kernels(job, root, why))
		return -1;
	cells = yaml_find(root, "cells");
	if (!cells->n)
		return complain(job, cells, "cells: no group of cells", why);
	job->group = xcalloc(cells->n, sizeof(job->group[0]));
	for (i = 0; i < cells->n; i++)
		if (read_group(job, &cells->item[i], why))
			return -1;
	return 0;
}

int job_parse(const char *file, const char *text, size_t len, struct job *job, struct buf *why)
{
	struct yaml_value root;
	int ret;

	*job = (struct job){ .file = xstrdup(file) };
	ret = yaml_read(file, text, len, &root, why);
	if (!ret)
		ret = read_job(job, &root, why);
	yaml_release(&root);
	return ret;
}

/* A `--set` taken apart. */
struct setting {
	char *name;
	const char *text;	/* after the '=' */
	struct schema_text *value;	/* what it says as a list, or as one text */
	size_t n;
	bool is_list;
};

static struct job_key *find_key(const struct job_group *g, const char *name)
{
	size_t i;

	for (i = 0; i < g->nkeys; i++)
		if (!strcmp(g->key[i].name.text, name))
			return &g->key[i];
	return NULL;
}

static const struct param *find_row(const struct param *row, const char *name)
{
	for (; row->name; row++)
		if (!strcmp(row->name, name))
			return row;
	return NULL;
}

/* What a group's workload calls by that name, or NULL. */
static const struct param *group_row(const struct job_group *g, const struct catalogue *catalogue,
				     const char *name)
{
	const struct catalogue_workload *w = catalogue_find(catalogue, g->workload.text);
	const struct param *row = w ? find_row(w->params, name) : NULL;

	return row ? row : find_row(catalogue->common, name);
}

/* May a comma be part of one value? */
static bool has_commas(const struct param *row)
{
	size_t i;

	if (row->kind == PARAM_TEXT)
		return true;
	for (i = 0; row->kind == PARAM_CHOICE && row->choices[i]; i++)
		if (!strcmp(row->choices[i], "LIST"))
			return true;
	return false;
}

static void add_text(struct setting *s, const char *text, size_t len)
{
	s->value = xrealloc(s->value, s->n + 1, sizeof(s->value[0]));
	s->value[s->n++] = (struct schema_text){ .text = xstrndup(text, len) };
}

static void split(struct setting *s, const char *separator)
{
	const char *at = s->text;
	size_t len;

	for (;;) {
		len = strcspn(at, separator);
		add_text(s, at, len);
		if (!at[len])
			return;
		at += len + 1;
	}
}

/* `[a, b]` is YAML's own list. */
static int split_list(struct setting *s, struct buf *why)
{
	struct buf unused = BUF_INIT;
	struct yaml_value root;
	bool good;
	size_t i;

	good = !yaml_read("", s->text, strlen(s->text), &root, &unused) && root.kind == YAML_LIST &&
	       root.n;
	for (i = 0; good && i < root.n; i++) {
		good = root.item[i].kind == YAML_TEXT;
		if (good)
			add_text(s, root.item[i].text, strlen(root.item[i].text));
	}
	if (!good)
		buf_fmt(why, "%s: not a list such as [a, b]", s->name);
	yaml_release(&root);
	buf_release(&unused);
	return good ? 0 : -1;
}

static int read_values(struct setting *s, bool commas, struct buf *why)
{
	size_t i;

	if (s->text[0] == '[') {
		if (split_list(s, why))
			return -1;
		s->is_list = true;
	} else {
		split(s, commas ? "" : ",");
		s->is_list = s->n > 1;
	}
	for (i = 0; i < s->n; i++)
		if (schema_check_text(s->name, s->value[i].text, false, why))
			return -1;
	return 0;
}

static void replace(struct job_group *g, const struct setting *s)
{
	struct job_key *key = find_key(g, s->name);
	bool was_list = key && key->is_list;
	size_t i;

	if (key) {
		release_key(key);
	} else {
		g->key = xrealloc(g->key, g->nkeys + 1, sizeof(g->key[0]));
		key = &g->key[g->nkeys++];
	}
	*key = (struct job_key){ .name.text = xstrdup(s->name), .n = s->n, .is_list = s->is_list || was_list };
	key->value = xcalloc(s->n, sizeof(key->value[0]));
	for (i = 0; i < s->n; i++)
		key->value[i].text = xstrdup(s->value[i].text);
}

int job_refuse_dir(struct buf *why)
{
	buf_str(why, "dir: guests have file systems of their own; choose one with `fs`");
	return -1;
}

static int set_top(struct job *job, const struct setting *s, struct buf *why)
{
	struct job_key *key;
	size_t i;

	if (!strcmp(s->name, "job") && job_check_name("job", s->text, why))
		return -1;
	if (!strcmp(s->name, "dir") && job->nkernels)
		return job_refuse_dir(why);
	if (schema_set(schema_find(&job_schema, s->name), s->text, job, why))
		return -1;
	job_forget_emulated(job, s->name);
	if (!strcmp(s->name, "blocks"))		/* so many, and no more */
		job->blocks_max = 0;
	for (i = 0; i < job->ngroups && !strcmp(s->name, "dir"); i++) {
		key = find_key(&job->group[i], "dir");
		if (!key)
			continue;
		release_key(key);
		memmove(key, key + 1,
			(size_t)(job->group[i].key + job->group[i].nkeys - (key + 1)) *
				sizeof(*key));
		job->group[i].nkeys--;
	}
	return 0;
}

static int unknown(const struct job *job, const struct catalogue *catalogue, const char *name,
		   struct buf *why)
{
	const struct catalogue_workload *w;
	const struct schema_key *key;
	const struct param *row;
	struct near near;
	size_t i;

	near_init(&near, name);
	for (key = job_schema.keys; key->param.name; key++)
		if (key->form == SCHEMA_SCALAR)
			near_offer(&near, key->param.name);
	for (row = catalogue->common; row->name; row++)
		near_offer(&near, row->name);
	for (i = 0; i < job->ngroups; i++) {
		w = catalogue_find(catalogue, job->group[i].workload.text);
		for (row = w ? w->params : NULL; row && row->name; row++)
			near_offer(&near, row->name);
	}
	buf_str(why, "neither a key of the job nor a parameter of its workloads");
	near_hint(&near, why);
	return -1;
}

static int set_groups(struct job *job, const struct catalogue *catalogue, struct setting *s,
		      struct buf *why)
{
	const struct param *row = NULL;
	size_t i;

	if (job_reserved(s->name)) {
		buf_str(why, job_reserved(s->name));
		return -1;
	}
	if (schema_find(&job_group_schema, s->name)) {
		buf_fmt(why, "'%s' can be set in the job's file only", s->name);
		return -1;
	}
	for (i = 0; i < job->ngroups && !row; i++)
		row = group_row(&job->group[i], catalogue, s->name);
	if (!row)
		return unknown(job, catalogue, s->name, why);
	if (read_values(s, has_commas(row), why))
		return -1;
	for (i = 0; i < job->ngroups; i++)
		if (find_key(&job->group[i], s->name) ||
		    group_row(&job->group[i], catalogue, s->name))
			replace(&job->group[i], s);
	return 0;
}

bool job_is_utf8(const char *text)
{
	json_t *s = json_string(text);
	bool good = s;

	json_decref(s);
	return good;
}

static int apply(struct job *job, const struct catalogue *catalogue, struct setting *s,
		 struct buf *why)
{
	if (!s->name) {
		buf_str(why, "not key=value");
		return -1;
	}
	if (!job_is_utf8(s->text)) {
		buf_fmt(why, "%s: the value is not UTF-8 text", s->name);
		return -1;
	}
	if (strchr(s->name, '.'))	/* no key and no parameter has one */
		return job_set_section(job, s->name, s->text, why);
	if (schema_find(&job_schema, s->name))
		return set_top(job, s, why);
	return set_groups(job, catalogue, s, why);
}

int job_set(struct job *job, const struct catalogue *catalogue, const char *assignment,
	    struct buf *why)
{
	const char *eq = strchr(assignment, '=');
	struct setting s = { 0 };
	struct buf reason = BUF_INIT;
	size_t i;
	int ret;

	if (eq && eq > assignment) {
		s.name = xstrndup(assignment, (size_t)(eq - assignment));
		s.text = eq + 1;
	}
	ret = apply(job, catalogue, &s, &reason);
	if (ret)
		buf_fmt(why, "--set %s: %s", assignment, buf_text(&reason));
	for (i = 0; i < s.n; i++)
		free(s.value[i].text);
	free(s.value);
	free(s.name);
	buf_release(&reason);
	return ret;
}
