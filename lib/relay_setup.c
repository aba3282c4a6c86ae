/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"
#include "lib/near.h"
#include "lib/relay.h"
#include "lib/relay_json.h"

static void put_word(json_t *o, const char *key, const char *word)
{
	if (word)
		json_put(o, key, relay_text_value(word, strlen(word)));
}

static void put_words(json_t *o, const char *key, char *const *words)
{
	if (words)
		json_put(o, key, relay_words_value(words));
}

static json_t *script_value(const struct relay_setup *s)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < s->nscript; i++)
		json_array_append_new(array, relay_words_value(s->script[i]));
	return array;
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
	if (s->nscript)
		json_put(o, "script", script_value(s));
	if (s->symbols)
		json_put(o, "symbols", json_true());
	json_pretty(out, o);
	json_decref(o);
}

static const char *const setup_keys[] = { "relay", "module", "mount", "root_tag", "cwd", "shell", "script",
					  "symbols", NULL };
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
	*word = relay_word_of(value, key, why);
	return *word ? 0 : -1;
}

static int get_words(const json_t *o, const char *key, char ***words, struct buf *why)
{
	const json_t *value = json_object_get(o, key);

	if (!value)
		return 0;
	*words = relay_words_of(value, key, why);
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

static int get_script(const json_t *o, struct relay_setup *s, struct buf *why)
{
	const json_t *array = json_object_get(o, "script");
	size_t n = json_array_size(array);
	char **argv;

	if (array && !n) {
		buf_str(why, "script: not an array of calls");
		return -1;
	}
	s->script = xcalloc(n, sizeof(s->script[0]));
	while (s->nscript < n) {
		argv = relay_words_of(json_array_get(array, s->nscript), "script", why);
		if (!argv)
			return -1;
		s->script[s->nscript++] = argv;
		if (argv[0])
			continue;
		buf_str(why, "script: no program");
		return -1;
	}
	return 0;
}

static int get_bool(const json_t *o, const char *key, bool *is, struct buf *why)
{
	const json_t *value = json_object_get(o, key);

	*is = json_is_true(value);
	if (!value || json_is_boolean(value))
		return 0;
	buf_fmt(why, "%s: neither true nor false", key);
	return -1;
}

static int get_setup(const json_t *o, struct relay_setup *s, struct buf *why)
{
	char **module;

	if (relay_version_check(o, why) || check_keys(o, setup_keys, why) ||
	    get_words(o, "module", &s->module, why) || get_mounts(o, s, why) ||
	    get_word(o, "root_tag", &s->root_tag, why) || get_word(o, "cwd", &s->cwd, why) ||
	    check_path("cwd", s->cwd, why))
		return -1;
	for (module = s->module; module && *module; module++)
		if (check_path("module", *module, why))
			return -1;
	return get_bool(o, "shell", &s->shell, why) || get_script(o, s, why) ||
	       get_bool(o, "symbols", &s->symbols, why) ? -1 : 0;
}

int relay_setup_parse(const char *text, size_t len, struct relay_setup *s, struct buf *why)
{
	json_t *o;
	int ret;

	*s = (struct relay_setup){ 0 };
	o = relay_object_of(text, len, "the setup", why);
	if (!o)
		return -1;
	ret = get_setup(o, s, why);
	json_decref(o);
	return ret;
}

void relay_setup_release(struct relay_setup *s)
{
	struct relay_mount *m;
	size_t i;

	for (i = 0; i < s->nscript; i++)
		relay_words_free(s->script[i]);
	free(s->script);
	for (m = s->mount; m < s->mount + s->nmounts; m++) {
		free(m->type);
		free(m->dir);
		free(m->device);
		relay_words_free(m->mkfs);
		free(m->options);
	}
	free(s->mount);
	relay_words_free(s->module);
	free(s->root_tag);
	free(s->cwd);
	*s = (struct relay_setup){ 0 };
}
