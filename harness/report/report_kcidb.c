/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A submission to KCIDB, the kernel's common report database, in version 5.3 of its format: for each
 * kernel a checkout and a build, and for each cell and metric a test with its number. The origin
 * is "foliobench". Identifiers follow from what they name, so the same run gives the same ones
 * whenever it is reported: builds are known by their key in the kernel cache, or by the kernel's own
 * build id, tests by run, kernel, cell and metric.
 *
 * Nothing here is null, and what is not known is left out: the format wants it so.
 */
#include "harness/report/report_formats.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "harness/judge/ratio.h"
#include "harness/kernel/cache.h"
#include "harness/report/environment.h"
#include "harness/report/outline.h"
#include "harness/report/report.h"
#include "lib/buf.h"
#include "lib/json.h"

#define ORIGIN "foliobench"
#define EXCERPT_MAX 16384	/* characters of a log's excerpt, by the format */

/* One kernel, and where its objects go. */
struct side {
	const struct report_input *in;
	size_t kernel;
	const char *name;
	const json_t *line;		/* of its first boot, or NULL */
	const json_t *build;		/* of that line: it was built for a guest; or NULL */
	struct buf id;			/* of checkout and build */
	json_t *tests;
};

/* Only what there is. */
static void put_text(json_t *o, const char *key, const char *text)
{
	if (text)
		json_put(o, key, json_text(text));
}

static void put_number(json_t *o, const char *key, double x)
{
	if (isfinite(x))
		json_put(o, key, json_real(x));
}

/* As a share of the baseline's. */
static void put_change(json_t *o, const char *key, double log_ratio)
{
	if (isfinite(log_ratio))
		put_number(o, key, ratio_change(log_ratio));
}

static void put_copy(json_t *o, const char *key, const json_t *value)
{
	if (value && !json_is_null(value))
		json_put(o, key, json_deep_copy(value));
}

static bool is_time(const char *at)
{
	return at && strlen(at) == strlen("2026-11-21T11:02:03Z") && at[10] == 'T' && at[19] == 'Z';
}

static void put_start(json_t *o, const struct side *s)
{
	const char *at = json_get_text(s->line, "at");

	if (is_time(at))
		json_put(o, "start_time", json_text(at));
}

static void make_id(struct side *s)
{
	const char *key = json_get_text(s->build, "key");
	const char *own = json_string_value(environment_fact(s->line, "kernel", "build_id"));

	if (key)
		buf_fmt(&s->id, ORIGIN ":%s", key);
	else if (own)
		buf_fmt(&s->id, ORIGIN ":build-id-%s", own);
	else
		buf_fmt(&s->id, ORIGIN ":%s/%s", s->in->run, s->name);
}

/*
 * The format's: SHA-256 over the lines of the patches' own, "" for none. NULL where it is not known, or where some
 * patch was taken out instead of put in: that is no patch set. hex: for the result.
 */
static const char *patchset_hash(const json_t *build, char hex[65])
{
	const json_t *files = json_object_get(build, "patch_files"), *file;
	struct buf lines = BUF_INIT;
	const char *sum;
	size_t i;

	if (!build || json_array_size(files) != json_array_size(json_object_get(build, "patches")))
		return NULL;
	if (!json_array_size(files))
		return "";
	json_array_foreach(files, i, file) {
		sum = json_get_text(file, "sha256");
		if (!sum || json_is_true(json_object_get(file, "reverse"))) {
			buf_release(&lines);
			return NULL;
		}
		buf_fmt(&lines, "%s\n", sum);
	}
	cache_sha256(lines.s, lines.len, hex);
	buf_release(&lines);
	return hex;
}

/* Of the first patch that came as a mail, without its angle brackets. */
static void put_message_id(json_t *o, const json_t *build)
{
	struct buf id = BUF_INIT;
	const json_t *file;
	const char *text;
	size_t i;

	json_array_foreach(json_object_get(build, "patch_files"), i, file) {
		text = json_get_text(file, "message_id");
		if (!text)
			continue;
		text += *text == '<';
		buf_add(&id, text, strcspn(text, ">"));
		if (strchr(buf_text(&id), '@'))
			json_put(o, "message_id", json_text(buf_text(&id)));
		break;
	}
	buf_release(&id);
}

static json_t *object_json(const struct side *s)
{
	json_t *o = json_object();

	json_put(o, "id", json_text(buf_text(&s->id)));
	json_put(o, "origin", json_text(ORIGIN));
	return o;
}

static json_t *checkout_json(const struct side *s)
{
	const char *source = json_get_text(s->build, "source");
	json_t *o = object_json(s), *misc = json_object();
	const char *hash;
	char hex[65];

	hash = patchset_hash(s->build, hex);
	put_text(o, "patchset_hash", hash);
	put_message_id(o, s->build);
	put_text(o, "comment",
		 source ? source : json_string_value(environment_fact(s->line, "kernel", "release")));
	put_copy(misc, "patches", json_object_get(s->build, "patches"));
	put_copy(misc, "patch_files", json_object_get(s->build, "patch_files"));
	if (json_object_size(misc))
		json_put(o, "misc", json_incref(misc));
	json_decref(misc);
	return o;
}

/* As KCIDB's other origins name it; NULL where it is not known. */
static const char *architecture(const json_t *line)
{
	const char *machine = json_string_value(environment_fact(line, "kernel", "machine"));

	if (!machine || strspn(machine, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(machine))
		return NULL;
	return strcmp(machine, "aarch64") ? machine : "arm64";
}

static json_t *build_json(const struct side *s)
{
	json_t *o = object_json(s), *misc = json_object();

	json_put(o, "checkout_id", json_text(buf_text(&s->id)));
	put_text(o, "architecture", architecture(s->line));
	put_text(o, "compiler", json_get_text(s->build, "compiler"));
	put_text(o, "config_name", s->in->plan->kernel[s->kernel].spec);
	if (s->line)	/* it has booted */
		json_put(o, "status", json_text("PASS"));
	json_put(misc, "kernel", json_text(s->name));
	put_copy(misc, "release", environment_fact(s->line, "kernel", "release"));
	put_copy(misc, "version", environment_fact(s->line, "kernel", "version"));
	put_copy(misc, "build_id", environment_fact(s->line, "kernel", "build_id"));
	put_copy(misc, "new_warnings", json_object_get(s->build, "new_warnings"));
	json_put(o, "misc", misc);
	return o;
}

static json_t *environment_json(const struct side *s)
{
	static const char *const facts[][2] = {
		{ "cpu", "model" }, { "cpu", "usable_count" }, { "cpu", "hypervisor" },
		{ "cpu", "microcode" }, { "cpu", "governor" }, { "memory", "total_bytes" },
		{ "memory", "numa_node_count" },
	};
	json_t *o = json_object(), *misc = json_object();
	struct buf key = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		buf_reset(&key);
		buf_fmt(&key, "%s_%s", facts[i][0], facts[i][1]);
		put_copy(misc, buf_text(&key), environment_fact(s->line, facts[i][0], facts[i][1]));
	}
	put_copy(misc, "identity", environment_fact(s->line, "identity", NULL));
	put_copy(misc, "command_line", environment_fact(s->line, "kernel", "command_line"));
	put_copy(misc, "guest", json_object_get(s->line, "guest"));
	if (s->in->emulated)
		json_object_del(json_object_get(misc, "guest"), "boot_ns");
	put_text(o, "comment", json_string_value(environment_fact(s->line, "cpu", "model")));
	if (json_object_size(misc))
		json_put(o, "misc", json_incref(misc));
	json_decref(misc);
	buf_release(&key);
	return o;
}

/* One step of a test's path holds letters, digits, "-" and "_" only. */
static void add_step(struct buf *path, const char *s, size_t len)
{
	size_t i;
	bool fits;

	buf_ch(path, '.');
	for (i = 0; i < len; i++) {
		fits = (s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z') ||
		       (s[i] >= '0' && s[i] <= '9') || s[i] == '-';
		buf_ch(path, fits ? s[i] : '_');
	}
	if (!len)
		buf_ch(path, '_');
}

/* "foliobench.read.block_4k.sharing_same.threads_16.ops_per_s": the same on every machine, in every job. */
static void make_path(const char *cell, const char *metric, struct buf *path)
{
	size_t len;

	buf_str(path, ORIGIN);
	for (;; cell += len + 1) {
		len = strcspn(cell, " ");
		add_step(path, cell, len);
		if (!cell[len])
			break;
	}
	add_step(path, metric, strlen(metric));
}

/* A test of the kernel as a whole, where cell is NULL. */
static json_t *test_json(const struct side *s, const struct plan_cell *cell, const char *what)
{
	json_t *o = json_object(), *misc = json_object();
	struct buf text = BUF_INIT;

	buf_fmt(&text, ORIGIN ":%s/%s/%s%s%s", s->in->run, s->name, cell ? cell->id : "",
		cell ? "/" : "", what);
	json_put(o, "id", json_text(buf_text(&text)));
	json_put(o, "build_id", json_text(buf_text(&s->id)));
	json_put(o, "origin", json_text(ORIGIN));
	buf_reset(&text);
	if (cell)
		make_path(cell->name, what, &text);
	else
		buf_fmt(&text, ORIGIN ".%s", what);
	json_put(o, "path", json_text(buf_text(&text)));
	put_start(o, s);
	json_put(o, "environment", environment_json(s));
	json_put(misc, "run", json_text(s->in->run));
	json_put(misc, "job", json_text(s->in->plan->job));
	json_put(misc, "kernel", json_text(s->name));
	if (cell)
		json_put(misc, "cell", json_text(cell->name));
	json_put(o, "misc", misc);
	buf_release(&text);
	return o;
}

/* Units without prefix, and what prefix a display may add: none for counts, which are exact. */
static json_t *number_json(struct yardstick y, double value)
{
	static const struct {
		const char *unit, *prefix;
		double scale;
	} as[NMETRICS] = {
		[METRIC_BYTES_PER_S] = { "B/s", "binary", 1 },
		[METRIC_OPS_PER_S] = { "ops/s", "metric", 1 },
		[METRIC_NS_PER_OP] = { "s/op", "metric", 1e-9 },
	};
	json_t *o = json_object();
	struct buf unit = BUF_INIT;

	json_put(o, "value", json_real(y.exact ? value : value * as[y.which].scale));
	if (y.exact) {
		buf_fmt(&unit, "%s/op", yardstick_name(y));
		json_put(o, "unit", json_text(buf_text(&unit)));
	} else {
		json_put(o, "unit", json_text(as[y.which].unit));
		json_put(o, "prefix", json_text(as[y.which].prefix));
	}
	buf_release(&unit);
	return o;
}

/* Status and, if there is one, number; takes the test. */
static void keep(struct side *s, json_t *test, const char *status, struct yardstick y, double value)
{
	json_put(test, "status", json_text(status));
	if (isfinite(value))
		json_put(test, "number", number_json(y, value));
	json_array_append_new(s->tests, test);
}

/*
 * "DONE" says of a test that it has a number and no opinion: that of the baseline, of the baseline
 * rebuilt, of what does not gate and of what is undecided; and where the measurement did not work out, all of them.
 */
static const char *status_of(const struct side *s, const struct finding *f)
{
	if (!isfinite(f->new))
		return "MISS";
	if (!f->gating || f->control || f->judgement.verdict == VERDICT_INCONCLUSIVE ||
	    s->in->judged->outcome == OUTCOME_CANNOT)
		return "DONE";
	return f->judgement.verdict == VERDICT_REGRESSED ? "FAIL" : "PASS";
}

static void put_finding(json_t *misc, const struct finding *f)
{
	json_put(misc, "verdict", json_text(verdict_name(f->judgement.verdict)));
	json_put(misc, "because", json_text(because_text(f->judgement.because)));
	json_put(misc, "gating", json_boolean(f->gating));
	put_number(misc, "old", f->old);
	put_change(misc, "change", f->effect);
	put_change(misc, "low", f->low);
	put_change(misc, "high", f->high);
	put_number(misc, "p", f->p);
	if (f->blocks)
		json_put(misc, "blocks", json_u64(f->blocks));
}

static void add_found(struct side *s, const struct outline_test *t)
{
	const struct plan_cell *cell = &s->in->plan->cell[t->cell];
	json_t *o = test_json(s, cell, t->metric);
	struct buf comment = BUF_INIT;

	if (!t->say && !t->finding->yardstick.exact) {	/* withheld */
		put_text(o, "comment", t->reason);
		keep(s, o, "SKIP", t->finding->yardstick, (double)NAN);
		return;
	}
	buf_fmt(&comment, "%s: %s", t->reason, t->say ? t->say : "");
	json_put(o, "comment", json_text(buf_text(&comment)));
	put_finding(json_object_get(o, "misc"), t->finding);
	keep(s, o, status_of(s, t->finding), t->finding->yardstick, t->finding->new);
	buf_release(&comment);
}

/* The value of a test of a run that was not judged. */
static double measured(const struct side *s, size_t cell, struct yardstick y)
{
	const struct plan *plan = s->in->plan;
	const struct count_record *c;

	if (!y.exact)
		return s->in->figures[s->kernel * plan->ncells + cell].metric[y.which].mean;
	c = samples_count(s->in->samples, s->name, plan->cell[cell].id);
	return c && y.which < NCOUNTS ? c->count[y.which] : (double)NAN;
}

static void add_measured(struct side *s, const struct outline_test *t)
{
	json_t *o = test_json(s, &s->in->plan->cell[t->cell], t->metric);
	struct yardstick y = { 0 };

	yardstick_parse(t->metric, &y, NULL);
	put_text(o, "comment", t->say ? t->say : t->reason);
	if (t->result == TEST_SKIPPED)
		keep(s, o, "SKIP", y, (double)NAN);
	else
		keep(s, o, "DONE", y, measured(s, t->cell, y));
}

/* The baseline's numbers, from the findings of the first kernel that was compared with it. */
static void add_baseline(struct side *s, const struct outline *o)
{
	const struct outline_group *g;
	const struct outline_test *t;
	size_t i, k;

	for (k = 0; o->n && k < o->kernel[0].n; k++) {
		g = &o->kernel[0].group[k];
		for (i = 0; i < g->n; i++) {
			t = &g->test[i];
			if (t->finding && t->say && isfinite(t->finding->old))
				keep(s, test_json(s, &s->in->plan->cell[t->cell], t->metric),
				     "DONE", t->finding->yardstick, t->finding->old);
		}
	}
}

/* The kernel's fault, or, of one that others are compared with, maybe ours? */
static bool has_failed(const struct side *s, const json_t *incident)
{
	const struct plan *plan = s->in->plan;
	const char *verdict = json_get_text(incident, "verdict");

	return verdict && !strcmp(verdict, "reject") &&
	       (plan->nkernels == 1 || (s->kernel && !plan_is_control(plan, s->kernel)));
}

static void add_incident(struct side *s, const json_t *incident)
{
	const char *what = json_get_text(incident, "what"), *frame;
	json_t *o = test_json(s, NULL, "boot");
	struct buf text = BUF_INIT;
	const json_t *line;
	size_t i;

	buf_str(&text, what ? what : "");
	json_array_foreach(json_object_get(incident, "frames"), i, line) {
		frame = json_string_value(line);
		if (frame && text.len + strlen(frame) < EXCERPT_MAX)
			buf_fmt(&text, "\n%s", frame);
	}
	put_text(o, "comment", json_get_text(incident, "incident"));
	if (text.len && text.len <= EXCERPT_MAX)
		json_put(o, "log_excerpt", json_text(buf_text(&text)));
	keep(s, o, has_failed(s, incident) ? "FAIL" : "ERROR", (struct yardstick){ 0 }, (double)NAN);
	buf_release(&text);
}

static void add_kernel(struct side *s, const struct outline_kernel *k)
{
	const struct outline_test *t;
	size_t g, i;

	if (k->incident)
		add_incident(s, k->incident);
	for (g = 0; g < k->n; g++)
		for (i = 0; i < k->group[g].n; i++) {
			t = &k->group[g].test[i];
			if (t->finding)
				add_found(s, t);
			else
				add_measured(s, t);
		}
}

/* A side's checkout, build and tests go into the submission. */
static void add_side(const struct report_input *in, const struct outline *o, size_t kernel, json_t *json)
{
	struct side s = { .in = in, .kernel = kernel, .name = in->plan->kernel[kernel].name,
			  .tests = json_object_get(json, "tests") };
	bool outlined = false;
	size_t i;

	s.line = environment_first(in->samples->environments, s.name);
	s.build = json_object_get(s.line, "build");
	make_id(&s);
	json_array_append_new(json_object_get(json, "checkouts"), checkout_json(&s));
	json_array_append_new(json_object_get(json, "builds"), build_json(&s));
	for (i = 0; i < o->n; i++)
		if (o->kernel[i].kernel == kernel) {
			add_kernel(&s, &o->kernel[i]);
			outlined = true;
		}
	if (!outlined)
		add_baseline(&s, o);
	buf_release(&s.id);
}

void report_kcidb(const struct report_input *in, struct buf *out)
{
	json_t *json = json_object(), *version = json_object();
	struct outline o;
	size_t i;

	json_put(version, "major", json_u64(5));
	json_put(version, "minor", json_u64(3));
	json_put(json, "version", version);
	json_put(json, "checkouts", json_array());
	json_put(json, "builds", json_array());
	json_put(json, "tests", json_array());
	outline_make(in, &o);
	for (i = 0; i < in->plan->nkernels; i++)
		add_side(in, &o, i, json);
	json_pretty(out, json);
	json_decref(json);
	outline_release(&o);
}
