/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/relay_json.h"

#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"
#include "lib/relay.h"

/* A text as it travels: itself, or its bytes as characters where it is no UTF-8. */
json_t *relay_text_value(const char *s, size_t len)
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
char *relay_text_of(const json_t *value, const char *key, size_t *len, struct buf *why)
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
char *relay_word_of(const json_t *value, const char *key, struct buf *why)
{
	size_t len = 0;
	char *word = relay_text_of(value, key, &len, why);

	if (!word || strlen(word) == len)
		return word;
	buf_fmt(why, "%s: a NUL character in a word", key);
	free(word);
	return NULL;
}

json_t *relay_words_value(char *const *words)
{
	json_t *array = json_array();

	for (; *words; words++)
		json_array_append_new(array, relay_text_value(*words, strlen(*words)));
	return array;
}

/* NULL and why where it is no array of words. */
char **relay_words_of(const json_t *array, const char *key, struct buf *why)
{
	size_t n = json_array_size(array), i;
	char **words;

	if (!json_is_array(array)) {
		buf_fmt(why, "%s: not an array of words", key);
		return NULL;
	}
	words = xcalloc(n + 1, sizeof(words[0]));
	for (i = 0; i < n; i++) {
		words[i] = relay_word_of(json_array_get(array, i), key, why);
		if (words[i])
			continue;
		while (i--)
			free(words[i]);
		free(words);
		return NULL;
	}
	return words;
}

void relay_words_free(char **words)
{
	char **at;

	for (at = words; at && *at; at++)
		free(*at);
	free(words);
}

json_t *relay_object_of(const char *text, size_t len, const char *what, struct buf *why)
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

int relay_version_check(const json_t *o, struct buf *why)
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
