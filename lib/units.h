/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sizes and durations as people write them, in base units as programs want
 * them: bytes and nanoseconds. Pure. Every parser takes the whole string or
 * refuses it: `4kk`, `-5`, ` 4`, `0x10` and what does not fit 64 bits are errors.
 */
#ifndef LIB_UNITS_H
#define LIB_UNITS_H

#include <stdint.h>

#define UNITS_TEXT_MAX 32

/* A plain decimal number. 0 or -1. */
int units_count(const char *s, uint64_t *out);

/* `1`, `4k`, `4K`, `4KiB`, `1M`, `1G`, `1T`: powers of 1024. 0 or -1. */
int units_size(const char *s, uint64_t *bytes);

/* `10ns`, `10us`, `500ms`, `2s`, `5m`, `1h`; `1.5s` too. The unit is not optional, but for 0. 0 or -1. */
int units_duration(const char *s, uint64_t *ns);

/* The shortest exact text that the parser above reads back: 4096 -> "4k", 2000000000 -> "2s". Returns text. */
char *units_size_text(uint64_t bytes, char text[UNITS_TEXT_MAX]);
char *units_duration_text(uint64_t ns, char text[UNITS_TEXT_MAX]);

#endif
