/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Allocation that does not return NULL. Running out of memory ends the program
 * with EXIT_CANNOT: no figure could be trusted after it. The caller frees with free().
 */
#ifndef LIB_ALLOC_H
#define LIB_ALLOC_H

#include <stddef.h>

void *xcalloc(size_t n, size_t size);		/* zeroed */
void *xrealloc(void *p, size_t n, size_t size);	/* the added part is not zeroed */
char *xstrdup(const char *s);			/* NULL gives NULL */
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
