/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The values that messages and setups are made of: texts of any bytes, and arrays
 * of words. For relay.c and relay_setup.c.
 */
#ifndef LIB_RELAY_JSON_H
#define LIB_RELAY_JSON_H

#include <stddef.h>

#include "lib/json.h"

struct buf;

/* What cannot be read is NULL or -1, and why, with the key's name. The caller frees. */
json_t *relay_text_value(const char *s, size_t len);
char *relay_text_of(const json_t *value, const char *key, size_t *len, struct buf *why);
/* A text without a NUL inside. */
char *relay_word_of(const json_t *value, const char *key, struct buf *why);

/* NULL stands at the end of words. */
json_t *relay_words_value(char *const *words);
char **relay_words_of(const json_t *array, const char *key, struct buf *why);
void relay_words_free(char **words);	/* NULL is fine */

/* what: is to be an object, in messages. The caller decrefs. */
json_t *relay_object_of(const char *text, size_t len, const char *what, struct buf *why);
/* Is it RELAY_VERSION that it says it is? 0, or -1 and why. */
int relay_version_check(const json_t *o, struct buf *why);

#endif
