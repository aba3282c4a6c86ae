/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that are named by path or, where they lie in configs/, by name.
 */
#ifndef HARNESS_COMMANDS_CONFIG_FILE_H
#define HARNESS_COMMANDS_CONFIG_FILE_H

#include <stdbool.h>

struct buf;

/*
 * what: a path (it holds a '/' or ends in .yaml), or the name of a file in that directory of
 * configs/. The caller frees; NULL after reporting.
 */
char *config_file(const char *dir, const char *what);

/* Is it a path rather than a name? */
bool config_file_is_path(const char *what);

struct config_read {
	const char *kind;	/* "gate", for messages */
	const char *dir;	/* of configs/ */
	const char *what, *path;
};

/*
 * The text of `path`, which was named as `what`. 0, or -1 after reporting, with the nearest
 * of the names that there are in configs/DIR (of a path: beside it).
 */
int config_file_read(const struct config_read *file, struct buf *text);

#endif
