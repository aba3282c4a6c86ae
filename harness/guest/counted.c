/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/counted.h"

#include <stdlib.h>
#include <string.h>

#include "harness/guest/boot.h"
#include "harness/guest/disk.h"
#include "lib/alloc.h"
#include "lib/clock.h"
#include "lib/err.h"
#include "lib/exitcode.h"

#define ANSWERS_NS 120000000000ull	/* without a word from a guest that has answers to give */
#define HALT_NS 60000000000ull		/* the plugin may have much to write at its end */
#define PLUGIN_ERROR "foliotrace: error: "
#define STEP_MS 200			/* a signal may have come just before poll() */

/* One boot as it goes on. */
struct counting {
	const struct counted_call *call;
	struct counted *c;
	struct boot boot;
};

static bool lie_on_disks(const struct shape *s)
{
	size_t i = 0;

	while (i < s->nfs && !disk_mkfs_program(s->fs[i]))
		i++;
	return i < s->nfs;
}

static int check(const struct counted_call *call)
{
	const struct shape *s = call->guest->shape;

	if (!call->ncalls)
		BUG("a guest to count in, and nothing to be counted");
	if (s->host_root)
		return err("a guest that is counted in cannot have the host's root directory: its timing is the host's");
	if (s->disk == DISK_VIRTIO && lie_on_disks(s))
		return err("a guest that is counted in cannot have virtio disks: their timing is the host's; "
			   "`disk: ram` has its own");
	return 0;
}

static struct counted_answer *answer_of(struct counting *n, uint32_t number)
{
	return number && number <= n->c->n ? &n->c->answer[number - 1] : NULL;
}

static int take(struct counting *n, const struct relay_message *m)
{
	struct counted_answer *a = answer_of(n, m->call);

	if (m->kind == RELAY_FATAL)
		return err("guest with kernel '%s': %s\nits console is in %s", n->boot.kernel, m->text,
			   n->boot.console);
	if (m->kind == RELAY_SYMBOLS) {
		buf_add(&n->c->symbols, m->text, m->len);
	} else if (a && m->kind == RELAY_OUT) {
		buf_add(&a->out, m->text, m->len);
		buf_ch(&a->out, '\n');
	} else if (a && m->kind == RELAY_ERR) {
		buf_add(&a->err, m->text, m->len);
	} else if (a && m->kind == RELAY_EXIT) {
		a->code = m->code;
	}
	return 0;
}

/* Has it said all? After a call that failed none was made. */
static bool is_whole(const struct counting *n)
{
	size_t i = 0;

	while (i < n->c->n && !n->c->answer[i].code)
		i++;
	return i == n->c->n || n->c->answer[i].code > 0;
}

static int take_answers(struct counting *n)
{
	struct session *s = &n->boot.session;
	uint64_t heard = clock_now_ns();
	struct relay_message m;
	int ret = 0;

	while (!ret && !is_whole(n)) {
		if (session_stopped(s))
			return -1;
		if (clock_now_ns() - heard > ANSWERS_NS)
			session_silent(s, "no answers for %g s", (double)ANSWERS_NS / 1e9);
		if (!session_wait(s, NULL, 0, STEP_MS))
			return session_tell(s);
		while (!ret && session_message(s, &m)) {
			ret = take(n, &m);
			relay_release(&m);
			heard = clock_now_ns();
		}
	}
	if (!ret && !session_settle(s))
		return session_tell(s);
	return ret;
}

/* Only a QEMU that ended by itself, and well, has written the whole trace. */
static int power_off(struct counting *n)
{
	struct session *s = &n->boot.session;
	const char *complaint;

	if (boot_power_off(&n->boot, HALT_NS)) {
		if (!session_stopped(s))
			err("guest with kernel '%s': it did not power off when all was counted\nits console is in %s",
			    n->boot.kernel, n->boot.console);
		return -1;
	}
	if (s->e.status) {
		session_wait(s, NULL, 0, 0);
		return session_tell(s);
	}
	/* a plugin has no way to end QEMU with an error */
	complaint = strstr(buf_text(&s->e.said), PLUGIN_ERROR);
	if (!complaint)
		return 0;
	complaint += strlen(PLUGIN_ERROR);
	return err("guest with kernel '%s': the plugin %s failed: %.*s", n->boot.kernel, n->call->plugin,
		   (int)strcspn(complaint, "\n"), complaint);
}

/* What PID 1 said last of "foliobench: call 3 of 22"; 0: nothing. */
static size_t begun(const struct buf *console)
{
	static const char before[] = "foliobench: call ";
	const char *at = buf_text(console), *next, *last = NULL;

	while ((next = strstr(at, before)))
		at = last = next + strlen(before);
	return last ? strtoul(last, NULL, 10) : 0;
}

static int count(struct counting *n)
{
	int ret = boot_begin(&n->boot, n->call->guest, n->call);

	if (!ret)
		ret = take_answers(n);
	if (!ret)
		ret = power_off(n);
	n->c->begun = begun(&n->boot.session.e.tail);
	if (!n->c->begun)	/* a silent guest was asked, and what came before that is kept with the answer */
		n->c->begun = begun(&n->boot.session.incident.lines);
	incident_copy(&n->c->incident, &n->boot.session.incident);
	if (*n->boot.session.e.qmp.version)
		n->c->qemu = xstrdup(n->boot.session.e.qmp.version);
	n->boot.session.lost = ret != 0;
	boot_end(&n->boot);
	return ret ? EXIT_CANNOT : EXIT_ACCEPT;
}

int guest_counted(const struct counted_call *call, struct counted *c)
{
	struct shape shape = *call->guest->shape;
	struct guest_call guest = *call->guest;
	struct counted_call emulated = *call;
	struct counting n = { .call = &emulated, .c = c };
	size_t i;

	*c = (struct counted){ .answer = xcalloc(call->ncalls, sizeof(c->answer[0])), .n = call->ncalls };
	for (i = 0; i < c->n; i++)
		c->answer[i].code = -1;
	if (check(call))
		return EXIT_USAGE;
	shape.accel = ACCEL_TCG;
	guest.shape = &shape;
	emulated.guest = &guest;
	return count(&n);
}

void counted_release(struct counted *c)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		buf_release(&c->answer[i].out);
		buf_release(&c->answer[i].err);
	}
	free(c->answer);
	buf_release(&c->symbols);
	incident_release(&c->incident);
	free(c->qemu);
	*c = (struct counted){ 0 };
}
