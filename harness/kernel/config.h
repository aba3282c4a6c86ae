/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel configurations: a base and fragments on top of it, and the check that
 * kconfig, which drops what it does not like without a word, has not. Pure.
 */
#ifndef HARNESS_KERNEL_CONFIG_H
#define HARNESS_KERNEL_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

struct config_symbol {
	char *name;		/* without CONFIG_ */
	char *value;		/* "y", "m", "\"text\"", "42"; NULL: not set */
	char *file;		/* borrowed: where it is from */
	unsigned line;
};

struct config {
	struct config_symbol *symbol;	/* sorted by name, the last word on each */
	size_t n;
};

/* Adds a file's lines to c, later ones win. 0, or -1 with "FILE:LINE: what" in why for what is no line of a .config. */
int config_add(struct config *c, const char *file, const char *text, size_t len, struct buf *why);
void config_release(struct config *c);
/* NULL where it is not mentioned. */
const struct config_symbol *config_find(const struct config *c, const char *name);
/* "y" or "m". */
bool config_has(const struct config *c, const char *name);

/*
 * Is everything that was wanted in the final configuration? 0, or -1 with one line each in why:
 * "x86-64.config:12: CONFIG_FS_DAX=y was asked for, but it is not set".
 */
int config_check(const struct config *wanted, const struct config *final, struct buf *why);

#endif
