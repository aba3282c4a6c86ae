/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/relay.h"

#include <stdlib.h>
#include <string.h>

#include "lib/relay_json.h"

/* Reads o[key], whose presence made it this kind. 0, or -1 and why. */
static int take_text(const json_t *o, const char *key, struct relay_message *m, struct buf *why)
{
	m->text = relay_text_of(json_object_get(o, key), key, &m->len, why);
	return m->text ? 0 : -1;
}

static int take_true(const json_t *o, const char *key, struct relay_message *m, struct buf *why)
{
	(void)m;
	if (json_is_true(json_object_get(o, key)))
		return 0;
	buf_fmt(why, "%s: can only be true", key);
	return -1;
}

static int take_ready(const json_t *o, const char *key, struct relay_message *m, struct buf *why)
{
	if (relay_version_check(o, why) || take_true(o, key, m, why))
		return -1;
	return take_text(o, "release", m, why);
}

static int take_exit(const json_t *o, const char *key, struct relay_message *m, struct buf *why)
{
	uint64_t code;

	if (json_get_u64(o, key, &code) || code > 255) {
		buf_fmt(why, "%s: not a number from 0 to 255", key);
		return -1;
	}
	m->code = (int)code;
	return 0;
}

static int take_argv(const json_t *o, const char *key, struct relay_message *m, struct buf *why)
{
	const json_t *root = json_object_get(o, "root");

	if (root && take_true(o, "root", m, why))
		return -1;
	m->root = root;
	m->argv = relay_words_of(json_object_get(o, key), key, why);
	if (!m->argv)
		return -1;
	if (m->argv[0] || m->root)
		return 0;
	buf_fmt(why, "%s: no program", key);
	return -1;
}

static int take_number(const json_t *o, const char *key, struct relay_message *m, struct buf *why)
{
	uint64_t number;

	if (json_get_u64(o, key, &number) || number > UINT32_MAX) {
		buf_fmt(why, "%s: not the number of a call", key);
		return -1;
	}
	m->call = (uint32_t)number;
	return 0;
}

/* The key that makes a message of each kind, and those that stand beside it. */
static const struct form {
	const char *key;
	enum relay_kind kind;
	int (*take)(const json_t *o, const char *key, struct relay_message *m, struct buf *why);
	bool call;		/* of one call: "call" says which */
	const char *beside[2];
} forms[] = {
	{ "ready", RELAY_READY, take_ready, false, { "relay", "release" } },
	{ "fatal", RELAY_FATAL, take_text, false, { NULL } },
	{ "out", RELAY_OUT, take_text, true, { NULL } },
	{ "err", RELAY_ERR, take_text, true, { NULL } },
	{ "exit", RELAY_EXIT, take_exit, true, { NULL } },
	{ "symbols", RELAY_SYMBOLS, take_text, false, { NULL } },
	{ "argv", RELAY_CALL, take_argv, true, { "root" } },
	{ "kill", RELAY_KILL, take_number, false, { NULL } },
	{ "halt", RELAY_HALT, take_true, false, { NULL } },
};
#define NFORMS (sizeof(forms) / sizeof(forms[0]))

static bool belongs(const struct form *f, const char *key)
{
	size_t i;

	if (!strcmp(key, f->key) || (f->call && !strcmp(key, "call")))
		return true;
	for (i = 0; i < 2 && f->beside[i]; i++)
		if (!strcmp(key, f->beside[i]))
			return true;
	return false;
}

static const struct form *form_of(const json_t *o, struct buf *why)
{
	const struct form *f = NULL;
	const char *key;
	json_t *value;
	size_t i;

	for (i = 0; i < NFORMS && !f; i++)
		if (json_object_get(o, forms[i].key))
			f = &forms[i];
	if (!f) {
		buf_str(why, "a message of no known kind");
		return NULL;
	}
	json_object_foreach((json_t *)o, key, value) {
		if (belongs(f, key))
			continue;
		buf_fmt(why, "'%s' does not belong beside '%s'", key, f->key);
		return NULL;
	}
	return f;
}

int relay_parse(const char *line, size_t len, struct relay_message *m, struct buf *why)
{
	const struct form *f;
	int ret = -1;
	json_t *o;

	*m = (struct relay_message){ 0 };
	o = relay_object_of(line, len, "the line", why);
	if (!o)
		return -1;
	f = form_of(o, why);
	if (!f)
		goto out;
	m->kind = f->kind;
	if (f->call && take_number(o, "call", m, why))
		goto out;
	ret = f->take(o, f->key, m, why);
out:
	json_decref(o);
	return ret;
}

void relay_line(const struct relay_message *m, struct buf *out)
{
	const struct form *f = forms;
	json_t *o = json_object();

	while (f->kind != m->kind)
		f++;
	if (f->call)
		json_put(o, "call", json_u64(m->call));
	switch (m->kind) {
	case RELAY_READY:
		json_put(o, "relay", json_u64(RELAY_VERSION));
		json_put(o, f->key, json_true());
		json_put(o, "release", relay_text_value(m->text, m->len));
		break;
	case RELAY_FATAL:
	case RELAY_OUT:
	case RELAY_ERR:
	case RELAY_SYMBOLS:
		json_put(o, f->key, relay_text_value(m->text, m->len));
		break;
	case RELAY_EXIT:
		json_put(o, f->key, json_u64((uint64_t)m->code));
		break;
	case RELAY_CALL:
		json_put(o, f->key, relay_words_value(m->argv));
		if (m->root)
			json_put(o, "root", json_true());
		break;
	case RELAY_KILL:
		json_put(o, f->key, json_u64(m->call));
		break;
	case RELAY_HALT:
		json_put(o, f->key, json_true());
		break;
	}
	json_line(out, o);
	buf_ch(out, '\n');
	json_decref(o);
}

void relay_release(struct relay_message *m)
{
	free(m->text);
	relay_words_free(m->argv);
	*m = (struct relay_message){ 0 };
}
