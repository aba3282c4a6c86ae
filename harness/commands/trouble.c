/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/trouble.h"

#include <inttypes.h>
#include <string.h>

#include "harness/commands/session.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/exitcode.h"
#include "lib/json.h"
#include "lib/record.h"

static const char *kind_name(const struct trouble *t)
{
	return t->incident.kind == INCIDENT_NONE ? "wrong data" : incident_name(t->incident.kind);
}

/* The gate speaks of patches: a baseline in trouble says nothing about one. */
static uint32_t answer_of(const struct session *s, const struct trouble *t, bool baseline_ran)
{
	if (s->plan.nkernels > 1 && (!t->kernel || plan_is_control(&s->plan, t->kernel) || !baseline_ran))
		return GATE_CANNOT;
	return t->incident.kind == INCIDENT_NONE ? s->gate.wrong_data : s->gate.crash;
}

static int store(struct session *s, const struct trouble *t, uint32_t answer)
{
	json_t *o = json_object(), *frames = json_array();
	struct buf line = BUF_INIT;
	size_t i;
	int ret;

	for (i = 0; i < t->incident.nframes; i++)
		json_array_append_new(frames, json_text(t->incident.frame[i]));
	json_put(o, "schema", json_u64(RECORD_SCHEMA));
	json_put(o, "kind", json_text("incident"));
	json_put(o, "kernel", json_text(s->plan.kernel[t->kernel].name));
	json_put(o, "block", json_u64(t->block));
	json_put(o, "cell", json_text(t->cell));
	json_put(o, "incident", json_text(kind_name(t)));
	json_put(o, "what", json_text(t->incident.what));
	json_put(o, "task", json_text(t->incident.comm));
	json_put(o, "frames", frames);
	json_put(o, "verdict", json_text(gate_answer_name(answer)));
	json_line(&line, o);
	ret = run_append(&s->run, line.s, line.len) || run_sync(&s->run) ? -1 : 0;
	json_decref(o);
	buf_release(&line);
	return ret;
}

static void say(const struct session *s, const struct trouble *t, uint32_t answer, bool baseline_ran)
{
	const char *name = s->plan.kernel[t->kernel].name, *first = s->plan.kernel[0].name;
	struct buf text = BUF_INIT;

	buf_fmt(&text, "%s: %s: %s", answer == GATE_REJECT ? "reject" : "could not measure", name,
		kind_name(t));
	if (t->incident.kind == INCIDENT_NONE)
		buf_fmt(&text, " in cell %s", t->cell);	/* the driver's own words were passed on before */
	else if (t->incident.what)
		buf_fmt(&text, ": %s", t->incident.what);
	if (t->incident.nframes)
		buf_fmt(&text, " in %s", t->incident.frame[0]);
	if (plan_is_control(&s->plan, t->kernel))
		buf_fmt(&text, "; it is %s again", first);
	else if (s->plan.nkernels > 1 && t->kernel)
		buf_fmt(&text, "; %s %s", first,
			baseline_ran ? "ran the same without trouble" : "did not run either");
	else if (s->plan.nkernels > 1)
		buf_str(&text, "; it is what the others are compared with");
	info("%s", buf_text(&text));
	buf_release(&text);
}

int trouble_judge(struct session *s, const struct trouble *t, bool baseline_ran)
{
	uint32_t answer = answer_of(s, t, baseline_ran);

	if (store(s, t, answer))
		return EXIT_CANNOT;
	say(s, t, answer, baseline_ran);
	return answer == GATE_REJECT ? EXIT_REJECT : EXIT_CANNOT;
}

int trouble_again(const struct session *s)
{
	const json_t *line = json_array_get(s->have.incidents, 0);
	const char *what = json_get_text(line, "what");
	bool reject = !strcmp(json_get_text(line, "verdict"), "reject");

	info("run %s has ended: %s: %s: %s%s%s; start a new one", s->run.id,
	     reject ? "reject" : "could not measure", json_get_text(line, "kernel"),
	     json_get_text(line, "incident"), what ? ": " : "", what ? what : "");
	return reject ? EXIT_REJECT : EXIT_CANNOT;
}

bool trouble_is_kernels(const struct incident *i)
{
	return i->kind != INCIDENT_NONE && i->kind != INCIDENT_DIED && i->kind != INCIDENT_EMULATOR;
}

void trouble_wrong_data(struct trouble *t, const char *said)
{
	const char *error = strstr(said, "error: "), *end;

	/* "foliobench: error: read: thread 3: ...": what comes after the second colon */
	said = error ? error + strlen("error: ") : said;
	end = strchrnul(said, '\n');
	t->incident.what = xstrndup(said, (size_t)(end - said));
}

void trouble_release(struct trouble *t)
{
	incident_release(&t->incident);
	*t = (struct trouble){ 0 };
}
