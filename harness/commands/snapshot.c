/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/snapshot.h"

#include <string.h>
#include <time.h>

#include "harness/commands/interrupt.h"
#include "harness/commands/session.h"
#include "harness/guest/guest.h"
#include "harness/guest/machine.h"
#include "harness/kernel/warnings.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/exitcode.h"
#include "lib/json.h"
#include "lib/record.h"

#define ASK_LIMIT_NS 120000000000ull

static int add_text(const char *text, size_t len, void *data)
{
	buf_add(data, text, len);
	return 0;
}

const char *snapshot_dir(const struct plan *plan, bool guest)
{
	struct buf fs = BUF_INIT;
	const char *dir = ".";
	char *const *argv;

	if (!plan->ncells)
		return dir;
	if (guest) {
		cell_field(plan->cell[0].name, "fs", &fs);
		dir = shape_dir(buf_text(&fs));
		buf_release(&fs);
		return dir;
	}
	for (argv = plan->cell[0].argv; *argv; argv++)
		if (!strncmp(*argv, "dir=", 4))
			dir = *argv + 4;
	return dir;
}

/* What the driver printed of its system; NULL after reporting. */
static json_t *parse(const struct session *s, const char *text, size_t len)
{
	json_error_t error;
	json_t *env = json_loadb(text, len, 0, &error);

	if (json_is_object(env))
		return env;
	err("%s env: %s", s->driver, env ? "JSON, but no object" : error.text);
	json_decref(env);
	return NULL;
}

/* NULL after reporting. */
static json_t *ask(const struct snapshot_call *call)
{
	const char *const argv[] = { "env", snapshot_dir(&call->session->plan, call->machine->guest), NULL };
	const struct machine_call question = {
		.argv = argv, .log = call->log, .limit_ns = ASK_LIMIT_NS, .stop = &interrupted,
	};
	struct buf answer = BUF_INIT;
	json_t *env = NULL;

	if (machine_run(call->machine, &question, add_text, &answer) == EXIT_ACCEPT)
		env = parse(call->session, buf_text(&answer), answer.len);
	buf_release(&answer);
	return env;
}

/* The first environment line of a kernel that the run has, or NULL. */
static const json_t *earlier(const struct session *s, const char *kernel)
{
	const json_t *line;
	const char *name;
	size_t i;

	for (i = 0; i < json_array_size(s->have.environments); i++) {
		line = json_array_get(s->have.environments, i);
		name = json_get_text(line, "kernel");
		if (name && !strcmp(name, kernel))
			return line;
	}
	return NULL;
}

static int differs(const struct session *s, const json_t *then, const json_t *now, const char *key,
		   const char *advice)
{
	const char *a = json_get_text(then, key), *b = json_get_text(now, key);

	if (!a || !b || !strcmp(a, b))
		return 0;
	return err("run %s cannot go on here: %s (`foliogate results show %s` tells what it was measured on)",
		   s->run.id, advice, s->run.id);
}

/* Samples of two machines, kernels or boots do not belong into one block. */
static int same_place(const struct snapshot_call *call, const json_t *now)
{
	const struct session *s = call->session;
	const json_t *line = earlier(s, s->plan.kernel[call->kernel].name);
	const json_t *then = json_object_get(line, "environment");
	const char *hypervisor = json_get_text(json_object_get(now, "cpu"), "hypervisor");
	json_t *key;
	int ret;

	if (!call->machine->guest && hypervisor && !strcmp(hypervisor, "tcg"))
		return err(
			"this is a guest under emulation (TCG): times taken here are no performance, none are taken");
	if (!then)
		return 0;
	if (differs(s, then, now, "identity",
		    "the kernel, the machine or its settings have changed since; start a new run"))
		return -1;
	if (!call->machine->guest)
		return differs(s, json_object_get(then, "boot"), json_object_get(now, "boot"), "id",
			       "the machine was booted again since; start a new run");
	key = json_pack("{s:s}", "key", s->lineup.kernel[call->kernel].key);
	ret = differs(s, json_object_get(line, "build"), key, "key",
		      "the kernel's source, patches, configuration or compiler have changed since; start a new run");
	json_decref(key);
	return ret;
}

static json_t *guest_json(const struct session *s, const struct snapshot_facts *facts)
{
	const struct shape *shape = &s->lineup.shape[facts->kernel];
	json_t *o = json_object();

	json_put(o, "accel", json_text(accel_name(facts->accel)));
	json_put(o, "cpus", json_u64(shape->cpus));
	json_put(o, "memory", json_u64(shape->memory));
	json_put(o, "disk", json_text(shape->disk == DISK_RAM ? "ram" : "virtio"));
	json_put(o, "qemu", json_text(facts->qemu));
	if (facts->boot_ns)
		json_put(o, "boot_ns", json_u64(facts->boot_ns));
	json_put(o, "retries", json_u64(facts->retries));
	return o;
}

/* What the compiler said of this kernel and not of the first; null where one of them has no warnings kept. */
static json_t *new_warnings(const struct lineup *l, size_t kernel)
{
	struct warnings base = { 0 }, own = { 0 }, fresh = { 0 };
	json_t *list;

	if (!kernel)
		return json_array();
	/* who could not tell, has reported; figures are no worse for it */
	if (!warnings_of(&l->kernel[0], &base) && !warnings_of(&l->kernel[kernel], &own))
		warnings_new(&base, &own, &fresh);
	list = fresh.known ? warnings_list_json(&fresh) : json_null();
	warnings_release(&base);
	warnings_release(&own);
	warnings_release(&fresh);
	return list;
}

static json_t *build_json(const struct lineup *l, size_t kernel)
{
	const struct kernel *k = &l->kernel[kernel];
	json_t *o = json_object();

	json_put(o, "key", json_text(k->key));
	json_put(o, "release", json_text(k->release));
	json_put(o, "source", json_text(k->source));
	json_put(o, "patches", json_incref(l->patches[kernel]));
	json_put(o, "patch_files", json_incref(l->patch_files[kernel]));
	json_put(o, "new_warnings", new_warnings(l, kernel));
	if (l->cmdline[kernel])
		json_put(o, "cmdline", json_text(l->cmdline[kernel]));
	return o;
}

static int store(struct session *s, const struct snapshot_facts *facts, bool guest, json_t *env)
{
	json_t *o = json_object();
	struct buf line = BUF_INIT;
	time_t now = time(NULL);
	struct tm tm;
	char at[32];
	int ret;

	strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	json_put(o, "schema", json_u64(RECORD_SCHEMA));
	json_put(o, "kind", json_text("environment"));
	json_put(o, "kernel", json_text(s->plan.kernel[facts->kernel].name));
	json_put(o, "block", json_u64(facts->block));
	json_put(o, "at", json_text(at));
	json_put(o, "environment", json_incref(env));
	if (guest) {
		json_put(o, "guest", guest_json(s, facts));
		json_put(o, "build", build_json(&s->lineup, facts->kernel));
	}
	json_line(&line, o);
	ret = run_append(&s->run, line.s, line.len);
	json_decref(o);
	buf_release(&line);
	return ret;
}

int snapshot_keep(struct session *s, const struct snapshot_facts *facts, const char *text, size_t len)
{
	json_t *env;
	int ret = -1;

	if (earlier(s, s->plan.kernel[facts->kernel].name))
		return 0;
	env = parse(s, text, len);
	if (env)
		ret = store(s, facts, true, env);
	json_decref(env);
	return ret;
}

int snapshot(const struct snapshot_call *call)
{
	const struct guest *guest = call->machine->guest;
	struct snapshot_facts facts = { .kernel = call->kernel, .block = call->block, .retries = call->retries };
	json_t *env = ask(call);
	int ret = -1;

	if (guest) {
		facts.accel = guest_accel(guest);
		facts.qemu = guest_qemu(guest);
		facts.boot_ns = guest_boot_ns(guest);
	}
	if (env)
		ret = same_place(call, env) ? 1 : store(call->session, &facts, guest != NULL, env);
	json_decref(env);
	return ret;
}
