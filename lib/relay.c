/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/relay.h"

#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"
#include "lib/json.h"
#include "lib/near.h"

/* A text as it travels: itself, or its bytes as characters where it is no UTF-8. */
static json_t *text_value(const char *s, size_t len)
{
	json_t *value = json_stringn(s, len);
	struct buf chars = BUF_INIT;
	unsigned char byte;
	size_t i;

	if (value)
		return value;
	for (i = 0; i < len; i++) {
		byte = (unsigned char)s[i];
		if (byte >= 0x80)
			buf_ch(&chars, (char)(0xc0 | byte >> 6));
		buf_ch(&chars, (char)(byte < 0x80 ? byte : 0x80 | (byte & 0x3f)));
	}
	value = json_object();
	json_put(value, "bytes", json_stringn(buf_text(&chars), chars.len));
	buf_release(&chars);
	return value;
}

/* The bytes that characters up to U+00FF stand for. 0, or -1 where one is beyond. */
static int bytes_of(const char *s, size_t len, struct buf *out)
{
	const unsigned char *at = (const unsigned char *)s, *end = at + len;

	while (at < end) {
		if (*at < 0x80) {
			buf_ch(out, (char)*at++);
		} else if ((*at == 0xc2 || *at == 0xc3) && end - at > 1) {
			buf_ch(out, (char)((at[0] & 3) << 6 | (at[1] & 0x3f)));
			at += 2;
		} else {
			return -1;
		}
	}
	return 0;
}

/* A text's bytes, NUL behind them; the caller frees. NULL and why where the value is no text. */
static char *text_of(const json_t *value, const char *key, size_t *len, struct buf *why)
{
	const json_t *chars = json_object_get(value, "bytes");
	struct buf bytes = BUF_INIT;

	if (json_is_string(value)) {
		buf_add(&bytes, json_string_value(value), json_string_length(value));
	} else if (!json_is_string(chars) || json_object_size(value) != 1) {
		buf_fmt(why, "%s: neither a string nor {\"bytes\":\"...\"}", key);
		return NULL;
	} else if (bytes_of(json_string_value(chars), json_string_length(chars), &bytes)) {
		buf_fmt(why, "%s: a character beyond U+00FF is no byte", key);
		buf_release(&bytes);
		return NULL;
	}
	*len = bytes.len;
	return buf_detach(&bytes);
}

/* The same for a word or a path: no NUL inside. */
static char *word_of(const json_t *value, const char *key, struct buf *why)
{
	size_t len = 0;
	char *word = text_of(value, key, &len, why);

	if (!word || strlen(word) == len)
		return word;
	buf_fmt(why, "%s: a NUL character in a word", key);
	free(word);
	return NULL;
}

static json_t *words_value(char *const *words)
{
	json_t *array = json_array();

	for (; *words; words++)
		json_array_append_new(array, text_value(*words, strlen(*words)));
	return array;
}

/* NULL and why where it is no array of words. */
static char **words_of(const json_t *array, const char *key, struct buf *why)
{
	size_t n = json_array_size(array), i;
	char **words;

	if (!json_is_array(array)) {
		buf_fmt(why, "%s: not an array of words", key);
		return NULL;
	}
	words = xcalloc(n + 1, sizeof(words[0]));
	for (i = 0; i < n; i++) {
		words[i] = word_of(json_array_get(array, i), key, why);
		if (words[i])
			continue;
		while (i--)
			free(words[i]);
		free(words);
		return NULL;
	}
	return words;
}

static void free_words(char **words)
{
	char **at;

	for (at = words; at && *at; at++)
		free(*at);
	free(words);
}

static json_t *object_of(const char *text, size_t len, const char *what, struct buf *why)
{
	json_error_t error;
	json_t *o = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);

	if (json_is_object(o))
		return o;
	if (o)
		buf_fmt(why, "%s is not a JSON object", what);
	else
		buf_fmt(why, "%s is not JSON: %s", what, error.text);
	json_decref(o);
	return NULL;
}

static int check_version(const json_t *o, struct buf *why)
{
	uint64_t version;

	if (json_get_u64(o, "relay", &version)) {
		buf_str(why, "relay: missing or no version number");
		return -1;
	}
	if (version == RELAY_VERSION)
		return 0;
	buf_fmt(why, "relay: version %llu, and this program speaks %d", (unsigned long long)version,
		RELAY_VERSION);
	return -1;
}

/* Reads o[key], whose presence made it this kind. 0, or -1 and why. */
static int take_text(const json_t *o, const char *key, struct relay_message *m, struct buf *why)
{
	m->text = text_of(json_object_get(o, key), key, &m->len, why);
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
	if (check_version(o, why) || take_true(o, key, m, why))
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
	m->argv = words_of(json_object_get(o, key), key, why);
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
	o = object_of(line, len, "the line", why);
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
		json_put(o, "release", text_value(m->text, m->len));
		break;
	case RELAY_FATAL:
	case RELAY_OUT:
	case RELAY_ERR:
		json_put(o, f->key, text_value(m->text, m->len));
		break;
	case RELAY_EXIT:
		json_put(o, f->key, json_u64((uint64_t)m->code));
		break;
	case RELAY_CALL:
		json_put(o, f->key, words_value(m->argv));
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
	free_words(m->argv);
	*m = (struct relay_message){ 0 };
}

static void put_word(json_t *o, const char *key, const char *word)
{
	if (word)
		json_put(o, key, text_value(word, strlen(word)));
}

static void put_words(json_t *o, const char *key, char *const *words)
{
	if (words)
		json_put(o, key, words_value(words));
}

void relay_setup_text(const struct relay_setup *s, struct buf *out)
{
	json_t *o = json_object(), *mounts = json_array(), *one;
	const struct relay_mount *m;

	json_put(o, "relay", json_u64(RELAY_VERSION));
	put_words(o, "module", s->module);
	for (m = s->mount; m < s->mount + s->nmounts; m++) {
		one = json_object();
		put_word(one, "type", m->type);
		put_word(one, "dir", m->dir);
		put_word(one, "device", m->device);
		put_words(one, "mkfs", m->mkfs);
		put_word(one, "options", m->options);
		json_array_append_new(mounts, one);
	}
	json_put(o, "mount", mounts);
	put_word(o, "root_tag", s->root_tag);
	put_word(o, "cwd", s->cwd);
	if (s->shell)
		json_put(o, "shell", json_true());
	json_pretty(out, o);
	json_decref(o);
}

static const char *const setup_keys[] = { "relay", "module", "mount", "root_tag", "cwd", "shell", NULL };
static const char *const mount_keys[] = { "type", "dir", "device", "mkfs", "options", NULL };

static int check_keys(const json_t *o, const char *const *known, struct buf *why)
{
	const char *const *k, *key;
	struct near near;
	json_t *value;

	json_object_foreach((json_t *)o, key, value) {
		near_init(&near, key);
		for (k = known; *k && strcmp(*k, key); k++)
			near_offer(&near, *k);
		if (*k)
			continue;
		buf_fmt(why, "unknown key '%s'", key);
		near_hint(&near, why);
		return -1;
	}
	return 0;
}

/* o[key] into *word: NULL where it is absent. 0, or -1 and why. */
static int get_word(const json_t *o, const char *key, char **word, struct buf *why)
{
	const json_t *value = json_object_get(o, key);

	if (!value)
		return 0;
	*word = word_of(value, key, why);
	return *word ? 0 : -1;
}

static int get_words(const json_t *o, const char *key, char ***words, struct buf *why)
{
	const json_t *value = json_object_get(o, key);

	if (!value)
		return 0;
	*words = words_of(value, key, why);
	return *words ? 0 : -1;
}

/* What is to be a path from the initramfs's root. NULL is fine. */
static int check_path(const char *key, const char *path, struct buf *why)
{
	if (!path || *path == '/')
		return 0;
	buf_fmt(why, "%s: '%s' is not a path from the root", key, path);
	return -1;
}

static int get_mount(const json_t *o, struct relay_mount *m, struct buf *why)
{
	if (!json_is_object(o)) {
		buf_str(why, "mount: not an array of objects");
		return -1;
	}
	if (check_keys(o, mount_keys, why) || get_word(o, "type", &m->type, why) ||
	    get_word(o, "dir", &m->dir, why) || get_word(o, "device", &m->device, why) ||
	    get_words(o, "mkfs", &m->mkfs, why) || get_word(o, "options", &m->options, why))
		return -1;
	if (!m->type || !*m->type || !m->dir) {
		buf_fmt(why, "mount: no '%s'", !m->dir ? "dir" : "type");
		return -1;
	}
	if (m->mkfs && !m->mkfs[0]) {
		buf_str(why, "mkfs: no program");
		return -1;
	}
	return check_path("dir", m->dir, why) || check_path("device", m->device, why) ? -1 : 0;
}

static int get_mounts(const json_t *o, struct relay_setup *s, struct buf *why)
{
	const json_t *array = json_object_get(o, "mount");
	size_t n = json_array_size(array);

	if (array && !json_is_array(array)) {
		buf_str(why, "mount: not an array of objects");
		return -1;
	}
	s->mount = xcalloc(n, sizeof(s->mount[0]));
	for (; s->nmounts < n; s->nmounts++) {
		if (!get_mount(json_array_get(array, s->nmounts), &s->mount[s->nmounts], why))
			continue;
		s->nmounts++;	/* what it has so far is released with the others */
		return -1;
	}
	return 0;
}

static int get_setup(const json_t *o, struct relay_setup *s, struct buf *why)
{
	const json_t *shell = json_object_get(o, "shell");
	char **module;

	if (check_version(o, why) || check_keys(o, setup_keys, why) ||
	    get_words(o, "module", &s->module, why) || get_mounts(o, s, why) ||
	    get_word(o, "root_tag", &s->root_tag, why) || get_word(o, "cwd", &s->cwd, why) ||
	    check_path("cwd", s->cwd, why))
		return -1;
	for (module = s->module; module && *module; module++)
		if (check_path("module", *module, why))
			return -1;
	if (shell && !json_is_boolean(shell)) {
		buf_str(why, "shell: neither true nor false");
		return -1;
	}
	s->shell = json_is_true(shell);
	return 0;
}

int relay_setup_parse(const char *text, size_t len, struct relay_setup *s, struct buf *why)
{
	json_t *o;
	int ret;

	*s = (struct relay_setup){ 0 };
	o = object_of(text, len, "the setup", why);
	if (!o)
		return -1;
	ret = get_setup(o, s, why);
	json_decref(o);
	return ret;
}

void relay_setup_release(struct relay_setup *s)
{
	struct relay_mount *m;

	for (m = s->mount; m < s->mount + s->nmounts; m++) {
		free(m->type);
		free(m->dir);
		free(m->device);
		free_words(m->mkfs);
		free(m->options);
	}
	free(s->mount);
	free_words(s->module);
	free(s->root_tag);
	free(s->cwd);
	*s = (struct relay_setup){ 0 };
}
